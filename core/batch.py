"""Records that wait to be stored together, as rows already where that is possible."""

from typing import Any

from core.bulk_rows import Rows
from core.records import (
    ADDRESS_COLUMNS,
    CUSTOMER_COLUMNS,
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
        self.customers = Rows(CUSTOMER_COLUMNS)
        self.addresses = Rows(ADDRESS_COLUMNS)
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
            row = customer_row(record, self._shop_id)
        except Refused:
            self.other_customers[index] = record
            return
        self.customers.add(index, row)

    def add_address(self, index: int, record: Record) -> None:
        """Add an address's record."""
        try:
            row, billing, shipping = address_row(record, self._shop_id, self._places)
        except (Refused, KeyError):
            self.other_addresses[index] = record
            return
        self.addresses.add(index, row)
        if billing or shipping:
            self.roles[index] = (billing, shipping)

    def become_text(self) -> None:
        """Keep rows as the text that COPY reads; nothing is added any more."""
        self.customers.become_text()
        self.addresses.become_text()

    def owners(self) -> set[int]:
        """The numbers of the customers whom the addresses name."""
        others = (record.get("customer_id") for record in self.other_addresses.values())
        numbers = {n for n in others if type(n) is int and 0 < n <= LARGEST}
        return numbers | {*self.addresses.column("customer_id")}
