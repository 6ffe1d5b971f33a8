"""The four customer endpoints (source: the page "Customers API")."""

import re
from collections.abc import Sequence

from flask import Response
from werkzeug.exceptions import MethodNotAllowed

from core import (
    Condition,
    Customer,
    CustomerDraft,
    Invalid,
    NotFound,
    Op,
    Problem,
    PublicId,
    Query,
    contained,
    email_key,
)
from dialects.base import open_book
from dialects.current import g, request
from dialects.easel.answers import answer
from dialects.easel.blueprint import blueprint
from dialects.easel.customer_schemas import decode_customer, encode_customer
from dialects.easel.schemas import read

PAGE_SIZE = 50
"""How many customers a page has; none of the site's pages says."""

INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
SMALLEST, LARGEST = -(2**63), 2**63 - 1
"""The integers of 64 bits, as in a body."""


@blueprint.get("/customers", strict_slashes=False)
def list_customers() -> Response:
    after = cursor(request.args.get("after", ""))
    where = conditions(
        request.args.get("email", ""), request.args.get("search", ""), after
    )
    # One more tells whether there are more, and nothing needs counting.
    query = Query(where=where, limit=PAGE_SIZE + 1, counted=False)
    with open_book(large=True) as book:
        found = book.customers(query).items
    shown = found[:PAGE_SIZE]
    customers = [encode_customer(customer) for customer in shown]
    has_more = len(found) > PAGE_SIZE
    return answer(
        {
            "customers": customers,
            "pagination": pagination(shown, after, has_more=has_more),
        }
    )


@blueprint.post("/customers", strict_slashes=False)
def create_customer() -> Response:
    changes = decode_customer(read(request.get_data()), None)
    with open_book() as book:
        customer = book.add_customer(CustomerDraft(**changes))
    return written_customer(customer, 201)


@blueprint.get("/customers/<customer>", strict_slashes=False)
def get_customer(customer: PublicId) -> Response:
    with open_book() as book:
        found = book.customer(customer)
    return answer(encode_customer(found))


@blueprint.put("/customers/<customer>", strict_slashes=False)
def update_customer(customer: PublicId) -> Response:
    wire = read(request.get_data())
    with open_book() as book:
        try:
            known = book.customer(customer)
        except NotFound:
            # As of an address: the errors of the body come before that of the customer.
            decode_customer(wire, None)
            raise
        changes = decode_customer(wire, known)
        [updated] = book.update_customers([(known, changes)])
    return written_customer(updated, 200)


@blueprint.put("/customers", strict_slashes=False)
def missing_id() -> Response:
    if request.path.endswith("/"):
        raise Invalid([Problem("customer_id", "missing")])
    raise MethodNotAllowed(["GET", "HEAD", "POST"])


def cursor(text: str) -> int | None:
    """The number after which the page begins: "after integer". Raises Invalid."""
    if not text:
        return None
    if not INTEGER.fullmatch(text) or not SMALLEST <= int(text) <= LARGEST:
        raise Invalid([Problem("after", "cursor")])
    return int(text)


def conditions(email: str, search: str, after: int | None) -> list[Condition]:
    """Whom the parameters let through; an empty one narrows nothing."""
    where = []
    if after is not None:
        where.append(Condition("id", Op.GT, after))
    if email:
        where.append(Condition("email_key", Op.EQ, email_key(email)))
    if search:
        where.append(Condition(("name", "email"), Op.CONTAINS, contained(search)))
    return where


def pagination(
    shown: Sequence[Customer], after: int | None, *, has_more: bool
) -> dict[str, object]:
    """The object beside the list; the cursor is the number of the last on the page."""
    return {
        "has_next_page": has_more,
        "has_previous_page": after is not None and after > 0,
        "next_cursor": shown[-1].id if has_more else None,
    }


def written_customer(customer: Customer, status: int) -> Response:
    """The customer as the store now has it, which may fail when the write did not."""
    g.written = True
    with open_book(writes=False) as book:
        found = book.customer(PublicId(customer.public_id))
    return answer(encode_customer(found), status)
