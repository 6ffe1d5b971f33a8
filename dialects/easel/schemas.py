"""Between Easel's wire and the canonical address (source: the page's "Fields")."""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from core import Address, Changes, City, Country, Invalid, Problem, Region, fold
from dialects.base import Wire
from dialects.loading import Unsound, form

NAME = "easel"
REQUIRED = ("first_name", "last_name", "street1", "city", "state", "country_id")
BODY = "dialects.easel.forms:ADDRESS"


def read(body: bytes) -> Wire:
    """The JSON object in a body; null reads as an empty one.

    Raises Invalid: "syntax" for everything that is no object.
    """
    try:
        wire = DECODER.decode(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        wire = ()
    if wire is None:
        return {}
    if isinstance(wire, dict):
        return wire
    raise Invalid([Problem("", "syntax")])


def refuse(constant: str) -> None:
    """NaN and Infinity are no JSON (RFC 8259, 6)."""
    raise ValueError(constant)


DECODER = json.JSONDecoder(parse_constant=refuse)


def decode(wire: Wire, onto: Address | None) -> Changes:
    """What a body says of an address; PUT replaces the whole of what can be seen.

    What a client sends back as it was shown is no change, whatever it is. Raises
    Invalid: "type", or "missing" or "negative" for the first field that is.
    """
    said = typed(wire, BODY)
    shown = {} if onto is None else encode(onto)
    require(REQUIRED, wire, said, shown)
    if said["country_id"] < 0:
        raise Invalid([Problem("country_id", "negative")])
    changed = changed_names(said, shown)
    texts = {FIELDS[name]: said[name] for name in FIELDS if name in changed}
    return {**texts, **streets(said, changed), **placed(said, changed, onto)}


FIELDS = {"first_name": "first_name", "last_name": "last_name", "zip": "postal_code"}


def require(names: Sequence[str], wire: Wire, said: Wire, shown: Wire) -> None:
    """Raise Invalid for the first of the names that is missing, unless shown so."""
    for name in names:
        if said[name] or (name in shown and wire.get(name) == shown[name]):
            continue
        raise Invalid([Problem(name, "missing")])


def changed_names(said: Wire, shown: Wire) -> set[str]:
    """What is said otherwise than it is shown: nothing and null are one."""
    if not shown:
        return {*said}
    return {
        name
        for name in said
        if name not in shown
        or (said[name] != shown[name] and (said[name] or shown[name] is not None))
    }


def typed(wire: Wire, body: str) -> Wire:
    """The fields of the form; "" and 0 for what is absent or null. Raises Invalid."""
    try:
        return form(body).read(wire)
    except Unsound as unsound:
        raise Invalid([Problem(path, "type") for path in unsound.wrong]) from None


def streets(said: Wire, changed: set[str]) -> Changes:
    if changed.isdisjoint({"street1", "street2"}):
        return {}
    return {"street": (said["street1"], said["street2"])}


def placed(said: Wire, changed: set[str], onto: Address | None) -> Changes:
    """A place is sought anew when it changes, or one around it does.

    "State/province code" is free text, so its spelling is kept beside the region that
    it names.
    """
    places: dict[str, Any] = {}
    extras = {} if onto is None else dict(onto.extras)
    own = dict(extras.get(NAME, {}))
    if "country_id" in changed:
        places["country"] = Country(id=said["country_id"])
        own.pop("country_id", None)
    if places or "state" in changed:
        places["region"] = Region(name=said["state"]) if said["state"] else None
        own["state"] = said["state"]
        places["extras"] = {**extras, NAME: own}
    if places or "city" in changed:
        places["city"] = City(name=said["city"]) if said["city"] else None
    return places


def unlisted(changes: Changes) -> Changes:
    """The same changes for a country that no table lists: its number is kept beside."""
    extras = changes["extras"]
    number = changes["country"].id
    own = {**extras[NAME], "country_id": number}
    return {**changes, "country": None, "extras": {**extras, NAME: own}}


SHOWN = (
    *("public_id", "first_name", "last_name", "street", "city", "region", "country"),
    *("postal_code", "extras", "created_at", "updated_at"),
)
"""The fields of an address that are shown, or tell how others are."""


def encode(address: Address) -> dict[str, Any]:
    """The Customer Address Object, in the order of the page."""
    street = address.street or ("",)
    return {
        "id": address.public_id,
        "first_name": address.first_name,
        "last_name": address.last_name,
        "street1": street[0],
        "street2": ", ".join(street[1:]) or None,
        "city": address.city.name if address.city else "",
        "state": state_of(address),
        "country_id": country_of(address),
        "zip": address.postal_code or None,
        "created_at": timestamp(address.created_at),
        "updated_at": timestamp(address.updated_at),
    }


def state_of(address: Address) -> str:
    """The state as it was written here, while that still names the region."""
    region = address.region
    if region is None:
        return ""
    written: str = address.extras.get(NAME, {}).get("state", "")
    if written and written in (region.name, region.code):
        return written
    if written and fold(written) in (fold(region.name), fold(region.code)):
        return written
    return region.code or region.name


def country_of(address: Address) -> int:
    """The country's number; one that no table lists is as it was written."""
    if address.country is not None and address.country.id is not None:
        return address.country.id
    return int(address.extras.get(NAME, {}).get("country_id", 0))


@lru_cache(maxsize=4096)
def timestamp(instant: datetime) -> str:
    """UTC in whole seconds, as in all samples."""
    return instant.isoformat()[:19] + "Z"
