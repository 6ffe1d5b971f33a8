"""A store to test on, where time stands still and ids are counted."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core import (
    Address,
    AddressBook,
    City,
    Country,
    Customer,
    CustomerDraft,
    Draft,
    Query,
    Ref,
    Region,
    Shop,
    Store,
)
from dialects.base import Dialect
from gateway.app import create_app
from gateway.config import Config
from gateway.testing.driver import Call

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.instant = NOON

    def __call__(self) -> datetime:
        return self.instant

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.instant += timedelta(seconds=seconds)

    def reset(self) -> None:
        """Begin again at noon of the first of January 2026, UTC."""
        self.instant = NOON


class CountedIds:
    """Public ids such as "adr_00000000000000000001", in the order of asking."""

    def __init__(self) -> None:
        self.last = 0

    def __call__(self, prefix: str) -> str:
        self.last += 1
        return f"{prefix}_{self.last:020d}"

    def reset(self) -> None:
        """Begin again at 1."""
        self.last = 0


@dataclass(frozen=True, kw_only=True)
class World:
    """A store with one shop, two customers, and a key a scope for each dialect.

    The token of a key is its dialect's name and its scope: "toy-all".
    """

    store: Store
    clock: Clock
    shop: Shop
    customer: Customer
    stranger: Customer
    dialects: Mapping[str, Dialect]
    app: Flask

    def call(
        self, dialect: Dialect, call: Call, scope: str | None = None, **options: Any
    ) -> TestResponse:
        """The answer to a client's request, with the key of the scope, or with none."""
        headers = (
            {} if scope is None else dialect.authorization(f"{dialect.name}-{scope}")
        )
        path = dialect.root.replace("<store_hash>", self.shop.hash) + call.path
        client: FlaskClient = self.app.test_client()
        return client.open(
            path, method=call.method, json=call.json, headers=headers, **options
        )

    def add(self, draft: Draft, customer: Customer | None = None) -> Address:
        """Store an address without any dialect's doing."""
        owner = customer or self.customer
        with self.book() as book:
            [address] = book.add_many([replace(draft, customer_id=owner.id)])
        return address

    def newcomer(self) -> Customer:
        """A customer without addresses."""
        with self.book() as book:
            return book.add_customer(CustomerDraft(first_name="New"))

    def owner(self, address: Address) -> Customer:
        """The customer whose address it is."""
        with self.book() as book:
            return book.customer(address.customer_id)

    def get(self, ref: Ref) -> Address:
        """The address as the store has it."""
        with self.book() as book:
            return book.get(ref)

    def addresses(self) -> list[Address]:
        """Every address of the shop."""
        with self.book() as book:
            return list(book.find(Query()).items)

    @contextmanager
    def book(self) -> Iterator[AddressBook]:
        """A book of the suite's own."""
        with self.store.book("suite", shop=self.shop) as book:
            yield book


@contextmanager
def new_world(
    store: Store, clock: Clock, ids: CountedIds, dialects: list[Dialect]
) -> Iterator[World]:
    """A world on the store, gone with everything in it when it is left."""
    clock.reset()
    ids.reset()
    shop = store.add_shop("abc123", "The suite's")
    try:
        with store.book("suite", shop=shop) as book:
            customer = book.add_customer(CustomerDraft(first_name="Ada"))
            stranger = book.add_customer(CustomerDraft(first_name="Grace"))
        with store.keys() as keys:
            for dialect in dialects:
                for scope in dialect.scopes:
                    token = f"{dialect.name}-{scope}"
                    keys.add(dialect.name, shop, scope=scope, token=token)
        yield World(
            store=store,
            clock=clock,
            shop=shop,
            customer=customer,
            stranger=stranger,
            dialects={dialect.name: dialect for dialect in dialects},
            app=create_app(Config(), store=store, dialects=dialects),
        )
    finally:
        store.remove_shop(shop)


ORDINARY = Draft(
    first_name="Ada",
    last_name="Lovelace",
    street=("12 Analytical Row", "Flat 3"),
    country=Country(code="US"),
    region=Region(name="New York"),
    city=City(name="New York City"),
    postal_code="10001",
    phone="212 555 0100",
)
"""An address that every dialect takes."""

GIVEN: Mapping[str, Callable[[World], object]] = {
    "empty": lambda world: None,
    "one-address": lambda world: world.add(ORDINARY),
    "two-customers": lambda world: [
        world.add(ORDINARY),
        world.add(ORDINARY, world.stranger),
    ],
}
"""What may stand in the store before a recorded exchange."""
