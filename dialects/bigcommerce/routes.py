"""The operations on customers and on their addresses (source: V3 reference)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Response

from core import Address, Condition, Customer, Op, Query
from dialects.base import Wire, open_book, quirk
from dialects.bigcommerce import (
    customer_lists,
    customer_writing,
    filters,
    writing,
)
from dialects.bigcommerce.admission import guarded
from dialects.bigcommerce.customer_filters import KNOWN, sought
from dialects.bigcommerce.customer_schemas import (
    NO_CREDIT,
    encode_with,
    form_fields_of,
)
from dialects.bigcommerce.messages import envelope, items, nothing
from dialects.bigcommerce.schemas import SHOWN, encode, encode_with_form_fields

View = Callable[[], Response]

CUSTOMERS = "/customers"
ADDRESSES = ("/customers/addresses", "/customers//addresses")
"""One client library sends two slashes."""

MOST_CUSTOMERS = 10
""" "The maximum number of items allowed in the array is 10." """

blueprint = guarded("bigcommerce")


def route(method: str, *paths: str) -> Callable[[View], View]:
    """Register a view under every spelling of its path; a slash may end it."""

    def register(view: View) -> View:
        for path in paths:
            blueprint.add_url_rule(
                path, view_func=view, methods=[method], strict_slashes=False
            )
        return view

    return register


@route("GET", CUSTOMERS)
def get_customers() -> Response:
    wanted = sought(filters.parameters(*KNOWN))
    with open_book(large=True) as book:
        found = customer_lists.listed(book, wanted)
        data = customer_lists.shown(book, found.customers, wanted.includes)
    return customers_envelope(data, found.meta)


@route("POST", CUSTOMERS)
def create_customers() -> Response:
    """New customers; who came with addresses is shown with them."""
    wanted = items(MOST_CUSTOMERS)
    with open_book() as book:
        created, addresses = customer_writing.create(book, wanted)
    data = [
        written_customer(customer, addresses.get(n, ()))
        for n, customer in enumerate(created)
    ]
    return customers_envelope(data, {})


@route("PUT", CUSTOMERS)
def update_customers() -> Response:
    wanted = items(MOST_CUSTOMERS)
    with open_book() as book:
        updated = customer_writing.update(book, wanted)
    return customers_envelope([written_customer(one) for one in updated], {})


@route("DELETE", CUSTOMERS)
def delete_customers() -> Response:
    """ "If not provided, a 204 is returned, with no changes to the data"."""
    ids = filters.numbers(filters.parameters("id:in"), "id:in")
    if ids:
        with open_book() as book:
            gone = book.customers(Query(where=[Condition("id", Op.IN, ids)]))
            book.remove_customers(gone.items)
    return nothing()


def customers_envelope(data: Sequence[Wire], meta: Mapping[str, Any]) -> Response:
    """The envelope of customers: with no channels they are at home in all."""
    if quirk("bigcommerce", "null_channel_ids"):
        data = [{**customer, "channel_ids": None} for customer in data]
    return envelope(data, meta)


def written_customer(
    customer: Customer, addresses: Sequence[Address] = ()
) -> dict[str, Any]:
    """A customer who was written, with the addresses that came along."""
    echoes = quirk("bigcommerce", "echo_form_fields")
    shown = encode_with_form_fields if echoes else encode
    more: dict[str, Any] = {}
    if addresses:
        more["addresses"] = [shown(address) for address in addresses]
    if echoes:
        more["form_fields"] = form_fields_of(customer)
    return encode_with(customer, {**more, **NO_CREDIT})


@route("GET", *ADDRESSES)
def get_customers_addresses() -> Response:
    given = filters.parameters("page", "limit", "include", *filters.FILTERS)
    sought = filters.query(given)
    includes = filters.includes_form_fields(given)
    shown = encode_with_form_fields if includes else encode
    with open_book(large=True) as book:
        found = book.find(sought, (*SHOWN, "extras") if includes else SHOWN)
    data = [shown(address) for address in found.items]
    return envelope(data, {"pagination": filters.pagination(sought, found)})


@route("POST", *ADDRESSES)
def create_customers_addresses() -> Response:
    wanted = items(quirk("bigcommerce", "batch_limit"))
    with open_book() as book:
        return written(*writing.create(book, wanted))


@route("PUT", *ADDRESSES)
def update_customers_addresses() -> Response:
    wanted = items(quirk("bigcommerce", "batch_limit"))
    with open_book() as book:
        return written(*writing.update(book, wanted))


@route("DELETE", *ADDRESSES)
def delete_customers_addresses() -> Response:
    ids = filters.members(filters.parameters("id:in"), "id:in")
    if ids:
        with open_book() as book:
            found = book.find(Query(where=[Condition("id", Op.IN, ids)]))
            book.remove_many(found.items)
    # "If not provided, a 204 is returned, with no changes to the data" (customers).
    return nothing()


def written(addresses: Sequence[Address], equal: Mapping[int, Address]) -> Response:
    """What was written; an item that equals an address is absent, and nothing more."""
    echoes = quirk("bigcommerce", "echo_form_fields")
    shown = encode_with_form_fields if echoes else encode
    if equal and not addresses and quirk("bigcommerce", "empty_duplicate_body"):
        response = Response(b"{}", content_type="application/json")
    else:
        response = envelope([shown(address) for address in addresses], {})
    if equal and quirk("bigcommerce", "tell_duplicates"):
        response.headers["X-Duplicates"] = writing.listed(equal)
    return response
