"""What hostile inputs are sent to: a dialect on a store in memory, and its requests."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import core.keys
from benchmarks.fuzz_inputs import Input, recorded
from benchmarks.fuzz_judge import Target
from core import CustomerDraft, Store, schema
from core.passwords import computed
from dialects.base import Dialect
from dialects.limits import Slot, Taken
from gateway import registry
from gateway.app import create_app
from gateway.config import Config
from gateway.testing.world import (
    ORDINARY,
    Clock,
    CountedIds,
    World,
    credentials,
    new_world,
)

EXCHANGES = Path(__file__).parents[1] / "tests" / "dialects"

CHEAP = (2, 1, 1)
"""The cost of a password here: thousands are tried."""


class Unlimited:
    """Counts nothing, so that no input is refused because of those before it."""

    def acquire(self, key: str, limit: int) -> Slot:
        return Slot(bool)

    def take(self, key: str, limit: int, window_ms: int, now: datetime) -> Taken:
        return Taken(True, limit, window_ms)


@contextmanager
def played(name: str, fidelity: str) -> Iterator[tuple]:
    """A dialect on a store in memory, its recorded requests, and its credentials."""
    chance, nobodys = random.getstate(), core.keys.NOBODYS
    random.seed(0)
    core.keys.NOBODYS = hashed("nobody's")
    [dialect] = registry.load([name])
    clock, ids = Clock(), CountedIds()
    store = Store(secret_key="fuzz", now=clock, new_id=ids)
    schema.create(store.database)
    try:
        with new_world(store, clock, ids, [dialect]) as world:
            fill(world, dialect)
            config = Config(quirks={name: fidelity})
            app = create_app(config, store=store, dialects=[dialect])
            app.extensions["limits"] = Unlimited()
            before = store.snapshot(world.shop)

            def reset() -> None:
                store.restore(world.shop, before)
                store.forget_nonces()

            seeds = [
                *recorded(EXCHANGES / name / "exchanges"),
                *handshakes(world, dialect),
            ]
            keys = [*credentials(dialect).values()]
            secrets = {
                text.encode() for k in keys for text in (k.token, k.secret) if text
            }
            with Target(app, app.logger) as target:
                yield target, seeds, sorted(secrets), reset
    finally:
        store.close()
        random.setstate(chance)
        core.keys.NOBODYS = nobodys


def fill(world: World, dialect: Dialect) -> None:
    """Addresses, customers with e-mails, and users who may sign in."""
    world.add(ORDINARY)
    world.add(ORDINARY, world.stranger)
    for n in range(3):
        world.add_customer(CustomerDraft(first_name=f"C{n}", email=f"c{n}@example.com"))
    with world.store.keys() as keys:
        for scope in (dialect.scopes[0], dialect.customer_scope):
            if scope:
                keys.add(
                    dialect.name,
                    world.shop,
                    scope=scope,
                    username=f"{scope}@example.com",
                    password=hashed("correct horse"),
                    customer_id=1 if scope == dialect.customer_scope else None,
                )


def hashed(password: str) -> str:
    """A password as it is stored, but cheap."""
    return computed(password, bytes(16), CHEAP)


def handshakes(world: World, dialect: Dialect) -> list[Input]:
    """Requests to every other URL space of the dialect, and those of who signs in."""
    form = ("Content-Type", "application/x-www-form-urlencoded")
    scope = dialect.scopes[0]
    name = f"{scope}@example.com"
    body = f"username={name}&password=correct+horse".encode()
    made = [
        Input(method, rule.rule, (form,), body)
        for rule in world.app.url_map.iter_rules()
        for method in sorted({"GET", "POST"} & (rule.methods or {"GET"}))
        if "<" not in rule.rule
    ]
    if not dialect.consumer_scope:
        return made
    keys = credentials(dialect)
    application, user = keys[dialect.consumer_scope], keys[scope]
    with world.store.keys() as keyring:
        consumer = keyring.find(dialect.name, core.keys.digest(application.token))
    assert consumer
    with world.store.handshakes() as started:
        token, _ = started.start(consumer, "http://127.0.0.1/back")
    about = f"oauth_token={token}&login[username]={name}&login[password]=correct+horse"
    signed = (
        f'OAuth oauth_consumer_key="{application.token}", oauth_token="{token}", '
        f'oauth_signature_method="PLAINTEXT", oauth_signature="{application.secret}&", '
        f'oauth_callback="oob", oauth_verifier="{"0" * 32}"'
    )
    by_hmac = (
        f'OAuth oauth_consumer_key="{application.token}", oauth_token="{user.token}", '
        'oauth_signature_method="HMAC-SHA1", oauth_signature="x", oauth_nonce="1", '
        'oauth_timestamp="1767268800"'
    )
    return [
        *made,
        *(Input(one.method, one.target, (form,), about.encode()) for one in made),
        *(Input("GET", f"{one.target}?{about}") for one in made),
        *(Input(one.method, one.target, (("Authorization", signed),)) for one in made),
        Input("GET", "/api/rest/customers?a=1", (("Authorization", by_hmac),)),
        Input("POST", "/oauth/token", (form,), by_hmac[6:].replace(", ", "&").encode()),
    ]
