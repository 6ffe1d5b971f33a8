"""Between the V3 wire and the canonical customer (source: V3 reference, Customers).

What belongs to a part of the platform that is not imitated (passwords, store credit,
channels, attributes) is judged by its type, dropped, and shown as a new store has it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core import Changes, Customer, Invalid, Problem
from dialects.base import Wire
from dialects.bigcommerce.schemas import (
    NAME,
    form_fields,
    load,
    with_form_fields,
)

MOST_ADDRESSES = 10
""" "Array of customer addresses. Limited to 10." """


CUSTOMER_POST = "dialects.bigcommerce.forms:CUSTOMER_POST"
CUSTOMER_PUT = "dialects.bigcommerce.forms:CUSTOMER_PUT"
CANONICAL = {
    "email": "email",
    "first_name": "first_name",
    "last_name": "last_name",
    "company": "company",
    "phone": "phone",
    "notes": "note",
}
OWN: Mapping[str, Any] = {
    "tax_exempt_category": "",
    "customer_group_id": 0,
    "accepts_product_review_abandoned_cart_emails": False,
}
"""What this API alone has and a client may write, as a new customer has it."""
NO_CREDIT = {"store_credit_amounts": [{"amount": 0}]}


def decode_customer(wire: Wire, onto: Customer | None) -> Changes:
    """What an item says of a customer; absent keys keep their value.

    What a client sends back as it was shown is no change. Raises Invalid with every
    problem of the item.
    """
    said, problems = read_customer(wire, onto)
    if problems:
        raise Invalid(problems)
    return said


def read_customer(wire: Any, onto: Customer | None) -> tuple[Changes, list[Problem]]:
    """What an item says where it is sound, and what is wrong with the rest of it.

    An item that is no object was answered as one that lacks all that is required.
    """
    if onto is None:
        return read_by(CUSTOMER_POST, wire, {}, None)
    return read_update(wire, onto)


def read_update(wire: Any, onto: Customer | None) -> tuple[Changes, list[Problem]]:
    """The same of an item that changes a customer, who may not be there."""
    if onto is None:
        return read_by(CUSTOMER_PUT, wire, {}, None)
    shown = encode_customer(onto)
    kept = {name: shown[name] for name in (*CANONICAL, *OWN)}
    return read_by(CUSTOMER_PUT, wire, kept, onto)


def read_by(
    target: str, wire: Any, shown: Wire, onto: Customer | None
) -> tuple[Changes, list[Problem]]:
    sent = {
        name: value
        for name, value in (wire if isinstance(wire, dict) else {}).items()
        if name not in shown or not is_same(value, shown[name])
    }
    said, problems = load(target, sent)
    return changes(said, onto), [recorded(problem) for problem in problems]


def is_same(value: Any, shown: Any) -> bool:
    """Whether two values are one in JSON, where false is not 0."""
    return type(value) is type(shown) and bool(value == shown)


def recorded(problem: Problem) -> Problem:
    """A problem of types as it was recorded: without the number of the item."""
    if not problem.params.get("shape"):
        return problem
    params = {**problem.params, "key": problem.path}
    return Problem(problem.path, problem.code, params=params)


def changes(said: Wire, onto: Customer | None) -> Changes:
    """The canonical fields that an item changes."""
    made: dict[str, Any] = {
        CANONICAL[name]: value for name, value in said.items() if name in CANONICAL
    }
    extras = {} if onto is None else onto.extras
    if "form_fields" in said:
        extras = with_form_fields(onto, said["form_fields"])
    own = dict(extras.get(NAME, {}))
    for name in OWN.keys() & said.keys():
        own[name] = said[name]
    own = {name: value for name, value in own.items() if value != OWN.get(name, ...)}
    if "form_fields" in said or OWN.keys() & said.keys():
        others = {name: kept for name, kept in extras.items() if name != NAME}
        made["extras"] = {**others, NAME: own} if own else others
    return made


def encode_customer(customer: Customer) -> dict[str, Any]:
    """A customer as the answers to create and update show it."""
    return encode_with(customer, NO_CREDIT)


def encode_with(customer: Customer, more: Wire) -> dict[str, Any]:
    """A customer in the recorded order of keys, with what was asked for besides.

    The one channel is that of a new store's storefront.
    """
    own = {**OWN, **customer.extras.get(NAME, {})}
    return {
        "id": customer.id,
        "authentication": {"force_password_reset": False},
        "company": customer.company,
        "customer_group_id": own["customer_group_id"],
        "email": customer.email,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "notes": customer.note,
        "phone": customer.phone,
        "registration_ip_address": "",
        "tax_exempt_category": own["tax_exempt_category"],
        "date_created": date(customer.created_at),
        "date_modified": date(customer.updated_at),
        "accepts_product_review_abandoned_cart_emails": own[
            "accepts_product_review_abandoned_cart_emails"
        ],
        **more,
        "origin_channel_id": 1,
        "channel_ids": [1],
    }


def form_fields_of(customer: Customer) -> list[dict[str, Any]]:
    """The custom fields as `include=formfields` shows them."""
    kept = form_fields(customer.extras)
    return [{**field, "customer_id": customer.id} for field in kept]


def date(instant: datetime) -> str:
    """An instant to the second, in UTC: "2023-01-30T00:49:10Z"."""
    utc = instant.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="seconds") + "Z"
