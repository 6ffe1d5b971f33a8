"""How a client of OpenMage spells the operations."""

from collections.abc import Sequence

from werkzeug.test import TestResponse

from core import Address, Customer, Ref
from dialects.base import Credential, Wire, authorization
from dialects.openmage import DIALECT
from gateway.testing import NestedDriver, World
from gateway.testing.world import credentials

READ_ONLY = {"entity_id", "created_at", "updated_at"}


class OpenMageDriver(NestedDriver):
    """A client with an admin's token, which asks for JSON."""

    scope = "admin"
    echoes = False

    def as_request(self, shown: Wire) -> Wire:
        return {name: shown[name] for name in shown if name not in READ_ONLY}

    def ref(self, shown: Wire) -> Ref:
        return int(shown["entity_id"])

    def added(self, response: TestResponse) -> Ref:
        return int(response.headers["Location"].rpartition("/")[2])

    def listed(self, response: TestResponse) -> Sequence[Wire]:
        return list(response.get_json())

    def collection(self, customer: Customer) -> str:
        return f"/customers/{customer.id}/addresses"

    def item(self, customer: Customer, address: Address) -> str:
        return f"/customers/addresses/{address.id}"


def customers_key(world: World, customer: Customer) -> dict[str, str]:
    """The headers of a client with a new token of the customer, asking for JSON."""
    keys = credentials(DIALECT)
    consumer = keys["consumer"]
    mine = Credential(
        token=f"customer-{customer.id}".ljust(32, "0"),
        secret="s" * 32,
        scope="customer",
        customer_id=customer.id,
        consumer=consumer.token,
    )
    with world.store.keys() as keyring:
        keyring.add(
            DIALECT.name,
            world.shop,
            scope=mine.scope,
            token=mine.token,
            secret=mine.secret,
            customer_id=customer.id,
            consumer_id=keyring.id_of(DIALECT.name, consumer.token),
        )
    headers = authorization(DIALECT, mine, [consumer])
    return {"Accept": "application/json", **headers}
