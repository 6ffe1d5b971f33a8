"""Between rows and addresses: the one place that knows the order of columns."""

import json
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import Select, and_, case, select

from core.address import (
    TEXTS,
    Address,
    Draft,
    Kind,
    sound,
    texts_of,
)
from core.completed import Completed
from core.connection import Row
from core.instants import from_microseconds, to_microseconds
from core.names import SHOP, theirs
from core.places import City, Country, Region, countries_by_id
from core.query import Columns
from core.tables import addresses as a
from core.tables import customers as c


@cache
def address_columns(renamed: bool) -> Columns:
    """The canonical fields of an address, in the dialect's numbers."""
    columns: Columns = {
        "id": theirs("address", a.c.id, renamed=renamed),
        "public_id": a.c.public_id,
        "customer_id": theirs("customer", a.c.customer_id, renamed=renamed),
        **{name: a.c[name] for name in TEXTS},
        "street": a.c.street,
        "city": theirs("city", a.c.city_id, renamed=renamed),
        "city_name": a.c.city,
        "region": theirs("region", a.c.region_id, renamed=renamed),
        "region_code": a.c.region_code,
        "region_name": a.c.region,
        "country": theirs("country", a.c.country_id, renamed=renamed),
        "country_id": a.c.country_id,
        "kind": a.c.kind,
        "default_billing": case((c.c.default_billing_id == a.c.id, 1), else_=0),
        "default_shipping": case((c.c.default_shipping_id == a.c.id, 1), else_=0),
        "extras": a.c.extras,
        "created_at": a.c.created_at,
        "updated_at": a.c.updated_at,
    }
    return columns


@cache
def searchable(renamed: bool) -> Columns:
    """What a condition can be about: the fields, and what is made of them."""
    return {
        **address_columns(renamed),
        "customer_id": theirs("customer", c.c.id, renamed=renamed),
        "name": a.c.first_name + " " + a.c.last_name,
        "number": a.c.id,
        "fingerprint": a.c.fingerprint,
    }


@cache
def alone(renamed: bool) -> Columns:
    """The same where customers are not looked at, but for what only they tell."""
    found = searchable(renamed)
    owner = theirs("customer", a.c.customer_id, renamed=renamed)
    return {name: found[name] for name in found.keys() - OF_CUSTOMERS} | {
        "customer_id": owner
    }


OF_CUSTOMERS = frozenset({"default_billing", "default_shipping"})
"""What the customers tell of their addresses."""


# Customers come first, so that a locking select takes the customer before the address
# and two writers never wait for each other.
JOINED = c.join(a, and_(a.c.shop_id == c.c.shop_id, a.c.customer_id == c.c.id))


PLAIN = ("id", "public_id", "customer_id", *TEXTS)
READ: Mapping[str, tuple[str, ...]] = {
    **{name: (name, name) for name in PLAIN},
    "street": ("street_from_text(street)", "street"),
    "city": ("city_of(city, city_name) if city else None", "city", "city_name"),
    "region": (
        "region_of(region, region_code, region_name) if region else None",
        *("region", "region_code", "region_name"),
    ),
    "country": (
        "country_under(country, country_id) if country else None",
        *("country", "country_id"),
    ),
    "kind": ("Kind(kind) if kind else None", "kind"),
    "default_billing": ("default_billing == 1", "default_billing"),
    "default_shipping": ("default_shipping == 1", "default_shipping"),
    "extras": ("scanned(extras, 0)[0] if extras else {}", "extras"),
    "created_at": ("from_microseconds(created_at)", "created_at"),
    "updated_at": ("from_microseconds(updated_at)", "updated_at"),
}
"""How each field of an address is read, and from which columns."""

Fields = tuple[str, ...]
"""The fields of an address that are read."""
WHOLE: Fields = tuple(READ)


def columns_of(fields: Fields) -> list[str]:
    """The columns that the fields are read from."""
    return [column for field in fields for column in READ[field][1:]]


def select_addresses(
    renamed: bool, fields: Fields = WHOLE, *, joined: bool = True
) -> Select[Any]:
    """The addresses of the shop, as a `reader` of the fields takes them.

    Where they are not `joined` to their customers, no field can be of these.
    """
    columns = address_columns(renamed)
    found = select(*(columns[name].label(f"f_{name}") for name in columns_of(fields)))
    if joined:
        return found.select_from(JOINED).where(c.c.shop_id == SHOP)
    return found.select_from(a).where(a.c.shop_id == SHOP)


