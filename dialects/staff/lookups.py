"""What a path and its query mean: one thing, or a page of them."""

from collections.abc import Callable
from typing import Any

from flask import Response
from werkzeug.exceptions import HTTPException

from core import (
    WHOLE,
    Address,
    AddressBook,
    Condition,
    Customer,
    Fields,
    Invalid,
    Listed,
    NotFound,
    Op,
    Page,
    Query,
)
from dialects.current import g
from dialects.staff import listings
from dialects.staff.filters import Listing
from dialects.staff.queries import FURTHEST, Window, envelope, number, window
from dialects.staff.responses import respond

Places = Callable[[Query], Page[Listed[Any]]]
Encode = Callable[[Listed[Any]], dict[str, Any]]


def addresses_query(book: AddressBook, customer: int, shown: Window) -> Query:
    """The customer's addresses that are asked for."""
    with customer_first(book, customer):
        return narrowed(listings.ADDRESSES, shown)


def narrowed(listing: Listing, shown: Window) -> Query:
    return Query(
        where=listing.where(g.arguments),
        order=listing.order(g.arguments),
        limit=min(shown.limit, FURTHEST),
        offset=min(shown.offset, FURTHEST),
    )


class customer_first:
    """What is wrong inside is told only of a customer who exists."""

    def __init__(self, book: AddressBook, ref: int) -> None:
        self._book = book
        self._ref = ref

    def __enter__(self) -> None:
        return

    def __exit__(self, _type: Any, error: BaseException | None, _trace: Any) -> None:
        if isinstance(error, (Invalid, HTTPException)):
            self._book.customer(self._ref)


def sought(
    book: AddressBook, customer: str, id: str, fields: Fields = WHOLE
) -> Address:
    """The address in the path, among those that the query lets through."""
    with customer_first(book, number(customer)):
        where = listings.ADDRESSES.where(g.arguments)
        ref = number(id)
    if not where:
        return book.get(ref, fields)
    found = book.find(Query(where=[named(ref), *where], limit=1), fields)
    if not found.items:
        raise NotFound("address", ref)
    return found.items[0]


def sought_customer(book: AddressBook, id: str) -> Customer:
    """The customer in the path, among those whom the query lets through."""
    where = listings.CUSTOMERS.where(g.arguments)
    ref = number(id)
    if not where:
        return book.customer(ref)
    found = book.customers(Query(where=[named(ref), *where]))
    if not found.items:
        raise NotFound("customer", ref)
    return found.items[0]


def named(ref: int) -> Condition:
    return Condition("id", Op.EQ, max(min(ref, FURTHEST), -FURTHEST))


def listed_places(listing: Listing, places: Places, encode: Encode) -> Response:
    """A page of a list of places."""
    shown = window(g.arguments)
    found = places(narrowed(listing, shown))
    results = [encode(place) for place in found.items]
    return respond(envelope(results, found.total, shown, g.arguments))


def place(
    id: str, kind: str, listing: Listing, places: Places, encode: Encode
) -> Response:
    """The place in the path, among those that the query lets through."""
    where = listing.where(g.arguments)
    ref = number(id)
    found = places(Query(where=[named(ref), *where], limit=1))
    if not found.items:
        raise NotFound(kind, ref)
    return respond(encode(found.items[0]))
