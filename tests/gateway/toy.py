"""A dialect of a stranger's: the least that can be said about an address."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from core import (
    Address,
    AddressError,
    Changes,
    Customer,
    Draft,
    Invalid,
    NotFound,
    Problem,
    Query,
    Ref,
    Unauthenticated,
)
from dialects.base import Dialect, Wire, find_key, open_book
from gateway.testing import NestedDriver
from gateway.testing.laws import CANONICAL

blueprint = Blueprint("toy", __name__)


@blueprint.before_request
def authenticate() -> None:
    key = find_key("toy", request.headers.get("X-Toy", ""))
    if key is None:
        raise Unauthenticated("unknown")
    g.key = key


@blueprint.get("/<int:customer>")
def find(customer: int) -> Response:
    with open_book(customer) as book:
        return answer([encode(address) for address in book.find(Query()).items])


@blueprint.post("/<int:customer>")
def add(customer: int) -> Response:
    draft = Draft(**decode(request.get_json(), None))
    with open_book(customer) as book:
        return answer(encode(book.add_many([draft])[0]))


@blueprint.get("/<int:customer>/<int:id>")
def get(customer: int, id: int) -> Response:
    with open_book(customer) as book:
        return answer(encode(book.get(id)))


@blueprint.put("/<int:customer>/<int:id>")
def update(customer: int, id: int) -> Response:
    with open_book(customer) as book:
        address = book.get(id)
        changes = decode(request.get_json(), address)
        return answer(encode(book.update_many([(address, changes)])[0]))


@blueprint.delete("/<int:customer>/<int:id>")
def remove(customer: int, id: int) -> Response:
    with open_book(customer) as book:
        book.remove_many([book.get(id)])
    return Response(status=204)


def answer(body: Any) -> Response:
    return Response(json.dumps(body), mimetype="application/json")


def decode(wire: Wire, onto: Address | None) -> Changes:
    if not isinstance(wire, Mapping):
        raise Invalid([Problem("", "type")])
    return {name: wire[name] for name in ("first_name", "last_name") if name in wire}


def encode(address: Address) -> dict[str, Any]:
    return {
        "id": address.id,
        "first_name": address.first_name,
        "last_name": address.last_name,
    }


def fail(error: Exception) -> Response:
    if isinstance(error, HTTPException):
        return Response(error.name, status=error.code)
    codes = {Unauthenticated: 401, NotFound: 404, Invalid: 400}
    code = codes.get(type(error), 400 if isinstance(error, AddressError) else 500)
    return Response("no", status=code)


DIALECT = Dialect(
    name="toy",
    title="Toy",
    root="/toy",
    blueprint=blueprint,
    decode=decode,
    encode=encode,
    fail=fail,
    authorization=lambda key, _: {"X-Toy": key.token},
    scopes=("all",),
    losses={
        name: "it is a toy"
        for name in CANONICAL
        if name not in ("first_name", "last_name")
    },
)


class ToyDriver(NestedDriver):
    """A client of the toy."""

    scope = "all"

    def as_request(self, shown: Wire) -> Wire:
        return {name: shown[name] for name in shown if name != "id"}

    def ref(self, shown: Wire) -> Ref:
        return int(shown["id"])

    def listed(self, response: TestResponse) -> Sequence[Wire]:
        return list(response.get_json())

    def collection(self, customer: Customer) -> str:
        return f"/{customer.id}"

    def item(self, customer: Customer, address: Address) -> str:
        return f"/{customer.id}/{address.id}"
