"""The statements behind an address book, each compiled once for what it depends on."""

from functools import cache, partial
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal_column,
    select,
    update,
)

from core.address import Naming
from core.connection import Listing, Statement
from core.customers import is_customer
from core.names import SHOP, ours
from core.query import NUMBERS, Shape, clauses, fields_of, order_by, remembered
from core.rows import (
    JOINED,
    MOVED,
    OF_CUSTOMERS,
    STORED,
    WHOLE,
    Fields,
    alone,
    searchable,
    select_addresses,
)
from core.tables import addresses as a
from core.tables import counters as n
from core.tables import customers as c
from core.tallies import Order, from_bound
from core.unit import Things

ADD = Statement(lambda: insert(a))
HOLDS = Statement(
    lambda: select(1).where(a.c.shop_id == SHOP, a.c.id == bindparam("id"))
)
HOLDS_PUBLIC_ID = Statement(
    lambda: select(1).where(a.c.shop_id == SHOP, a.c.public_id == bindparam("id"))
)


GIVEN = [c for c in a.c if c.name not in {"shop_id", "id", "customer_id"}]
"""The columns of a new address that are not made by the database."""


@cache
def add_alone(by: Naming, is_sqlite: bool) -> Statement:
    """Add one address, with the next number, to the customer named by the type.

    It gives the numbers of both, and no row where there is no such customer. In
    PostgreSQL the customer is locked, then the counter; SQLite's is kept by a trigger.
    """
    owner = select(c.c.shop_id, c.c.id).where(
        c.c.shop_id == SHOP, is_customer(by, renamed=False)
    )
    this = (n.c.shop_id == SHOP, n.c.kind == literal_column("'address'"))
    if is_sqlite:
        found: Any = owner.subquery()
        number = select(n.c.last + 1).where(*this).scalar_subquery()
    else:
        found = owner.with_for_update().cte("owner")
        taken = update(n).where(*this, exists(select(found.c.id)))
        numbered = taken.values(last=n.c.last + 1).returning(n.c.last).cte("numbered")
        number = select(numbered.c.last).scalar_subquery()
    values = [bindparam(column.name, type_=column.type) for column in GIVEN]
    names = ["shop_id", "id", "customer_id", *(column.name for column in GIVEN)]
    rows = select(found.c.shop_id, number, found.c.id, *values)
    return Statement(
        insert(a).from_select(names, rows).returning(a.c.id, a.c.customer_id)
    )


def is_address(by: Naming, renamed: bool) -> ColumnElement[bool]:
    """The condition that an address is the one that the parameter `ref` names."""
    if by == "id":
        number = bindparam("ref", type_=a.c.id.type)
        return a.c.id == ours("address", number, renamed=renamed)
    return a.c.public_id == bindparam("ref")


def narrowed(
    statement: Select[Any], within: Naming | None, renamed: bool
) -> Select[Any]:
    """The statement, for the addresses of the customer named by the type, or all."""
    if within is None:
        return statement
    return statement.where(is_customer(within, renamed=renamed))


@cache
def get(
    renamed: bool,
    by: Naming,
    within: Naming | None,
    locks: bool,
    fields: Fields = WHOLE,
) -> Statement:
    joined = bool(within or locks or OF_CUSTOMERS & {*fields})
    found = select_addresses(renamed, fields, joined=joined)
    found = narrowed(found.where(is_address(by, renamed)), within, renamed)
    return Statement(found.with_for_update() if locks else found)


@remembered(at=2)
def find(
    renamed: bool,
    within: Naming | None,
    shape: Shape,
    order: tuple[str, ...],
    locks: bool,
    fields: Fields = WHOLE,
) -> Listing:
    asked = {*fields, *(term.removeprefix("-") for term in order)}
    joined = bool(shape or within or locks or OF_CUSTOMERS & asked)
    columns = searchable(renamed) if joined else alone(renamed)
    found = (
        narrowed(select_addresses(renamed, fields, joined=joined), within, renamed)
        .where(*clauses(shape, columns))
        .order_by(*order_by(order, columns))
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
    )
    return Listing(found.with_for_update() if locks else found)


