"""The attributes of a customer address: names, labels, rules, and who may use them.

Source: the page, and the default installation of OpenMage 20.18 (labels, order,
lengths, visibility).
"""

from collections.abc import Set
from functools import lru_cache
from typing import NamedTuple

from dialects.openmage.quirks import chosen


class Attribute(NamedTuple):
    """An attribute that is written; `field` is the canonical one, if it is plain text.

    A `limited` one has 1 to 255 characters, blanks at its ends not counted. What is
    not `visible` no customer sees or writes.
    """

    code: str
    label: str
    field: str = ""
    required: bool = False
    limited: bool = False
    visible: bool = True


ATTRIBUTES = (
    Attribute("prefix", "Prefix", "prefix", visible=False),
    Attribute("firstname", "First Name", "first_name", required=True, limited=True),
    Attribute("middlename", "Middle Name/Initial", "middle_name"),
    Attribute("lastname", "Last Name", "last_name", required=True, limited=True),
    Attribute("suffix", "Suffix", "suffix", visible=False),
    Attribute("company", "Company", "company", limited=True),
    Attribute("street", "Street Address", required=True, limited=True),
    Attribute("city", "City", required=True, limited=True),
    Attribute("country_id", "Country", required=True),
    Attribute("region", "State/Province"),
    Attribute("postcode", "Zip/Postal Code", "postal_code", required=True),
    Attribute("telephone", "Telephone", "phone", required=True, limited=True),
    Attribute("fax", "Fax", "fax", limited=True),
    Attribute("vat_id", "VAT number", "tax_id"),
)
"""In the order in which they are validated."""

DEFAULTS = {
    "is_default_billing": "default_billing",
    "is_default_shipping": "default_shipping",
}
READABLE = (
    "entity_id",
    "created_at",
    "updated_at",
    *(a.code for a in ATTRIBUTES if a.code != "street"),
    "street",
    *DEFAULTS,
)
"""In the order in which they are shown."""

WRITABLE = (*(a.code for a in ATTRIBUTES), *DEFAULTS)
HIDDEN = frozenset(a.code for a in ATTRIBUTES if not a.visible)
OPTIONAL_POSTCODE = frozenset({"HK", "IE", "MO", "PA"})
"""Countries in which a postcode may be missing or empty (observed)."""


def readable(user: str) -> Set[str]:
    """What an "admin" or a "customer" may read."""
    return allowed(chosen(f"{user}_reads"), user, READABLE)


def sortable(user: str) -> Set[str]:
    """What a list may be sorted by: also what rules keep a user from reading."""
    return allowed("all", user, READABLE)


def writable(user: str) -> Set[str]:
    """What an "admin" or a "customer" may write."""
    return allowed(chosen(f"{user}_writes"), user, WRITABLE)


@lru_cache(maxsize=64)
def allowed(setting: str, user: str, known: tuple[str, ...]) -> Set[str]:
    """The attributes that a setting names, as far as the user may have them."""
    named = known if setting == "all" else setting.replace(" ", "").split(",")
    hidden = HIDDEN if user == "customer" else frozenset()
    return frozenset(known).intersection(named) - hidden
