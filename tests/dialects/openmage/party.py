"""An application and its tokens, in a store of their own, and what signs for them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Flask
from oauthlib.oauth1 import Client
from werkzeug.test import TestResponse

from core import CustomerDraft, Keyring, Shop, Store, schema
from dialects.openmage import DIALECT
from gateway.app import create_app
from gateway.config import Config
from gateway.testing.world import Clock

# The secrets of the contract's vectors, which open nothing.
CONSUMER = "0123456789abcdef0123456789abcdef"
CONSUMER_SECRET = "fedcba9876543210fedcba9876543210"
ADMIN = "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb"
ADMIN_SECRET = "ccccccccccccccccdddddddddddddddd"
OTHER = "0" * 31 + "2"
REVOKED = "0" * 31 + "3"
CUSTOMER = "0" * 31 + "4"
SECRET = "0" * 32

OLD = "1700000000"
"""A client's clock that is years behind, which is no harm."""

USERS = {"admin": "pass word", "ada@example.com": "pässword", "grace": "s3cret"}
"""The passwords of an administrator, a customer, and another shop's administrator."""

HASHED = {name: Keyring.hashed(password) for name, password in USERS.items()}

HOST = "http://magentohost"
LIST = "/api/rest/customers/1/addresses"


@dataclass(frozen=True)
class Party:
    """A gateway with a shop, an application, its tokens, and users."""

    store: Store
    clock: Clock
    shop: Shop
    app: Flask

    def get(
        self, authorization: str | None, target: str = LIST, **options: Any
    ) -> TestResponse:
        """The answer to a client that asks for JSON."""
        headers = {"Accept": "application/json", **options.pop("headers", {})}
        if authorization is not None:
            headers["Authorization"] = authorization
        return self.app.test_client().open(
            target, **{"base_url": HOST, **options}, headers=headers
        )

    def now(self) -> int:
        """The time, as a client says it."""
        return int(self.clock().timestamp())


@contextmanager
def new_party(url: str = "sqlite://", **quirks: Any) -> Iterator[Party]:
    """A gateway on a store of its own."""
    clock = Clock()
    store = Store(url, secret_key="test", durable=False, now=clock)
    schema.create(store.database)
    shop = store.add_shop("ours")
    with store.book("test", shop=shop) as book:
        book.add_customer(CustomerDraft(first_name="Ada"))
    other_shop = store.add_shop("theirs")
    with store.keys() as keys:

        def add(shop: Shop = shop, **options: Any) -> None:
            keys.add("openmage", shop, **{"scope": "admin", **options})

        def user(name: str, **options: Any) -> None:
            add(username=name, password=HASHED[name], **options)

        add(token=CONSUMER, secret=CONSUMER_SECRET, scope="consumer", label="Sync <b>&")
        add(token=OTHER, secret=SECRET, scope="consumer")
        own = {"consumer_id": keys.id_of("openmage", CONSUMER)}
        add(token=ADMIN, secret=ADMIN_SECRET, **own)
        add(token=REVOKED, secret=SECRET, is_active=False, **own)
        add(token=CUSTOMER, secret=SECRET, scope="customer", customer_id=1, **own)
        user("admin")
        user("ada@example.com", scope="customer", customer_id=1)
        user("grace", shop=other_shop)
    config = Config(quirks={DIALECT.name: quirks})
    app = create_app(config, store=store, dialects=[DIALECT])
    yield Party(store=store, clock=clock, shop=store.shop("ours"), app=app)
    store.close()


def client(**options: Any) -> Client:
    """An OAuth client of the admin's token; it makes nonces of its own."""
    own = {
        "client_key": CONSUMER,
        "client_secret": CONSUMER_SECRET,
        "resource_owner_key": ADMIN,
        "resource_owner_secret": ADMIN_SECRET,
        "timestamp": OLD,
    }
    return Client(**{**own, **options})


def signed(target: str = LIST, *, method: str = "GET", **options: Any) -> str:
    """The header of a client that signs a URL by the RFC."""
    _, headers, _ = client(**options).sign(HOST + target, http_method=method)
    return str(headers["Authorization"])


def header(given: Mapping[str, str | None]) -> str:
    """An OAuth header that says this and nothing else."""
    parts = (
        f'{name}="{quote(value, safe="~")}"'
        for name, value in given.items()
        if value is not None
    )
    return f"OAuth {', '.join(parts)}"
