"""The statements behind a bulk import, and what differs between the two kinds."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    BindParameter,
    ColumnElement,
    FromClause,
    Table,
    bindparam,
    column,
    func,
    select,
    update,
)

from core import customers, statements
from core.connection import Statement
from core.names import KINDS, SHOP, scope
from core.records import ADDRESS_COLUMNS, CUSTOMER_COLUMNS
from core.tables import addresses as a
from core.tables import customers as c
from core.tables import names
from core.unit import Holders

AT_ONCE = 500
"""How many things one statement looks for."""
PARAMETERS = tuple(f"sought_{n}" for n in range(AT_ONCE))


def sought(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """The condition that the column has one of the values that are looked for."""
    found: list[BindParameter[Any]] = [
        bindparam(name, type_=column.type) for name in PARAMETERS
    ]
    return column.in_(found)


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
        by_number=Statement(lambda: rows.where(sought(table.c.id))),
        by_public_id=Statement(lambda: rows.where(sought(table.c.public_id))),
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
# In one order, so that two writers never wait for each other.
LOCKED = Statement(
    lambda: (
        select(c.c.id)
        .where(c.c.shop_id == SHOP, sought(c.c.id))
        .order_by(c.c.id)
        .with_for_update()
    )
)
DEFAULTS = Statement(
    lambda: select(c.c.id, c.c.default_billing_id, c.c.default_shipping_id).where(
        c.c.shop_id == SHOP, sought(c.c.id)
    )
)
SET_DEFAULTS = Statement(
    update(c)
    .where(c.c.shop_id == SHOP, c.c.id == bindparam("customer"))
    .values(
        default_billing_id=func.coalesce(
            bindparam("billing", type_=c.c.id.type), c.c.default_billing_id
        ),
        default_shipping_id=func.coalesce(
            bindparam("shipping", type_=c.c.id.type), c.c.default_shipping_id
        ),
    )
)


def arrays(*names: str) -> FromClause:
    """Rows out of arrays, one for each column."""
    given = (bindparam(name, type_=ARRAY(BigInteger)) for name in names)
    columns = (column(name, BigInteger) for name in names)
    return func.unnest(*given).table_valued(*columns).render_derived(name="given")


given = arrays("customer", "billing", "shipping")
SET_ALL_DEFAULTS = Statement(
    update(c)
    .where(c.c.shop_id == SHOP, c.c.id == given.c.customer)
    .values(
        default_billing_id=func.coalesce(given.c.billing, c.c.default_billing_id),
        default_shipping_id=func.coalesce(given.c.shipping, c.c.default_shipping_id),
    )
)
"""The same for many customers at once, by arrays, where the database has them."""
NAMED = {
    name: Statement(
        lambda name=name: select(names.c.theirs, names.c.ours).where(  # type: ignore[misc]
            scope(name), sought(names.c.theirs)
        )
    )
    for name in KINDS
}
MOVED = {
    name: Statement(
        lambda name=name: select(names.c.ours).where(  # type: ignore[misc]
            scope(name), sought(names.c.ours)
        )
    )
    for name in KINDS
}
