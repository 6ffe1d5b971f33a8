"""Records that wait to be stored together, as rows already where that is possible."""

import marshal
from collections.abc import Mapping
from itertools import chain
from typing import Any

from core.connection import Row
from core.loading import in_rows
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


class Rows:
    """Rows under numbers of the caller's, all their values in one list.

    So the drivers and a pipe to another process take them, and so a column is a slice.
    """

    def __init__(self, width: int, rows: Mapping[int, Row] | None = None) -> None:
        self.width = width
        self.indexes = list(rows or ())
        self.values = [*chain.from_iterable(rows.values())] if rows else []

    def __getstate__(self) -> tuple[int, list[int], bytes]:
        return self.width, self.indexes, marshal.dumps(self.values, PLAIN)

    def __setstate__(self, state: tuple[int, list[int], bytes]) -> None:
        self.width, self.indexes, values = state
        self.values = marshal.loads(values)

    def __len__(self) -> int:
        return len(self.indexes)

    def add(self, index: int, row: Row) -> None:
        self.indexes.append(index)
        self.values += row

    def column(self, n: int) -> list[Any]:
        """The values of one column, from the first or, below 0, from the last."""
        return self.values[n % self.width :: self.width]

    def by_index(self) -> dict[int, Row]:
        """The rows under their numbers."""
        return dict(zip(self.indexes, in_rows(self.values, self.width), strict=True))


PLAIN = 2
"""The version of `marshal` that looks for no value that was there before."""


class Batch:
    """Customers and addresses to store, under numbers of the caller's, which rise.

    `known` are the places that units of work have found before it. A copy that was
    sent to another process takes no more.
    """

    def __init__(self, shop: Shop, known: dict[Written, Place]) -> None:
        self._shop_id = shop.id
        self.customers = Rows(len(CUSTOMER_COLUMNS))
        self.addresses = Rows(len(ADDRESS_COLUMNS))
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

    def owners(self) -> set[int]:
        """The numbers of the customers whom the addresses name."""
        others = (record.get("customer_id") for record in self.other_addresses.values())
        numbers = {n for n in others if type(n) is int and 0 < n <= LARGEST}
        return numbers | {*self.addresses.column(3)}
