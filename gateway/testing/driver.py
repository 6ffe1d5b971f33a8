"""How a client of an API writes, reads, and spells the operations."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from werkzeug.test import TestResponse

from core import Address, Customer, Ref
from dialects.base import Wire


@dataclass(frozen=True, slots=True)
class Call:
    """A request of a client: the path is below the dialect's root."""

    method: str
    path: str
    json: Any = None


class Driver(ABC):
    """A client of one API, for one address at a time.

    `scope` is that of a key that may do everything.
    """

    scope: ClassVar[str]
    echoes: ClassVar[bool] = True
    """Whether the answer to `add` shows the address."""

    @abstractmethod
    def add(self, customer: Customer, *wires: Wire) -> Call:
        """The request that creates addresses of the customer."""

    @abstractmethod
    def get(self, customer: Customer, address: Address) -> Call:
        """The request for one address."""

    @abstractmethod
    def find(self, customer: Customer) -> Call:
        """The request for all addresses of the customer."""

    @abstractmethod
    def update(self, customer: Customer, address: Address, wire: Wire) -> Call:
        """The request that changes an address."""

    @abstractmethod
    def remove(self, customer: Customer, address: Address) -> Call:
        """The request that removes an address."""

    @abstractmethod
    def as_request(self, shown: Wire) -> Wire:
        """What a client sends back of an address that it was shown."""

    @abstractmethod
    def ref(self, shown: Wire) -> Ref:
        """The id in an address that was shown."""

    def added(self, response: TestResponse) -> Ref:
        """The id of the address that the answer to `add` tells of."""
        return self.ref(self.shown(response))

    def shown(self, response: TestResponse) -> Wire:
        """The one address in an answer."""
        wire: Wire = response.get_json()
        return wire

    @abstractmethod
    def listed(self, response: TestResponse) -> Sequence[Wire]:
        """The addresses in an answer to `find`."""


class NestedDriver(Driver):
    """A client of an API whose addresses lie below their customer, one a call."""

    verb: ClassVar[str] = "PUT"
    """The method that changes an address."""

    @abstractmethod
    def collection(self, customer: Customer) -> str:
        """The path of the customer's addresses."""

    @abstractmethod
    def item(self, customer: Customer, address: Address) -> str:
        """The path of one of them."""

    def add(self, customer: Customer, *wires: Wire) -> Call:
        """POST to the collection; several are sent as an array, to be refused."""
        body = wires[0] if len(wires) == 1 else list(wires)
        return Call("POST", self.collection(customer), body)

    def get(self, customer: Customer, address: Address) -> Call:
        """GET the item."""
        return Call("GET", self.item(customer, address))

    def find(self, customer: Customer) -> Call:
        """GET the collection."""
        return Call("GET", self.collection(customer))

    def update(self, customer: Customer, address: Address, wire: Wire) -> Call:
        """Send the changes to the item."""
        return Call(self.verb, self.item(customer, address), wire)

    def remove(self, customer: Customer, address: Address) -> Call:
        """DELETE the item."""
        return Call("DELETE", self.item(customer, address))
