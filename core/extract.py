"""All of a shop, as records: in the order of our numbers, page by page."""

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from sqlalchemy import Select, Table, and_, bindparam, case, select

from core import tallies
from core.address import TEXTS
from core.connection import Connection, Row, Statement
from core.instants import from_microseconds
from core.names import SHOP, theirs
from core.rows import street_from_text
from core.shop import CUSTOMER_TEXTS, Shop
from core.tables import addresses as a
from core.tables import countries
from core.tables import customers as c

PAGE = 2000
"""How many rows are held at once."""

ADDRESS_PLAIN = (*TEXTS, "city", "region", "region_code", "country", "kind")
CUSTOMER_PLAIN = (*CUSTOMER_TEXTS, "birth_date", "gender")


class Extract:
    """A shop's customers and addresses at one moment, in the numbers of one dialect."""

    def __init__(self, connection: Connection, *, shop: Shop, dialect: str) -> None:
        self._connection = connection
        self._renamed = dialect in shop.renamed
        self._scope: dict[str, Any] = {"shop": shop.id, "dialect": dialect}

    def counts(self) -> dict[str, int]:
        """How many customers and addresses there are."""
        shop = self._scope["shop"]
        return {
            name: tallies.total(self._connection, kind, shop)
            for name, kind in (("customers", "customer"), ("addresses", "address"))
        }

    def customers(self) -> Iterator[dict[str, Any]]:
        """A record for each customer."""
        return self._records(customers_page(self._renamed), customer_record)

    def addresses(self) -> Iterator[dict[str, Any]]:
        """A record for each address."""
        return self._records(addresses_page(self._renamed), address_record)

    def _records(
        self, page: Statement, record: Callable[[Row], dict[str, Any]]
    ) -> Iterator[dict[str, Any]]:
        after = -(2**63)
        while rows := self._connection.all(page, after=after, **self._scope):
            after = rows[-1][0]
            yield from map(record, rows)


def paged(found: Select[Any], table: Table) -> Statement:
    """The rows that follow the one with our number `after`."""
    return Statement(
        found.where(
            table.c.shop_id == SHOP,
            table.c.id > bindparam("after", type_=table.c.id.type),
        )
        .order_by(table.c.id)
        .limit(PAGE)
    )


@cache
def addresses_page(renamed: bool) -> Statement:
    # A subquery for each, as a join of a page might be begun with all the customers.
    owner = and_(c.c.shop_id == a.c.shop_id, c.c.id == a.c.customer_id)
    billing = select(c.c.default_billing_id).where(owner).scalar_subquery()
    shipping = select(c.c.default_shipping_id).where(owner).scalar_subquery()
    code = select(countries.c.code).where(countries.c.id == a.c.country_id)
    columns = (
        a.c.id,
        theirs("address", a.c.id, renamed=renamed),
        a.c.public_id,
        theirs("customer", a.c.customer_id, renamed=renamed),
        a.c.street,
        case((billing == a.c.id, 1), else_=0),
        case((shipping == a.c.id, 1), else_=0),
        a.c.extras,
        a.c.created_at,
        a.c.updated_at,
        *(a.c[name] for name in TEXTS),
        a.c.city,
        a.c.region,
        a.c.region_code,
        code.scalar_subquery(),
        a.c.kind,
    )
    labelled = (column.label(f"f_{n}") for n, column in enumerate(columns))
    return paged(select(*labelled), a)


@cache
def customers_page(renamed: bool) -> Statement:
    columns = (
        c.c.id,
        theirs("customer", c.c.id, renamed=renamed),
        c.c.public_id,
        c.c.is_active,
        c.c.extras,
        c.c.created_at,
        c.c.updated_at,
        *(c.c[name] for name in CUSTOMER_PLAIN),
    )
    labelled = (column.label(f"f_{n}") for n, column in enumerate(columns))
    return paged(select(*labelled), c)


def address_record(row: Row) -> dict[str, Any]:
    """The record of an address, without the fields that are empty."""
    (_, id, public_id, customer_id, street, billing, shipping, *others) = row[:10]
    extras, created_at, updated_at = others
    record = {"id": id, "public_id": public_id, "customer_id": customer_id}
    for name, value in zip(ADDRESS_PLAIN, row[10:], strict=True):
        if value:
            record[name] = value
    if street:
        record["street"] = list(street_from_text(street))
    if billing:
        record["default_billing"] = True
    if shipping:
        record["default_shipping"] = True
    return dated(record, extras, created_at, updated_at)


def customer_record(row: Row) -> dict[str, Any]:
    """The record of a customer, without the fields that are empty."""
    _, id, public_id, is_active, extras, created_at, updated_at = row[:7]
    record = {"id": id, "public_id": public_id}
    for name, value in zip(CUSTOMER_PLAIN, row[7:], strict=True):
        if value:
            record[name] = value
    record["is_active"] = is_active == 1
    return dated(record, extras, created_at, updated_at)


def dated(
    record: dict[str, Any], extras: str, created_at: int, updated_at: int
) -> dict[str, Any]:
    """The record with its extras and its history."""
    if extras:
        record["extras"] = json.loads(extras)
    record["created_at"] = instant_text(created_at)
    record["updated_at"] = instant_text(updated_at)
    return record


def instant_text(microseconds: int) -> str:
    """The instant in ISO 8601, in UTC."""
    return f"{from_microseconds(microseconds).replace(tzinfo=None).isoformat()}Z"
