"""What each dialect calls a thing, where that is not the store's own number.

A name is kept for a shop, a dialect and a kind ("address", "customer", "country",
"region", "city"). Two builders put the translation into a statement; in a shop without
names they give the plain column and parameter, so that nothing is paid for the feature.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import (
    BindParameter,
    ClauseElement,
    ColumnElement,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    update,
)

from core.connection import Connection, Statement
from core.counters import skip, take
from core.tables import names, shops

Number = ColumnElement[Any]
SHOP: BindParameter[int] = bindparam("shop")


def scope(kind: str) -> ColumnElement[bool]:
    return (
        (names.c.shop_id == SHOP)
        & (names.c.dialect == bindparam("dialect"))
        & (names.c.kind == kind)
    )


def theirs(kind: str, ours: Number, *, renamed: bool) -> Number:
    """The number under which the dialect knows the thing with our number."""
    if not renamed:
        return ours
    name = select(names.c.theirs).where(scope(kind), names.c.ours == ours)
    return func.coalesce(name.scalar_subquery(), ours)


def ours(kind: str, theirs: Number, *, renamed: bool) -> Number:
    """Our number of the thing that the dialect knows under its number, or null.

    A thing that got a name is not reached under its old number.
    """
    if not renamed:
        return theirs
    number = select(names.c.ours).where(scope(kind), names.c.theirs == theirs)
    moved = select(1).where(scope(kind), names.c.ours == theirs).exists()
    return func.coalesce(number.scalar_subquery(), case((~moved, theirs)))


KINDS = ("address", "customer", "country", "region", "city")


def of_kind(kind: str) -> ColumnElement[bool]:
    """The condition that a name is that of the thing with the parameter `ours`."""
    return scope(kind) & (names.c.ours == bindparam("ours"))


def for_kinds(build: Callable[[str], ClauseElement]) -> Mapping[str, Statement]:
    """A statement for each kind of thing."""
    return {kind: Statement(partial(build, kind)) for kind in KINDS}


FIND_OURS = for_kinds(
    lambda kind: select(ours(kind, bindparam("number"), renamed=True))
)
FIND_THEIRS = for_kinds(
    lambda kind: select(theirs(kind, bindparam("number"), renamed=True))
)
FORGET = for_kinds(lambda kind: delete(names).where(of_kind(kind)))
IS_GIVEN = for_kinds(lambda kind: select(names.c.is_given).where(of_kind(kind)))
REMEMBER = Statement(lambda: insert(names))


def rename(
    connection: Connection, kind: str, *, shop: int, dialect: str, ours: int, to: int
) -> None:
    """Let the dialect know the thing under another number.

    Whatever has that number, now or later, gets the one that becomes free: the two
    change places, so that every thing has one number and every number means one thing.
    """
    where = {"shop": shop, "dialect": dialect}
    [holder] = connection.one(FIND_OURS[kind], number=to, **where) or [None]
    [freed] = connection.one(FIND_THEIRS[kind], number=ours, **where) or [ours]
    named = [(ours, to, 1)]
    if holder is not None and holder != ours:
        row = connection.one(IS_GIVEN[kind], ours=holder, **where)
        named.append((holder, freed, row[0] if row else 0))
    for thing, _, _ in named:
        connection.run(FORGET[kind], ours=thing, **where)
    for thing, number, is_given in named:
        connection.run(
            REMEMBER,
            shop_id=shop,
            dialect=dialect,
            kind=kind,
            ours=thing,
            theirs=number,
            is_given=is_given,
        )
    mark_renamed(connection, shop, dialect)


OWN = 1_000_000_000
"""An imported number below this becomes our own; a larger one becomes a name, so that
the numbers given after it stay in 32 bits, which is what clients keep them in."""


def claim(
    connection: Connection,
    kind: str,
    number: int,
    *,
    shop: int,
    dialect: str,
    is_held: Callable[[int], bool],
) -> int | None:
    """Our number for a new thing that the dialect is to know under `number`.

    None when something has that number already. `is_held` tells of our numbers.
    """
    found = connection.one(FIND_OURS[kind], number=number, shop=shop, dialect=dialect)
    id: int | None = found[0] if found else None
    if id is not None and is_held(id):
        return None
    if id is not None and id < OWN:
        skip(connection, shop, kind, id)
        return id
    [id] = take(connection, shop, kind)
    rename(connection, kind, shop=shop, dialect=dialect, ours=id, to=number)
    return id


def mark_renamed(connection: Connection, shop: int, dialect: str) -> None:
    """Let the shop's books of the dialect look names up from now on."""
    [renamed] = connection.one(RENAMED, shop=shop) or [""]
    marked = sorted({*renamed.split(), dialect})
    connection.run(MARK, shop=shop, marked=" ".join(marked))


# Locked, or of two dialects marked at once one would be forgotten; but not against new
# customers, whose foreign key looks at the shop.
RENAMED = Statement(
    lambda: (
        select(shops.c.renamed)
        .where(shops.c.id == SHOP)
        .with_for_update(key_share=True)
    )
)
MARK = Statement(
    lambda: update(shops).where(shops.c.id == SHOP).values(renamed=bindparam("marked"))
)