@cache
def reader(fields: Fields = WHOLE) -> Callable[[Row], Address]:
    """What makes an address of a row; one of a few fields has no others.

    It is written out and compiled, as a loop over the fields takes twice the time.
    """
    read = ", ".join(f'"{field}": {READ[field][0]}' for field in fields)
    made = f"sound(Address, {{{read}}})" if fields == WHOLE else f"Part(**{{{read}}})"
    names = ", ".join(columns_of(fields))
    meant: dict[str, Any] = {
        named.__name__: named
        for named in (
            *(Address, Kind, Part, city_of, country_under, from_microseconds),
            *(region_of, sound, street_from_text),
        )
    }
    meant["scanned"] = scanned
    exec(f"def read(row):\n    ({names},) = row\n    return {made}", meant)
    return cast("Callable[[Row], Address]", meant["read"])


class Part(SimpleNamespace):
    """Some fields of an address; to ask for another is an AttributeError."""


STORED = (*TEXTS, "street", "kind", "extras", "fingerprint", "updated_at")
"""The columns that any change may change."""
MOVED = ("city", "city_id", "region_code", "region", "region_id", "country_id")
"""The columns that a change of place changes."""


SAID = (*TEXTS, "street", "city", "region_code", "region", "kind", "extras")
"""The columns of what an address says in words."""
OUR_PLACES = ("country_id", "region_id", "city_id")
"""The columns that hold our numbers of its places."""
ROW = (
    *("shop_id", "id", "public_id", "customer_id"),
    *SAID,
    *OUR_PLACES,
    *("fingerprint", "created_at", "updated_at"),
)
"""The order of a new address's row."""


def said_by(draft: Draft) -> Row:
    """The part of a row that a draft with whole places says in words."""
    city, region, extras = draft.city, draft.region, draft.extras
    return (
        *texts_of(draft),
        street_to_text(draft.street),
        city.name if city else "",
        region.code if region else "",
        region.name if region else "",
        draft.kind or "",
        "".join(written(extras, 0)) if extras else "",
    )


def new_row(
    address: Address, whole: Completed, *, shop: int, id: int, customer_id: int
) -> Row:
    """The row of a new address, under our numbers."""
    return (
        *(shop, id, address.public_id, customer_id),
        *said_by(address),
        *whole.places.numbers,
        whole.fingerprint,
        to_microseconds(address.created_at),
        to_microseconds(address.updated_at),
    )


written: Callable[[Any, int], tuple[str, ...]] = json.encoder.c_make_encoder(  # type: ignore[attr-defined]
    *(None, None, json.encoder.encode_basestring_ascii, None),
    *(":", ",", False, False, True),
)
"""Writes compact JSON as `dumps` does, which makes this anew for each text."""
scanned: Callable[[str, int], tuple[Any, int]] = json.scanner.make_scanner(  # type: ignore[attr-defined]
    json.JSONDecoder()
)
"""Reads the JSON that begins at a place of a text; `loads` takes six calls more."""


@lru_cache(maxsize=4096)
def city_of(number: int, name: str) -> City:
    """The city, made once for the addresses in it."""
    return City(id=number, name=name)


@lru_cache(maxsize=4096)
def region_of(number: int, code: str, name: str) -> Region:
    """The region, made once for the addresses in it."""
    return Region(id=number, code=code, name=name)


def country_under(number: int, country_id: int) -> Country:
    """The country with our number, under the dialect's."""
    country = countries_by_id()[country_id]
    if number == country_id:
        return country
    return Country(id=number, code=country.code, name=country.name)


# A line may hold a line break of its own, which then must not become a second line.
JSON_STREET = "\x1f"


def street_to_text(street: tuple[str, ...]) -> str:
    """The lines as one text: a line each, or JSON where that would be ambiguous."""
    text = "\n".join(street)
    if text.count("\n") == max(len(street) - 1, 0) and text[:1] != JSON_STREET:
        return text
    return JSON_STREET + json.dumps(street, ensure_ascii=False)


def street_from_text(text: str) -> tuple[str, ...]:
    """The lines that `street_to_text` made into one text."""
    if not text:
        return ()
    if text[0] == JSON_STREET:
        return tuple(json.loads(text[1:]))
    return tuple(text.split("\n"))
