"""The four operations on customer addresses (source: V3 reference).

Client libraries call `/customers//addresses` and `/customers/addresses/`, too.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from flask import Blueprint, Response, g, request
from werkzeug.exceptions import NotAcceptable, UnsupportedMediaType

from core import Address, Condition, Invalid, Op, Problem, Query
from dialects.base import Wire, open_book, quirk
from dialects.bigcommerce import filters, limiting, writing
from dialects.bigcommerce.auth import authenticate, authorize
from dialects.bigcommerce.fields import ARRAY
from dialects.bigcommerce.schemas import encode, encode_with_form_fields

blueprint = Blueprint("bigcommerce", __name__)
PATHS = ("/customers/addresses", "/customers//addresses")


@blueprint.url_value_preprocessor
def take_store_hash(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.store_hash = (values or {}).pop("store_hash", "")


@blueprint.before_request
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


blueprint.after_request(limiting.tell_quota)
blueprint.teardown_request(limiting.end_turn)


def route(method: str) -> Callable[[Callable[[], Response]], Callable[[], Response]]:
    """Register a view under every spelling of the path."""

    def register(view: Callable[[], Response]) -> Callable[[], Response]:
        for path in PATHS:
            blueprint.add_url_rule(
                path, view_func=view, methods=[method], strict_slashes=False
            )
        return view

    return register


@route("GET")
def get_customers_addresses() -> Response:
    given = filters.parameters("page", "limit", "include", *filters.FILTERS)
    sought = filters.query(given)
    includes = filters.includes_form_fields(given)
    shown = encode_with_form_fields if includes else encode
    with open_book() as book:
        found = book.find(sought)
    data = [shown(address) for address in found.items]
    return answer(data, {"pagination": filters.pagination(sought, found)})


@route("POST")
def create_customers_addresses() -> Response:
    items = body()
    with open_book() as book:
        return written(*writing.create(book, items))


@route("PUT")
def update_customers_addresses() -> Response:
    items = body()
    with open_book() as book:
        return written(*writing.update(book, items))


@route("DELETE")
def delete_customers_addresses() -> Response:
    ids = filters.members(filters.parameters("id:in"), "id:in")
    if ids:
        with open_book() as book:
            found = book.find(Query(where=[Condition("id", Op.IN, ids)]))
            book.remove_many(found.items)
    # "If not provided, a 204 is returned, with no changes to the data" (customers).
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response


def body() -> list[Any]:
    """The items of a request. Raises Invalid for what is no array of few enough."""
    try:
        items = orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise Invalid([Problem("", "syntax")]) from error
    if not isinstance(items, list):
        raise Invalid([Problem("", ARRAY, params={"shape": True, "key": ""})])
    most = quirk("bigcommerce", "batch_limit")
    if len(items) > most:
        raise Invalid([Problem("", "too-many", params={"most": most})])
    return items


def written(addresses: Sequence[Address], equal: Mapping[int, Address]) -> Response:
    """What was written; an item that equals an address is absent, and nothing more."""
    echoes = quirk("bigcommerce", "echo_form_fields")
    shown = encode_with_form_fields if echoes else encode
    if equal and not addresses and quirk("bigcommerce", "empty_duplicate_body"):
        response = Response(b"{}", content_type="application/json")
    else:
        response = answer([shown(address) for address in addresses], {})
    if equal and quirk("bigcommerce", "tell_duplicates"):
        response.headers["X-Duplicates"] = writing.listed(equal)
    return response


def answer(data: Sequence[Wire], meta: Mapping[str, Any]) -> Response:
    """The envelope of every successful answer."""
    return Response(
        orjson.dumps({"data": data, "meta": meta}), content_type="application/json"
    )
