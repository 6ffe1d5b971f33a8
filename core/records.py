"""Between records and rows: customers and addresses in plain values, as in files.

A record has the canonical names of fields: texts, whole numbers, booleans, a list of
lines for a street, a date as ISO 8601 writes it, places by code and name. A field that
is absent, or None, is empty.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from hashlib import blake2b
from operator import itemgetter
from struct import Struct
from typing import Any, NamedTuple, cast

from core.address import TEXTS, Kind, is_storable
from core.connection import Row
from core.instants import EPOCH, MICROSECOND
from core.rows import street_to_text
from core.shop import CUSTOMER_TEXTS, Gender, email_key

Record = Mapping[str, Any]
NAMED = {"id": None, "public_id": ""}
DATED = {"created_at": None, "updated_at": None}
CUSTOMER_DEFAULTS: Record = {
    **NAMED,
    **dict.fromkeys(CUSTOMER_TEXTS, ""),
    "birth_date": "",
    "gender": "",
    "is_active": True,
    "extras": None,
    **DATED,
}
"""The fields of a customer's record, and what each is when it is absent."""
ADDRESS_DEFAULTS: Record = {
    **NAMED,
    "customer_id": None,
    **dict.fromkeys(TEXTS, ""),
    "street": [],
    "city": "",
    "region": "",
    "region_code": "",
    "country": "",
    "kind": "",
    "default_billing": False,
    "default_shipping": False,
    "extras": None,
    **DATED,
}
"""The fields of an address's record, and what each is when it is absent."""
RECORD_FIELDS: Mapping[str, tuple[str, ...]] = {
    "customers": tuple(CUSTOMER_DEFAULTS),
    "addresses": tuple(ADDRESS_DEFAULTS),
}
"""The names of what records have."""

CUSTOMER_COLUMNS = (
    *("shop_id", "id", "public_id"),
    *CUSTOMER_TEXTS,
    *("email_key", "birth_date", "gender", "is_active", "extras"),
    *("created_at", "updated_at"),
)
"""The order of a customer's row."""
ADDRESS_COLUMNS = (
    *("shop_id", "id", "public_id", "customer_id"),
    *TEXTS,
    *("street", "city", "city_id", "region_code", "region", "region_id", "country_id"),
    *("kind", "extras", "fingerprint"),
    *("created_at", "updated_at"),
)
"""The order of an address's row."""

LARGEST = 2**63 - 1
as_number = Struct(">q").unpack
KINDS = frozenset({"", *Kind})
GENDERS = frozenset({"", *Gender})


class Place(NamedTuple):
    """Where addresses are: the columns that say so, and its part of the identity."""

    columns: tuple[Any, ...]
    identity: str


class Refused(Exception):
    """A record is not as it should be; which of its fields are not is still to tell."""


Written = tuple[str, str, str, str]
"""A country's code, a region's code, its name and a city's, as a record has them."""
PLACE = ("country", "region_code", "region", "city")
address_texts = itemgetter(*TEXTS)
address_others = itemgetter(
    *("id", "public_id", "customer_id", *PLACE, "street", "kind"),
    *("default_billing", "default_shipping", "extras", "created_at", "updated_at"),
)
customer_texts = itemgetter(*CUSTOMER_TEXTS)
customer_others = itemgetter(
    *("id", "public_id", "birth_date", "gender", "is_active", "extras"),
    *("created_at", "updated_at"),
)


def address_row(
    record: Record, shop: int, places: Callable[[Written], Place]
) -> tuple[Row, bool, bool]:
    """The row of an address's record, and whether it is a default.

    What the record leaves to the store is None in the row, or "" for the public id; the
    customer is as the record has it. Raises Refused.
    """
    fields = {**ADDRESS_DEFAULTS, **record}
    texts = address_texts(fields)
    (
        id,
        public_id,
        customer_id,
        country,
        region_code,
        region,
        city,
        street,
        kind,
        billing,
        shipping,
        extras,
        created_at,
        updated_at,
    ) = address_others(fields)
    written = (country, region_code, region, city)
    try:
        lines = "".join(street)
        said = "".join((public_id, lines, *written, *texts))
        if not (
            len(fields) == len(ADDRESS_DEFAULTS)
            and (said.isascii() or is_encodable(said))
            and "\0" not in said
            and type(customer_id) is int
            and 0 < customer_id <= LARGEST
            and (id is None or (type(id) is int and 0 < id <= LARGEST))
            and type(street) is list
            and kind in KINDS
            and type(billing) is type(shipping) is bool
            and (extras is None or type(extras) is dict)
        ):
            raise Refused
        created, updated = history(created_at, updated_at)
    except (TypeError, ValueError, OverflowError) as error:
        raise Refused from error
    where, identity = places(written)
    while street and not street[-1]:
        street = street[:-1]
    first, _, last, _, _, company, postal_code, phone, *_ = texts
    who = (first, last, company, phone, kind or "residential", identity, postal_code)
    row = (
        shop,
        id,
        public_id,
        customer_id,
        *texts,
        "\n".join(street) if lines.isprintable() else street_to_text(tuple(street)),
        *where,
        kind,
        extras_text(extras) if extras else "",
        fingerprint_of("\0".join((*who, *street))),
        created,
        updated,
    )
    return row, billing, shipping


def fingerprint_of(text: str) -> int:
    """The fingerprint of an identity, as `core.address` makes it."""
    [found] = as_number(blake2b(text.encode(), digest_size=8).digest())
    return cast("int", found)


def customer_row(record: Record, shop: int) -> Row:
    """The row of a customer's record, as `address_row` makes one. Raises Refused."""
    fields = {**CUSTOMER_DEFAULTS, **record}
    texts = customer_texts(fields)
    (
        id,
        public_id,
        birth_date,
        gender,
        is_active,
        extras,
        created_at,
        updated_at,
    ) = customer_others(fields)
    try:
        said = "".join((public_id, *texts))
        if not (
            len(fields) == len(CUSTOMER_DEFAULTS)
            and is_storable(said)
            and (id is None or (type(id) is int and 0 < id <= LARGEST))
            and gender in GENDERS
            and type(is_active) is bool
            and (extras is None or type(extras) is dict)
        ):
            raise Refused
        created, updated = history(created_at, updated_at)
        born = birth_date and date.fromisoformat(birth_date).isoformat()
    except (TypeError, ValueError, OverflowError) as error:
        raise Refused from error
    return (
        *(shop, id, public_id),
        *texts,
        email_key(fields["email"]),
        born,
        gender,
        int(is_active),
        extras_text(extras) if extras else "",
        created,
        updated,
    )


def extras_text(extras: Mapping[str, Any]) -> str:
    """The extras as their column has them."""
    return json.dumps(extras, separators=(",", ":"))


def is_encodable(text: str) -> bool:
    """Whether the text has no halves of characters."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def microseconds(text: str) -> int:
    """The instant of an ISO 8601 text. Raises TypeError if its zone is not told."""
    return (datetime.fromisoformat(text) - EPOCH) // MICROSECOND


def history(
    created_at: str | None, updated_at: str | None
) -> tuple[int, int] | tuple[None, None]:
    """The two instants; where one is not told the other stands for it."""
    if created_at is None or updated_at is None or created_at == updated_at:
        told = created_at if updated_at is None else updated_at
        if told is None:
            return None, None
        instant = microseconds(told)
        return instant, instant
    return microseconds(created_at), microseconds(updated_at)
