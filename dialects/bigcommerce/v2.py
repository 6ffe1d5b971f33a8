"""Customer addresses of the deprecated V2, below a customer, one a call.

Source: V2 reference, "Customer Addresses". The official libraries of Python, PHP and
Ruby speak no other. Some libraries ask for the addresses of all customers, too, which
the reference does not have.
"""

from typing import Any

import orjson
from flask import Response

from core import AddressBook, Draft, Query, altered, drafted
from dialects.base import open_book, quirk
from dialects.bigcommerce.admission import guarded
from dialects.bigcommerce.filters import page_size, positive
from dialects.bigcommerce.messages import nothing, parsed
from dialects.bigcommerce.schemas import SHOWN
from dialects.bigcommerce.v2_schemas import decode, encode
from dialects.bigcommerce.writing import require_none, state_codes
from dialects.current import request

ROOT = "/stores/<store_hash>/v2"
OF_ALL = "/customers/addresses"
OF_ONE = "/customers/<int:customer_id>/addresses"
ADDRESS = f"{OF_ONE}/<int:id>"

blueprint = guarded("bigcommerce_v2")


@blueprint.get(OF_ALL, strict_slashes=False)
def get_all_addresses() -> Response:
    return listed(None)


@blueprint.get(OF_ONE, strict_slashes=False)
def get_customer_addresses(customer_id: int) -> Response:
    return listed(customer_id)


@blueprint.post(OF_ONE, strict_slashes=False)
def create_customer_address(customer_id: int) -> Response:
    """A new address; unlike V3 it may equal another one."""
    with open_book(customer_id) as book:
        book.customer(customer_id)
        draft = drafted({**decode(parsed(), None), "customer_id": customer_id})
        require_names(book, draft)
        [address] = book.add_many([draft])
    return answer(encode(address), status=created_status())


@blueprint.delete(OF_ONE, strict_slashes=False)
def delete_customer_addresses(customer_id: int) -> Response:
    """ "By default, it deletes all"; else a page."""
    is_page = not request.args.keys().isdisjoint({"page", "limit"})
    gone = asked_page() if is_page else Query()
    with open_book(customer_id) as book:
        book.remove_many(book.find(gone).items)
    return nothing()


@blueprint.get(f"{OF_ALL}/count", strict_slashes=False)
def get_all_addresses_count() -> Response:
    return counted(None)


@blueprint.get(f"{OF_ONE}/count", strict_slashes=False)
def get_customer_addresses_count(customer_id: int) -> Response:
    return counted(customer_id)


@blueprint.get(ADDRESS, strict_slashes=False)
def get_customer_address(customer_id: int, id: int) -> Response:
    with open_book(customer_id) as book:
        return answer(encode(book.get(id, SHOWN)))


@blueprint.put(ADDRESS, strict_slashes=False)
def update_customer_address(customer_id: int, id: int) -> Response:
    with open_book(customer_id) as book:
        held = book.get(id)
        said = decode(parsed(), held)
        require_names(book, altered(held, **said))
        [address] = book.update_many([(held, said)])
    return answer(encode(address))


@blueprint.delete(ADDRESS, strict_slashes=False)
def delete_customer_address(customer_id: int, id: int) -> Response:
    with open_book(customer_id) as book:
        book.remove_many([book.get(id)])
    return nothing()


def require_names(book: AddressBook, draft: Draft) -> None:
    """ "Do not abbreviate the state". Raises Invalid."""
    require_none(state_codes(book, {0: draft}, []))


def listed(customer_id: int | None) -> Response:
    """A page of addresses, or 204 where there are none."""
    page = asked_page()
    with open_book(customer_id) as book:
        found = book.find(page, SHOWN).items
    return answer([encode(address) for address in found]) if found else nothing()


def counted(customer_id: int | None) -> Response:
    with open_book(customer_id) as book:
        found = book.find(Query(limit=0))
    return answer({"count": found.total})


def asked_page() -> Query:
    """The page that is asked for; other parameters do not matter. Raises BadQuery."""
    given = request.args.to_dict(flat=False)
    limit, page = page_size(given), positive(given, "page", 1)
    return Query(offset=(page - 1) * limit, limit=limit, counted=False)


def created_status() -> int:
    """The page of the operation has 200, the one on status codes 201."""
    return 200 if quirk("bigcommerce", "v2_create_answers_200") else 201


def answer(said: Any, *, status: int = 200) -> Response:
    """Every successful answer that says something."""
    return Response(orjson.dumps(said), status=status, content_type="application/json")
