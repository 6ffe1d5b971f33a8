"""The tenants: to add, to find, to remove."""

from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, select, update

from core import counters
from core.address import is_storable
from core.connection import Connection, Row, Statement
from core.errors import Invalid, NotFound, Problem
from core.instants import from_microseconds, to_microseconds
from core.names import SHOP
from core.shop import Shop
from core.tables import addresses, cities, customers, regions, tallies
from core.tables import counters as counters_table
from core.tables import shops as s

SHOP_COLUMNS = (s.c.id, s.c.hash, s.c.name, s.c.renamed, s.c.closed, s.c.created_at)
ALL = Statement(lambda: select(*SHOP_COLUMNS).order_by(s.c.id))
FIND = Statement(lambda: select(*SHOP_COLUMNS).where(s.c.hash == bindparam("hash")))
ADD = Statement(
    lambda: (
        insert(s)
        .values(
            hash=bindparam("new_hash"),
            name=bindparam("new_name"),
            created_at=bindparam("now"),
        )
        .returning(s.c.id)
    )
)
# Locked, so that of two dialects closed at once none is forgotten.
CLOSED = Statement(
    lambda: select(s.c.closed).where(s.c.id == SHOP).with_for_update(key_share=True)
)
CLOSE = Statement(
    lambda: update(s).where(s.c.id == SHOP).values(closed=bindparam("to_closed"))
)
LOCKED = select(customers.c.id).where(customers.c.shop_id == SHOP).with_for_update()
REMOVE = [
    Statement(lambda: delete(counters_table).where(counters_table.c.shop_id == SHOP)),
    Statement(lambda: delete(regions).where(regions.c.shop_id == SHOP)),
    Statement(lambda: delete(cities).where(cities.c.shop_id == SHOP)),
    # At once and not customer by customer; but in the order in which others lock.
    Statement(lambda: select(func.count()).select_from(LOCKED.subquery())),
    Statement(lambda: delete(addresses).where(addresses.c.shop_id == SHOP)),
    Statement(lambda: delete(customers).where(customers.c.shop_id == SHOP)),
    Statement(lambda: delete(s).where(s.c.id == SHOP)),
    # Last, as what goes is counted.
    Statement(lambda: delete(tallies).where(tallies.c.shop_id == SHOP)),
]


def shop_from_row(row: Row) -> Shop:
    """The shop that a row of SHOP_COLUMNS holds."""
    id, hash, name, renamed, closed, created_at = row
    return Shop(
        id=id,
        hash=hash,
        name=name,
        renamed=frozenset(renamed.split()),
        closed=frozenset(closed.split()),
        created_at=from_microseconds(created_at),
    )


def all(connection: Connection) -> list[Shop]:
    """Every shop, oldest first."""
    return [shop_from_row(row) for row in connection.all(ALL)]


def find(connection: Connection, hash: str) -> Shop:
    """The shop with this public name. Raises NotFound."""
    row = connection.one(FIND, hash=hash) if is_storable(hash) else None
    if row is None:
        raise NotFound("shop", hash)
    return shop_from_row(row)


def add(connection: Connection, hash: str, name: str, now: datetime) -> Shop:
    """A new shop. Raises Invalid: "taken" when another one has the hash."""
    if connection.one(FIND, hash=hash):
        raise Invalid([Problem("hash", "taken", params={"value": hash})])
    row = connection.one(ADD, new_hash=hash, new_name=name, now=to_microseconds(now))
    assert row is not None
    counters.start(connection, row[0])
    return find(connection, hash)


def close(connection: Connection, shop: Shop, dialect: str) -> None:
    """Let the dialect know no places in the shop but those that were named for it."""
    [closed] = connection.one(CLOSED, shop=shop.id) or [""]
    marked = sorted({*closed.split(), dialect})
    connection.run(CLOSE, shop=shop.id, to_closed=" ".join(marked))


def remove(connection: Connection, shop: Shop) -> None:
    """Remove a shop; what hangs on it by a foreign key goes with it."""
    for statement in REMOVE:
        connection.run(statement, shop=shop.id)
