"""Between the wire and the canonical address (source: the page; OpenMage, observed).

A wire is what a body was decoded to: XML has text and lists of it, JSON other types,
too, which are stored as text.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any

from core import Address, Changes, City, Country, Region
from dialects.base import Wire
from dialects.openmage import regions
from dialects.openmage.attributes import ATTRIBUTES, DEFAULTS, readable
from dialects.openmage.php import is_true, text
from dialects.openmage.quirks import NAME, chosen

LONGEST = 255
"""Characters of a text that are stored; the rest is cut off."""

BLANKS = " \t\n\r\0\x0b"
"""What PHP's trim takes away."""

TEXTS = {a.code: a.field for a in ATTRIBUTES if a.field}
texts_of: Callable[[Address], tuple[str, ...]] = attrgetter(*TEXTS.values())
"""The plain texts of an address, in their order."""
Value = Any


def decode(wire: Wire, onto: Address | None) -> Changes:
    """What a body says of an address; absent keys keep their value.

    What a client sends back as it was shown is no change, whatever it is. The body is
    taken to be valid (`validation`).
    """
    shown = {} if onto is None else encode(onto)
    said = {
        code: value
        for code, value in wire.items()
        if code not in shown or value != shown[code]
    }
    changes: dict[str, Any] = {
        TEXTS[code]: stored(value)
        for code, value in said.items()
        if code in TEXTS and is_scalar(value)
    }
    if "street" in said:
        changes["street"] = lines(said["street"])
    changes |= places(said, wire, shown)
    # "no" is true to PHP, and nothing takes a role from an address (observed).
    changes |= {
        field: True for code, field in DEFAULTS.items() if is_true(said.get(code))
    }
    if "region" in changes and "region" in wire:
        changes["extras"] = spelled(onto, wire)
    return changes


def places(said: Wire, wire: Wire, shown: Wire) -> dict[str, Any]:
    """The places that change; one is sought anew when one around it changes."""
    made: dict[str, Any] = {}
    if "country_id" in said:
        made["country"] = country(said["country_id"])
    if "country" in made or "region" in said:
        code = wire.get("country_id", shown.get("country_id"))
        region = wire.get("region", shown.get("region"))
        made["region"] = region_of(str(code or ""), region)
    if "region" in made or is_scalar(said.get("city", [])):
        city = wire.get("city")
        name = stored(city) if is_scalar(city) and "city" in wire else ""
        name = name or str(shown.get("city") or "")
        made["city"] = City(name=name) if name else None
    return made


def country(value: Value) -> Country | None:
    code = stored(value) if is_scalar(value) else ""
    return Country(code=code) if code else None


def region_of(country_code: str, value: Value) -> Region | None:
    """The region by its name or code, or else as free text."""
    if not isinstance(value, str) or not value:
        return None
    known = regions.find(country_code, value)
    return regions.reference(known) if known else Region(name=stored(value))


def spelled(onto: Address | None, wire: Wire) -> Mapping[str, Any]:
    """The extras with a region that is free text as it was spelled."""
    extras = {} if onto is None else onto.extras
    own = {k: v for k, v in extras.get(NAME, {}).items() if k != "region"}
    value = wire["region"]
    code = wire.get("country_id") or (onto and onto.country and onto.country.code)
    if isinstance(value, str) and value and not regions.find(str(code), value):
        own["region"] = stored(value)
    return with_own(extras, own)


def with_nulls(extras: Mapping[str, Any], wire: Wire) -> Mapping[str, Any]:
    """The extras after a write: what was sent empty is null until the next write.

    A null or false in JSON leaves the attribute without any value (OpenMage 20.18).
    """
    nulls = [
        code
        for code, value in wire.items()
        if code not in DEFAULTS and isinstance(value, str) and not value.strip("\0")
    ]
    own = {k: v for k, v in extras.get(NAME, {}).items() if k != "nulls"}
    if nulls:
        own["nulls"] = nulls
    return with_own(extras, own)


def with_own(extras: Mapping[str, Any], own: Mapping[str, Any]) -> Mapping[str, Any]:
    rest = {name: value for name, value in extras.items() if name != NAME}
    return {**rest, NAME: own} if own else rest


def lines(value: Value) -> tuple[str, ...]:
    """The lines of a street: two at most, the second with all that came after it."""
    given = street_list(value) or []
    if len(given) > 2:
        given = [given[0], "; ".join(given[1:])]
    kept = "\n".join(plain(line) for line in given).strip(BLANKS)
    return tuple(kept.split("\n"))


def street_list(value: Value) -> list[str] | None:
    """The lines that a body gives, if it gives any: a list, or a plain string.

    What has no key 0 has no first line (observed).
    """
    if isinstance(value, dict) and "0" in value:
        value = list(value.values())
    if isinstance(value, list):
        return [text(line) if is_scalar(line) else "Array" for line in value]
    if isinstance(value, str) and value and chosen("text_as_street"):
        return [value]
    return None


def is_scalar(value: Value) -> bool:
    """Whether the value can be stored: a list or an object is passed over."""
    return not isinstance(value, list | dict)


def stored(value: Value) -> str:
    """A value as it is stored."""
    return plain(text(value))[:LONGEST]


def plain(value: str) -> str:
    """The text without what its database cannot hold."""
    value = value.replace("\0", "")
    if value.isascii() or not chosen("plain_text_only"):
        return value
    return "".join(c if c <= "\uffff" else "????" for c in value)


def shown_to_admin(address: Address) -> dict[str, Any]:
    """An address as an admin is shown it."""
    names = readable("admin")
    return {name: value for name, value in encode(address).items() if name in names}


def encode(address: Address) -> dict[str, Any]:
    """An address by itself, with all that it has; see `listed`."""
    kept = address.extras.get(NAME, {})
    city, country = address.city, address.country
    values = dict(zip(TEXTS, texts_of(address), strict=True))
    values["city"] = city.name if city else ""
    values["country_id"] = country.code if country else ""
    values["region"] = regions.shown(address)
    shown: dict[str, Any] = {
        "entity_id": str(address.id),
        "created_at": moment(address.created_at, "T") + "+00:00",
        "updated_at": moment(address.updated_at),
    }
    nulls = kept.get("nulls", ()) if isinstance(kept, Mapping) else ()
    for attribute in ATTRIBUTES:
        code = attribute.code
        if values.get(code):
            shown[code] = values[code]
        elif code in nulls:
            shown[code] = None
    shown["street"] = street_shown(address.street)
    for code, field in DEFAULTS.items():
        shown[code] = int(getattr(address, field))
    return shown


def listed(address: Address) -> dict[str, Any]:
    """An address as a list shows it: `created_at` is as it is stored (observed)."""
    return {**encode(address), "created_at": moment(address.created_at)}


@lru_cache(maxsize=4096)
def moment(instant: datetime, between: str = " ") -> str:
    """An instant to the second, as UTC."""
    return instant.replace(tzinfo=None).isoformat(between, "seconds")


def street_shown(street: tuple[str, ...]) -> list[str]:
    """A street has a line at least, and more than two where others stored them."""
    if len(street) == 1 and "\n" not in street[0]:
        return [street[0]]
    shown = "\n".join(street).split("\n")
    if len(shown) > 2 and chosen("join_streets"):
        return [shown[0], "; ".join(shown[1:])]
    return shown
