"""Statements compiled once, and the driver's own connection to run them on.

SQLAlchemy writes the SQL and keeps the pool; rows come straight from the driver. A
statement built and mapped per call costs three times as much for a single row.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import StaticPool
from sqlalchemy.sql import ClauseElement

from core.errors import Busy

Row = tuple[Any, ...]
Values = Mapping[str, Any]

TRANSIENT = {"40001", "40P01", "55P03"}
"""SQLSTATE: serialization failure, deadlock, lock not available (PostgreSQL, A)."""


class Statement:
    """A Core statement; its text is made once for each kind of database."""

    def __init__(self, clause: ClauseElement) -> None:
        self._clause = clause
        self._compiled: dict[str, tuple[str, Sequence[str] | None, Values]] = {}

    def bind(self, engine: Engine, values: Values) -> tuple[str, Any]:
        """The SQL text and its parameters, in the form the driver takes."""
        compiled = self._compiled.get(engine.dialect.name)
        if compiled is None:
            compiled = self._compile(engine)
        text, order, defaults = compiled
        if defaults:
            values = {**defaults, **values}
        if order is None:
            return text, values
        return text, [values[name] for name in order]

    def _compile(self, engine: Engine) -> tuple[str, Sequence[str] | None, Values]:
        made = cast("Any", self._clause).compile(dialect=engine.dialect)
        order = made.positiontup if made.positional else None
        defaults = {k: v for k, v in made.params.items() if v is not None}
        compiled = (str(made), order, defaults)
        self._compiled[engine.dialect.name] = compiled
        return compiled


class Connection:
    """One unit of work's connection, which runs statements and gives plain rows."""

    def __init__(self, engine: Engine, raw: Any, *, writes: bool) -> None:
        # SQLite has one writer at a time; its rows need no locks.
        self.locks = writes and engine.dialect.name != "sqlite"
        self._engine = engine
        self._raw = raw

    def all(self, statement: Statement, **values: Any) -> list[Row]:
        """Every row of the answer."""
        return cast("list[Row]", self._run(statement, values).fetchall())

    def one(self, statement: Statement, **values: Any) -> Row | None:
        """The first row of the answer, if there is one."""
        return cast("Row | None", self._run(statement, values).fetchone())

    def run(self, statement: Statement, **values: Any) -> int:
        """How many rows the statement touched."""
        return cast("int", self._run(statement, values).rowcount)

    def many(self, statement: Statement, rows: Sequence[Values]) -> None:
        """Run the statement once for each row of values."""
        bound = [statement.bind(self._engine, row) for row in rows]
        if len(bound) == 1:
            self._raw.cursor().execute(*bound[0])
        elif bound:
            text = bound[0][0]
            self._raw.cursor().executemany(text, [values for _, values in bound])

    def execute(self, sql: str) -> None:
        """Run a text without parameters: transaction control."""
        self._raw.cursor().execute(sql)

    def _run(self, statement: Statement, values: Values) -> Any:
        return self._raw.cursor().execute(*statement.bind(self._engine, values))


class Database:
    """An engine whose connections are in autocommit until a unit of work begins one.

    `durable` keeps an acknowledged write through a power cut on SQLite too.
    """

    def __init__(self, url: str, *, durable: bool = True, pool_size: int = 16) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._writer = threading.Lock()
        if self.is_sqlite:
            in_memory = self.url.database in (None, "", ":memory:")
            pool = {"poolclass": StaticPool} if in_memory else {"pool_size": pool_size}
            self.engine = create_engine(
                self.url,
                connect_args={"check_same_thread": False, "timeout": 5.0},
                pool_reset_on_return=None,
                **cast("Any", pool),
            )
            prepare_sqlite(self.engine, "FULL" if durable else "NORMAL")
        else:
            self.engine = create_engine(
                self.url,
                isolation_level="AUTOCOMMIT",
                pool_size=pool_size,
                max_overflow=5,
                pool_timeout=5,
                pool_reset_on_return=None,
            )

    @contextmanager
    def connection(self, *, writes: bool) -> Iterator[Connection]:
        """A connection for one unit of work: left well it commits, else rolls back.

        Raises Busy when another writer won and the unit may be tried again.
        """
        # One writer at a time inside a process: SQLite's own waiting sleeps for up to
        # 100 ms, which is what makes a queue of threads slow.
        if writes and self.is_sqlite:
            with self._writer, self._connection(writes=True) as connection:
                yield connection
        else:
            with self._connection(writes=writes) as connection:
                yield connection

    @contextmanager
    def _connection(self, *, writes: bool) -> Iterator[Connection]:
        raw = self.engine.raw_connection()
        connection = Connection(self.engine, raw.driver_connection, writes=writes)
        try:
            if writes:
                connection.execute("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")
            yield connection
            if writes:
                connection.execute("COMMIT")
        except BaseException as error:
            self._abandon(raw, writes=writes)
            if self._is_transient(error):
                raise Busy from error
            raise
        finally:
            raw.close()

    def _abandon(self, raw: Any, *, writes: bool) -> None:
        """Undo what was begun; a connection that cannot be told so is thrown away.

        A reader has begun nothing, but its server may be gone.
        """
        error_class = cast("Any", self.engine.dialect).dbapi.Error
        try:
            if writes or not self.is_sqlite:
                raw.driver_connection.rollback()
        except error_class:
            raw.invalidate()

    def _is_transient(self, error: BaseException) -> bool:
        if self.is_sqlite:
            code = getattr(error, "sqlite_errorname", "")
            return bool(code.startswith("SQLITE_BUSY"))
        return getattr(error, "sqlstate", None) in TRANSIENT


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
        ):
            cursor.execute(f"PRAGMA {pragma}")
