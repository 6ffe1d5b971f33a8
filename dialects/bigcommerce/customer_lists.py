"""Lists of customers: pages, cursors, and what is shown besides (source: V3 reference).

"Both `pagination` and `cursor_pagination` would be returned in the first page. Only
`pagination` would be returned when page is greater than 1. Only `cursor_pagination`
would be returned when `before` or `after` is provided in the request."
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from core import Address, AddressBook, Condition, Customer, Op, Page, Query
from dialects.bigcommerce import filters
from dialects.bigcommerce.cursors import Cursor, write_cursor
from dialects.bigcommerce.customer_filters import Sought
from dialects.bigcommerce.customer_schemas import (
    MOST_ADDRESSES,
    NO_CREDIT,
    encode_with,
    form_fields_of,
)
from dialects.bigcommerce.schemas import encode, encode_with_form_fields


class Listed(NamedTuple):
    """A part of a list, and what its answer says of where that stands."""

    customers: Sequence[Customer]
    meta: Mapping[str, Any]


def listed(book: AddressBook, sought: Sought) -> Listed:
    """The part of the list that is asked for."""
    cursor = sought.after or sought.before
    if cursor is not None:
        return around(book, sought, cursor)
    query = Query(
        where=sought.where,
        order=[sought.order],
        offset=(sought.page - 1) * sought.limit,
        limit=sought.limit,
    )
    found = search(book, sought, query)
    meta = {"pagination": filters.pagination(query, found)}
    if sought.page == 1:
        has_next = found.total > len(found.items)
        meta["cursor_pagination"] = cursors(sought, found.items, has_next=has_next)
    return Listed(customers=found.items, meta=meta)


def search(book: AddressBook, sought: Sought, query: Query) -> Page[Customer]:
    """What is found; what the store cannot judge is judged here, one by one."""
    if not sought.is_judged:
        return book.customers(query)
    narrowed = book.customers(replace(query, offset=0, limit=None)).items
    kept = [customer for customer in narrowed if sought.keeps(customer)]
    end = None if query.limit is None else query.offset + query.limit
    return Page(items=kept[query.offset : end], total=len(kept))


def around(book: AddressBook, sought: Sought, cursor: Cursor) -> Listed:
    """The customers after a cursor, or those before it."""
    is_after = sought.after is not None
    order = sought.order if is_after else reverse(sought.order)
    found = beyond(book, sought, cursor, order)
    items, more = found[: sought.limit], len(found) > sought.limit
    if not is_after:
        items.reverse()
    # Whoever has come this way has left something behind.
    has_next, has_previous = (more, True) if is_after else (True, more)
    meta = cursors(sought, items, has_next=has_next, has_previous=has_previous)
    return Listed(customers=items, meta={"cursor_pagination": meta})


def beyond(
    book: AddressBook, sought: Sought, cursor: Cursor, order: str
) -> list[Customer]:
    """The customers that come later than the cursor: one more than are asked for."""
    field, later = order.removeprefix("-"), Op.LT if order[0] == "-" else Op.GT
    by_id = Condition("id", later, cursor.id)
    steps = [[by_id]]
    if field != "id":
        same = Condition(field, Op.EQ, cursor.value)
        steps = [[same, by_id], [Condition(field, later, cursor.value)]]
    found: list[Customer] = []
    for step in steps:
        left = sought.limit + 1 - len(found)
        query = Query(
            where=[*sought.where, *step], order=[order], limit=left, counted=False
        )
        found += search(book, sought, query).items if left else []
    return found


def reverse(order: str) -> str:
    return order[1:] if order[0] == "-" else f"-{order}"


def cursors(
    sought: Sought,
    items: Sequence[Customer],
    *,
    has_next: bool,
    has_previous: bool = False,
) -> dict[str, Any]:
    """The `meta.cursor_pagination` of a part of the list; an empty one has no ends."""
    limit = sought.limit
    told: dict[str, Any] = {"count": len(items), "per_page": limit}
    if not items:
        return {**told, "links": {}}
    start = write_cursor(items[0], sought.order)
    end = write_cursor(items[-1], sought.order)
    links = {}
    if has_previous:
        links["previous"] = filters.link(limit, before=start)
    if has_next:
        links["next"] = filters.link(limit, after=end)
    return {**told, "start_cursor": start, "end_cursor": end, "links": links}


def shown(
    book: AddressBook, customers: Sequence[Customer], includes: frozenset[str]
) -> list[dict[str, Any]]:
    """The customers with what was asked for besides.

    Who has no shopper profile has no id of one.
    """
    addresses = held(book, customers) if "addresses" in includes else {}
    whole = encode_with_form_fields if "formfields" in includes else encode
    return [
        encode_with(
            customer,
            {
                **shown_addresses(includes, addresses.get(customer.id, ()), whole),
                **shown_others(includes, customer),
            },
        )
        for customer in customers
    ]


def held(book: AddressBook, customers: Sequence[Customer]) -> dict[int, list[Address]]:
    """The addresses of each customer."""
    found: dict[int, list[Address]] = {customer.id: [] for customer in customers}
    if found:
        theirs = Condition("customer_id", Op.IN, list(found))
        for address in book.find(Query(where=[theirs])).items:
            found[address.customer_id].append(address)
    return found


def shown_addresses(
    includes: frozenset[str],
    addresses: Sequence[Address],
    whole: Callable[[Address], dict[str, Any]],
) -> dict[str, Any]:
    """ "Array of customer addresses. Limited to 10", and how many there are in all."""
    if "addresses" not in includes:
        return {}
    few = addresses[:MOST_ADDRESSES]
    return {
        "address_count": len(addresses),
        "addresses": [whole(address) for address in few],
    }


def shown_others(includes: frozenset[str], customer: Customer) -> dict[str, Any]:
    """What else was asked for: of what is not imitated, what a new store has."""
    told: dict[str, Any] = {}
    if "attributes" in includes:
        told |= {"attribute_count": 0, "attributes": []}
    if "formfields" in includes:
        told["form_fields"] = form_fields_of(customer)
    if "segment_ids" in includes:
        told["segment_ids"] = []
    if "storecredit" in includes:
        told |= NO_CREDIT
    return told
