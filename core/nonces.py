"""Nonces: each is used once, whoever uses it (RFC 5849, 3.3).

They are remembered for a while and then forgotten, so a client's timestamp must tell
old requests from new ones for longer than that.
"""

import os
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import bindparam, delete, select, text

from core.address import is_storable
from core.connection import Connection, Statement
from core.instants import to_microseconds
from core.sql import Database
from core.tables import nonces as n

LONGEST = 32
"""How many characters of a nonce tell it from others."""

KEPT_FOR = timedelta(minutes=120)
"""How long a nonce is remembered at least."""

AT_ONCE = 1000
"""How many are forgotten at once."""


class Use(Enum):
    """What the use of a nonce is: its first one, that request again, or another's."""

    FRESH = "fresh"
    USED = "used"
    REUSED = "reused"


def kept_in(database: Database) -> Database:
    """Where the nonces of a store are: for an SQLite file, in another one beside it.

    What is written to a file empties every other connection's cache of its pages, waits
    for its other writers and, if it is to survive a power cut, for the disk.
    """
    if not database.is_file:
        return database
    url = database.url.set(database=f"{database.url.database}-nonces")
    os.close(os.open(url.database or "", os.O_RDWR | os.O_CREAT, 0o600))
    kept = Database(url.render_as_string(hide_password=False), durable=False)
    # Workers that start at once must not all make it.
    kept.turn.take()
    try:
        with kept.engine.connect() as connection:
            n.create(connection, checkfirst=True)
    finally:
        kept.turn.leave()
    return kept


def use(connection: Connection, nonce: str, timestamp: int, now: datetime) -> Use:
    """Remember the nonce; of equal uses at the same time one is the first."""
    stored = storable(nonce)
    if connection.run(
        ADD, to_nonce=stored, to_timestamp=timestamp, to_used_at=to_microseconds(now)
    ):
        return Use.FRESH
    found = connection.one(FIND, nonce=stored)
    return Use.REUSED if found and found[0] != timestamp else Use.USED


def forget_old(connection: Connection, now: datetime) -> int:
    """Forget some of the nonces that are old enough; how many they were."""
    return connection.run(FORGET_OLD, before=to_microseconds(now - KEPT_FOR))


def forget_all(connection: Connection) -> None:
    """Forget every nonce."""
    connection.run(FORGET_ALL)


def storable(nonce: str) -> str:
    """The part of a nonce that is kept, as any database can keep it."""
    cut = nonce[:LONGEST]
    return cut if is_storable(cut) else ascii(cut)


# Both databases write "ON CONFLICT" so; SQLAlchemy has it in the dialect of each only,
# and to load PostgreSQL's takes a tenth of a start on SQLite.
ADD = Statement(
    lambda: text(
        f"INSERT INTO {n.name} (nonce, timestamp, used_at)"
        " VALUES (:to_nonce, :to_timestamp, :to_used_at) ON CONFLICT DO NOTHING"
    )
)
FIND = Statement(lambda: select(n.c.timestamp).where(n.c.nonce == bindparam("nonce")))
old = n.alias()
FORGET_OLD = Statement(
    lambda: delete(n).where(
        n.c.nonce.in_(
            select(old.c.nonce)
            .where(old.c.used_at < bindparam("before"))
            .order_by(old.c.used_at)
            .limit(AT_ONCE)
        )
    )
)
FORGET_ALL = Statement(lambda: delete(n))
