"""Shops are added, found, and removed with everything in them."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from core import (
    City,
    CustomerDraft,
    Draft,
    Invalid,
    NotFound,
    PlaceRow,
    Problem,
    Region,
)
from core.tables import SHARED, metadata


def test_an_added_shop_is_found(store, shop, clock):
    assert store.shop(shop.hash) == shop
    assert shop in store.shops()
    assert (shop.name, shop.created_at) == ("The test's", clock())
    assert (shop.renamed, shop.closed) == (frozenset(), frozenset())


def test_shops_are_listed_oldest_first(store, shop, other_shop):
    listed = store.shops()

    assert listed[-2:] == [shop, other_shop]


@pytest.mark.parametrize("hash", ["", "nobody", "\0", "\ud800", "x" * 10_000])
def test_an_unknown_shop_is_not_found(hash, store):
    with pytest.raises(NotFound) as error:
        store.shop(hash)

    assert (error.value.kind, error.value.id) == ("shop", hash)


def test_a_hash_that_a_shop_has_is_taken(store, shop):
    with pytest.raises(Invalid) as error:
        store.add_shop(shop.hash)

    assert error.value.problems == (Problem("hash", "taken", 0, {"value": shop.hash}),)


def rows_of_all_tables(store, shop):
    """How many rows of the shop each table has."""
    counts = {}
    with store.database.engine.connect() as connection:
        for name, table in metadata.tables.items():
            owner = table.c.id if name == "shops" else table.c.get("shop_id")
            if owner is None:
                continue
            found = connection.execute(select(table).where(owner == shop.id))
            counts[name] = len(found.all())
    return counts


@pytest.fixture
def full(store, other_shop):
    """A shop with a row in every table that has a shop."""
    rows = [PlaceRow(kind="region", number=7, name="Own", country="US")]
    store.import_places(other_shop, "test", rows, only=True)
    with store.book("test", shop=store.shop(other_shop.hash)) as book:
        customer = book.add_customer(CustomerDraft())
        draft = Draft(
            customer_id=customer.id,
            region=Region(name="Middle Earth"),
            city=City(name="Hobbiton"),
            default_billing=True,
        )
        book.add_many([draft])
    with store.keys() as keys:
        keys.add("test", other_shop, scope="write", secret="s")
    return other_shop


TENANT = {"shops", "counters", "customers", "addresses", "names", "keys"}
TENANT |= {"regions", "cities"}


def test_a_removed_shop_leaves_no_row_in_any_table(store, full):
    before = rows_of_all_tables(store, full)

    store.remove_shop(full)

    after = rows_of_all_tables(store, full)
    assert {name for name, count in before.items() if count} >= TENANT
    assert {name for name in TENANT if after[name]} == set()


def test_a_removed_shop_takes_nothing_of_another_with_it(store, shop, full):
    before = rows_of_all_tables(store, shop)
    shared = rows_of_all_tables(store, replace(shop, id=SHARED))

    store.remove_shop(full)

    assert rows_of_all_tables(store, shop) == before
    assert rows_of_all_tables(store, replace(shop, id=SHARED)) == shared


def test_removing_a_shop_twice_is_no_error(store, other_shop):
    store.remove_shop(other_shop)
    store.remove_shop(other_shop)

    with pytest.raises(NotFound):
        store.shop(other_shop.hash)


def test_the_number_of_a_removed_shop_is_not_given_again(store, shop, other_shop):
    store.remove_shop(other_shop)

    added = store.add_shop(other_shop.hash)

    assert added.id > other_shop.id


def test_a_hash_is_free_again_when_its_shop_is_gone(store, full, open_book):
    store.remove_shop(full)

    added = store.add_shop(full.hash)

    with open_book(shop=added) as book:
        assert book.add_customer(CustomerDraft()).id == 1


def test_nothing_is_added_to_a_shop_that_is_gone(store, other_shop):
    store.remove_shop(other_shop)

    with pytest.raises(NotFound), store.book("test", shop=other_shop) as book:
        book.add_customer(CustomerDraft())
