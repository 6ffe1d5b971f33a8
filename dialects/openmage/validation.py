"""What is wrong with an address, in the order in which OpenMage looks for it.

First every attribute, in the order of the form; only if all are sound the region, as it
depends on the country (OpenMage, observed).
"""

from collections.abc import Iterator
from typing import Any

from core import Address, Problem, countries_by_code
from dialects.base import Wire
from dialects.openmage import regions
from dialects.openmage.attributes import ATTRIBUTES, OPTIONAL_POSTCODE, Attribute
from dialects.openmage.php import text
from dialects.openmage.schemas import (
    BLANKS,
    LONGEST,
    encode,
    is_scalar,
    street_list,
)

NOTHING: tuple[Any, ...] = (None, "", False, [], {})
NO_REGION: tuple[Any, ...] = (*NOTHING, "0", 0)


def problems_of(wire: Wire, onto: Address | None) -> list[Problem]:
    """All that is wrong with a body for a new or a known address.

    What is sent back as it was shown is sound: another dialect may have stored it.
    """
    shown = {} if onto is None else encode(onto)
    found: list[Problem] = []
    for attribute in ATTRIBUTES:
        code = attribute.code
        if code not in wire and onto is not None:
            continue
        value = wire.get(code)
        if is_nothing(value) or value != shown.get(code):
            found += attribute_problems(attribute, value, wire)
    return found or list(region_problems(wire, onto, shown))


def attribute_problems(
    attribute: Attribute, value: Any, wire: Wire
) -> Iterator[Problem]:
    """What is wrong with one attribute by itself."""
    code = attribute.code
    if code == "street":
        yield from street_problems(attribute, value)
    elif code == "country_id":
        yield from country_problems(attribute, value)
    elif not is_scalar(value) or (code == "postcode" and is_postcode_optional(wire)):
        # A list or an object passes, and is not stored (observed).
        return
    elif text(value) == "":
        if attribute.required:
            yield required(attribute)
    elif attribute.limited:
        yield from length_problems(attribute, text(value))


def is_postcode_optional(wire: Wire) -> bool:
    """Whether the country that the body itself names needs no postcode."""
    country = wire.get("country_id")
    return isinstance(country, str) and country in OPTIONAL_POSTCODE


def required(attribute: Attribute) -> Problem:
    return Problem(attribute.code, "required", params={"label": attribute.label})


def length_problems(attribute: Attribute, value: str) -> Iterator[Problem]:
    """Whether a text that is given is too short, which is blank, or too long."""
    length = len(value.strip(BLANKS))
    params = {"label": attribute.label}
    if length < 1:
        yield Problem(attribute.code, "short", params=params)
    elif length > LONGEST:
        yield Problem(attribute.code, "long", params=params)


def street_problems(attribute: Attribute, value: Any) -> Iterator[Problem]:
    """The first line is required; both are limited after what follows is folded."""
    first, *rest = street_list(value) or [""]
    if not first:
        yield required(attribute)
    for line in filter(None, (first, "; ".join(rest))):
        for problem in length_problems(attribute, line):
            # Beside a missing value no blank one is told (OpenMage 20.18).
            if first or problem.code != "short":
                yield problem


def country_problems(attribute: Attribute, value: Any) -> Iterator[Problem]:
    """A country is one of ISO 3166-1, by its alpha-2 code in capital letters."""
    said = text(value) if is_scalar(value) else ""
    params = {"label": attribute.label, "value": said}
    if is_nothing(value):
        yield required(attribute)
    elif not is_scalar(value):
        yield Problem("country_id", "type", params=params)
    elif not isinstance(value, str):
        yield Problem("country_id", "number", params=params)
    elif not 2 <= len(value) <= 3:
        yield Problem("country_id", "length", params=params)
    elif value not in countries_by_code() or value in regions.REFUSED_COUNTRIES:
        yield Problem("country_id", "unknown", params=params)


def region_problems(wire: Wire, onto: Address | None, shown: Wire) -> Iterator[Problem]:
    """Whether the region fits the country; not asked if an update names neither."""
    if onto is not None and not {"country_id", "region"} & wire.keys():
        return
    country = wire.get("country_id", shown.get("country_id"))
    region = wire.get("region")
    if country not in regions.countries_with_regions():
        if "region" in wire and not isinstance(region, str):
            yield Problem("region", "type")
    elif "region" not in wire or region is None:
        yield Problem("region", "required")
    elif any(region == nothing for nothing in NO_REGION):
        yield Problem("region", "empty")
    elif not isinstance(region, str):
        yield Problem("region", "type")
    elif regions.find(country, region) is None:
        if (country, region) == (shown.get("country_id"), shown.get("region")):
            return
        has_letter = any(character.isalpha() for character in region)
        yield Problem("region", "unknown" if has_letter else "invalid")


def is_nothing(value: Any) -> bool:
    """Whether a required value is missing; 0 and "0" are values."""
    return any(value is n or (value == n and type(value) is type(n)) for n in NOTHING)
