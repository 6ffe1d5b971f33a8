"""The regions that OpenMage knows: those of twelve countries; elsewhere any text is.

The table is that of a default installation. `iso` is the code of ISO 3166-2 under which
the store knows the region, where it knows it.
"""

import csv
import unicodedata
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from core import Address, Region, fold
from dialects.openmage.quirks import NAME

REFUSED_COUNTRIES = frozenset({"BQ", "CW", "SS", "SX"})
"""Countries of ISO 3166-1 that are in its table and yet refused (observed)."""


class Known(NamedTuple):
    """A region by its code and name in OpenMage, and its code in ISO 3166-2 or ""."""

    country: str
    code: str
    name: str
    iso: str


@cache
def known_regions() -> tuple[Known, ...]:
    """Every predefined region."""
    text = (files("dialects.openmage") / "regions.csv").read_text("utf-8")
    return tuple(Known(**row) for row in csv.DictReader(text.splitlines()))


@cache
def countries_with_regions() -> frozenset[str]:
    """The countries in which a region is required."""
    return frozenset(known.country for known in known_regions())


@cache
def by_text() -> dict[tuple[str, str], Known]:
    """The regions under their countries, with each code and name as they compare."""
    found: dict[tuple[str, str], Known] = {}
    for known in known_regions():
        for text in (known.name, known.code):
            found.setdefault((known.country, collated(text)), known)
    return found


@cache
def names() -> dict[tuple[str, str], str]:
    """The names under their countries and the codes of ISO 3166-2."""
    return {(r.country, r.iso): r.name for r in known_regions() if r.iso}


def collated(text: str) -> str:
    """The text as its database compares it: no case, accents or blanks at the end."""
    decomposed = unicodedata.normalize("NFD", text)
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return bare.casefold().rstrip(" ")


def find(country: str, text: str) -> Known | None:
    """The region of the country with this name or code."""
    return by_text().get((country, collated(text)))


def reference(known: Known) -> Region:
    """The region as the store is asked for it."""
    return Region(name=known.iso or known.name)


def shown(address: Address) -> str:
    """The name of an address's region: OpenMage's own, or as the client spelled it."""
    region, country = address.region, address.country
    if region is None:
        return ""
    if not region.code or country is None:
        return region.name
    spelled = str(address.extras.get(NAME, {}).get("region", ""))
    if spelled and fold(spelled) in (fold(region.name), fold(region.code)):
        return spelled
    return names().get((country.code, region.code), region.name)
