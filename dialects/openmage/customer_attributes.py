"""The attributes of a customer: names, labels, rules, and who may use them.

Source: the default installation of OpenMage 20.18, and observed.
"""

from collections.abc import Mapping, Set
from typing import NamedTuple

from dialects.openmage.attributes import allowed
from dialects.openmage.conditions import Kind
from dialects.openmage.quirks import chosen


class Attribute(NamedTuple):
    """An attribute of the form: `check` is what is looked at if it is there.

    An `option` is a number out of some, a `text` has at most 255 characters if it is
    limited, and at least one if it is required, too.
    """

    code: str
    label: str
    check: str = "text"
    required: bool = False
    limited: bool = False


FORM = (
    Attribute("website_id", "Associate to Website", "option", required=True),
    Attribute("group_id", "Group", "option", required=True),
    Attribute("prefix", "Prefix"),
    Attribute("firstname", "First Name", required=True, limited=True),
    Attribute("lastname", "Last Name", required=True, limited=True),
    Attribute("suffix", "Suffix"),
    Attribute("email", "Email", "email", required=True),
    Attribute("dob", "Date Of Birth", "date"),
    Attribute("taxvat", "Tax/VAT Number", limited=True),
    Attribute("gender", "Gender", "option"),
)
"""In the order in which they are validated."""

OPTIONS: Mapping[str, Set[int]] = {
    "website_id": {0, 1},
    "group_id": {1, 2, 3},
    "gender": {1, 2},
}
"""The websites Admin and Main; General, Wholesale and Retailer; male and female."""

DEFAULTS: Mapping[str, object] = {
    "website_id": 1,
    "group_id": 1,
    "created_in": "Default Store View",
    "disable_auto_group_change": 0,
}
"""What the store has no field for, of customers of whom OpenMage never heard."""

TEXTS = {
    "firstname": "first_name",
    "lastname": "last_name",
    "email": "email",
    "prefix": "prefix",
    "suffix": "suffix",
    "taxvat": "tax_id",
}
STATIC = (
    "entity_id",
    "website_id",
    "email",
    "group_id",
    "created_at",
    "updated_at",
    "disable_auto_group_change",
)
"""Those that every customer has a place for; the others' values lie apart."""

APART = (
    "created_in",
    "firstname",
    "lastname",
    "confirmation",
    "prefix",
    "suffix",
    "taxvat",
    "dob",
    "gender",
)
KINDS: Mapping[str, Kind] = {
    **dict.fromkeys((*STATIC, *APART), Kind.TEXT),
    **dict.fromkeys(("entity_id", "disable_auto_group_change", *OPTIONS), Kind.NUMBER),
    **dict.fromkeys(("created_at", "updated_at", "dob"), Kind.MOMENT),
}

# `last_logged_in` is never shown: customers log in nowhere here.
READABLE = {
    "admin": (*STATIC, *APART, "last_logged_in"),
    "customer": ("email", "created_at", "updated_at", "firstname", "lastname"),
}
WRITABLE = {
    "admin": (
        *(attribute.code for attribute in FORM),
        "disable_auto_group_change",
        "confirmation",
    ),
    "customer": ("firstname", "lastname", "email"),
}
"""A confirmation counts as an attribute of a body, and is not stored."""


def readable(user: str) -> Set[str]:
    """What an "admin" or a "customer" may read."""
    return allowed(chosen(f"{user}_customer_reads"), user, READABLE[user])


def sortable(user: str) -> Set[str]:
    """What a list may be sorted by: also what rules keep a user from reading."""
    return allowed("all", user, READABLE[user])


def writable(user: str) -> Set[str]:
    """What an "admin" or a "customer" may write."""
    return allowed(chosen(f"{user}_customer_writes"), user, WRITABLE[user])
