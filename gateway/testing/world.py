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
from dialects.base import Credential, Dialect, authorization
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

    The token of a key is its dialect's name and its scope: "toy-all"; where keys have
    secrets, it is as long as they are, and the secret is the same.
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
        keys = credentials(dialect)
        headers = {"Accept": "application/json"}
        if scope is not None:
            headers |= authorization(dialect, keys[scope], [*keys.values()])
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
        return self.add_customer(CustomerDraft(first_name="New"))

    def add_customer(self, draft: CustomerDraft) -> Customer:
        """Store a customer without any dialect's doing."""
        with self.book() as book:
            return book.add_customer(draft)

    def get_customer(self, ref: Ref) -> Customer:
        """The customer as the store has it."""
        with self.book() as book:
            return book.customer(ref)

    def customers(self) -> list[Customer]:
        """Every customer of the shop."""
        with self.book() as book:
            return list(book.customers(Query()).items)

    def remove_customer(self, customer: Customer) -> None:
        """Remove a customer without any dialect's doing."""
        with self.book() as book:
            book.remove_customers([customer])

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
                for key in credentials(dialect).values():
                    keys.add(
                        dialect.name,
                        shop,
                        scope=key.scope,
                        token=key.token,
                        secret=key.secret,
                        consumer_id=keys.id_of(dialect.name, key.consumer),
                    )
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


def credentials(dialect: Dialect) -> Mapping[str, Credential]:
    """A key for each scope of a dialect, that of an application first."""
    tokens = {scope: f"{dialect.name}-{scope}" for scope in dialect.scopes}
    if not dialect.consumer_scope:
        return {s: Credential(token=token, scope=s) for s, token in tokens.items()}
    tokens = {s: t.ljust(2 * dialect.token_bytes, "0") for s, t in tokens.items()}
    application = tokens[dialect.consumer_scope]
    return {
        scope: Credential(
            token=tokens[scope],
            secret=tokens[scope],
            scope=scope,
            consumer="" if scope == dialect.consumer_scope else application,
        )
        for scope in sorted(tokens, key=lambda scope: scope != dialect.consumer_scope)
    }


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
