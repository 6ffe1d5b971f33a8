"""The conditions of a filter that the store can look for by itself.

They are about ids, times, and e-mails that are looked up.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import ceil, floor, isfinite

from core import Condition, Op, email_key
from dialects.openmage.conditions import Condition as Said
from dialects.openmage.conditions import Every, Test, number
from dialects.openmage.moments import Moment, moment

Conditions = list[Condition]
SECOND = timedelta(seconds=1)
NEVER = Condition("id", Op.IN, ())


def store_conditions(name: str, said: Said) -> Conditions | None:
    """What a condition about an attribute is to the store; None if it is nothing."""
    if isinstance(said, Every):
        several = [store_conditions(name, one) for one in said.conditions]
        if None in several:
            return None
        return [one for found in several if found for one in found]
    if not isinstance(said, Test):
        return None
    match name:
        case "entity_id":
            return of_id(said)
        case "created_at" | "updated_at":
            return of_time(name, said)
        case "email":
            return of_email(said)
    return None


def of_id(said: Test) -> Conditions | None:
    """A number is compared with those that the values begin with."""
    values = [number(value) for value in said.values]
    if not all(map(isfinite, values)):
        return None
    if said.op == "in":
        return [Condition("id", Op.IN, whole(values))]
    if said.op in ("neq", "nin"):
        return [Condition("id", Op.NE, one) for one in whole(values)]
    if said.op == "eq":
        return [Condition("id", Op.EQ, one) for one in whole(values)] or [NEVER]
    if said.op in ("gt", "lteq"):
        op = Op.GT if said.op == "gt" else Op.LE
        return [Condition("id", op, floor(values[0]))]
    if said.op in ("lt", "gteq"):
        op = Op.LT if said.op == "lt" else Op.GE
        return [Condition("id", op, ceil(values[0]))]
    return None


def whole(values: Sequence[float]) -> list[int]:
    """Those of the values that a whole number can equal."""
    return [int(value) for value in values if value.is_integer()]


def of_time(field: str, said: Test) -> Conditions | None:
    """A time is compared as it is shown, which is to the second."""
    if said.op not in ("eq", "gt", "lt", "gteq", "lteq"):
        return None
    wanted = moment(said.values[0])
    if wanted is None:
        return [NEVER]
    if not (wanted[0] and wanted[1] and wanted[2]) or wanted[0] > 9998:
        return None
    return between(field, said.op, wanted)


def between(field: str, op: str, wanted: Moment) -> Conditions:
    """The times of which the shown seconds compare so."""
    second = datetime(*wanted[:6], tzinfo=UTC)
    following = second + SECOND
    reached = following if wanted[6] else second
    match op:
        case "gt":
            return [Condition(field, Op.GE, following)]
        case "gteq":
            return [Condition(field, Op.GE, reached)]
        case "lt":
            return [Condition(field, Op.LT, reached)]
        case "lteq":
            return [Condition(field, Op.LT, following)]
    return [Condition(field, Op.GE, reached), Condition(field, Op.LT, following)]


def of_email(said: Test) -> Conditions | None:
    """An e-mail without accents is looked for without regard to case."""
    values = [value.rstrip(" ") for value in said.values]
    if said.op not in ("eq", "in") or not all(map(str.isascii, values)):
        return None
    # An empty text is stored by nobody, and finds nobody.
    keys = [email_key(value) for value in values if value]
    return [Condition("email_key", Op.IN, keys)]
