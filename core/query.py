"""What to look for, in canonical names, and its translation to SQL."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import lru_cache, wraps
from typing import Any, Generic, NamedTuple, ParamSpec, TypeVar

from sqlalchemy import ColumnElement, Text, bindparam, cast, false, or_

from core.address import is_storable
from core.connection import Values
from core.instants import to_microseconds

T = TypeVar("T")
P = ParamSpec("P")
SMALLEST, LARGEST = -(2**63), 2**63 - 1
"""The numbers that a database has."""

NUMBERS = {"id", "number"}
"""What nothing has in common with another: a dialect's number of it, and our own."""

MOST_ROUNDED = 8192
"""Twice as many would be more than SQLite takes parameters for."""

SIMPLE = 600
"""How many comparisons the statements have that are kept."""


class Op(Enum):
    """How a condition compares: CONTAINS ignores the case of ASCII letters.

    A number contains its digits.
    """

    EQ = "eq"
    NE = "ne"
    LT = "lt"
    LE = "le"
    GT = "gt"
    GE = "ge"
    IN = "in"
    CONTAINS = "contains"


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must hold of the field, or of any of several fields."""

    field: str | tuple[str, ...]
    op: Op
    value: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """What to find: all conditions hold; `-` before a field of `order` reverses it.

    Things that are equal in `order` come by id, in the direction of the last field.
    Without a `limit` everything from `offset` is found. What is not `counted` need not
    be counted: the total of its page is that of the page and what came before it.
    """

    where: Sequence[Condition] = ()
    order: Sequence[str] = ()
    offset: int = 0
    limit: int | None = None
    counted: bool = True


class Page(NamedTuple, Generic[T]):
    """Some of what was found, and how many there are in all."""

    items: Sequence[T]
    total: int


Columns = dict[str, ColumnElement[Any]]
Shape = tuple[tuple[str | tuple[str, ...], Op, int], ...]
"""A query's conditions without their values: what its SQL text depends on."""


def shape(query: Query) -> Shape:
    """The conditions' fields, operations and numbers of values.

    Those of IN are rounded up to a power of two, so that few texts serve all.
    """
    return tuple(
        (c.field, c.op, rounded(len(c.value)) if c.op is Op.IN else 1)
        for c in query.where
    )


def rounded(count: int) -> int:
    """The number of values to compare to, at least so many."""
    if not 0 < count <= MOST_ROUNDED:
        return count
    return int(1 << (count - 1).bit_length())


def padded(values: Sequence[T]) -> list[T]:
    """The values, the last repeated until there are as many as a text has room for."""
    return [*values] + [*values[-1:]] * (rounded(len(values)) - len(values))


def values(query: Query) -> Values:
    """The conditions' values, under the names that `clauses` gives them."""
    found: dict[str, Any] = {}
    for at, condition in enumerate(query.where):
        several = [*condition.value] if condition.op is Op.IN else [condition.value]
        for n, value in enumerate(padded(several)):
            found[f"v{at}_{n}"] = stored(value)
    return found


def remembered(at: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Keep what is made for simple shapes; the shape is the argument at this place.

    What clients can make long would fill the memory.
    """

    def remember(make: Callable[P, T]) -> Callable[P, T]:
        kept = lru_cache(maxsize=128)(make)

        @wraps(make)
        def found(*args: P.args, **kwargs: P.kwargs) -> T:
            shape: Any = args[at]
            size = sum(n if isinstance(f, str) else len(f) for f, _, n in shape)
            make_or_find: Any = kept if size <= SIMPLE else make
            made: T = make_or_find(*args, **kwargs)
            return made

        return found

    return remember


def paging(query: Query) -> dict[str, int]:
    """How many to find after how many, in numbers that a database has."""
    limit = LARGEST if query.limit is None else query.limit
    return {"limit": min(limit, LARGEST), "offset": min(query.offset, LARGEST)}


def clauses(shape: Shape, columns: Columns) -> list[ColumnElement[bool]]:
    """The conditions in SQL, over the columns that the fields stand for."""
    made = []
    for at, (field, op, count) in enumerate(shape):
        names = fields_of(field)
        made.append(or_(*(clause(columns[name], op, at, count) for name in names)))
    return made


def fields_of(field: str | tuple[str, ...]) -> tuple[str, ...]:
    """The fields that a condition is about."""
    return (field,) if isinstance(field, str) else field


def clause(
    column: ColumnElement[Any], op: Op, at: int, count: int
) -> ColumnElement[bool]:
    first = bindparam(f"v{at}_0", type_=column.type)
    match op:
        case Op.EQ:
            return column == first
        case Op.NE:
            return column != first
        case Op.LT:
            return column < first
        case Op.LE:
            return column <= first
        case Op.GT:
            return column > first
        case Op.GE:
            return column >= first
        case Op.IN:
            several = [bindparam(f"v{at}_{n}", type_=column.type) for n in range(count)]
            return column.in_(several) if several else false()
        case Op.CONTAINS:
            if not isinstance(column.type, Text):
                column = cast(column, Text)
            part = bindparam(f"v{at}_0", type_=Text())
            return column.icontains(part, escape="\\")


def contained(text: str) -> str:
    """A text as the value of CONTAINS: its wildcards stand for themselves."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def terms(order: Sequence[str]) -> tuple[str, ...]:
    """The terms of the order, up to the number that decides between equals.

    So pages never overlap.
    """
    found: list[str] = []
    for term in order:
        found.append(term)
        if term.removeprefix("-") in NUMBERS:
            return tuple(found)
    return (*found, "-id" if found and found[-1].startswith("-") else "id")


def order_by(order: Sequence[str], columns: Columns) -> list[ColumnElement[Any]]:
    """The order in SQL."""
    return [
        direction(columns[term.removeprefix("-")], term.startswith("-"))
        for term in terms(order)
    ]


def direction(column: ColumnElement[Any], reverse: bool) -> ColumnElement[Any]:
    """The column as a term of the order: what is absent is smallest, as in SQLite."""
    ordered = column.desc() if reverse else column.asc()
    if not getattr(column, "nullable", True):
        return ordered  # PostgreSQL's index is in this order only if told no other.
    return ordered.nulls_last() if reverse else ordered.nulls_first()


def stored(value: Any) -> Any:
    """A value as the tables keep it, or else what compares to all of theirs as it."""
    if type(value) is int and SMALLEST <= value <= LARGEST:
        return value
    if isinstance(value, datetime):
        return to_microseconds(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        return max(SMALLEST, min(int(value), LARGEST))
    # No text that is kept equals or contains it; nor does any equal null.
    return None if isinstance(value, str) and not is_storable(value) else value
