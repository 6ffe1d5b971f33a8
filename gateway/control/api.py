"""The control side over HTTP, for clients in any language (see `openapi.py`)."""

import hmac

from flask import Blueprint, Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from gateway.control import Control, ControlError, FaultError, NotHere, SeedError
from gateway.control.adding import add_address, add_customer
from gateway.control.api_parts import (
    JSON,
    BadRequest,
    an_object,
    answer,
    control,
    described,
    done,
    entries,
    instant,
    required,
    said,
    shown_clock,
    shown_key,
)
from gateway.control.clock import ClockError
from gateway.control.faults import TRANSPORT
from gateway.control.openapi import document
from gateway.control.seeds import plain_address, plain_customer
from gateway.control.telling import told

ROOT = "/_gateway"
MOST_BYTES = 16 * 2**20
YAML = "application/yaml"
blueprint = Blueprint("control", __name__)


def create_api(control: Control, token: str) -> Flask:
    """The WSGI app of the control side, for who has the token."""
    app = Flask("gateway.control", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.extensions["control"], app.extensions["token"] = control, token
    app.register_blueprint(blueprint, url_prefix=ROOT)
    app.register_error_handler(Exception, fail)
    app.before_request(authenticate)
    app.after_request(protect)
    return app


def authenticate() -> Response | None:
    """Let in who has the token; everyone may read what the API is."""
    if request.endpoint == "control.describe":
        return None
    sent = request.headers.get("Authorization", "")
    wanted = f"Bearer {current_app.extensions['token']}"
    if hmac.compare_digest(sent.encode(), wanted.encode()):
        return None
    needed = "the control side needs the header Authorization: Bearer TOKEN"
    response = answer({"error": f"{needed}, with the token that `serve` printed"}, 401)
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


def protect(response: Response) -> Response:
    """Answers hold keys: they are for no cache, no frame and no page."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; frame-ancestors 'none'"
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def fail(error: Exception) -> Response:
    """The answer to any error: what is wrong, and what there is."""
    if isinstance(error, NotHere):
        return answer({"error": str(error)}, 404)
    if isinstance(
        error, BadRequest | ControlError | SeedError | FaultError | ClockError
    ):
        return answer({"error": str(error)}, 400)
    if isinstance(error, HTTPException):
        text = f"{error.name}; {ROOT}/openapi.json tells what there is"
        return answer({"error": text}, error.code or 500)
    current_app.logger.error("unexpected error: %s", type(error).__name__)
    return answer({"error": "Internal Server Error"}, 500)


@blueprint.get("/openapi.json")
def describe() -> Response:
    return answer(document())


@blueprint.get("/")
def overview() -> Response:
    dialects = {
        name: {
            "title": one.title,
            "scopes": one.scopes,
            "operations": [*(one.rehearsal.operations if one.rehearsal else ())],
            "faults": {
                f"{name}.{fault}": {
                    "source": declared.source,
                    "operations": sorted(declared.operations),
                    "options": dict(declared.options),
                }
                for fault, declared in (
                    one.rehearsal.faults.items() if one.rehearsal else ()
                )
            },
        }
        for name, one in control().dialects.items()
    }
    faults = {name: dict(options) for name, options in TRANSPORT.items()}
    return answer({"dialects": dialects, "faults": faults})


@blueprint.get("/shops")
def list_shops() -> Response:
    return answer({"shops": [described(shop) for shop in control().shops()]})


@blueprint.post("/shops")
def create_shop() -> Response:
    given = said(hash="text", name="text", seed="seed", quirks="object")
    for values in given.get("quirks", {}).values():
        if not isinstance(values, dict):
            raise BadRequest("quirks are an object for each dialect")
    return answer(described(control().new_shop(**given)), 201)


@blueprint.get("/shops/<hash>")
def get_shop(hash: str) -> Response:
    return answer(described(control().shop(hash)))


@blueprint.delete("/shops/<hash>")
def delete_shop(hash: str) -> Response:
    control().delete_shop(hash)
    return done()


@blueprint.put("/shops/<hash>/seed")
def seed_shop(hash: str) -> Response:
    shop = control().shop(hash)
    shop.seed(request.get_data())
    return answer(described(shop))


@blueprint.get("/shops/<hash>/seed")
def export_shop(hash: str) -> Response:
    shop = control().shop(hash)
    if request.accept_mimetypes.best_match([YAML, JSON]) == JSON:
        return answer(shop.data())
    return Response(shop.export(), content_type=YAML)


@blueprint.post("/shops/<hash>/reset")
def reset_shop(hash: str) -> Response:
    control().shop(hash).reset()
    return done()


@blueprint.post("/shops/<hash>/fork")
def fork_shop(hash: str) -> Response:
    return answer(described(control().shop(hash).fork(**said(hash="text"))), 201)


@blueprint.get("/shops/<hash>/snapshots")
def list_snapshots(hash: str) -> Response:
    return answer({"snapshots": control().shop(hash).snapshots()})


@blueprint.put("/shops/<hash>/snapshots/<name>")
def take_snapshot(hash: str, name: str) -> Response:
    control().shop(hash).snapshot(name)
    return done()


@blueprint.delete("/shops/<hash>/snapshots/<name>")
def delete_snapshot(hash: str, name: str) -> Response:
    control().shop(hash).remove_snapshot(name)
    return done()


@blueprint.post("/shops/<hash>/snapshots/<name>/restore")
def restore_snapshot(hash: str, name: str) -> Response:
    control().shop(hash).restore(name)
    return done()


@blueprint.post("/shops/<hash>/keys")
def add_key(hash: str) -> Response:
    shop = control().shop(hash)
    names = ("dialect", "scope", "token", "secret", "label", "consumer")
    given = said(**dict.fromkeys(names, "text"), customer_id="number")
    required(given, "dialect", "scope")
    key = shop.add_key(**given)
    return answer(shown_key(shop, given["dialect"], key), 201)


@blueprint.post("/shops/<hash>/customers")
def new_customer(hash: str) -> Response:
    customer, addresses = add_customer(control().shop(hash), an_object())
    own = {"addresses": [plain_address(one) for one in addresses]}
    return answer({**plain_customer(customer), **own}, 201)


@blueprint.post("/shops/<hash>/customers/<int:id>/addresses")
def new_address(hash: str, id: int) -> Response:
    added = add_address(control().shop(hash), id, an_object())
    return answer(plain_address(added), 201)


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
