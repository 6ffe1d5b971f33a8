"""What every request passes before its view, and its answer after it."""

from typing import Any

from flask import Blueprint, g, request
from werkzeug.exceptions import NotAcceptable, UnsupportedMediaType

from dialects.bigcommerce import limiting
from dialects.bigcommerce.auth import authenticate, authorize


def guarded(name: str) -> Blueprint:
    """A blueprint that lets no request through unchecked."""
    made = Blueprint(name, __name__)
    made.url_value_preprocessor(take_store_hash)
    made.before_request(admit)
    made.after_request(limiting.tell_quota)
    made.teardown_request(limiting.end_turn)
    return made


def take_store_hash(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.store_hash = (values or {}).pop("store_hash", "")


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
    accepted = request.accept_mimetypes
    if accepted and not accepted.best_match(["application/json"]):
        raise NotAcceptable
    if request.method not in ("POST", "PUT") or not request.content_type:
        return
    if not request.is_json and request.get_data():
        raise UnsupportedMediaType
