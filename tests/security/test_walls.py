"""Between two shops nothing passes: with or without a neighbour, the answers are alike.

The same requests go to a shop that has a neighbour and to one that has none. If a
single byte of an answer told of the neighbour, be it by an id, a count, a duplicate, an
e-mail that is taken, or 403 for 404, the two would differ.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from random import Random
from secrets import token_hex
from typing import Any

import pytest

from benchmarks.fuzz_inputs import Input, Mutator, recorded
from benchmarks.fuzz_judge import Answer, Target
from benchmarks.fuzz_world import Unlimited, fill, handshakes
from core import CustomerDraft, PlaceRow, Shop, Store, schema
from core.snapshots import Snapshot
from dialects.base import Credential, Dialect, authorization
from gateway import registry
from gateway.app import create_app
from gateway.config import Config
from gateway.testing.world import ORDINARY, Clock, CountedIds, credentials, new_world

EXCHANGES = Path(__file__).parents[1] / "dialects"
DIALECTS = [one.name for one in registry.load(None)]
MARKER = "Neighbour"
HASH = "neighbour"
THEIRS = (
    *("1", "2", "7", "9", "12", "1999", "999999"),
    *("cus_neighbour7", "adr_neighbour9", "neighbour7@example.com", HASH, MARKER),
)
NUMBER = re.compile(r"(?<![\w.])(?:\d{1,3}|(?:cus|adr)_\w+|abc123)(?![\w.])")
EMAIL = re.compile(r"[\w.+-]+@[\w.-]+")
# What is made by chance: tokens, verifiers and tickets.
RANDOM = re.compile(rb"[0-9a-f]{32,64}")


@dataclass(frozen=True, repr=False)
class Side:
    """An app on a store of its own, whose shop may have a neighbour."""

    store: Store
    shop: Shop
    target: Target
    before: Snapshot
    neighbour: Shop | None

    def told(self, made: Input) -> tuple[int, Any, bytes]:
        answer: Answer = self.target.answer(made)
        assert answer.error == ""
        headers = [(n, RANDOM.sub(b"#", v.encode())) for n, v in answer.headers]
        return answer.status, headers, RANDOM.sub(b"#", answer.body)


def plant_neighbour(store: Store, dialect: Dialect) -> Shop:
    """A shop with more than the other has, under numbers that the other lacks."""
    numbers = count(1)
    own, store.new_id = store.new_id, lambda kind: f"{kind}_neighbour{next(numbers)}"
    shop = store.add_shop(HASH, MARKER)
    place = PlaceRow(kind="region", number=1999, name=MARKER, code="NB", country="US")
    store.import_places(shop, dialect.name, [place])
    with store.book("suite", shop=store.shop(HASH)) as book:
        for n in range(1, 13):
            email = f"neighbour{n}@example.com" if n > 1 else "c0@example.com"
            owner = book.add_customer(CustomerDraft(first_name=MARKER, email=email))
            book.add_many([replace(ORDINARY, last_name=MARKER, customer_id=owner.id)])
    with store.keys() as keys:
        for key in theirs(dialect).values():
            keys.add(
                dialect.name,
                shop,
                scope=key.scope,
                token=key.token,
                secret=key.secret,
                consumer_id=keys.id_of(dialect.name, key.consumer),
            )
    store.new_id = own
    return shop


def theirs(dialect: Dialect) -> Mapping[str, Credential]:
    """The neighbour's keys: as long as ours, and known to nobody else."""

    def other(text: str) -> str:
        return text[::-1]

    return {
        scope: replace(
            key,
            token=other(key.token),
            secret=other(key.secret),
            consumer=other(key.consumer),
        )
        for scope, key in credentials(dialect).items()
    }


@dataclass(frozen=True, repr=False)
class Street:
    """Two sides, one with a neighbour and one without."""

    dialect: Dialect
    sides: tuple[Side, Side]
    seeds: list[Input]

    def __repr__(self) -> str:
        return self.dialect.name


def open_side(stack: ExitStack, dialect: Dialect, *, has_neighbour: bool) -> Side:
    clock, ids = Clock(), CountedIds()
    store = Store(secret_key="walls", now=clock, new_id=ids)
    stack.callback(store.close)
    schema.create(store.database)
    world = stack.enter_context(new_world(store, clock, ids, [dialect]))
    fill(world, dialect)
    neighbour = plant_neighbour(store, dialect) if has_neighbour else None
    app = create_app(Config(), store=store, dialects=[dialect])
    app.extensions["limits"] = Unlimited()
    target = stack.enter_context(Target(app, app.logger))
    return Side(store, world.shop, target, store.snapshot(world.shop), neighbour)


