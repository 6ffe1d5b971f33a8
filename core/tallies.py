"""How many there are in a shop, and where a page begins, without counting them all.

The tallies tell how many things are in each chunk of numbers, and in groups of these.
A page that is far away is found by their sums: first its group, then its chunk, and
only there things are passed over. In the order of creation it is the same, as long as
chunks were made one after the other; those that were not are as one.
"""

import operator
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Table,
    and_,
    bindparam,
    cast,
    func,
    or_,
    select,
    tuple_,
)

from core.connection import Connection, Listing, Row, Statement
from core.names import SHOP, scope
from core.query import Columns, direction
from core.tables import tallies as t
from core.triggers import CHUNK, GROUP

NUMBER = "number"
"""Our own number, whatever a dialect calls the thing."""

SERVED: Mapping[str, Collection[tuple[str, ...]]] = {
    "address": ((NUMBER,),),
    "customer": ((NUMBER,), ("created_at", NUMBER)),
}
"""The orders that the tallies know the way in."""

held = func.sum(t.c.held)
OF_LEVEL = (
    t.c.shop_id == SHOP,
    t.c.kind == bindparam("which"),
    t.c.bits == bindparam("level"),
)
TOTAL = Statement(select(cast(func.coalesce(held, 0), BigInteger)).where(*OF_LEVEL))
CHUNKS = (
    select(t.c.chunk, cast(held, BigInteger).label("held"))
    .where(*OF_LEVEL, t.c.chunk.between(bindparam("low"), bindparam("high")))
    .group_by(t.c.chunk)
    .order_by(t.c.chunk)
)
LOW, HIGH = -(2**62), 2**62
"""There are chunks between these alone."""

IS_NAMED = {kind: Statement(select(1).where(scope(kind)).limit(1)) for kind in SERVED}
"""Whether the dialect calls anything by another number than ours."""

Key = tuple[int, ...]
"""What things are ordered by."""


class Order(NamedTuple):
    """The fields that things are ordered by; of equals the numbers may run back."""

    fields: tuple[str, ...]
    is_reverse: bool
    turns: bool = False


@dataclass(slots=True)
class Stretch:
    """Things whose keys lie between two, and no other's do."""

    first: Key
    last: Key
    held: int


class Start(NamedTuple):
    """Where a page begins: so many things after the `bound`, of so many in all."""

    total: int
    bound: Key = ()
    skipped: int = 0


def total(connection: Connection, kind: str, shop: int) -> int:
    """How many things of the kind there are in the shop."""
    row = connection.one(TOTAL, shop=shop, which=kind, level=GROUP)
    return row[0] if row else 0


def served(kind: str, terms: Sequence[str]) -> Order | None:
    """The order, if the tallies know the way in it."""
    fields = tuple(term.removeprefix("-") for term in terms)
    if fields not in SERVED[kind]:
        return None
    is_reverse = terms[0].startswith("-")
    return Order(fields, is_reverse, terms[-1].startswith("-") != is_reverse)


def start(
    connection: Connection, kind: str, shop: int, order: Order, offset: int
) -> Start:
    """Where the page begins that comes after so many; with no bound if nowhere."""

    def found(level: int, low: int = LOW, high: int = HIGH) -> list[Row]:
        where = {"shop": shop, "which": kind, "level": level}
        rows = connection.listed(by(order.fields), **where, low=low, high=high)
        return [row for row in rows if row[1]]

    groups = found(GROUP)
    in_all = sum(row[1] for row in groups)
    if offset >= in_all:
        return Start(in_all)
    place = in_all - 1 - offset if order.is_reverse else offset
    within: list[int] = []
    if are_in_order(groups, order):
        group, place = located(groups, place, GROUP, order)
        ends = (number_of(key, order) for key in (group.first, group.last))
        within = sorted(end >> CHUNK for end in ends)
    chunks = found(CHUNK, *within)
    if not chunks:
        return Start(in_all)  # Another writer has taken them away.
    stretch, place = located(chunks, place, CHUNK, order)
    bound = stretch.last if order.is_reverse else stretch.first
    skipped = stretch.held - 1 - place if order.is_reverse else place
    return Start(in_all, (*bound[:-1], number_of(bound, order)), skipped)


