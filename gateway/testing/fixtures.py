"""The fixtures of the suite; override `store` to run it on another database."""

from collections.abc import Iterator

import pytest

from core import Store, schema
from dialects.base import Dialect
from gateway.testing.world import Clock, CountedIds, World, new_world


@pytest.fixture(scope="session")
def clock() -> Clock:
    """The time on the store's clock."""
    return Clock()


@pytest.fixture(scope="session")
def ids() -> CountedIds:
    """Where the store takes its public ids from."""
    return CountedIds()


@pytest.fixture(scope="session")
def store(clock: Clock, ids: CountedIds) -> Store:
    """A store in memory."""
    store = Store(now=clock, new_id=ids, secret_key="suite")
    schema.create(store.database)
    return store


@pytest.fixture
def world(
    request: pytest.FixtureRequest, store: Store, clock: Clock, ids: CountedIds
) -> Iterator[World]:
    """A world in which the dialect of the test's class is spoken."""
    dialects: list[Dialect] = [request.cls.dialect]
    with new_world(store, clock, ids, dialects) as world:
        yield world
