"""What every request passes before its view, and its answer after it."""

from functools import lru_cache
from typing import Any

from flask import Blueprint, Request
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import NotAcceptable, UnsupportedMediaType
from werkzeug.http import parse_accept_header

from dialects.bigcommerce import limiting
from dialects.bigcommerce.auth import authenticate, authorize
from dialects.current import these_globals, this_request


def guarded(name: str) -> Blueprint:
    """A blueprint that lets no request through unchecked."""
    made = Blueprint(name, __name__)
    made.url_value_preprocessor(take_store_hash)
    made.before_request(admit)
    made.after_request(limiting.tell_quota)
    made.teardown_request(limiting.end_turn)
    return made


def take_store_hash(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    these_globals().store_hash = (values or {}).pop("store_hash", "")


def admit() -> None:
    """The checks, in the service's order: token, store, scope, and then the limits."""
    authenticate()
    limiting.count_request()
    authorize()
    limiting.require_quota()
    negotiate()
    limiting.take_slot()


def negotiate() -> None:
    """A body is JSON, and so is the answer; without a body its type does not matter."""
    request = this_request()
    if not is_json_accepted(request.environ.get("HTTP_ACCEPT")):
        raise NotAcceptable
    content_type = request.environ.get("CONTENT_TYPE")
    if request.method not in ("POST", "PUT") or not content_type:
        return
    if not is_json(content_type) and request.get_data():
        raise UnsupportedMediaType


@lru_cache(maxsize=256)
def is_json_accepted(header: str | None) -> bool:
    """Whether a client that sent this header (RFC 9110, 12.5.1) takes JSON."""
    accepted = parse_accept_header(header, MIMEAccept)
    return not accepted or bool(accepted.best_match(["application/json"]))


@lru_cache(maxsize=256)
def is_json(content_type: str) -> bool:
    """Whether a body of this type is JSON."""
    return Request({"CONTENT_TYPE": content_type}).is_json