@pytest.fixture(scope="module", params=DIALECTS)
def street(request: pytest.FixtureRequest) -> Iterator[Street]:
    [dialect] = registry.load([request.param])
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        # A password takes long on purpose; here none is right.
        patch.setattr("core.keys.is_password", lambda *_: False)
        sides = tuple(open_side(stack, dialect, has_neighbour=n) for n in (True, False))
        folder = EXCHANGES / dialect.name / "exchanges"
        seeds = recorded(folder)
        clock, ids = Clock(), CountedIds()
        other = Store(secret_key="walls", now=clock, new_id=ids)
        schema.create(other.database)
        with new_world(other, clock, ids, [dialect]) as world:
            seeds += handshakes(world, dialect)
        other.close()
        yield Street(dialect, sides, seeds)  # type: ignore[arg-type]


def aimed(seed: Input, random: Random) -> Input:
    """The request with names and numbers of the neighbour's in place of its own."""

    def swap(_: Any) -> str:
        return random.choice(THEIRS)

    path, mark, query = seed.target.partition("?")
    head, _, rest = path.strip("/").partition("/customers")
    target = f"/{head}/customers{NUMBER.sub(swap, rest)}" if rest else path
    if random.random() < 0.2:
        target = target.replace("abc123", HASH)
    body = EMAIL.sub("neighbour7@example.com", seed.body.decode("latin-1"))
    if random.random() < 0.5:
        body = NUMBER.sub(swap, body)
    return replace(
        seed,
        target=target + mark + NUMBER.sub(swap, query),
        body=body.encode("latin-1"),
    )


@pytest.mark.parametrize("number", range(30))
def test_nothing_tells_of_a_neighbour(street: Street, number: int) -> None:
    random = Random(number)
    mutator = Mutator(street.seeds, random)
    requests = []
    for kind in [random.randrange(3) for _ in range(6)]:
        seed = random.choice(street.seeds) if kind < 2 else mutator.next()
        requests.append(aimed(seed, random) if kind != 1 else seed)
    near = street.sides[0]
    assert near.neighbour
    before = near.store.snapshot(near.neighbour)
    for side in street.sides:
        side.store.restore(side.shop, side.before)
        side.store.forget_nonces()

    told = [[side.told(request) for request in requests] for side in street.sides]

    assert told[0] == told[1]
    assert near.store.snapshot(near.neighbour) == before


def test_the_neighbour_is_there(street: Street) -> None:
    """The property above could not fail if the neighbour's key opened nothing."""
    near, alone = street.sides
    dialect, keys = street.dialect, theirs(street.dialect)
    scope = next(one for one in dialect.scopes if one != dialect.consumer_scope)
    scope = "write" if dialect.name == "easel" else scope
    headers = authorization(dialect, keys[scope], [*keys.values()])
    root = dialect.root.replace("<store_hash>", HASH)
    made = Input("GET", f"{root}/customers", (*headers.items(), ("Accept", "*/*")))

    assert MARKER.encode() in near.told(made)[2]
    assert alone.told(made)[0] in (401, 403)


@pytest.mark.parametrize("mixed", ["our token", "their token"])
def test_tokens_of_two_shops_do_not_mix(street: Street, mixed: str) -> None:
    """RFC 5849, 3.1: a token is for the client that it was issued to."""
    dialect, near = street.dialect, street.sides[0]
    ours, other = credentials(dialect), theirs(dialect)
    scope = dialect.scopes[0]
    own, applications = (ours, other) if mixed == "our token" else (other, ours)
    root = dialect.root.replace(
        "<store_hash>", HASH if mixed == "our token" else "abc123"
    )
    key = own[scope]
    if dialect.consumer_scope:
        key = replace(key, consumer=applications[dialect.consumer_scope].token)
    headers = authorization(dialect, key, [*applications.values()])
    made = Input("GET", f"{root}/customers", (*headers.items(), ("Accept", "*/*")))

    status, _, body = near.told(made)

    shared = not dialect.consumer_scope and "<" not in dialect.root
    assert status == 200 if shared else status in (401, 403)
    assert (MARKER.encode() in body) == (shared and mixed == "their token")


def test_a_removed_shops_key_opens_nothing(street: Street) -> None:
    near = street.sides[0]
    shop = near.store.add_shop(token_hex(4))
    with near.store.keys() as keys:
        scope = street.dialect.scopes[-1]
        token = keys.add(street.dialect.name, shop, scope=scope)
    near.store.remove_shop(shop)

    assert near.store.key(street.dialect.name, token) is None
