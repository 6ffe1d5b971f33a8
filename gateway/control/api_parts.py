"""What the views of the control side share: bodies in, and answers out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from flask import Blueprint, Response, current_app, request

from core.address import is_storable
from dialects.base import Credential, authorization
from gateway.control import Control
from gateway.control.clock import Clock
from gateway.control.journal import Journal
from gateway.control.sandboxes import Sandbox

blueprint = Blueprint("control", __name__)
JSON = "application/json"
TYPES: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "number": (int,),
    "decimal": (int, float),
    "object": (dict,),
    "seed": (dict, str),
}


class BadRequest(ValueError):
    """A request to the control side is wrong; the text says how."""


def answer(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status=status, content_type=JSON)


def done() -> Response:
    return Response(status=204)


def control() -> Control:
    found: Control = current_app.extensions["control"]
    return found


def an_object() -> dict[str, Any]:
    """The request's JSON object, empty without a body. Raises BadRequest."""
    if not request.get_data():
        return {}
    try:
        found = orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"the body is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise BadRequest("the body is no JSON object")
    return found


def said(**known: str) -> dict[str, Any]:
    """The fields of the request's JSON object, each of its type. Raises BadRequest."""
    found = an_object()
    for name, value in found.items():
        if name not in known:
            there_are = ", ".join(known)
            raise BadRequest(f"there is no field {name!r}; there are: {there_are}")
        types = TYPES[known[name]]
        if isinstance(value, bool) or not isinstance(value, types):
            raise BadRequest(f"the field {name!r} is no {known[name]}")
        if isinstance(value, str) and not is_storable(value):
            raise BadRequest(f"the field {name!r} has characters that are not text")
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise BadRequest(f"the field {name!r} is too large")
    return found


def required(given: Mapping[str, Any], *names: str) -> None:
    for name in names:
        if name not in given:
            raise BadRequest(f"the field {name!r} is required")


def entries(journal: Journal) -> Response:
    """The entries that the query asks for, the newest last. Raises ControlError."""
    operation = request.args.get("operation")
    if operation:
        journal.require(operation)
    found = journal.entries(
        operation,
        dialect=request.args.get("dialect"),
        status=whole("status"),
    )
    limit = whole("limit")
    shown = found if limit is None else found[len(found) - limit if limit else 0 :]
    return answer(
        {
            "entries": [entry.as_json() for entry in shown],
            "total": journal.total,
            "forgotten": journal.forgotten,
        }
    )


def whole(name: str) -> int | None:
    """A number of the query that is not negative. Raises BadRequest."""
    text = request.args.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadRequest(f"the parameter {name!r} is {text!r}, and no number")
    return int(text)


def instant(text: str) -> datetime:
    """An instant with its offset. Raises BadRequest."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        example = "2026-01-31T12:00:00Z"
        raise BadRequest(f"{text!r} is no instant such as {example}") from None


def described(shop: Sandbox) -> dict[str, Any]:
    """A shop: all that a client needs."""
    return {
        "hash": shop.hash,
        "base_urls": dict(shop.base_urls),
        "credentials": {
            name: {
                scope: shown_key(shop, name, shop.credentials[name][scope])
                for scope in dialect.scopes
            }
            for name, dialect in shop.dialects.items()
        },
        "clock": shown_clock(shop.clock),
        "snapshots": shop.snapshots(),
    }


def shown_key(shop: Sandbox, dialect: str, key: Credential) -> dict[str, Any]:
    """A key, and the headers of a client that has it."""
    names = ("token", "secret", "scope", "consumer", "customer_id", "label")
    others = [*shop.credentials[dialect].values()]
    headers = authorization(shop.dialects[dialect], key, others)
    return {**{name: getattr(key, name) for name in names}, "headers": dict(headers)}


def shown_clock(clock: Clock) -> dict[str, Any]:
    return {"now": clock().isoformat(), "is_frozen": clock.is_frozen}
