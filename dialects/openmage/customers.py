"""The resource "customer": those of the shop, and one alone.

Source: OpenMage 20.18, and observed.
"""

from collections.abc import Mapping, Set
from dataclasses import replace
from secrets import token_hex
from typing import Any

from flask import Response

from core import (
    AddressBook,
    Changes,
    Condition,
    Customer,
    CustomerDraft,
    Invalid,
    NotFound,
    Op,
    Query,
    email_key,
)
from dialects.base import Wire, current_key, open_book
from dialects.current import request
from dialects.openmage.access import user_type
from dialects.openmage.addresses import body, done, number_of, only, sent, shown
from dialects.openmage.conditions import Condition as Said
from dialects.openmage.conditions import Unusable, condition
from dialects.openmage.customer_attributes import (
    KINDS,
    readable,
    sortable,
    writable,
)
from dialects.openmage.customer_lists import Wanted, found_customers
from dialects.openmage.customer_schemas import (
    decode,
    encode,
    own_values,
    with_emptied,
    with_values,
)
from dialects.openmage.customer_validation import problems_of
from dialects.openmage.errors import (
    EMAIL_EXISTS,
    FILTERING,
    NO_DATA,
    NO_EMAIL,
    NO_ID,
    NOT_IMPLEMENTED,
    NOT_SUPPORTED,
    UNHANDLED,
    Crash,
    Item,
    Refused,
)
from dialects.openmage.parameters import Parameters, shown_attributes
from dialects.openmage.php import is_true
from dialects.openmage.schemas import stored

CREATED_IN = "Admin"
"""Where an administrator's customers were made."""

NOT_STORED = frozenset({"confirmation", "website_id"})
"""Attributes of a body that do not change a customer."""


def list_customers() -> Response:
    """A page of the customers, under their numbers; a customer sees one alone."""
    parameters = Parameters()
    known = readable(user_type())
    wanted = wanted_of(parameters)
    with open_book(large=True) as book:
        found = found_customers(book, wanted)
    if not found:
        return shown([])
    names = shown_attributes(parameters, known)
    return shown({row["entity_id"]: only(row, names) or [] for row in found})


def wanted_of(parameters: Parameters) -> Wanted:
    """What the parameters ask for. Raises Refused, Crash."""
    page, limit = parameters.page(), parameters.limit()
    order = parameters.order(sortable(user_type()))
    is_ascending = order is not None and parameters.is_ascending()
    filters = parameters.filters(readable(user_type()) & KINDS.keys())
    return Wanted(
        page=page,
        limit=limit,
        order=order,
        is_ascending=is_ascending,
        filters=[condition_of(entry) for entry in filters],
    )


def condition_of(entry: Any) -> tuple[str, Said]:
    """The attribute of a filter, and what is to hold. Raises Crash."""
    rest = {name: value for name, value in entry.items() if name != "attribute"}
    try:
        return entry["attribute"], condition(rest)
    except Unusable as error:
        raise Crash(FILTERING) from error


def retrieve_customer(customer_id: str) -> Response:
    """One customer."""
    with open_book() as book:
        customer = book.customer(own_number(customer_id))
    names = shown_attributes(Parameters(), readable(user_type()))
    return shown(only(encode(customer), names) or [])


def create_customer() -> Response:
    """A new customer: 200 without a body, and where it lies."""
    wire = body(NOT_IMPLEMENTED, writable(user_type()))
    problems = problems_of(wire, None)
    if problems:
        raise Invalid(problems)
    own = {"created_in": CREATED_IN, "confirmation": token_hex(16)}
    said = dict(decode(wire, None))
    extras = with_emptied(with_values(said.pop("extras", {}), own), wire)
    draft = CustomerDraft(**said, extras=extras)
    others = elsewhere(websites_with(draft.email), draft)
    with open_book() as book:
        refuse_email(book, draft, others, NO_ID)
        customer = book.add_customer(draft)
    root = str(request.url_rule).partition("/<")[0]
    response = done()
    response.headers["Location"] = f"{root}/customers/{customer.id}"
    return response


def update_customer(customer_id: str) -> Response:
    """Change what the body names; who stays as before has no new `updated_at`."""
    wire = body(NO_DATA, writable(user_type()))
    websites = websites_with(stored(wire.get("email")))
    with open_book() as book:
        customer = book.customer(own_number(customer_id))
        problems = problems_of(wire, customer)
        if problems:
            raise Invalid(problems)
        if wire.keys() <= NOT_STORED:
            return done()
        changes = changes_of(wire, customer)
        if "email" in changes:
            others = {customer.id, *elsewhere(websites, customer)}
            refuse_email(book, replace(customer, **changes), others, UNHANDLED)
        book.update_customers([(customer, changes)])
    return done()


def changes_of(wire: Wire, customer: Customer) -> Changes:
    """What a body changes; what was null before is not any more."""
    said = dict(decode(wire, customer))
    extras = said.get("extras", customer.extras)
    return {**said, "extras": with_emptied(extras, wire)}


def delete_customer(customer_id: str) -> Response:
    """Remove a customer, with all addresses."""
    with open_book() as book:
        book.remove_customers([book.customer(number_of(customer_id))])
    return done()


def update_customers() -> Response:
    """Refused to everyone; a customer's body is read first (OpenMage 20.18)."""
    if user_type() == "customer":
        sent()
        raise Refused(NOT_SUPPORTED)
    raise Refused(NOT_IMPLEMENTED)


def own_number(id: str) -> int:
    """The number in a path; a customer's own is written exactly so. Raises NotFound."""
    if user_type() == "customer" and id != str(current_key().customer_id):
        raise NotFound("customer", id)
    return number_of(id)


def websites_with(email: str) -> Mapping[int, Any]:
    """The websites of those who have an e-mail, which never change."""
    if not email:
        return {}
    where = [Condition("email_key", Op.EQ, email_key(email))]
    with open_book(writes=False) as book:
        found = book.customers(Query(where=where)).items
    return {one.id: own_values(one)["website_id"] for one in found}


def refuse_email(
    book: AddressBook, draft: CustomerDraft, elsewhere: Set[int], closing: Item
) -> None:
    """Raise Refused for an e-mail that is false to PHP, or another's on the website."""
    if not is_true(draft.email):
        raise Refused(NO_EMAIL, closing)
    if set(book.with_email([draft.email])[draft.email]) - elsewhere:
        raise Refused(EMAIL_EXISTS, closing)


def elsewhere(websites: Mapping[int, Any], draft: CustomerDraft) -> Set[int]:
    """Those who are on another website than the customer."""
    own = own_values(draft)["website_id"]
    return {id for id, website in websites.items() if website != own}
