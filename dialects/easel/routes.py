"""The five address endpoints (source: the page "Customer Addresses API")."""

from flask import Response
from werkzeug.exceptions import MethodNotAllowed

from core import (
    Address,
    AddressBook,
    Changes,
    Invalid,
    NotFound,
    Problem,
    PublicId,
    Query,
    drafted,
)
from dialects.base import current_key, open_book
from dialects.current import request, these_globals
from dialects.easel.answers import answer
from dialects.easel.blueprint import blueprint
from dialects.easel.schemas import SHOWN, decode, encode, read, unlisted


@blueprint.get("/customers/<customer>/addresses", strict_slashes=False)
def list_customer_addresses(customer: PublicId) -> Response:
    with open_book(customer) as book:
        found = book.find(Query(), SHOWN)
    return answer({"addresses": [encode(address) for address in found.items]})


@blueprint.post("/customers/<customer>/addresses", strict_slashes=False)
def create_customer_address(customer: PublicId) -> Response:
    changes = decode(read(request.get_data()), None)
    with open_book(customer) as book:
        address = book.add_alone(drafted(listed(book, changes)))
    return written(address, 201)


@blueprint.get("/customers/<customer>/addresses/<address>")
def get_customer_address(customer: PublicId, address: PublicId) -> Response:
    with open_book(customer) as book:
        found = book.get(address, SHOWN)
    return answer(encode(found))


@blueprint.put("/customers/<customer>/addresses/<address>")
def update_customer_address(customer: PublicId, address: PublicId) -> Response:
    wire = read(request.get_data())
    with open_book(customer) as book:
        try:
            known = book.get(address)
        except NotFound:
            # The page lists the errors of the body before that of the address.
            decode(wire, None)
            raise
        changes = listed(book, decode(wire, known))
        [updated] = book.update_many([(known, changes)])
    return written(updated, 200)


@blueprint.delete("/customers/<customer>/addresses/<address>")
def delete_customer_address(customer: PublicId, address: PublicId) -> Response:
    with open_book(customer) as book:
        book.remove_many([book.get(address)])
    return Response(status=204)


@blueprint.route(
    "/customers//addresses",
    methods=["GET", "POST", "PUT", "DELETE"],
    strict_slashes=False,
)
@blueprint.route("/customers//addresses/<address>", methods=["GET", "PUT", "DELETE"])
def missing_customer_id(**_path: str) -> Response:
    raise Invalid([Problem("customer_id", "missing")])


@blueprint.route(
    "/customers/<customer>/addresses", methods=["PUT", "DELETE"], strict_slashes=False
)
def missing_address_id(customer: PublicId) -> Response:
    if request.path.endswith("/"):
        raise Invalid([Problem("address_id", "missing")])
    raise MethodNotAllowed(["GET", "HEAD", "POST"])


def listed(book: AddressBook, changes: Changes) -> Changes:
    """The changes; a country that is in no table is kept by its number alone.

    The country table is the store's own and unknown, unless the shop's is closed.
    """
    country = changes.get("country")
    if country is None or "easel" in current_key().shop.closed:
        return changes
    if book.places.known("country", country.id) is None:
        return unlisted(changes)
    return changes


def written(address: Address, status: int) -> Response:
    """The address as the store now has it, which may fail when the write did not."""
    these_globals().written = True
    with open_book(writes=False) as book:
        return answer(encode(book.get(address.id, SHOWN)), status)
