"""How a client of Easel spells the operations."""

from collections.abc import Sequence

from werkzeug.test import TestResponse

from core import Address, Customer, PublicId, Ref
from dialects.base import Wire
from gateway.testing import NestedDriver

READ_ONLY = {"id", "created_at", "updated_at"}


class EaselDriver(NestedDriver):
    """A client with a write key."""

    scope = "write"

    def as_request(self, shown: Wire) -> Wire:
        return {name: shown[name] for name in shown if name not in READ_ONLY}

    def ref(self, shown: Wire) -> Ref:
        return PublicId(shown["id"])

    def listed(self, response: TestResponse) -> Sequence[Wire]:
        return list(response.get_json()["addresses"])

    def collection(self, customer: Customer) -> str:
        return f"/customers/{customer.public_id}/addresses"

    def item(self, customer: Customer, address: Address) -> str:
        return f"{self.collection(customer)}/{address.public_id}"