def located(
    rows: Sequence[Row], place: int, bits: int, order: Order
) -> tuple[Stretch, int]:
    """The stretch that has the place, and which of its own that is.

    Another writer may have taken the last ones away: then it is the last.
    """
    each = (stretch_of(row, bits, order) for row in rows)
    mixed = [] if are_in_order(rows, order) else apart(each)
    counts = [s.held for s in mixed] or [row[1] for row in rows]
    ends = [*accumulate(counts)]
    n = min(bisect_right(ends, place), len(ends) - 1)
    place = min(place - (ends[n] - counts[n]), counts[n] - 1)
    return (mixed[n] if mixed else stretch_of(rows[n], bits, order)), place


def from_bound(
    found: Select[Any], table: Table, columns: Columns, order: Order
) -> Select[Any]:
    """What is found from the parameters on, but for the first `skipped`.

    These are passed over in the table's key or an index, the rows are not looked at.
    """
    keys = [columns[field] for field in order.fields]
    given: list[ColumnElement[Any]] = [
        bindparam(f"bound_{n}", type_=key.type) for n, key in enumerate(keys)
    ]
    terms = [direction(key, order.is_reverse) for key in keys[:-1]]
    terms.append(direction(keys[-1], order.is_reverse != order.turns))
    first = (
        select(*keys)
        .select_from(table)
        .where(table.c.shop_id == SHOP, from_on(keys, given, order))
        .order_by(*terms)
        .limit(1)
        .offset(bindparam("skipped"))
        .correlate(None)
    )
    begins: list[ColumnElement[Any]] = [
        first.with_only_columns(key).scalar_subquery() for key in keys
    ]
    return (
        found.where(from_on(keys, begins, order))
        .order_by(*terms)
        .limit(bindparam("limit"))
    )


def from_on(
    keys: Sequence[ColumnElement[Any]],
    bounds: Sequence[ColumnElement[Any]],
    order: Order,
) -> ColumnElement[bool]:
    """The condition that a thing does not come before the bounds."""
    on = operator.le if order.is_reverse else operator.ge
    if not order.turns:
        straight: ColumnElement[bool] = on(tuple_(*keys), tuple_(*bounds))
        return straight
    back = operator.ge if order.is_reverse else operator.le
    (date, number), (from_date, from_number) = keys, bounds
    return and_(on(date, from_date), or_(date != from_date, back(number, from_number)))


@cache
def by(fields: tuple[str, ...]) -> Listing:
    """Chunks, how many things each has, and what is needed to put them in order."""
    if fields == (NUMBER,):
        return Listing(CHUNKS)
    first = func.min(t.c.first_at).label("first_at")
    last = func.max(t.c.last_at).label("last_at")
    return Listing(CHUNKS.add_columns(first, last))


def are_in_order(rows: Sequence[Row], order: Order) -> bool:
    """Whether the chunks were made one after the other, if that matters."""
    if order.fields == (NUMBER,):
        return True
    follows = operator.lt if order.turns else operator.le
    return all(follows(before[3], row[2]) for before, row in pairwise(rows))


def stretch_of(row: Row, bits: int, order: Order) -> Stretch:
    """A chunk, between the keys that its things can have."""
    chunk, held, *dates = row
    first = chunk << bits
    last = first | (1 << bits) - 1
    if not dates:
        return Stretch((first,), (last,), held)
    if order.turns:
        first, last = -last, -first
    return Stretch((dates[0], first), (dates[1], last), held)


def number_of(key: Key, order: Order) -> int:
    """The number in a key, which is that below zero where numbers run back."""
    return -key[-1] if order.turns else key[-1]


def apart(chunks: Iterable[Stretch]) -> list[Stretch]:
    """The chunks in order; those whose keys are mixed with each other's are one."""
    found: list[Stretch] = []
    for chunk in sorted(chunks, key=lambda chunk: chunk.first):
        before = found[-1] if found else None
        if before is None or before.last < chunk.first:
            found.append(chunk)
        else:
            before.last = max(before.last, chunk.last)
            before.held += chunk.held
    return found
