"""Numbers are counted for each shop and each kind of thing."""

import pytest

from core import NotFound
from core.counters import FIRST, skip, take


@pytest.fixture
def connection(store, shop, other_shop):
    with store.database.connection(writes=True) as connection:
        yield connection


@pytest.mark.parametrize(("kind", "first"), FIRST.items())
def test_a_kind_is_counted_from_its_first_number(kind, first, connection, shop):
    assert take(connection, shop.id, kind) == range(first, first + 1)


def test_several_numbers_follow_each_other(connection, shop):
    taken = [take(connection, shop.id, "address", count) for count in (3, 1, 2)]

    assert taken == [range(1, 4), range(4, 5), range(5, 7)]


def test_what_is_skipped_is_not_given(connection, shop):
    skip(connection, shop.id, "address", 10)

    assert take(connection, shop.id, "address") == range(11, 12)


def test_a_skip_never_goes_back(connection, shop):
    take(connection, shop.id, "address", 20)
    skip(connection, shop.id, "address", 10)

    assert take(connection, shop.id, "address") == range(21, 22)


def test_each_shop_and_kind_counts_by_itself(connection, shop, other_shop):
    take(connection, shop.id, "address", 5)

    assert take(connection, shop.id, "customer") == range(1, 2)
    assert take(connection, other_shop.id, "address") == range(1, 2)


def test_a_shop_that_is_gone_numbers_nothing(connection, shop):
    with pytest.raises(NotFound):
        take(connection, shop.id + 1_000_000, "address")
