"""Between Staff's wire and the canonical address (source: Create Customer Address)."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from core import Address, Changes, City, Country, Invalid, Listed, Problem, Region
from dialects.base import Wire
from dialects.loading import Unsound, form

NAME = "staff"
SHORT = 255
"""The longest short text; the page gives no limit, this is the framework's habit."""


class Rejected(Invalid):
    """Some fields are wrong; `changes` is what the others say."""

    def __init__(self, problems: list[Problem], changes: Changes) -> None:
        super().__init__(problems)
        self.changes = changes


BODY = "dialects.staff.forms:ADDRESS"
CANONICAL = {
    "default": "default_shipping",
    "country": "country",
    "state": "region",
    "city": "city",
    "address": "street",
    "postal_code": "postal_code",
    "first_name": "first_name",
    "last_name": "last_name",
    "national_code": "national_id",
    "mobile_number": "phone",
    "text": "note",
}
"""The canonical field that each of ours is about, in the order of the schema."""

PLACES: Mapping[str, type[Country] | type[Region] | type[City]] = {
    "country": Country,
    "state": Region,
    "city": City,
}


def decode(wire: Wire, onto: Address | None, *, whole: bool = False) -> Changes:
    """What a body says of a new address, of parts of a known one, or of the `whole`.

    What a client sends back as it was shown is no change, whatever it is; so nothing
    that this API would refuse or cannot show is lost by it. Raises Rejected.
    """
    said, shown = wire, {}
    if onto is not None:
        shown = sendable(encode(onto))
        said = {n: wire[n] for n in wire if not is_shown(wire[n], shown, n)}
    problems: list[Problem] = []
    try:
        loaded = form(BODY).read(said, partial=optional(wire, onto, shown, whole))
    except Unsound as unsound:
        loaded = unsound.valid
        problems = told(unsound, CANONICAL)
    if onto is not None:
        loaded = {n: v for n, v in loaded.items() if not is_shown(v, shown, n)}
    changes = canonical(loaded, {} if onto is None else onto.extras)
    if problems:
        raise Rejected(problems, changes)
    return changes


def told(unsound: Unsound, names: Mapping[str, str] = {}) -> list[Problem]:
    """The problems that a form told, each of the field that the names have for it."""
    return [
        Problem(names.get(name, name), problem.code, params=problem.params)
        for name, problems in unsound.wrong.items()
        for problem in problems
    ]


def sendable(shown: Wire) -> dict[str, Any]:
    """What a client would send to say again what it was shown."""
    return {
        name: number_in(shown[f"{name}_data"]) if name in PLACES else shown[name]
        for name in CANONICAL
    }


def number_in(place: Wire | None) -> int | None:
    return place["id"] if place else None


def is_shown(said: Any, shown: Wire, name: str) -> bool:
    """Whether it says what is shown already: true is not 1, and "" is not null."""
    if name not in shown:
        return False
    return type(said) is type(shown[name]) and bool(said == shown[name])


def optional(
    wire: Wire, onto: Address | None, shown: Wire, whole: bool
) -> bool | list[str]:
    """The fields that need not be said: a place that is shown as null is one."""
    if onto is None:
        return False
    if not whole:
        return True
    return [name for name in CANONICAL if name in wire or shown[name] is None]


def canonical(loaded: Wire, extras: Mapping[str, Any]) -> Changes:
    """What the fields say of the canonical ones."""
    changes = blanked(loaded, extras)
    for name, value in loaded.items():
        if name == "default":
            changes |= {"default_billing": value, "default_shipping": value}
        elif name in PLACES:
            changes[CANONICAL[name]] = PLACES[name](id=value)
        elif name == "address":
            changes["street"] = tuple(value.split("\n")) if value else ()
        else:
            changes[CANONICAL[name]] = value or ""
    return changes


def blanked(loaded: Wire, extras: Mapping[str, Any]) -> dict[str, Any]:
    """The extras, if they are to remember otherwise which texts were written as ""."""
    if NAME not in extras and "" not in loaded.values():
        return {}
    blank = dict(extras.get(NAME, {}))
    for name, value in loaded.items():
        if value == "":
            blank[name] = ""
        else:
            blank.pop(name, None)
    if blank == extras.get(NAME, {}):
        return {}
    others = {name: extras[name] for name in extras if name != NAME}
    return {"extras": {**others, NAME: blank} if blank else others}


SHOWN = (
    *("id", "default_shipping", "country", "region", "city", "street", "postal_code"),
    *("first_name", "last_name", "national_id", "phone", "note"),
    *("extras", "created_at", "updated_at"),
)
"""The fields of an address that are shown, or tell how others are."""


def encode(address: Address) -> dict[str, Any]:
    """The response's fields, in the order of the page.

    Empty text is null, unless a client of this API wrote it as "": our extras say so.
    """
    country, region, city = address.country, address.region, address.city
    blank = address.extras.get(NAME, {})
    return {
        "id": address.id,
        "default": address.default_shipping,
        "country_data": country
        and {"id": country.id, "name": country.name, "code": country.code},
        "state_data": region
        and {"id": region.id, "name": region.name, "code": region.code},
        "city_data": city and {"id": city.id, "name": city.name},
        "address": "\n".join(address.street) or blank.get("address"),
        "postal_code": address.postal_code or blank.get("postal_code"),
        "first_name": address.first_name or blank.get("first_name"),
        "last_name": address.last_name or blank.get("last_name"),
        "national_code": address.national_id or blank.get("national_code"),
        "mobile_number": address.phone or blank.get("mobile_number"),
        "text": address.note or blank.get("text"),
        "created_at": instant(address.created_at),
        "updated_at": instant(address.updated_at),
    }


@lru_cache(maxsize=4096)
def instant(moment: datetime) -> str:
    """UTC, in microseconds unless there are none."""
    return moment.isoformat().replace("+00:00", "Z")


def encode_country(listed: Listed[Country]) -> dict[str, Any]:
    country = listed.place
    return {"id": country.id, "name": country.name, "code": country.code}


def encode_state(listed: Listed[Region]) -> dict[str, Any]:
    region = listed.place
    return {
        "id": region.id,
        "name": region.name,
        "code": region.code,
        "country": listed.country,
    }


def encode_city(listed: Listed[City]) -> dict[str, Any]:
    return {"id": listed.place.id, "name": listed.place.name, "state": listed.region}
