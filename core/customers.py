"""A shop's customers: their rows, and the statements behind the book's methods."""

import json
from datetime import date
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    Update,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)

from core.address import Naming
from core.connection import Listing, Row, Statement
from core.instants import from_microseconds, to_microseconds
from core.names import SHOP, ours, theirs
from core.query import Columns, Shape, clauses, order_by, remembered
from core.shop import CUSTOMER_TEXTS, Customer, CustomerDraft, Gender, email_key
from core.tables import customers as c
from core.tallies import Order, from_bound

ADD = Statement(lambda: insert(c))
HOLDS = Statement(
    lambda: select(1).where(c.c.shop_id == SHOP, c.c.id == bindparam("id"))
)
HOLDS_PUBLIC_ID = Statement(
    lambda: select(1).where(c.c.shop_id == SHOP, c.c.public_id == bindparam("id"))
)


Filtered = TypeVar("Filtered", Select[Any], Update)


class Owner(NamedTuple):
    """A locked customer: its number in the dialect, and our numbers."""

    number: int
    id: int


def is_customer(
    by: Naming, *, renamed: bool, parameter: str = "customer"
) -> ColumnElement[bool]:
    """The condition that a customer is the one that the parameter names."""
    named = bindparam(parameter, type_=c.c.id.type)
    if by == "public_id":
        return c.c.public_id == bindparam(parameter)
    return c.c.id == ours("customer", named, renamed=renamed)


MOST_LOCKED = 64
"""How many customers one statement locks: SQLite nests the parts of an OR."""


@cache
def select_owners(by: Naming, renamed: bool, count: int) -> Listing:
    """The customers whom references of the type name, locked against other writers.

    They are locked in one order, or two writers would each wait for the other.
    """
    number = theirs("customer", c.c.id, renamed=renamed)
    named = (
        is_customer(by, renamed=renamed, parameter=f"customer_{n}")
        for n in range(count)
    )
    return Listing(
        select(number.label("number"), c.c.id, c.c.public_id)
        .where(c.c.shop_id == SHOP, or_(*named))
        .order_by(c.c.id)
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
        **{name: c.c[name] for name in CUSTOMER_TEXTS},
        "birth_date": c.c.birth_date,
        "gender": c.c.gender,
        "is_active": c.c.is_active,
        "extras": c.c.extras,
        "default_billing_id": billing,
        "default_shipping_id": shipping,
        "created_at": c.c.created_at,
        "updated_at": c.c.updated_at,
    }


@cache
def searchable(renamed: bool) -> Columns:
    """What a condition can be about: the fields, and what is made of them.

    No date comes before or after one that is absent.
    """
    return {
        **customer_columns(renamed),
        "birth_date": func.nullif(c.c.birth_date, "", type_=Text()),
        "email_key": c.c.email_key,
        "name": c.c.first_name + " " + c.c.last_name,
        "number": c.c.id,
    }


def select_customers(renamed: bool, within: Naming | None) -> Select[Any]:
    """The customers that the book holds, as `customer_from_row` reads them."""
    columns = customer_columns(renamed).items()
    found = select(*(column.label(f"f_{name}") for name, column in columns))
    return narrowed(found.where(c.c.shop_id == SHOP), within, renamed)


def narrowed(statement: Filtered, within: Naming | None, renamed: bool) -> Filtered:
    """The statement, for the customer named by the type alone, or for all."""
    if within is None:
        return statement
    return statement.where(is_customer(within, renamed=renamed))


@cache
def get(renamed: bool, by: Naming, within: Naming | None, locks: bool) -> Statement:
    """The customer whom a reference of the type names."""
    named = is_customer(by, renamed=renamed, parameter="ref")
    found = select_customers(renamed, within).where(named)
    return Statement(found.with_for_update() if locks else found)


@remembered(at=2)
def find(
    renamed: bool,
    within: Naming | None,
    shape: Shape,
    order: tuple[str, ...],
    locks: bool,
) -> Listing:
    columns = searchable(renamed)
    found = (
        select_customers(renamed, within)
        .where(*clauses(shape, columns))
        .order_by(*order_by(order, columns))
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
    )
    return Listing(found.with_for_update() if locks else found)


@cache
def find_from(renamed: bool, order: Order) -> Listing:
    """Those that come from the parameters on, but for the first few."""
    found = from_bound(select_customers(renamed, None), c, searchable(renamed), order)
    return Listing(found)


