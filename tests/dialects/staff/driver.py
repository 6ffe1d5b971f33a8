"""How a client of Staff spells the operations."""

from collections.abc import Sequence

from werkzeug.test import TestResponse

from core import Address, Customer, Ref
from dialects.base import Wire
from gateway.testing import NestedDriver

READ_ONLY = {"id", "created_at", "updated_at"}
PLACES = {"country_data": "country", "state_data": "state", "city_data": "city"}


class StaffDriver(NestedDriver):
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
        return f"/customers/{customer.id}/addresses"

    def item(self, customer: Customer, address: Address) -> str:
        return f"{self.collection(customer)}/{address.id}"
