"""The conditions of a filter, as OpenMage and its database take them.

A value that is compared is text, and None where nothing is stored: only `null` finds
that. Source: OpenMage 20.18, its operators and MariaDB 10.11.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from typing import Any, NamedTuple

from dialects.openmage import collation, regexp
from dialects.openmage.moments import Moment, moment
from dialects.openmage.php import LEADING_NUMBER, is_numeric, is_true


class Kind(Enum):
    """What a column holds, and so how it compares."""

    NUMBER = "number"
    TEXT = "text"
    MOMENT = "moment"


class Unusable(ValueError):
    """The database refuses what the condition becomes."""


class Test(NamedTuple):
    """One comparison: the name of it, and the values on its right side."""

    op: str
    values: tuple[str, ...] = ()


class Every(NamedTuple):
    """All of these hold."""

    conditions: tuple["Condition", ...]


class Some(NamedTuple):
    """One of these holds at least."""

    conditions: tuple["Condition", ...]


Condition = Test | Every | Some

ONE_VALUE = frozenset(
    {"eq", "neq", "like", "nlike", "gt", "lt", "gteq", "lteq", "finset", "regexp"}
)
OPERATORS = ONE_VALUE | {"in", "nin", "is", "null", "notnull", "seq", "sneq"}
RANGE = {"from": "gteq", "to": "lteq"}


def condition(said: Any) -> Condition:
    """What an entry of a filter says, without its attribute. Raises Unusable.

    A range is looked for first, then the first operator that is known; other keys give
    values one of which is to be equal.
    """
    if not isinstance(said, Mapping | list):
        return comparison("eq", flat(said))
    entries = dict(enumerate(said)) if isinstance(said, list) else said
    if RANGE.keys() & entries.keys():
        return Every(
            tuple(
                comparison(op, bounds(entries, name))
                for name, op in RANGE.items()
                if name in entries
            )
        )
    for name, value in entries.items():
        if name in OPERATORS:
            return comparison(str(name), flat(value))
    if not entries:
        raise Unusable("nothing to compare with")
    return Some(tuple(condition(value) for value in entries.values()))


def comparison(op: str, values: Sequence[str]) -> Test:
    """A comparison whose values are as many as it can have. Raises Unusable."""
    if op in ("null", "notnull"):
        return Test(op)
    if op in ("seq", "sneq"):
        if values == [""]:
            return Test("null" if op == "seq" else "notnull")
        op = "eq" if op == "seq" else "neq"
    # IS is for NULL and truth values, and a value that is sent becomes a text.
    if op == "is" or (op in ONE_VALUE and len(values) != 1):
        raise Unusable(op)
    if op == "regexp":
        try:
            regexp.compiled(values[0])
        except regexp.Unreadable as error:
            raise Unusable(op) from error
    return Test(op, tuple(values))


def flat(value: Any) -> list[str]:
    """A value, or those of a list and of lists in it, without NUL."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        return [one for item in value for one in flat(item)]
    return [str(value).replace("\0", "")]


def bounds(entries: Mapping[Any, Any], name: str) -> list[str]:
    """An end of a range; with `date` or `datetime` it is made a time of the form."""
    values = flat(entries[name])
    if not any(is_true(entries.get(key)) for key in ("date", "datetime")):
        return values
    if len(values) != 1:
        raise Unusable(name)
    return [written(values[0])]


def written(value: str) -> str:
    """A time as it is stored; of what is none, the first that there is."""
    if is_numeric(value):
        try:
            instant = datetime.fromtimestamp(int(float(value)), UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise Unusable("date") from error
        return instant.strftime("%Y-%m-%d %H:%M:%S")
    found = moment(value) or (1970, 1, 1, 0, 0, 0, 0)
    return "{:04}-{:02}-{:02} {:02}:{:02}:{:02}".format(*found[:6])


def holds(said: Condition, kind: Kind, value: str | None) -> bool:
    """Whether the condition is true of a stored value."""
    match said:
        case Every(conditions=conditions):
            return all(holds(one, kind, value) for one in conditions)
        case Some(conditions=conditions):
            return any(holds(one, kind, value) for one in conditions)
        case Test(op="null"):
            return value is None
        case Test(op="notnull"):
            return value is not None
    return value is not None and is_so(said, kind, value)


def is_so(said: Test, kind: Kind, value: str) -> bool:
    """Whether a comparison is true of a value that is there."""
    if said.op in AS_TEXT:
        return AS_TEXT[said.op](value, said.values[0])
    orders = [order(kind, value, other) for other in said.values]
    if said.op == "in":
        return 0 in orders
    if said.op == "nin":
        return not {0, None} & {*orders}
    [one] = orders
    return one is not None and RELATIONS[said.op](one)


def order(kind: Kind, value: str, other: str) -> int | None:
    """How a value lies to another: below 0, 0 or above; None if that is unknown."""
    match kind:
        case Kind.NUMBER:
            return sign(number(value), number(other))
        case Kind.TEXT:
            return collation.compare(value, other)
    mine, others = moment(value), moment(other)
    return None if mine is None or others is None else sign(mine, others)


def sign(one: float | Moment, other: float | Moment) -> int:
    return (one > other) - (one < other)  # type: ignore[operator]


def number(text: str) -> float:
    """The number that a text begins with, or 0."""
    match = LEADING_NUMBER.match(text)
    return float(match[0]) if match else 0.0


def is_in_set(value: str, wanted: str) -> bool:
    """Whether a list with commas has the wanted entry."""
    return "," not in wanted and any(
        collation.equal(one, wanted) for one in value.split(",")
    )


AS_TEXT: Mapping[str, Callable[[str, str], bool]] = {
    "like": collation.is_like,
    "nlike": lambda value, pattern: not collation.is_like(value, pattern),
    "finset": is_in_set,
    "regexp": lambda value, pattern: regexp.is_found(pattern, value),
}
RELATIONS: Mapping[str, Callable[[int], bool]] = {
    "eq": lambda order: order == 0,
    "neq": lambda order: order != 0,
    "gt": lambda order: order > 0,
    "lt": lambda order: order < 0,
    "gteq": lambda order: order >= 0,
    "lteq": lambda order: order <= 0,
}
