"""Between Easel's wire and the canonical customer (source: "Customers API")."""

from typing import Any

from core import Changes, Customer
from dialects.base import Wire
from dialects.easel.schemas import (
    changed_names,
    require,
    timestamp,
    typed,
)

REQUIRED = ("first_name", "last_name")


BODY = "dialects.easel.forms:CUSTOMER"


def decode_customer(wire: Wire, onto: Customer | None) -> Changes:
    """What a body says of a customer; PUT replaces the whole of what can be seen.

    What a client sends back as it was shown is no change, whatever it is. Raises
    Invalid: "type", or "missing" for the first field that is.
    """
    said = typed(wire, BODY)
    shown = {} if onto is None else encode_customer(onto)
    require(REQUIRED, wire, said, shown)
    changed = changed_names(said, shown)
    return {name: said[name] for name in said if name in changed}


def encode_customer(customer: Customer) -> dict[str, Any]:
    """A customer as the page's samples are, in their order of keys."""
    return {
        "id": customer.public_id,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "email": customer.email,
        "phone": customer.phone or None,
        "created_at": timestamp(customer.created_at),
        "updated_at": timestamp(customer.updated_at),
    }
