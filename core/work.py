"""A unit of work on the database: a turn, a connection, a beginning and an end."""

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Engine

from core import postgresql
from core.connection import Connection
from core.errors import Busy, OutcomeUnknown
from core.pool import Pool
from core.turn import Turn

T = TypeVar("T")


class Backend(Protocol):
    """What a unit of work needs of its database."""

    engine: Engine
    pool: Pool
    turn: Turn
    error: Any
    is_sqlite: bool
    is_file: bool

    def is_transient(self, error: BaseException) -> bool: ...
    def is_stale(self, raw: Any) -> bool: ...
    def is_lost(self, error: BaseException, raw: Any) -> bool: ...


class Work(Generic[T]):
    """One unit of work on a database, as a context in which what it makes is good.

    It takes its turn and begins with its first statement: what is done before that
    keeps nobody waiting. A connection that the server has ended is replaced as long as
    nothing was begun on it; a unit that was begun is Busy then, to be done again.
    """

    def __init__(
        self,
        database: Backend,
        make: Callable[[Connection], T],
        *,
        writes: bool,
        begin: str,
    ) -> None:
        self._database = database
        self._make = make
        self._writes = writes
        self._begin = begin
        # All share the one connection of a database in memory: a reader, too, would be
        # in the midst of another's unit.
        is_shared = database.is_sqlite and not database.is_file
        self._takes_turns = is_shared or (writes and database.is_sqlite)
        self._raw: Any = None
        self._has_turn = False
        self._has_begun = False
        self._commits_itself = False

    def __enter__(self) -> T:
        engine = self._database.engine
        return self._make(Connection(engine, self, writes=self._writes))

    def start(self) -> Any:
        """Take the turn and a connection, and begin."""
        if not self._begin:
            return self.alone()
        if self._raw is None:
            self._take()
        self._commits_itself = False
        self._start_unit()
        return self._raw.driver_connection

    def alone(self) -> Any:
        """Take the turn and a connection, for what commits by itself."""
        self._take()
        self._commits_itself = self._writes
        if self._writes and self._database.is_stale(self._raw):
            # It cannot be done again when its answer is lost.
            self._renew()
        return self._raw.driver_connection

    def _take(self) -> None:
        if self._takes_turns:
            self._database.turn.take()
            self._has_turn = True
        # Taken in turn, it is the one that wrote last, whose cache is the warmest.
        self._raw = self._database.pool.take()

    def after(self, error: BaseException) -> Any:
        """The driver's connection, to read from it again. Else raises the error."""
        database = self._database
        if self._writes or self._has_begun:
            raise error
        if database.is_lost(error, self._raw):
            self._renew()
        elif not database.is_transient(error):
            raise error
        return self._raw.driver_connection

    def _start_unit(self) -> None:
        self._execute_first(self._begin)
        self._has_begun = True
        if self._begin.endswith(postgresql.LONG):
            self._database.pool.let_last(self._raw)

    def _execute_first(self, sql: str) -> None:
        try:
            self._raw.driver_connection.cursor().execute(sql)
        except self._database.error as error:
            if not self._database.is_lost(error, self._raw):
                raise
            self._renew()
            self._raw.driver_connection.cursor().execute(sql)

    def _renew(self) -> None:
        lost, self._raw = self._raw, None
        database = self._database
        self._raw = database.pool.renewed(lost, alone=database.is_sqlite)

    def __exit__(self, _type: Any, error: BaseException | None, _trace: Any) -> None:
        if error is not None:
            self._fail(error)
            return
        try:
            if self._has_begun:
                self._raw.driver_connection.cursor().execute("COMMIT")
        except BaseException as failure:
            self._fail(failure, commits=self._writes)
            raise
        self._end()

    def _fail(self, error: BaseException, *, commits: bool = False) -> None:
        """Undo what was begun. Raises Busy if it may be tried again."""
        database = self._database
        is_lost = self._raw is not None and database.is_lost(error, self._raw)
        is_good = False
        try:
            is_good = not is_lost and self._roll_back()
        finally:
            self._end(is_good=is_good)
        if is_lost and (commits or (self._commits_itself and not database.is_sqlite)):
            raise OutcomeUnknown from error
        passes = is_lost and self._begin and not database.is_sqlite
        if self._writes and (database.is_transient(error) or passes):
            raise Busy from error

    def _roll_back(self) -> bool:
        """Undo; false for a connection that cannot be told so.

        A reader has begun nothing, but its server may be gone.
        """
        database = self._database
        if self._raw is None or (database.is_sqlite and not self._has_begun):
            return True
        try:
            self._raw.driver_connection.rollback()
        except database.error:
            return False
        return True

    def _end(self, *, is_good: bool = True) -> None:
        pool = self._database.pool
        try:
            if self._raw is not None and is_good:
                pool.give_back(self._raw)
            elif self._raw is not None:
                pool.drop(self._raw)
                if not self._database.is_sqlite:
                    pool.drop_idle()
        finally:
            if self._has_turn:
                self._database.turn.leave()
