"""The statements behind a gazetteer, each compiled once for what it depends on."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
)

from core.connection import Connection, Statement
from core.names import SHOP, ours, scope, theirs
from core.places import fold
from core.query import Columns, Shape, clauses, order_by, remembered
from core.tables import SHARED, cities, countries, names, regions


class Known(NamedTuple):
    """A place as the tables hold it, in our numbers; 0 for no place around it."""

    id: int
    code: str
    name: str
    country_id: int = 0
    region_id: int = 0


def add_place(connection: Connection, kind: str, shop: int, place: Known) -> None:
    """Add a region or a city to a shop, or to the places that all shops share."""
    row: dict[str, Any] = {
        "shop_id": shop,
        "id": place.id,
        "country_id": place.country_id,
        "name": place.name,
        "name_key": fold(place.name),
    }
    if kind == "region":
        row |= {"code": place.code, "code_key": fold(place.code)}
        connection.run(ADD_REGION, **row)
    else:
        connection.run(ADD_CITY, **row, region_id=place.region_id)


ADD_REGION = Statement(regions.insert())
ADD_CITY = Statement(cities.insert())
TABLES = {"country": countries, "region": regions, "city": cities}
NOTHING = literal(0, Integer)


def our_columns(kind: str) -> Sequence[ColumnElement[Any]]:
    """The columns of `Known`."""
    table = TABLES[kind]
    return (
        table.c.id,
        table.c.get("code", literal("")),
        table.c.name,
        table.c.get("country_id", NOTHING),
        table.c.get("region_id", NOTHING),
    )


def visible(kind: str, closed: bool) -> list[ColumnElement[bool]]:
    """The places that a shop knows."""
    table = TABLES[kind]
    named = (
        select(1)
        .where(scope(kind), names.c.ours == table.c.id, names.c.is_given == 1)
        .correlate(table)
        .exists()
    )
    if kind == "country":
        return [named] if closed else []
    own = table.c.shop_id == SHOP
    # This one stands alone, or SQLite would look at every row for a number.
    known = or_(own, table.c.shop_id == SHARED)
    return [known, or_(own, named)] if closed else [known]


@cache
def by_number(kind: str, renamed: bool, closed: bool) -> Statement:
    number = ours(kind, bindparam("number"), renamed=renamed)
    columns = our_columns(kind)
    return Statement(
        select(*columns).where(*visible(kind, closed), columns[0] == number)
    )


@cache
def by_text(kind: str, closed: bool) -> Statement:
    """A shop's own place wins over a shared one, a name over a code."""
    table = TABLES[kind]
    named = table.c.name_key == bindparam("key")
    conditions = [table.c.country_id == bindparam("country")]
    if kind == "region":
        coded = and_(table.c.code_key == bindparam("key"), table.c.code_key != "")
        matches = or_(named, coded)
    else:
        matches = named
        conditions.append(table.c.region_id == bindparam("region"))
    return Statement(
        select(*our_columns(kind))
        .where(*visible(kind, closed), *conditions, matches)
        .order_by(table.c.shop_id.desc(), named.desc(), table.c.id)
        .limit(1)
    )


def listing_columns(kind: str, renamed: bool) -> Columns:
    id, code, name, country, region = our_columns(kind)
    return {
        "id": theirs(kind, id, renamed=renamed),
        "code": code,
        "name": name,
        "country": func.nullif(theirs("country", country, renamed=renamed), 0),
        "region": func.nullif(theirs("region", region, renamed=renamed), 0),
    }


@remembered(at=3)
def listing(
    kind: str, renamed: bool, closed: bool, shape: Shape, order: tuple[str, ...]
) -> Statement:
    columns = listing_columns(kind, renamed)
    return Statement(
        select(*(column.label(f"f_{name}") for name, column in columns.items()))
        .where(*visible(kind, closed), *clauses(shape, columns))
        .order_by(*order_by(order, columns))
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
    )


@remembered(at=3)
def listing_total(kind: str, renamed: bool, closed: bool, shape: Shape) -> Statement:
    columns = listing_columns(kind, renamed)
    found = select(func.count()).select_from(TABLES[kind])
    return Statement(found.where(*visible(kind, closed), *clauses(shape, columns)))
