"""Statements compiled once, and the driver's own connection to run them on.

SQLAlchemy writes the SQL; rows come straight from the driver. A statement built and
mapped per call costs three times as much for a single row.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from operator import itemgetter
from typing import Any, Protocol, cast

import orjson
from sqlalchemy import Engine, Select
from sqlalchemy.sql import ClauseElement

from core.loading import load_copy, load_many

Row = tuple[Any, ...]
Values = Mapping[str, Any]


class Source(Protocol):
    """What gives a unit of work the driver's connection."""

    def start(self) -> Any:
        """The connection, when the first statement is to run."""

    def alone(self) -> Any:
        """The connection, when the only statement is to run; it may yet start."""

    def after(self, error: BaseException) -> Any:
        """The connection to run a statement on again. Else raises its error."""


class Over:
    """What follows the only statement of a unit of work: nothing."""

    def start(self) -> Any:
        raise RuntimeError("the unit of work was to be one statement")

    alone = start

    def after(self, error: BaseException) -> Any:
        raise error


class Taken(Exception):
    """Something has a key that was to be another's."""


class Statement:
    """A Core statement; its text is made once for each kind of database.

    One that takes long to build is given as a function, for when it is needed.
    """

    def __init__(self, clause: ClauseElement | Callable[[], ClauseElement]) -> None:
        self._clause = clause
        self._compiled: dict[str, Compiled] = {}

    def bind(self, engine: Engine, values: Values) -> tuple[str, Any]:
        """The SQL text and its parameters, in the form the driver takes."""
        compiled = self._compiled.get(engine.dialect.name)
        if compiled is None:
            compiled = self._compile(engine)
        text, parameters, defaults = compiled
        return text, parameters({**defaults, **values} if defaults else values)

    def _compile(self, engine: Engine) -> "Compiled":
        clause = self._clause
        built = clause if isinstance(clause, ClauseElement) else clause()
        made = cast("Any", built).compile(dialect=engine.dialect)
        defaults = {k: v for k, v in made.params.items() if v is not None}
        compiled = (str(made), parameters_of(made), defaults)
        self._compiled[engine.dialect.name] = compiled
        return compiled


class Listing(Statement):
    """A select whose rows SQLite gives in one piece, as the members of a JSON array.

    It gives the interpreter away and takes it again for each row that it steps to.
    There are as many as fit into 10^9 bytes (its "Implementation Limits", 1).
    """

    def __init__(self, select: Select[Any]) -> None:
        super().__init__(select)
        self._names = ", ".join(select.selected_columns.keys())

    def _compile(self, engine: Engine) -> "Compiled":
        text, parameters, defaults = compiled = super()._compile(engine)
        if engine.dialect.name == "sqlite":
            text = f"SELECT group_concat(json_array({self._names})) FROM ({text})"
            compiled = (text, parameters, defaults)
            self._compiled[engine.dialect.name] = compiled
        return compiled


Compiled = tuple[str, Callable[[Values], Any], Values]
"""A text, what makes the driver's parameters of values, and values that are fixed."""


def parameters_of(compiled: Any) -> Callable[[Values], Any]:
    """How the driver takes values: under their names, or in the order of the text."""
    if not compiled.positional:
        return lambda values: values
    names = compiled.positiontup
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: [values[name] for name in names]


class Connection:
    """One unit of work's connection, which runs statements and gives plain rows.

    `work` takes its turn before its first statement, and gives the driver's connection.
    """

    def __init__(self, engine: Engine, work: Source, *, writes: bool) -> None:
        # SQLite has one writer at a time; its rows need no locks.
        self.is_sqlite = engine.dialect.name == "sqlite"
        self.locks = writes and not self.is_sqlite
        self.takes_arrays = not self.is_sqlite
        self._engine = engine
        self._work = work
        self._raw: Any = None

    def all(self, statement: Statement, **values: Any) -> list[Row]:
        """Every row of the answer."""
        return cast("list[Row]", self._run(statement, values).fetchall())

    def listed(self, statement: Listing, **values: Any) -> list[Row]:
        """Every row of the answer, as `all`."""
        rows = self._run(statement, values)
        if not self.is_sqlite:
            return cast("list[Row]", rows.fetchall())
        [members] = rows.fetchone()
        return cast("list[Row]", orjson.loads(f"[{members or ''}]"))

    def one(self, statement: Statement, **values: Any) -> Row | None:
        """The first row of the answer, if there is one."""
        return cast("Row | None", self._run(statement, values).fetchone())

    def alone(self, statement: Statement, **values: Any) -> Row | None:
        """The row of what is all that the unit of work writes, or None for nothing.

        It commits by itself, in one exchange with the database, unless the unit has
        begun. When it has given a row, nothing may follow.
        """
        if self._raw is not None:
            return self.one(statement, **values)
        raw = self._work.alone()
        bound = statement.bind(self._engine, values)
        row = cast("Row | None", raw.cursor().execute(*bound).fetchone())
        if row is None:
            self._begin()
        else:
            self._work = Over()
        return row

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

    def add(
        self,
        statement: Statement,
        table: str,
        columns: Sequence[str],
        rows: Sequence[Row],
    ) -> None:
        """Run an INSERT of these columns for each row; SQLite takes several at once."""
        if self.is_sqlite and len(rows) > 1:
            self.load(table, columns, [*chain.from_iterable(rows)])
        else:
            self.many(statement, [dict(zip(columns, row, strict=True)) for row in rows])

    def load(self, table: str, columns: Sequence[str], values: Sequence[Any]) -> None:
        """Add rows to SQLite, whose values follow each other."""
        self._begin()
        load_many(self._raw.cursor(), table, columns, values)

    def copy(self, table: str, columns: Sequence[str], body: bytes) -> None:
        """Add rows to PostgreSQL, in the text that COPY reads."""
        self._begin()
        load_copy(self._raw.cursor(), table, columns, body)

    def array(self, values: Sequence[Any]) -> Any:
        """The values as one parameter: of SQLite JSON, of PostgreSQL an array.

        Numbers are sent as text, whose type is that of the column; of a smaller one
        the array would be converted for each row.
        """
        if not self.takes_arrays:
            return orjson.dumps(values).decode()
        if isinstance(values[0], int):
            return f"{{{','.join(map(str, values))}}}"
        return values

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What can be undone by itself. Raises Taken, undone, if a key is not free."""
        self.execute("SAVEPOINT attempt")
        try:
            yield
        except self._engine.dialect.loaded_dbapi.IntegrityError as error:
            self.execute("ROLLBACK TO SAVEPOINT attempt")
            self.execute("RELEASE SAVEPOINT attempt")
            raise Taken from error
        self.execute("RELEASE SAVEPOINT attempt")

    def execute(self, sql: str) -> None:
        """Run a text without parameters."""
        self._begin()
        self._raw.cursor().execute(sql)

    def _run(self, statement: Statement, values: Values) -> Any:
        self._begin()
        bound = statement.bind(self._engine, values)
        try:
            return self._raw.cursor().execute(*bound)
        except self._engine.dialect.loaded_dbapi.Error as error:
            self._raw = self._work.after(error)
        return self._raw.cursor().execute(*bound)

    def _begin(self) -> None:
        if self._raw is None:
            self._raw = self._work.start()