@remembered(at=1)
def lock_found(renamed: bool, shape: Shape, order: tuple[str, ...]) -> Statement:
    """Lock what `find` finds, in one order whatever its own is."""
    columns = searchable(renamed)
    found = (
        select(c.c.id)
        .where(c.c.shop_id == SHOP, *clauses(shape, columns))
        .order_by(*order_by(order, columns))
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
        .correlate(None)
    )
    locked = select(c.c.id).where(c.c.shop_id == SHOP, c.c.id.in_(found))
    return Statement(locked.order_by(c.c.id).with_for_update())


@remembered(at=2)
def count(renamed: bool, within: Naming | None, shape: Shape) -> Statement:
    found = select(func.count()).select_from(c).where(c.c.shop_id == SHOP)
    columns = searchable(renamed)
    return Statement(narrowed(found, within, renamed).where(*clauses(shape, columns)))


@lru_cache(maxsize=64)
def with_email(renamed: bool, several: int) -> Statement:
    """The e-mails, in the form they are compared in, and who in the shop has them."""
    keys = [bindparam(f"key_{n}", type_=Text()) for n in range(several)]
    number = theirs("customer", c.c.id, renamed=renamed)
    return Statement(
        select(c.c.email_key, number.label("f_id"))
        .where(c.c.shop_id == SHOP, c.c.email_key.in_(keys))
        .order_by(c.c.id)
    )


STORED = (
    *CUSTOMER_TEXTS,
    "email_key",
    "birth_date",
    "gender",
    "is_active",
    "extras",
    "updated_at",
)
"""The columns that a change may change."""


@cache
def store(renamed: bool, within: Naming | None) -> Statement:
    """Store what a customer is now."""
    changed = update(c).values({c.c[name]: bindparam(f"to_{name}") for name in STORED})
    named = is_customer("id", renamed=renamed, parameter="ref")
    return Statement(
        narrowed(changed.where(c.c.shop_id == SHOP, named), within, renamed)
    )


@cache
def remove(renamed: bool) -> Statement:
    """Remove a customer; the addresses go by their foreign key."""
    named = is_customer("id", renamed=renamed, parameter="ref")
    return Statement(delete(c).where(c.c.shop_id == SHOP, named))


def row_from_draft(draft: CustomerDraft) -> dict[str, Any]:
    """The columns that a draft decides, in the order of a row."""
    return {
        **{name: getattr(draft, name) for name in CUSTOMER_TEXTS},
        "email_key": email_key(draft.email),
        "birth_date": draft.birth_date.isoformat() if draft.birth_date else "",
        "gender": draft.gender or "",
        "is_active": int(draft.is_active),
        "extras": json.dumps(draft.extras, separators=(",", ":"))
        if draft.extras
        else "",
    }


ROW = (
    *("shop_id", "id", "public_id"),
    *CUSTOMER_TEXTS,
    *("email_key", "birth_date", "gender", "is_active", "extras"),
    *("default_billing_id", "default_shipping_id", "created_at", "updated_at"),
)
"""The order of a new customer's row."""


def new_row(customer: Customer, *, shop: int, id: int) -> Row:
    """The row of a new customer, who has no addresses, under our number."""
    return (
        *(shop, id, customer.public_id),
        *row_from_draft(customer).values(),
        *(None, None),
        to_microseconds(customer.created_at),
        to_microseconds(customer.updated_at),
    )


def customer_from_row(row: Row) -> Customer:
    """The customer that a row of `select_customers` holds."""
    (
        id,
        public_id,
        first_name,
        middle_name,
        last_name,
        prefix,
        suffix,
        email,
        phone,
        company,
        note,
        tax_id,
        national_id,
        birth_date,
        gender,
        is_active,
        extras,
        default_billing_id,
        default_shipping_id,
        created_at,
        updated_at,
    ) = row
    return Customer(
        id=id,
        public_id=public_id,
        first_name=first_name,
        middle_name=middle_name,
        last_name=last_name,
        prefix=prefix,
        suffix=suffix,
        email=email,
        phone=phone,
        company=company,
        note=note,
        tax_id=tax_id,
        national_id=national_id,
        birth_date=date.fromisoformat(birth_date) if birth_date else None,
        gender=Gender(gender) if gender else None,
        is_active=is_active == 1,
        extras=json.loads(extras) if extras else {},
        default_billing_id=default_billing_id,
        default_shipping_id=default_shipping_id,
        created_at=from_microseconds(created_at),
        updated_at=from_microseconds(updated_at),
    )
