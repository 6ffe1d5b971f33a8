"""The statements behind a bulk import, and what differs between the two kinds."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    Table,
    bindparam,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler

from core import customers, statements
from core.connection import Statement
from core.names import KINDS, SHOP, scope
from core.records import ADDRESS_COLUMNS, CUSTOMER_COLUMNS
from core.tables import SHARED, cities, names
from core.tables import addresses as a
from core.tables import customers as c
from core.unit import Holders


class Sought(ColumnElement[bool]):
    """The condition that a column has one of the values of the parameter `sought`.

    `Connection.array` makes the parameter.
    """

    inherit_cache = False
    type = Boolean()

    def __init__(self, column: ColumnElement[Any]) -> None:
        self.column = column
        self.values: BindParameter[Any] = bindparam("sought")

    def self_group(self, against: Any = None) -> "Sought":
        """Itself: a comparison of it with 1 would keep SQLite from using an index."""
        return self


@compiles(Sought, "sqlite")
def _(element: Sought, compiler: SQLCompiler, **_options: Any) -> str:
    column, values = map(compiler.process, (element.column, element.values))
    return f"{column} IN (SELECT value FROM json_each({values}))"


@compiles(Sought, "postgresql")
def _(element: Sought, compiler: SQLCompiler, **_options: Any) -> str:
    column, values = map(compiler.process, (element.column, element.values))
    type = compiler.dialect.type_compiler_instance.process(element.column.type)
    array = f"CAST({values} AS {type}[])"
    found = f"{column} = ANY({array})"
    if type != "BIGINT":
        return found
    # Of a table that was not analyzed since it grew, the planner thinks that to read
    # all of the shop is cheaper, unless it is told a range of the key, too.
    least, most = (f"(SELECT {f}(n) FROM unnest({array}) n)" for f in ("min", "max"))
    return f"{found} AND {column} BETWEEN {least} AND {most}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """What the two kinds of things differ in."""

    name: str
    prefix: str
    table: Table
    columns: tuple[str, ...]
    holders: Holders
    by_number: Statement
    by_public_id: Statement
    store: Statement


def kind(
    name: str, prefix: str, table: Table, columns: tuple[str, ...], holders: Holders
) -> Kind:
    """The kind, with the statements that look for its rows and change them."""
    rows = select(*(table.c[name] for name in columns)).where(table.c.shop_id == SHOP)
    changed = (
        update(table)
        .where(table.c.shop_id == SHOP, table.c.id == bindparam("number"))
        .values({table.c[name]: bindparam(f"to_{name}") for name in columns[3:]})
    )
    return Kind(
        name=name,
        prefix=prefix,
        table=table,
        columns=columns,
        holders=holders,
        by_number=Statement(lambda: rows.where(Sought(table.c.id))),
        by_public_id=Statement(lambda: rows.where(Sought(table.c.public_id))),
        store=Statement(changed),
    )


CUSTOMER = kind(
    "customer",
    "cus",
    c,
    CUSTOMER_COLUMNS,
    (customers.HOLDS, customers.HOLDS_PUBLIC_ID),
)
ADDRESS = kind(
    "address",
    "adr",
    a,
    ADDRESS_COLUMNS,
    (statements.HOLDS, statements.HOLDS_PUBLIC_ID),
)
THERE = select(c.c.id).where(c.c.shop_id == SHOP, Sought(c.c.id))
LOCKED = Statement(THERE)
HOW_MANY_LOCKED = Statement(select(func.count()).select_from(THERE.subquery()))
"""How many of them there are. SQLite steps to each row that it gives, and before each
step other threads may have the interpreter."""
CITIES = Statement(
    lambda: (
        select(cities.c.name_key, cities.c.id)
        .where(
            or_(cities.c.shop_id == SHOP, cities.c.shop_id == SHARED),
            cities.c.country_id == bindparam("country"),
            cities.c.region_id == bindparam("region"),
            Sought(cities.c.name_key),
        )
        .order_by(cities.c.shop_id, cities.c.id.desc())
    )
)
"""Cities by their names; of several of one name the last is it, as for a gazetteer."""
DEFAULTS = Statement(
    lambda: select(c.c.id, c.c.default_billing_id, c.c.default_shipping_id).where(
        c.c.shop_id == SHOP, Sought(c.c.id)
    )
)


# Each is looked for by itself: of a table that was not analyzed since it grew, the
# planner thinks that one which has their numbers last is the index to search for all.
EACH = """unnest(CAST(:sought AS BIGINT[])) AS given (number) CROSS JOIN LATERAL
 (SELECT id, ctid FROM customers WHERE shop_id = :shop AND id = number {}) AS found"""
# In the order that is given, so that two writers never wait for each other.
LOCKED_BY_ARRAY = Statement(text(f"SELECT id FROM {EACH.format('FOR UPDATE')}"))
HOW_MANY_LOCKED_BY_ARRAY = Statement(
    text(f"SELECT count(*) FROM {EACH.format('FOR UPDATE')}")
)


def set_by_arrays() -> ClauseElement:
    """Let addresses be defaults, given in arrays beside that of the customers, sorted.

    These are locked: their rows are where they are found. A join would be planned by
    how many rows the arrays are thought to have. What is 0 stays: in an array with a
    null PostgreSQL finds nothing at once.
    """
    array = "(CAST(:{} AS BIGINT[]))[width_bucket(id, CAST(:sought AS BIGINT[]))]"
    values = {
        name: text(f"coalesce(nullif({array.format(name)}, 0), {name})")
        for name in ("default_billing_id", "default_shipping_id")
    }
    # "OFFSET 0" keeps the planner from making a join of it.
    where = text(f"ctid = ANY(ARRAY(SELECT ctid FROM {EACH.format('OFFSET 0')}))")
    return update(c).where(c.c.shop_id == SHOP, where).values(values)


def set_by_lists() -> ClauseElement:
    """The same, given in lists of JSON: a customer and two addresses each."""
    each = func.json_each(bindparam("rows")).table_valued("value")
    columns = (func.json_extract(each.c.value, f"$[{n}]") for n in range(3))
    given = select(*(one.label(f"f_{n}") for n, one in enumerate(columns))).subquery()
    values = {
        held: func.coalesce(func.nullif(new, 0), held)
        for held, new in (
            (c.c.default_billing_id, given.c.f_1),
            (c.c.default_shipping_id, given.c.f_2),
        )
    }
    return update(c).where(c.c.shop_id == SHOP, c.c.id == given.c.f_0).values(values)


SET_BY_ARRAYS = Statement(set_by_arrays)
SET_BY_LISTS = Statement(set_by_lists)
NAMED = {
    name: Statement(
        lambda name=name: select(names.c.theirs, names.c.ours).where(  # type: ignore[misc]
            scope(name), Sought(names.c.theirs)
        )
    )
    for name in KINDS
}
MOVED = {
    name: Statement(
        lambda name=name: select(names.c.ours).where(  # type: ignore[misc]
            scope(name), Sought(names.c.ours)
        )
    )
    for name in KINDS
}
