"""A platform's own numbers of places: they win over the default ones."""

from collections.abc import Sequence
from dataclasses import dataclass

from core import shops
from core.connection import Connection
from core.counters import FIRST, skip, take
from core.errors import Invalid, Problem
from core.gazetteer import Gazetteer
from core.lookups import Known, add_place
from core.names import rename
from core.places import countries_by_code, fold
from core.shop import Shop


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceRow:
    """What a platform calls a place: `kind` is "country", "region" or "city".

    `country` is the ISO 3166-1 code of the country around it; `region` is the
    platform's number of the region around a city.
    """

    kind: str
    number: int
    name: str
    code: str = ""
    country: str = ""
    region: int | None = None


ORDER = ("country", "region", "city")
OWN = ("region", "city")
"""What a shop can have of its own."""


def import_places(
    connection: Connection,
    shop: Shop,
    dialect: str,
    rows: Sequence[PlaceRow],
    *,
    only: bool,
) -> None:
    """Let the dialect know the places of the shop under the rows' numbers.

    A place that the store does not have becomes the shop's own. With `only` the
    dialect knows no others. Raises Invalid for the first row that cannot be:
    "unknown" for a kind, country or region that does not exist, "impossible" for a
    number below 1 or above 2**63 - 1, and "taken" for a number that another row has,
    or the name of a place that another row names.
    """
    gazetteer = Gazetteer(
        connection, shop=shop.id, dialect=dialect, renamed=True, closed=False
    )
    indexed = sorted(enumerate(rows), key=lambda r: place_order(r[1], r[0]))
    numbers, places = set(), set()
    for index, row in indexed:
        if not 0 < row.number < 2**63:
            value = {"value": row.number}
            raise Invalid([Problem("number", "impossible", index, value)])
        if (row.kind, row.number) in numbers:
            raise Invalid([Problem("number", "taken", index, {"value": row.number})])
        place = find_or_add(connection, gazetteer, shop, row, index)
        if (row.kind, place) in places:
            raise Invalid([Problem("name", "taken", index, {"value": row.name})])
        numbers.add((row.kind, row.number))
        places.add((row.kind, place))
        rename(
            connection,
            row.kind,
            shop=shop.id,
            dialect=dialect,
            ours=place,
            to=row.number,
        )
    if only:
        shops.close(connection, shop, dialect)


def add_own_places(
    connection: Connection, shop: Shop, rows: Sequence[PlaceRow]
) -> None:
    """Add regions and cities of the shop's own, under our numbers, to one without any.

    Raises Invalid for the first row that cannot be: "impossible" for a number that no
    shop gives, "taken" for one that another row has, "unknown" for a kind or country.
    """
    numbers = set()
    for index, row in enumerate(rows):
        value = {"value": row.number}
        if row.kind not in OWN:
            raise Invalid([Problem("kind", "unknown", index, {"value": row.kind})])
        if not FIRST[row.kind] <= row.number < 2**63:
            raise Invalid([Problem("number", "impossible", index, value)])
        if (row.kind, row.number) in numbers:
            raise Invalid([Problem("number", "taken", index, value)])
        country = countries_by_code().get(row.country.upper())
        if row.country and country is None:
            wrong = {"value": row.country}
            raise Invalid([Problem("country", "unknown", index, wrong)])
        numbers.add((row.kind, row.number))
        around = (country.id or 0) if country else 0
        place = Known(row.number, row.code, row.name, around, row.region or 0)
        add_place(connection, row.kind, shop.id, place)
        skip(connection, shop.id, row.kind, row.number)


def place_order(row: PlaceRow, index: int) -> int:
    """Countries before regions before cities, as each lies in the one before."""
    if row.kind not in ORDER:
        raise Invalid([Problem("kind", "unknown", index, {"value": row.kind})])
    return ORDER.index(row.kind)


def find_or_add(
    connection: Connection,
    gazetteer: Gazetteer,
    shop: Shop,
    row: PlaceRow,
    index: int,
) -> int:
    """Our number of the row's place."""
    code = row.code if row.kind == "country" else row.country
    country = countries_by_code().get(code.upper())
    if country is None or country.id is None:
        raise Invalid([Problem("country", "unknown", index, {"value": code})])
    if row.kind == "country":
        return country.id
    region = 0
    if row.region is not None:
        known = gazetteer.known("region", row.region)
        if known is None or known.country_id != country.id:
            raise Invalid([Problem("region", "unknown", index, {"value": row.region})])
        region = known.id
    found = gazetteer.named(row.kind, row.name, country.id, region)
    if found and fold(found.name) == fold(row.name) and row.code in ("", found.code):
        return found.id
    [id] = take(connection, shop.id, row.kind)
    place = Known(id, row.code, row.name, country.id, region)
    add_place(connection, row.kind, shop.id, place)
    return id
