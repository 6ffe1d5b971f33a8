"""Between Staff's wire and the canonical customer (source: "Create Customer")."""

from typing import Any

from core import Changes, Customer, Invalid
from dialects.base import Wire
from dialects.loading import Unsound, form
from dialects.staff.schemas import NAME, blanked, instant, is_shown, told

BODY = "dialects.staff.forms:CUSTOMER"
CANONICAL = {
    "first_name": "first_name",
    "last_name": "last_name",
    "email": "email",
    "mobile_number": "phone",
    "national_code": "national_id",
    "birth_date": "birth_date",
    "gender": "gender",
    "notes": "note",
    "is_active": "is_active",
}
"""The canonical field that each of ours is about, in the order of the schema."""

# "Update Customer" takes it, "Create Customer" does not.
OF_UPDATES = {"is_active"}
NOT_TEXTS = {"birth_date", "gender", "is_active"}


def decode_customer(wire: Wire, onto: Customer | None) -> Changes:
    """What a body says of a new customer, or of parts of a known one.

    What a client sends back as it was shown is no change. Raises Invalid.
    """
    shown = {} if onto is None else encode_customer(onto)
    said = {
        name: wire[name]
        for name in CANONICAL
        if name in wire and not is_shown(wire[name], shown, name)
    }
    if onto is None:
        said = {name: said[name] for name in said if name not in OF_UPDATES}
    try:
        loaded = form(BODY).read(said)
    except Unsound as unsound:
        raise Invalid(told(unsound)) from None
    changed = {n: value for n, value in loaded.items() if not is_shown(value, shown, n)}
    return canonical(changed, onto)


def canonical(loaded: Wire, onto: Customer | None) -> Changes:
    """What the fields say of the canonical ones."""
    return {
        CANONICAL[name]: value if name in NOT_TEXTS else value or ""
        for name, value in loaded.items()
    } | blanked(loaded, {} if onto is None else onto.extras)


def encode_customer(customer: Customer) -> dict[str, Any]:
    """The response's fields, in the order of the page "Retrieve Customer".

    Empty text is null, unless a client of this API wrote it as "": our extras say so.
    Nobody logs in, completes a profile or orders here, so these fields are those of a
    customer who never did.
    """
    blank = customer.extras.get(NAME, {})
    born, gender = customer.birth_date, customer.gender
    return {
        "id": customer.id,
        "first_name": customer.first_name or blank.get("first_name"),
        "last_name": customer.last_name or blank.get("last_name"),
        "email": customer.email or blank.get("email"),
        "mobile_number": customer.phone or blank.get("mobile_number"),
        "national_code": customer.national_id or blank.get("national_code"),
        "birth_date": born.isoformat() if born else None,
        "gender": gender.value if gender else blank.get("gender"),
        "notes": customer.note or blank.get("notes"),
        "is_active": customer.is_active,
        "is_profile_completed": False,
        "date_joined": instant(customer.created_at),
        "last_login": None,
        "total_orders": 0,
        "total_spent": "0.00",
    }
