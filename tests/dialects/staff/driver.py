"""How a client of Staff spells the operations."""

from collections.abc import Sequence

from werkzeug.test import TestResponse

from core import Address, Customer, Ref
from dialects.base import Wire
from gateway.testing import Call, CustomerDriver, NestedDriver

READ_ONLY = {"id", "created_at", "updated_at"}
PLACES = {"country_data": "country", "state_data": "state", "city_data": "city"}
NOT_WRITTEN = {
    "id",
    "is_profile_completed",
    "date_joined",
    "last_login",
    "total_orders",
    "total_spent",
}
"""What a customer is shown with and never written."""


class StaffDriver(NestedDriver, CustomerDriver):
    """A client with a staff token, who sends places by their numbers."""

    scope = "staff"
    verb = "PATCH"

    def as_request(self, shown: Wire) -> Wire:
        said = {n: shown[n] for n in shown if n not in READ_ONLY and n not in PLACES}
        numbers = {PLACES[n]: shown[n]["id"] for n in PLACES if shown[n] is not None}
        return {**said, **numbers}

    def ref(self, shown: Wire) -> Ref:
        return int(shown["id"])

    def listed(self, response: TestResponse) -> Sequence[Wire]:
        return list(response.get_json()["results"])

    def collection(self, customer: Customer) -> str:
        return f"{one(customer)}/addresses"

    def item(self, customer: Customer, address: Address) -> str:
        return f"{self.collection(customer)}/{address.id}"

    def add_customers(self, *wires: Wire) -> Call:
        [wire] = wires
        return Call("POST", "/customers", wire)

    def get_customer(self, customer: Customer) -> Call:
        return Call("GET", one(customer))

    def find_customers(self) -> Call:
        return Call("GET", "/customers")

    def update_customer(self, customer: Customer, wire: Wire) -> Call:
        return Call(self.verb, one(customer), wire)

    def remove_customer(self, customer: Customer) -> Call:
        return Call("DELETE", one(customer))

    def customer_as_request(self, shown: Wire) -> Wire:
        return {name: shown[name] for name in shown if name not in NOT_WRITTEN}

    def customer_ref(self, shown: Wire) -> Ref:
        return int(shown["id"])

    def listed_customers(self, response: TestResponse) -> Sequence[Wire]:
        return list(response.get_json()["results"])


def one(customer: Customer) -> str:
    """The path of a customer."""
    return f"/customers/{customer.id}"
