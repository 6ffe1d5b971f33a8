"""What is written through one dialect is read through another (law 4)."""

from collections.abc import Iterator
from itertools import permutations

import pytest
from hypothesis import given

from core import CustomerDraft, Draft, Store
from dialects.base import Dialect
from dialects.bigcommerce import DIALECT as BIGCOMMERCE
from dialects.easel import DIALECT as EASEL
from dialects.openmage import DIALECT as OPENMAGE
from dialects.staff import DIALECT as STAFF
from gateway.testing import (
    Clock,
    CountedIds,
    CustomerDriver,
    Driver,
    World,
    customers,
    laws,
    strategies,
)
from gateway.testing.strategies import ON_A_WORLD
from gateway.testing.world import new_world
from tests.dialects.bigcommerce.driver import BigCommerceDriver
from tests.dialects.easel.driver import EaselDriver
from tests.dialects.openmage.driver import OpenMageDriver
from tests.dialects.staff.driver import StaffDriver

SPOKEN: list[tuple[Dialect, Driver]] = [
    (BIGCOMMERCE, BigCommerceDriver()),
    (EASEL, EaselDriver()),
    (OPENMAGE, OpenMageDriver()),
    (STAFF, StaffDriver()),
]
PAIRS = list(permutations(SPOKEN, 2))
OF_CUSTOMERS = list(
    permutations(
        [(one, driver) for one, driver in SPOKEN if isinstance(driver, CustomerDriver)],
        2,
    )
)


@pytest.fixture
def world(store: Store, clock: Clock, ids: CountedIds) -> Iterator[World]:
    with new_world(store, clock, ids, [dialect for dialect, _ in SPOKEN]) as world:
        yield world


@pytest.mark.parametrize(
    ("writer", "reader"), PAIRS, ids=[f"{a[0].name} to {b[0].name}" for a, b in PAIRS]
)
@ON_A_WORLD
@given(draft=strategies.ordinary_drafts())
def test_what_one_writes_the_other_reads(
    world: World,
    writer: tuple[Dialect, Driver],
    reader: tuple[Dialect, Driver],
    draft: Draft,
) -> None:
    original = world.add(draft, world.stranger)
    written = laws.written_through(world, *writer, original)

    dialect, driver = reader
    answer = world.call(
        dialect, driver.get(world.owner(written), written), driver.scope
    )
    read = laws.understood(world, dialect, driver, driver.shown(answer))

    losses = {*writer[0].losses, *dialect.losses}
    assert laws.kept(read, losses) == laws.kept(original, losses)
    assert len(laws.kept(read, losses)) > 5


@ON_A_WORLD
@given(draft=strategies.ordinary_customers())
def test_what_one_writes_of_a_customer_the_other_reads(
    world: World, draft: CustomerDraft
) -> None:
    crossings = [
        customers.crossed(world, writer, reader, draft)
        for writer, reader in OF_CUSTOMERS
    ]

    assert [crossing.read for crossing in crossings] == [
        crossing.written for crossing in crossings
    ]
    assert all(len(crossing.read) > 2 for crossing in crossings)
