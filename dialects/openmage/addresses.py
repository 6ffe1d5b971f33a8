"""The resource "customer_address": a customer's addresses, and one by itself.

Source: the page "REST API: Customer Addresses"; where it is silent, OpenMage, observed.
"""

from collections.abc import Mapping, Set
from typing import Any

from flask import Response

from core import Invalid, NotFound, Query, drafted
from dialects.answers import Answer
from dialects.base import open_book
from dialects.current import request, these_globals
from dialects.openmage.access import user_type
from dialects.openmage.attributes import DEFAULTS, readable, sortable, writable
from dialects.openmage.errors import (
    HTML,
    IS_DEFAULT,
    NO_DATA,
    NOT_IMPLEMENTED,
    Crash,
    Item,
    Refused,
)
from dialects.openmage.parameters import Parameters, shown_attributes
from dialects.openmage.php import leading_integer
from dialects.openmage.quirks import chosen
from dialects.openmage.schemas import decode, encode, listed, with_nulls
from dialects.openmage.validation import problems_of
from dialects.openmage.wire import BadBody, Format, decoded


def list_addresses(customer_id: str) -> Response:
    """All addresses of a customer; the parameters are checked and change nothing."""
    parameters = Parameters()
    known = readable(user_type())
    order = "-id" if chosen("newest_first") else "id"
    with open_book(number_of(customer_id)) as book:
        found = book.find(Query(order=[order])).items
    parameters.page()
    parameters.limit()
    parameters.order(sortable(user_type()))
    parameters.filters(known - DEFAULTS.keys())
    if not found:
        return shown([])
    names = shown_attributes(parameters, known)
    return shown([only(listed(address), names) or [] for address in found])


def retrieve_address(address_id: str) -> Response:
    """One address."""
    with open_book() as book:
        address = book.get(number_of(address_id))
    names = shown_attributes(Parameters(), readable(user_type()))
    return shown(only(encode(address), names) or [])


def create_address(customer_id: str) -> Response:
    """A new address: 200 without a body, and where it lies."""
    wire = body(NOT_IMPLEMENTED, writable(user_type()))
    with open_book(number_of(customer_id)) as book:
        problems = problems_of(wire, None)
        if problems:
            # An unknown customer is told before what is wrong with the body.
            book.customer(number_of(customer_id))
            raise Invalid(problems)
        said = dict(decode(wire, None))
        said["extras"] = with_nulls(said.get("extras", {}), wire)
        draft = drafted({**said, "customer_id": number_of(customer_id)})
        address = book.add_alone(draft)
    root = str(request.url_rule).partition("/<")[0]
    response = done()
    response.headers["Location"] = f"{root}/customers/addresses/{address.id}"
    return response


def update_address(address_id: str) -> Response:
    """Change what the body names."""
    wire = body(NO_DATA, writable(user_type()))
    with open_book() as book:
        address = book.get(number_of(address_id))
        problems = problems_of(wire, address)
        if problems:
            raise Invalid(problems)
        said = dict(decode(wire, address))
        said["extras"] = with_nulls(said.get("extras", address.extras), wire)
        book.update_many([(address, said)])
    return done()


def delete_address(address_id: str) -> Response:
    """Remove an address that is no default (the page's table of status codes)."""
    with open_book() as book:
        address = book.get(number_of(address_id))
        if address.default_billing or address.default_shipping:
            raise Refused(IS_DEFAULT)
        book.remove_many([address])
    return done()


def number_of(id: str) -> int:
    """An id as its database compares it. Raises NotFound for what equals no number."""
    number = leading_integer(id)
    if number is None or number <= 0:
        raise NotFound("address", id)
    return number


def body(several: Item, allowed: Set[str]) -> Mapping[str, Any]:
    """What the body says that is allowed.

    Raises Crash, and Refused: with `several` for a list, or when nothing is left.
    """
    found = sent()
    if not isinstance(found, dict):
        raise Refused(several)
    wire = {name: value for name, value in found.items() if name in allowed}
    if not wire:
        raise Refused(NO_DATA)
    return wire


def sent() -> Any:
    """What the body of the request was decoded to. Raises Crash, Refused."""
    try:
        return decoded(request.headers.get("Content-Type"), request.get_data())
    except BadBody as error:
        if error.status == 500:
            raise Crash(NO_DATA) from error
        raise Refused((error.status, error.message)) from error


def only(wire: Mapping[str, Any], names: Set[str]) -> dict[str, Any]:
    """The attributes that are named."""
    return {name: value for name, value in wire.items() if name in names}


def shown(value: Any) -> Response:
    """An answer in the format that the client accepts."""
    format: Format = these_globals().format
    return Answer(format.render(value), content_type=format.content_type)


def done() -> Response:
    """Success, about which nothing more is said."""
    return Response(b"", content_type=HTML)
