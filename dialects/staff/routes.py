"""A customer's addresses, the places they are in, signing in.

A view's steps are decode, call, encode. Who names a customer that does not exist hears
of that first, whatever else is wrong.
"""

from collections.abc import Iterator
from dataclasses import replace

from flask import Response
from werkzeug.exceptions import HTTPException, TooManyRequests

from core import (
    Address,
    AddressBook,
    AddressError,
    Changes,
    Invalid,
    Keyring,
    Problem,
    drafted,
)
from dialects.attempts import seconds_to_wait
from dialects.base import Wire, current_store, open_book, quirk
from dialects.current import g, request
from dialects.staff import bodies, listings, metadata
from dialects.staff.lookups import (
    addresses_query,
    customer_first,
    listed_places,
    place,
    sought,
)
from dialects.staff.metadata import ADDRESS_FIELDS
from dialects.staff.queries import envelope, number, window
from dialects.staff.responses import respond
from dialects.staff.routing import View, route
from dialects.staff.schemas import (
    CANONICAL,
    NAME,
    PLACES,
    SHOWN,
    Rejected,
    decode,
    encode,
    encode_city,
    encode_country,
    encode_state,
)
from dialects.staff.signing_in import decode_sign_in

ADDRESSES = "/customers/<staff_id:customer>/addresses"
ADDRESS = f"{ADDRESSES}/<staff_id:id>"
SIGN_IN = "/users/auth/pwd/signin"


@route(ADDRESSES, "GET")
def list_customer_addresses(customer: str) -> Response:
    ref = number(customer)
    shown = window(g.arguments)
    with open_book(ref) as book:
        found = book.find(addresses_query(book, ref, shown), SHOWN)
    results = [encode(address) for address in found.items]
    return respond(envelope(results, found.total, shown, g.arguments))


@route(ADDRESSES, "POST")
def create_customer_address(customer: str) -> Response:
    ref = number(customer)
    request.get_data()
    with open_book(ref) as book:
        with customer_first(book, ref):
            wire = bodies.read(whole=False)
            draft = drafted(decoded(book, wire, None))
        try:
            address = book.add_alone(draft)
        except Invalid as invalid:
            raise as_sent(invalid, wire) from None
    return respond(encode(address), 201)


@route(ADDRESS, "GET")
def retrieve_customer_address(customer: str, id: str) -> Response:
    with open_book(number(customer)) as book:
        address = sought(book, customer, id, SHOWN)
    return respond(encode(address))


@route(ADDRESS, "PUT", "PATCH")
def update_customer_address(customer: str, id: str) -> Response:
    whole = request.method == "PUT"
    ref = number(customer)
    request.get_data()
    with open_book(ref) as book:
        address = sought(book, customer, id)
        wire = bodies.read(whole=whole)
        changes = decoded(book, wire, address, whole=whole)
        try:
            [updated] = book.update_many([(address, changes)])
        except Invalid as invalid:
            raise as_sent(invalid, wire) from None
    return respond(encode(updated))


@route(ADDRESS, "DELETE")
def delete_customer_address(customer: str, id: str) -> Response:
    with open_book(number(customer)) as book:
        book.remove_many([sought(book, customer, id)])
    return respond(None, 204)


@route("/locations/countries", "GET")
def list_countries() -> Response:
    with open_book() as book:
        return listed_places(listings.COUNTRIES, book.places.countries, encode_country)


@route("/locations/countries/<staff_id:id>", "GET")
def retrieve_country(id: str) -> Response:
    with open_book() as book:
        places = book.places.countries
        return place(id, "country", listings.COUNTRIES, places, encode_country)


@route("/locations/states", "GET")
def list_states() -> Response:
    with open_book() as book:
        return listed_places(listings.STATES, book.places.regions, encode_state)


@route("/locations/states/<staff_id:id>", "GET")
def retrieve_state(id: str) -> Response:
    with open_book() as book:
        places = book.places.regions
        return place(id, "region", listings.STATES, places, encode_state)


@route("/locations/cities", "GET")
def list_cities() -> Response:
    with open_book() as book:
        return listed_places(listings.CITIES, book.places.cities, encode_city)


@route("/locations/cities/<staff_id:id>", "GET")
def retrieve_city(id: str) -> Response:
    with open_book() as book:
        return place(id, "city", listings.CITIES, book.places.cities, encode_city)


@route(SIGN_IN, "POST")
def sign_in() -> Response:
    wire = bodies.read(whole=False, parsers=bodies.FORM_FIRST)
    username, password = decode_sign_in(wire)
    seconds = seconds_to_wait(
        NAME, username, request.remote_addr, limit=quirk(NAME, "sign_in_attempts")
    )
    if seconds:
        raise TooManyRequests(retry_after=seconds)
    token = Keyring.sign_in(current_store().keys, NAME, username, password)
    if token is None:
        raise Invalid([Problem("", "credentials")])
    return respond({"token": token})


@route(SIGN_IN, "OPTIONS")
def describe_sign_in() -> Response:
    return respond(metadata.described_sign_in())


@route(ADDRESSES, "OPTIONS")
def describe_customer_addresses(customer: str) -> Response:
    return respond(metadata.described("Customer Address List", POST=ADDRESS_FIELDS))


@route(ADDRESS, "OPTIONS")
def describe_customer_address(customer: str, id: str) -> Response:
    """Only an address that is there can be written to."""
    name = "Customer Address Instance"
    try:
        with open_book(number(customer)) as book:
            sought(book, customer, id)
    except (AddressError, HTTPException):
        return respond(metadata.described(name))
    return respond(metadata.described(name, PUT=ADDRESS_FIELDS))


def describe(name: str) -> View:
    """A view that tells what a list, or one thing of it, is."""
    return lambda **_path: respond(metadata.described(name))


for kind, name in (("countries", "Country"), ("states", "State"), ("cities", "City")):
    for rule, what in (("", "List"), ("/<staff_id:id>", "Instance")):
        view = describe(f"{name} {what}")
        view.__name__ = f"describe_{name.lower()}_{what.lower()}"
        route(f"/locations/{kind}{rule}", "OPTIONS")(view)


def decoded(
    book: AddressBook, wire: Wire, onto: Address | None, *, whole: bool = False
) -> Changes:
    """The changes. Numbers of no place are told with what else is wrong.

    If nothing else is, the book finds them.
    """
    try:
        return decode(wire, onto, whole=whole)
    except Rejected as rejected:
        problems = [*rejected.problems, *unknown(book, wire, rejected.changes)]
        order = [*CANONICAL.values()]
        raise Invalid(sorted(problems, key=lambda p: order.index(p.path))) from None


def unknown(book: AddressBook, wire: Wire, changes: Changes) -> Iterator[Problem]:
    for name in PLACES:
        kind = CANONICAL[name]
        if kind in changes and not book.places.known(kind, changes[kind].id):
            yield Problem(kind, "unknown", params={"value": wire[name]})


def as_sent(invalid: Invalid, wire: Wire) -> Invalid:
    """The same, where a number that means nothing is as the client wrote it."""
    sent = {CANONICAL[name]: wire[name] for name in PLACES if name in wire}
    return Invalid(
        [
            replace(problem, params={"value": sent[problem.path]})
            if problem.code == "unknown" and problem.path in sent
            else problem
            for problem in invalid.problems
        ]
    )
