"""The control side's views of what happens in shops: time, faults, the journals."""

from flask import Response

from gateway.control.api_parts import (
    BadRequest,
    answer,
    blueprint,
    control,
    done,
    entries,
    instant,
    required,
    said,
    shown_clock,
)
from gateway.control.errors import NotHere
from gateway.control.telling import told


@blueprint.get("/shops/<hash>/clock")
def get_clock(hash: str) -> Response:
    return answer(shown_clock(control().shop(hash).clock))


@blueprint.patch("/shops/<hash>/clock")
def move_clock(hash: str) -> Response:
    clock = control().shop(hash).clock
    given = said(action="text", instant="text", seconds="decimal")
    at = instant(given["instant"]) if "instant" in given else None
    match given.get("action"):
        case "set" if at:
            clock.set(at)
        case "advance" if "seconds" in given:
            clock.advance(given["seconds"])
        case "freeze":
            clock.freeze(at)
        case "release":
            clock.release()
        case _:
            raise BadRequest(
                "action is set (with an instant), advance (with seconds), freeze (at"
                " an instant, or now), or release"
            )
    return answer(shown_clock(clock))


@blueprint.get("/shops/<hash>/faults")
def list_faults(hash: str) -> Response:
    rules = control().shop(hash).faults.rules()
    return answer({"faults": [rule.as_json() for rule in rules]})


@blueprint.post("/shops/<hash>/faults")
def inject_fault(hash: str) -> Response:
    faults = control().shop(hash).faults
    given = said(
        fault="text",
        dialect="text",
        operation="text",
        times="number",
        probability="decimal",
        seed="number",
        options="object",
    )
    required(given, "fault")
    return answer(faults.inject(given.pop("fault"), **given).as_json(), 201)


@blueprint.delete("/shops/<hash>/faults")
def clear_faults(hash: str) -> Response:
    control().shop(hash).faults.clear()
    return done()


@blueprint.delete("/shops/<hash>/faults/<int:id>")
def remove_fault(hash: str, id: int) -> Response:
    faults = control().shop(hash).faults
    if id not in [rule.id for rule in faults.rules()]:
        raise NotHere(f"there is no fault {id} in the shop {hash!r}")
    faults.remove(id)
    return done()


@blueprint.get("/shops/<hash>/journal")
def read_journal(hash: str) -> Response:
    return entries(control().shop(hash).journal)


@blueprint.delete("/shops/<hash>/journal")
def clear_journal(hash: str) -> Response:
    control().shop(hash).journal.clear()
    return done()


@blueprint.get("/shops/<hash>/journal/text")
def tell_journal(hash: str) -> Response:
    return answer({"text": told(control().shop(hash).journal, control().strays)})


@blueprint.post("/shops/<hash>/journal/assert")
def assert_called(hash: str) -> Response:
    journal = control().shop(hash).journal
    given = said(operation="text", times="number", status="number")
    required(given, "operation")
    try:
        journal.assert_called(given.pop("operation"), **given)
    except AssertionError as error:
        return answer({"holds": False, "text": str(error)})
    return answer({"holds": True, "text": ""})


@blueprint.get("/strays")
def read_strays() -> Response:
    return entries(control().strays)


@blueprint.delete("/strays")
def clear_strays() -> Response:
    control().strays.clear()
    return done()
