"""How a client of Easel spells the operations."""

from collections.abc import Sequence

from werkzeug.test import TestResponse

from core import Address, Customer, PublicId, Ref
from dialects.base import Wire
from gateway.testing import Call, CustomerDriver, NestedDriver

READ_ONLY = {"id", "created_at", "updated_at"}


class EaselDriver(NestedDriver, CustomerDriver):
    """A client with a write key."""

    scope = "write"

    def as_request(self, shown: Wire) -> Wire:
        return {name: shown[name] for name in shown if name not in READ_ONLY}

    def ref(self, shown: Wire) -> Ref:
        return PublicId(shown["id"])

    def listed(self, response: TestResponse) -> Sequence[Wire]:
        return list(response.get_json()["addresses"])

    def collection(self, customer: Customer) -> str:
        return f"{one(customer)}/addresses"

    def item(self, customer: Customer, address: Address) -> str:
        return f"{self.collection(customer)}/{address.public_id}"

    def add_customers(self, *wires: Wire) -> Call:
        [wire] = wires
        return Call("POST", "/customers", wire)

    def get_customer(self, customer: Customer) -> Call:
        return Call("GET", one(customer))

    def find_customers(self) -> Call:
        return Call("GET", "/customers")

    def update_customer(self, customer: Customer, wire: Wire) -> Call:
        return Call("PUT", one(customer), wire)

    def customer_as_request(self, shown: Wire) -> Wire:
        return self.as_request(shown)

    def customer_ref(self, shown: Wire) -> Ref:
        return PublicId(shown["id"])

    def listed_customers(self, response: TestResponse) -> Sequence[Wire]:
        return list(response.get_json()["customers"])


def one(customer: Customer) -> str:
    """The path of a customer."""
    return f"/customers/{customer.public_id}"
