"""How a client of OpenMage spells the operations."""

from collections.abc import Sequence

from werkzeug.test import TestResponse

from core import Address, Customer, Ref
from dialects.base import Credential, Wire, authorization
from dialects.openmage import DIALECT
from gateway.testing import Call, CustomerDriver, NestedDriver, World
from gateway.testing.world import credentials

READ_ONLY = {"entity_id", "created_at", "updated_at", "created_in"}


class OpenMageDriver(NestedDriver, CustomerDriver):
    """A client with an admin's token, which asks for JSON."""

    scope = "admin"
    echoes = False
    echoes_customers = False

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

    def add_customers(self, *wires: Wire) -> Call:
        return Call("POST", "/customers", wires[0] if len(wires) == 1 else list(wires))

    def get_customer(self, customer: Customer) -> Call:
        return Call("GET", f"/customers/{customer.id}")

    def find_customers(self) -> Call:
        return Call("GET", "/customers")

    def update_customer(self, customer: Customer, wire: Wire) -> Call:
        return Call("PUT", f"/customers/{customer.id}", wire)

    def remove_customer(self, customer: Customer) -> Call:
        return Call("DELETE", f"/customers/{customer.id}")

    def customer_as_request(self, shown: Wire) -> Wire:
        return self.as_request(shown)

    def customer_ref(self, shown: Wire) -> Ref:
        return self.ref(shown)

    def added_customer(self, response: TestResponse) -> Ref:
        return self.added(response)

    def listed_customers(self, response: TestResponse) -> Sequence[Wire]:
        return list(response.get_json().values())


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
