"""Which customers a list shows: filtered, sorted, and by pages.

Where the store can neither look nor sort as the original does, the customers are read
and compared here.
"""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any, NamedTuple

from core import AddressBook, Customer, Query
from dialects.openmage.collation import padded
from dialects.openmage.conditions import Condition, Kind, holds, number
from dialects.openmage.customer_attributes import APART, KINDS
from dialects.openmage.customer_queries import store_conditions
from dialects.openmage.customer_schemas import joined, listed

IN_STORE = {
    "entity_id": "id",
    "created_at": "created_at",
    "updated_at": "updated_at",
}
"""What the store sorts by as the original does."""

LAST = 2.0**53
"""A page further than any."""

Row = Mapping[str, Any]


class Wanted(NamedTuple):
    """What a list is to show; a `limit` below 1 is none."""

    filters: Sequence[tuple[str, Condition]] = ()
    order: str | None = None
    is_ascending: bool = False
    page: float = 1.0
    limit: float = 10.0

    @property
    def size(self) -> int | None:
        """How many customers a page has, None for all."""
        return int(self.limit) or None

    @property
    def joined(self) -> list[str]:
        """The attributes with values apart that it is searched or sorted by."""
        names = [name for name, _ in self.filters]
        return [name for name in (*names, self.order) if name in APART]

    def page_of(self, total: int) -> float:
        """The page to show: one beyond the last is the last."""
        last = ceil(total / self.limit) if self.size else 1
        return max(1.0, min(self.page, float(last)))

    def offset(self, page: float) -> int:
        """How many customers come before a page."""
        return int((self.size or 0) * (page - 1))


def found_customers(book: AddressBook, wanted: Wanted) -> Sequence[Row]:
    """The customers of the page, as a list shows them."""
    conditions = [store_conditions(name, said) for name, said in wanted.filters]
    where = [one for found in conditions if found for one in found]
    is_sorted = wanted.order not in KINDS or wanted.order in IN_STORE
    if is_sorted and None not in conditions:
        found = page_in_store(book, wanted, Query(where=where, order=order(wanted)))
        return [joined(listed(one), wanted.joined) for one in found]
    listing = map(listed, book.customers(Query(where=where)).items)
    rows: Sequence[Row] = [row for row in listing if is_found(row, wanted)]
    rows = in_order(rows, wanted)
    start = wanted.offset(wanted.page_of(len(rows)))
    return [joined(row, wanted.joined) for row in rows[start:][: wanted.size]]


def order(wanted: Wanted) -> Sequence[str]:
    """The order in the store's words; equals come by id."""
    field = IN_STORE.get(wanted.order or "", "id")
    sign = "" if wanted.is_ascending or wanted.order not in IN_STORE else "-"
    return [f"{sign}{field}", *(["id"] if field != "id" else [])]


def page_in_store(
    book: AddressBook, wanted: Wanted, query: Query
) -> Sequence[Customer]:
    """The customers of the page that the store finds and sorts by itself."""
    page = max(1.0, min(wanted.page, LAST)) if wanted.size else 1.0
    found = book.customers(on_page(query, wanted, page))
    shown = wanted.page_of(found.total)
    if shown != page:
        found = book.customers(on_page(query, wanted, shown))
    return found.items


def on_page(query: Query, wanted: Wanted, page: float) -> Query:
    return Query(
        where=query.where,
        order=query.order,
        offset=wanted.offset(page),
        limit=wanted.size,
    )


def is_found(row: Row, wanted: Wanted) -> bool:
    """Whether all conditions hold; one about a value apart needs that there is one."""
    return all(
        name in row and holds(said, KINDS[name], row[name])
        for name, said in wanted.filters
    )


def in_order(rows: Sequence[Row], wanted: Wanted) -> Sequence[Row]:
    """The rows sorted; those that are equal stay by id, and nulls are smallest."""
    name = wanted.order or ""
    if name not in KINDS:
        return rows
    values = [row.get(name) for row in rows]
    keys = sort_keys(KINDS[name], values)
    # Nulls are told from the smallest value that there can be.
    ranks = [(value is not None, key) for value, key in zip(values, keys, strict=True)]
    places = sorted(
        range(len(rows)), key=ranks.__getitem__, reverse=not wanted.is_ascending
    )
    return [rows[place] for place in places]


def sort_keys(kind: Kind, values: Sequence[str | None]) -> Sequence[Any]:
    """What values are sorted by, each in the way of its kind."""
    texts = [value or "" for value in values]
    if kind is Kind.NUMBER:
        return [number(text) for text in texts]
    if kind is Kind.MOMENT:
        return texts
    width = max(map(len, texts), default=0)
    return [padded(text, width) for text in texts]
