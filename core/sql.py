"""Statements compiled once, and the driver's own connection to run them on.

SQLAlchemy writes the SQL and keeps the pool; rows come straight from the driver. A
statement built and mapped per call costs three times as much for a single row.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any, cast

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import StaticPool
from sqlalchemy.sql import ClauseElement

from core.errors import Busy
from core.turn import Turn

Row = tuple[Any, ...]
Values = Mapping[str, Any]

TRANSIENT = {"40001", "40P01", "55P03"}
"""SQLSTATE: serialization failure, deadlock, lock not available (PostgreSQL, A)."""


MOST_VALUES = 32766
"""How many values a statement of SQLite takes (its "Implementation Limits", 9)."""


class Taken(Exception):
    """Something has a key that was to be another's."""


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
    """One unit of work's connection, which runs statements and gives plain rows.

    `start` is called before its first statement, and gives the driver's connection.
    """

    def __init__(
        self,
        engine: Engine,
        start: Callable[[], Any],
        *,
        writes: bool,
    ) -> None:
        # SQLite has one writer at a time; its rows need no locks.
        self.locks = writes and engine.dialect.name != "sqlite"
        self._engine = engine
        self._start = start
        self._raw: Any = None

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
        self._begin()
        if len(bound) == 1:
            self._raw.cursor().execute(*bound[0])
        elif bound:
            text = bound[0][0]
            self._raw.cursor().executemany(text, [values for _, values in bound])

    def load(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        """Add rows in the way that the driver has for many."""
        self._begin()
        cursor, listed = self._raw.cursor(), ", ".join(columns)
        if self._engine.dialect.name == "sqlite":
            # Many rows to a statement: each run of one takes and gives the interpreter.
            marks = f"({', '.join('?' * len(columns))})"
            most = MOST_VALUES // len(columns)
            for start in range(0, len(rows), most):
                some = rows[start : start + most]
                marked = ", ".join([marks] * len(some))
                text = f"INSERT INTO {table} ({listed}) VALUES {marked}"
                cursor.execute(text, [*chain.from_iterable(some)])
            return
        with cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What can be undone by itself. Raises Taken, undone, if a key is not free."""
        self.execute("SAVEPOINT attempt")
        try:
            yield
        except self._engine.dialect.loaded_dbapi.IntegrityError as error:
            self.execute("ROLLBACK TO SAVEPOINT attempt")
            raise Taken from error
        finally:
            self.execute("RELEASE SAVEPOINT attempt")

    def execute(self, sql: str) -> None:
        """Run a text without parameters."""
        self._begin()
        self._raw.cursor().execute(sql)

    def _run(self, statement: Statement, values: Values) -> Any:
        self._begin()
        return self._raw.cursor().execute(*statement.bind(self._engine, values))

    def _begin(self) -> None:
        if self._raw is None:
            self._raw = self._start()


class Database:
    """An engine whose connections are in autocommit until a unit of work begins one.

    `durable` keeps an acknowledged write through a power cut on SQLite too.
    """

    def __init__(self, url: str, *, durable: bool = True, pool_size: int = 16) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        in_memory = self.url.database in (None, "", ":memory:")
        self.is_file = self.is_sqlite and not in_memory
        self._idle: deque[Any] = deque()
        self.turn = Turn(f"{self.url.database}-turn" if not in_memory else None)
        pool: dict[str, Any] = {"pool_size": pool_size, "pool_reset_on_return": None}
        if self.is_sqlite:
            if in_memory:
                pool = {"poolclass": StaticPool, "pool_reset_on_return": None}
            self.engine = create_engine(
                self.url,
                connect_args={"check_same_thread": False, "timeout": 5.0},
                # What another connection writes empties a connection's cache.
                **({} if in_memory else {"pool_use_lifo": True}),
                **pool,
            )
            prepare_sqlite(self.engine, "FULL" if durable else "NORMAL")
        else:
            self.engine = create_engine(
                self.url,
                isolation_level="AUTOCOMMIT",
                max_overflow=5,
                pool_timeout=5,
                **pool,
            )

    def connection(self, *, writes: bool, is_unit: bool = True) -> "Work":
        """A connection for one unit of work: left well it commits, else rolls back.

        Raises Busy when another writer won and the unit may be tried again. Where it is
        no unit, each statement commits by itself.
        """
        return Work(self, writes=writes, is_unit=is_unit)

    def take(self) -> Any:
        """A pooled connection: the one that was used last, whose cache is the warmest.

        The pool's own way in and out costs more than a query.
        """
        try:
            return self._idle.pop()
        except IndexError:
            return self.engine.raw_connection()

    def give_back(self, raw: Any) -> None:
        """Keep a connection for the next to take, if it is still good."""
        if raw.is_valid:
            self._idle.append(raw)
        else:
            raw.close()

    def in_use(self) -> int:
        """How many connections units of work have at present."""
        return cast("int", cast("Any", self.engine.pool).checkedout()) - len(self._idle)

    def close(self) -> None:
        """Let go of every connection."""
        while self._idle:
            self._idle.pop().close()
        self.turn.close()
        self.engine.dispose()

    def is_transient(self, error: BaseException) -> bool:
        """Whether the unit of work that failed so may be tried again."""
        if self.is_sqlite:
            code = getattr(error, "sqlite_errorname", "")
            return bool(code.startswith("SQLITE_BUSY"))
        return getattr(error, "sqlstate", None) in TRANSIENT


class Work:
    """One unit of work on a database, as a context.

    It takes its turn and begins with its first statement: what is done before that
    keeps nobody waiting.
    """

    def __init__(self, database: Database, *, writes: bool, is_unit: bool) -> None:
        self._database = database
        self._writes = writes
        self._begins = writes and is_unit
        self._takes_turns = writes and database.is_sqlite
        self._raw: Any = None
        self._has_turn = False
        self._has_begun = False

    def __enter__(self) -> Connection:
        return Connection(self._database.engine, self._start, writes=self._writes)

    def _start(self) -> Any:
        database = self._database
        if self._takes_turns:
            database.turn.take()
            self._has_turn = True
        # Taken in turn, it is the one that wrote last, whose cache is the warmest.
        self._raw = database.take()
        driver = self._raw.driver_connection
        if self._begins:
            begin = "BEGIN IMMEDIATE" if database.is_sqlite else "BEGIN"
            driver.cursor().execute(begin)
            self._has_begun = True
        return driver

    def __exit__(self, _type: Any, error: BaseException | None, _trace: Any) -> None:
        if error is not None:
            self._fail(error)
            return
        try:
            if self._has_begun:
                self._raw.driver_connection.cursor().execute("COMMIT")
        except BaseException as failure:
            self._fail(failure)
            raise
        self._end()

    def _fail(self, error: BaseException) -> None:
        """Undo what was begun. Raises Busy if it may be tried again."""
        try:
            self._roll_back()
        finally:
            self._end()
        if self._database.is_transient(error):
            raise Busy from error

    def _roll_back(self) -> None:
        """Undo; a connection that cannot be told so is thrown away.

        A reader has begun nothing, but its server may be gone.
        """
        error_class = cast("Any", self._database.engine.dialect).dbapi.Error
        try:
            if self._raw is not None and (self._writes or not self._database.is_sqlite):
                self._raw.driver_connection.rollback()
        except error_class:
            self._raw.invalidate()

    def _end(self) -> None:
        try:
            if self._raw is not None:
                self._database.give_back(self._raw)
        finally:
            if self._has_turn:
                self._database.turn.leave()


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