@remembered(at=2)
def find_page(
    renamed: bool,
    within: Naming | None,
    shape: Shape,
    order: tuple[str, ...],
    locks: bool,
    fields: Fields = WHOLE,
) -> Listing:
    """The same, of which only a page is wanted.

    First come its numbers, by an index if there is one: rows and customers are looked
    at, and moved about to be sorted, of the page alone.
    """
    compared = {f for named, _, _ in shape for f in fields_of(named)}
    asked = compared | {term.removeprefix("-") for term in order}
    if within or locks or compared & NUMBERS or asked & OF_CUSTOMERS or not shape:
        return find(renamed, within, shape, order, locks, fields)
    columns = alone(renamed)
    page = (
        select(a.c.id)
        .where(a.c.shop_id == SHOP, *clauses(shape, columns))
        .order_by(*order_by(order, columns))
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
        .correlate(None)
    )
    found = select_addresses(renamed, fields).where(a.c.id.in_(page))
    return Listing(found.order_by(*order_by(order, searchable(renamed))))


@cache
def find_from(renamed: bool, order: Order, fields: Fields = WHOLE) -> Listing:
    """Those that come from the parameters on, but for the first few."""
    read = select_addresses(renamed, fields, joined=bool(OF_CUSTOMERS & {*fields}))
    found = from_bound(read, a, searchable(renamed), order)
    return Listing(found)


@remembered(at=1)
def lock_found(renamed: bool, shape: Shape, order: tuple[str, ...]) -> Statement:
    """Lock the customers of what `find` finds, in one order whatever its own is.

    Two writers that find the same in different orders would each wait for the other.
    """
    columns = searchable(renamed)
    found = (
        select(a.c.customer_id)
        .select_from(JOINED)
        .where(c.c.shop_id == SHOP, *clauses(shape, columns))
        .order_by(*order_by(order, columns))
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
        .correlate(None)
    )
    owners = select(c.c.id).where(c.c.shop_id == SHOP, c.c.id.in_(found))
    return Statement(owners.order_by(c.c.id).with_for_update())


@remembered(at=2)
def count(renamed: bool, within: Naming | None, shape: Shape) -> Statement:
    """How many there are; the customers are not looked at where they need not be."""
    fields = {f for named, _, _ in shape for f in fields_of(named)}
    if within == "public_id" or fields & OF_CUSTOMERS:
        joined = select(func.count()).select_from(JOINED).where(c.c.shop_id == SHOP)
        columns = searchable(renamed)
        found = narrowed(joined, within, renamed)
        return Statement(found.where(*clauses(shape, columns)))
    found = select(func.count()).where(
        a.c.shop_id == SHOP, *clauses(shape, alone(renamed))
    )
    if within is not None:
        owner = bindparam("customer", type_=a.c.customer_id.type)
        found = found.where(a.c.customer_id == ours("customer", owner, renamed=renamed))
    return Statement(found)


@cache
def store(renamed: bool, moved: bool) -> Statement:
    """Store what an address says now; where it is, only if it has moved."""
    names = STORED + MOVED if moved else STORED
    return Statement(
        update(a)
        .where(a.c.shop_id == SHOP, is_address("id", renamed))
        .values({a.c[name]: bindparam(f"to_{name}") for name in names})
    )


@cache
def remove(renamed: bool) -> Statement:
    return Statement(delete(a).where(a.c.shop_id == SHOP, is_address("id", renamed)))


@cache
def set_defaults(renamed: bool) -> Statement:
    """Give the address the roles that it is to have, and take the others from it."""
    number = ours("address", bindparam("ref", type_=a.c.id.type), renamed=renamed)
    customer = bindparam("customer", type_=c.c.id.type)

    def role(name: str) -> Any:
        held = c.c[f"default_{name}_id"]
        return case(
            (bindparam(name, type_=c.c.id.type) == 1, number),
            (held == number, None),
            else_=held,
        )

    return Statement(
        update(c)
        .where(
            c.c.shop_id == SHOP, c.c.id == ours("customer", customer, renamed=renamed)
        )
        .values(
            default_billing_id=role("billing"), default_shipping_id=role("shipping")
        )
    )


@cache
def things(fields: Fields) -> Things:
    """The addresses, of which these fields are read."""
    return Things(
        kind="address",
        find=partial(find, fields=fields),
        find_page=partial(find_page, fields=fields),
        find_from=partial(find_from, fields=fields),
        lock_found=lock_found,
        count=count,
    )
