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

    def shown(self, response: TestResponse) -> Wire:
        """The one address in an answer."""
        wire: Wire = response.get_json()
        return wire

    @abstractmethod
    def listed(self, response: TestResponse) -> Sequence[Wire]:
        """The addresses in an answer to `find`."""
