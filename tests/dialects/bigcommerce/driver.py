"""How a client of BigCommerce V3 spells the operations."""

from collections.abc import Sequence

from werkzeug.test import TestResponse

from core import Address, Customer, Ref
from dialects.base import Wire
from gateway.testing import Call, Driver

PATH = "/customers/addresses"


class BigCommerceDriver(Driver):
    """A client with a token that may modify."""

    scope = "modify"

    def add(self, customer: Customer, *wires: Wire) -> Call:
        body = [{**wire, "customer_id": customer.id} for wire in wires]
        return Call("POST", PATH, body)

    def get(self, customer: Customer, address: Address) -> Call:
        return Call("GET", f"{PATH}?id:in={address.id}&customer_id:in={customer.id}")

    def find(self, customer: Customer) -> Call:
        return Call("GET", f"{PATH}?customer_id:in={customer.id}&limit=250")

    def update(self, customer: Customer, address: Address, wire: Wire) -> Call:
        return Call("PUT", PATH, [{**wire, "id": address.id}])

    def remove(self, customer: Customer, address: Address) -> Call:
        return Call("DELETE", f"{PATH}?id:in={address.id}")

    def as_request(self, shown: Wire) -> Wire:
        return shown

    def ref(self, shown: Wire) -> Ref:
        return int(shown["id"])

    def shown(self, response: TestResponse) -> Wire:
        [wire] = response.get_json()["data"]
        return dict(wire)

    def listed(self, response: TestResponse) -> Sequence[Wire]:
        return list(response.get_json()["data"])
