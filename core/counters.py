"""The next number of a kind of thing in a shop.

Numbers are a shop's own: its ids tell nothing of other shops, and two shops that are
filled alike are numbered alike. A number is never given twice, deleted things included.
"""

from sqlalchemy import bindparam, insert, select, update

from core.connection import Connection, Statement
from core.errors import NotFound
from core.tables import counters

FIRST = {"customer": 1, "address": 1, "region": 1_000_000, "city": 10_000_000}
"""Where each kind starts; below a shop's own places lie the numbers of shared ones."""

ADD = Statement(lambda: insert(counters))
THIS = (
    counters.c.shop_id == bindparam("shop"),
    counters.c.kind == bindparam("which"),
)
TAKE = Statement(
    lambda: (
        update(counters)
        .where(*THIS)
        .values(last=counters.c.last + bindparam("count"))
        .returning(counters.c.last)
    )
)
HOLD = Statement(lambda: select(counters.c.last).where(*THIS).with_for_update())
RAISE = Statement(
    lambda: (
        update(counters)
        .where(*THIS, counters.c.last < bindparam("least"))
        .values(last=bindparam("least"))
    )
)


def start(connection: Connection, shop: int) -> None:
    """Begin to number a new shop's things."""
    rows = [{"shop_id": shop, "kind": kind, "last": n - 1} for kind, n in FIRST.items()]
    connection.many(ADD, rows)


def take(connection: Connection, shop: int, kind: str, count: int = 1) -> range:
    """The next numbers; other takers of the kind wait until this unit of work ends.

    Raises NotFound for a shop that was removed meanwhile.
    """
    row = connection.one(TAKE, shop=shop, which=kind, count=count)
    if row is None:
        raise NotFound("shop", shop)
    return range(row[0] - count + 1, row[0] + 1)


def skip(connection: Connection, shop: int, kind: str, least: int) -> None:
    """Let no number up to `least` be given from now on."""
    connection.run(RAISE, shop=shop, which=kind, least=least)


def hold(connection: Connection, shop: int, kind: str) -> None:
    """Let other takers of the kind wait until this unit of work ends."""
    connection.one(HOLD, shop=shop, which=kind)
