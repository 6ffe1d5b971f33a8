"""A dialect of a stranger's that knows nothing but customers, and little of them."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, g, request
from werkzeug.test import TestResponse

from core import (
    Changes,
    Customer,
    CustomerDraft,
    Invalid,
    Problem,
    Query,
    Ref,
    Unauthenticated,
)
from dialects.base import Dialect, Operation, Wire, find_key, open_book
from gateway.testing import Call, CustomerDriver
from gateway.testing.customers import CANONICAL
from tests.gateway import toy

KEPT = ("first_name", "last_name", "email", "is_active")

blueprint = Blueprint("people", __name__)


@blueprint.before_request
def authenticate() -> None:
    key = find_key("people", request.headers.get("X-Toy", ""))
    if key is None:
        raise Unauthenticated("unknown")
    g.key = key


@blueprint.get("/")
def find() -> Response:
    with open_book() as book:
        return toy.answer([encode(one) for one in book.customers(Query()).items])


@blueprint.post("/")
def add() -> Response:
    draft = CustomerDraft(**decode(request.get_json(), None))
    with open_book() as book:
        if book.with_email([draft.email])[draft.email]:
            raise Invalid([Problem("email", "taken")])
        return toy.answer(encode(book.add_customer(draft)))


@blueprint.get("/<int:id>")
def get(id: int) -> Response:
    with open_book() as book:
        return toy.answer(encode(book.customer(id)))


@blueprint.put("/<int:id>")
def update(id: int) -> Response:
    with open_book() as book:
        customer = book.customer(id)
        changes = decode(request.get_json(), customer)
        return toy.answer(encode(book.update_customers([(customer, changes)])[0]))


@blueprint.delete("/<int:id>")
def remove(id: int) -> Response:
    with open_book() as book:
        book.remove_customers([book.customer(id)])
    return Response(status=204)


def decode(wire: Wire, onto: Customer | None) -> Changes:
    return {name: wire[name] for name in KEPT if name in wire}


def encode(customer: Customer) -> dict[str, Any]:
    return {"id": customer.id, **{name: getattr(customer, name) for name in KEPT}}


DIALECT = Dialect(
    name="people",
    title="People",
    root="/people",
    blueprint=blueprint,
    decode=toy.decode,
    encode=toy.encode,
    fail=toy.fail,
    authorization=lambda key, _: {"X-Toy": key.token},
    scopes=("all",),
    decode_customer=decode,
    encode_customer=encode,
    customer_operations=frozenset(Operation),
    customer_losses={name: "it is a toy" for name in CANONICAL if name not in KEPT},
)
FORGETFUL = replace(
    DIALECT,
    encode_customer=lambda customer: {**encode(customer), "first_name": "?"},
)
"""The same, if it had a fault: it shows another name than the one it keeps."""


class PeopleDriver(CustomerDriver):
    """A client of it."""

    scope = "all"

    def add_customers(self, *wires: Wire) -> Call:
        return Call("POST", "/", wires[0])

    def get_customer(self, customer: Customer) -> Call:
        return Call("GET", f"/{customer.id}")

    def find_customers(self) -> Call:
        return Call("GET", "/")

    def update_customer(self, customer: Customer, wire: Wire) -> Call:
        return Call("PUT", f"/{customer.id}", wire)

    def remove_customer(self, customer: Customer) -> Call:
        return Call("DELETE", f"/{customer.id}")

    def customer_as_request(self, shown: Wire) -> Wire:
        return {name: shown[name] for name in shown if name != "id"}

    def customer_ref(self, shown: Wire) -> Ref:
        return int(shown["id"])

    def listed_customers(self, response: TestResponse) -> list[Wire]:
        return list(response.get_json())
