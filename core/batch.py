"""Records that wait to be stored together, as rows already where that is possible."""

from collections.abc import Iterator
from typing import Any

from core.connection import Row
from core.records import (
    LARGEST,
    Place,
    Record,
    Refused,
    Written,
    address_row,
    customer_row,
)
from core.shop import Shop

Roles = tuple[bool, bool]
NO_ROLE = (False, False)


class Batch:
    """Customers and addresses to store, under numbers of the caller's, which rise.

    `known` are the places that units of work have found before it. A copy that was
    sent to another process takes no more.
    """

    def __init__(self, shop: Shop, known: dict[Written, Place]) -> None:
        self._shop_id = shop.id
        self.customers: dict[int, Row] = {}
        self.addresses: dict[int, Row] = {}
        self.roles: dict[int, Roles] = {}
        """The defaults among the addresses."""
        self.other_customers: dict[int, Record] = {}
        self.other_addresses: dict[int, Record] = {}
        """What a unit of work is to look at: it is bad, or its place is new."""
        self._places = known.__getitem__

    def __getstate__(self) -> dict[str, Any]:
        return {name: v for name, v in vars(self).items() if name != "_places"}

    def add_customer(self, index: int, record: Record) -> None:
        """Add a customer's record."""
        try:
            self.customers[index] = customer_row(record, self._shop_id)
        except Refused:
            self.other_customers[index] = record

    def add_address(self, index: int, record: Record) -> None:
        """Add an address's record."""
        try:
            row, billing, shipping = address_row(record, self._shop_id, self._places)
        except (Refused, KeyError):
            self.other_addresses[index] = record
            return
        self.addresses[index] = row
        if billing or shipping:
            self.roles[index] = (billing, shipping)

    def owners(self) -> Iterator[int]:
        """The numbers of the customers whom the addresses name."""
        for row in self.addresses.values():
            yield row[3]
        for record in self.other_addresses.values():
            number = record.get("customer_id")
            if type(number) is int and 0 < number <= LARGEST:
                yield number
