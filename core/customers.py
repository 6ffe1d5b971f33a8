"""A shop's customers: the statements behind the book's methods for them."""

from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, func, insert, select

from core.address import Naming
from core.instants import from_microseconds
from core.names import SHOP, ours, theirs
from core.query import Columns, Shape, clauses, order_by
from core.shop import Customer
from core.sql import Row, Statement
from core.tables import customers as c

ADD = Statement(insert(c))
HOLDS = Statement(select(1).where(c.c.shop_id == SHOP, c.c.id == bindparam("id")))
HOLDS_PUBLIC_ID = Statement(
    select(1).where(c.c.shop_id == SHOP, c.c.public_id == bindparam("id"))
)


class Owner(NamedTuple):
    """A locked customer: its number in the dialect, and our numbers."""

    number: int
    id: int


def is_customer(by: Naming, *, renamed: bool) -> ColumnElement[bool]:
    """The condition that a customer is the one that the parameter `customer` names."""
    named = bindparam("customer", type_=c.c.id.type)
    if by == "public_id":
        return c.c.public_id == bindparam("customer")
    return c.c.id == ours("customer", named, renamed=renamed)


@cache
def select_owner(by: Naming, renamed: bool) -> Statement:
    """The customer whom a reference of the type names, locked against other writers."""
    number = theirs("customer", c.c.id, renamed=renamed)
    return Statement(
        select(number.label("f_id"), c.c.id)
        .where(c.c.shop_id == SHOP, is_customer(by, renamed=renamed))
        .with_for_update()
    )


@cache
def customer_columns(renamed: bool) -> Columns:
    """The fields of a customer, in the dialect's numbers."""
    billing = theirs("address", c.c.default_billing_id, renamed=renamed)
    shipping = theirs("address", c.c.default_shipping_id, renamed=renamed)
    return {
        "id": theirs("customer", c.c.id, renamed=renamed),
        "public_id": c.c.public_id,
        "first_name": c.c.first_name,
        "last_name": c.c.last_name,
        "email": c.c.email,
        "phone": c.c.phone,
        "default_billing_id": billing,
        "default_shipping_id": shipping,
        "created_at": c.c.created_at,
        "updated_at": c.c.updated_at,
    }


def select_customers(renamed: bool) -> Select[Any]:
    """The customers of the shop, as `customer_from_row` reads them."""
    columns = customer_columns(renamed).items()
    return select(*(column.label(f"f_{name}") for name, column in columns)).where(
        c.c.shop_id == SHOP
    )


@cache
def select_customer(by: Naming, renamed: bool) -> Statement:
    """The customer whom a reference of the type names."""
    return Statement(select_customers(renamed).where(is_customer(by, renamed=renamed)))


@lru_cache(maxsize=256)
def select_page(renamed: bool, shape: Shape, order: tuple[str, ...]) -> Statement:
    columns = customer_columns(renamed)
    return Statement(
        select_customers(renamed)
        .where(*clauses(shape, columns))
        .order_by(*order_by(order, columns))
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
    )


@lru_cache(maxsize=256)
def select_total(renamed: bool, shape: Shape) -> Statement:
    columns = customer_columns(renamed)
    return Statement(
        select(func.count())
        .select_from(c)
        .where(c.c.shop_id == SHOP, *clauses(shape, columns))
    )


def customer_from_row(row: Row) -> Customer:
    """The customer that a row of `select_customers` holds."""
    *named, created_at, updated_at = row
    return Customer(
        **dict(zip(FIELDS, named, strict=True)),
        created_at=from_microseconds(created_at),
        updated_at=from_microseconds(updated_at),
    )


FIELDS = tuple(customer_columns(renamed=False))[:-2]
