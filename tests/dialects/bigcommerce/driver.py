"""How clients of BigCommerce, of V3 and of V2, spell the operations."""

from collections.abc import Sequence

from werkzeug.test import TestResponse

from core import Address, Customer, Ref
from dialects.base import Wire
from gateway.testing import Call, CustomerDriver, Driver, NestedDriver

PATH = "/customers/addresses"
CUSTOMERS = "/customers"


class BigCommerceDriver(Driver, CustomerDriver):
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

    def add_customers(self, *wires: Wire) -> Call:
        return Call("POST", CUSTOMERS, list(wires))

    def get_customer(self, customer: Customer) -> Call:
        query = f"id:in={customer.id}&include=storecredit"
        return Call("GET", f"{CUSTOMERS}?{query}")

    def find_customers(self) -> Call:
        return Call("GET", f"{CUSTOMERS}?include=storecredit")

    def update_customer(self, customer: Customer, wire: Wire) -> Call:
        return Call("PUT", CUSTOMERS, [{**wire, "id": customer.id}])

    def remove_customer(self, customer: Customer) -> Call:
        return Call("DELETE", f"{CUSTOMERS}?id:in={customer.id}")

    def customer_as_request(self, shown: Wire) -> Wire:
        return shown

    def customer_ref(self, shown: Wire) -> Ref:
        return int(shown["id"])

    def shown_customer(self, response: TestResponse) -> Wire:
        return self.shown(response)

    def listed_customers(self, response: TestResponse) -> Sequence[Wire]:
        return self.listed(response)


class V2Driver(NestedDriver):
    """A client of the deprecated V2."""

    scope = "modify"

    def collection(self, customer: Customer) -> str:
        return f"/customers/{customer.id}/addresses"

    def item(self, customer: Customer, address: Address) -> str:
        return f"{self.collection(customer)}/{address.id}"

    def as_request(self, shown: Wire) -> Wire:
        return shown

    def ref(self, shown: Wire) -> Ref:
        return int(shown["id"])

    def listed(self, response: TestResponse) -> Sequence[Wire]:
        return list(response.get_json())
