"""The database: its connections, and their settings."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool, StaticPool

from core import postgresql
from core.connection import Connection
from core.pool import Pool
from core.turn import Turn
from core.watch import Watch
from core.work import Work

T = TypeVar("T")

POOL_SIZE = 20
"""How many connections a process may have: a worker's threads need one each."""

PATIENCE = 5.0
"""How long a unit of work waits for one of them, in seconds."""


class Database:
    """An engine whose connections are in autocommit until a unit of work begins one.

    `durable` keeps an acknowledged write through a power cut on SQLite too.
    """

    def __init__(self, url: str, *, durable: bool = True) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        in_memory = self.url.database in (None, "", ":memory:")
        self.is_file = self.is_sqlite and not in_memory
        self.turn = Turn(f"{self.url.database}-turn" if not in_memory else None)
        most: int | None = None
        watch: Watch | None = None
        if self.is_sqlite:
            self.engine = create_engine(
                self.url,
                connect_args={"check_same_thread": False, "timeout": 5.0},
                poolclass=StaticPool if in_memory else NullPool,
                pool_reset_on_return=None,
            )
            prepare_sqlite(self.engine, "FULL" if durable else "NORMAL")
        else:
            most = postgresql.pool_size(self.url)
            if seconds := postgresql.unit_seconds(self.url):
                watch = Watch(seconds, postgresql.cut)
            self.engine = create_engine(
                postgresql.libpq_url(self.url),
                isolation_level="AUTOCOMMIT",
                connect_args=postgresql.connect_arguments(self.url),
                poolclass=NullPool,
                pool_reset_on_return=None,
            )
        self.error = self.engine.dialect.loaded_dbapi.Error
        most = most or POOL_SIZE
        self.pool = Pool(self.engine.raw_connection, most, PATIENCE, watch)

    def connection(
        self, *, writes: bool, is_unit: bool = True, is_long: bool = False
    ) -> Work[Connection]:
        """A connection for one unit of work: left well it commits, else rolls back.

        Raises Busy when another writer won and the unit may be tried again. Where it is
        no unit, each statement commits by itself. What a long one reads is of one
        moment, and no timeout ends it.
        """
        begin = self.beginning(writes=writes, is_unit=is_unit, is_long=is_long)
        return Work(self, lambda connection: connection, writes=writes, begin=begin)

    def unit(self, make: Callable[[Connection], T], *, writes: bool) -> Work[T]:
        """What is made of the connection for one unit of work, as `connection` says."""
        begin = self.beginning(writes=writes)
        return Work(self, make, writes=writes, begin=begin)

    def long(self) -> Work[Connection]:
        """A connection, to read what is to be of one moment and takes long."""
        return self.connection(writes=False, is_long=True)

    def beginning(
        self, *, writes: bool = False, is_unit: bool = True, is_long: bool = False
    ) -> str:
        """What begins a unit of work; nothing for one whose statements are alone."""
        if not is_unit or not (writes or is_long):
            return ""
        if self.is_sqlite:
            return "BEGIN IMMEDIATE" if writes else "BEGIN"
        kind = "" if writes else " ISOLATION LEVEL REPEATABLE READ READ ONLY"
        return f"BEGIN{kind}; {postgresql.LONG}" if is_long else "BEGIN"

    def in_use(self) -> int:
        """How many connections units of work have at present."""
        return self.pool.in_use()

    def close(self) -> None:
        """Let go of every connection."""
        self.pool.drop_idle()
        self.turn.close()
        self.engine.dispose()

    def is_transient(self, error: BaseException) -> bool:
        """Whether the unit of work that failed so may be tried again."""
        if self.is_sqlite:
            code = getattr(error, "sqlite_errorname", "")
            return bool(code.startswith("SQLITE_BUSY"))
        return getattr(error, "sqlstate", None) in postgresql.TRANSIENT

    def is_stale(self, raw: Any) -> bool:
        """Whether it can be seen, without a question, that the server is gone."""
        return not self.is_sqlite and postgresql.is_stale(raw.driver_connection)

    def is_lost(self, error: BaseException, raw: Any) -> bool:
        """Whether the connection on which this went wrong is of no more use."""
        if self.is_sqlite:
            # One that was opened while the file could not be written stays so.
            return getattr(error, "sqlite_errorname", "").startswith("SQLITE_READONLY")
        if not isinstance(error, self.error):
            return False
        return postgresql.is_lost(error, raw.driver_connection)


def prepare_sqlite(engine: Engine, synchronous: str) -> None:
    """Give every connection of a SQLite engine the settings the store relies on."""

    @event.listens_for(engine, "connect")
    def connect(raw: Any, _record: Any) -> None:
        raw.isolation_level = None
        cursor = raw.cursor()
        for pragma in (
            "busy_timeout = 5000",
            "journal_mode = WAL",
            f"synchronous = {synchronous}",
            "foreign_keys = ON",
            "mmap_size = 268435456",
            "wal_autocheckpoint = 4000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
