"""What a shop holds, as rows: to take, to put back, and to copy to another shop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Table, bindparam, delete, insert, select, update

from core.connection import Connection, Statement
from core.names import SHOP
from core.place_import import PlaceRow
from core.places import countries_by_id
from core.shop import Shop
from core.tables import (
    addresses,
    cities,
    counters,
    customers,
    keys,
    names,
    regions,
    request_tokens,
    shops,
    tallies,
)

CONTENTS = (counters, regions, cities, names, customers, addresses)
"""In the order of adding: what hangs on another row comes after it."""

OF_KEYS = select(keys.c.id).where(keys.c.shop_id == SHOP)
SCOPES = {
    **{table: table.c.shop_id == SHOP for table in (*CONTENTS, keys)},
    request_tokens: request_tokens.c.consumer_id.in_(OF_KEYS),
}
# A user comes before the keys of its sign-ins, as an application does before its own.
TAKE = {
    table: Statement(select(table).where(scope).order_by(*table.primary_key))
    for table, scope in SCOPES.items()
}
EMPTY = {
    table: Statement(delete(table).where(scope)) for table, scope in SCOPES.items()
}
ADD = {table: Statement(insert(table)) for table in SCOPES}
# All are 0 by then: what comes is counted anew.
FORGET_TALLIES = Statement(delete(tallies).where(tallies.c.shop_id == SHOP))
ABOUT = Statement(
    select(shops.c.name, shops.c.renamed, shops.c.closed).where(shops.c.id == SHOP)
)
TELL = Statement(
    update(shops)
    .where(shops.c.id == SHOP)
    .values({name: bindparam(f"to_{name}") for name in ("name", "renamed", "closed")})
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything in a shop at one time: what it is called, and rows by their tables."""

    about: Mapping[str, str]
    rows: Mapping[Table, Sequence[Mapping[str, Any]]]

    def named(self, name: str) -> "Snapshot":
        """The same of a shop with this name."""
        return replace(self, about={**self.about, "to_name": name})

    @property
    def next_ids(self) -> Mapping[str, int]:
        """The number that the next thing of each kind gets."""
        return {row["kind"]: row["last"] + 1 for row in self.rows[counters]}

    @property
    def own_places(self) -> Sequence[PlaceRow]:
        """The regions and cities that only this shop has, under our numbers."""
        countries = countries_by_id()
        return [
            PlaceRow(
                kind=kind,
                number=row["id"],
                name=row["name"],
                code=row.get("code", ""),
                country=countries[row["country_id"]].code if row["country_id"] else "",
                region=row.get("region_id") or None,
            )
            for kind, table in (("region", regions), ("city", cities))
            for row in self.rows[table]
        ]


def take(connection: Connection, shop: Shop) -> Snapshot:
    """What the shop holds now."""
    found = connection.one(ABOUT, shop=shop.id) or ("", "", "")
    return Snapshot(
        about=dict(zip(("to_name", "to_renamed", "to_closed"), found, strict=True)),
        rows={
            table: [
                dict(zip(table.c.keys(), row, strict=True))
                for row in connection.all(statement, shop=shop.id)
            ]
            for table, statement in TAKE.items()
        },
    )


def put(
    connection: Connection, shop: Shop, snapshot: Snapshot, *, keeps_keys: bool
) -> None:
    """Let the shop hold what the snapshot does, and nothing else.

    One that keeps its keys is another shop than the snapshot's: a key opens one shop.
    """
    tables = CONTENTS if keeps_keys else tuple(TAKE)
    for table in reversed(tables):
        connection.run(EMPTY[table], shop=shop.id)
    connection.run(FORGET_TALLIES, shop=shop.id)
    connection.run(TELL, shop=shop.id, **snapshot.about)
    for table in tables:
        rows = snapshot.rows[table]
        if "shop_id" in table.c:
            rows = [{**row, "shop_id": shop.id} for row in rows]
        connection.many(ADD[table], rows)
