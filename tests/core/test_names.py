"""A dialect may know things by other numbers: every thing one, every number one thing.

The same SQL serves a shop without such names, and then does not look for them.
"""

from dataclasses import replace
from secrets import token_hex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import Condition, CustomerDraft, Draft, Op, Query, Store, schema
from core.names import FIND_OURS, FIND_THEIRS, mark_renamed, rename
from core.tables import names

NUMBERS = st.integers(0, 7)
RENAMES = st.lists(st.tuples(NUMBERS, NUMBERS), max_size=12)


@pytest.fixture
def connection(store, shop):
    with store.database.connection(writes=True) as connection:
        yield connection


def looked_up(connection, statements, shop, numbers):
    where = {"shop": shop.id, "dialect": "test"}
    return [connection.one(statements["city"], number=n, **where)[0] for n in numbers]


@settings(max_examples=60)
@given(RENAMES)
def test_any_renames_leave_every_thing_one_number_and_every_number_one_thing(
    store, renames
):
    shop = store.add_shop(token_hex(8))
    things = range(8)

    with store.database.connection(writes=True) as connection:
        for ours, to in renames:
            rename(connection, "city", shop=shop.id, dialect="test", ours=ours, to=to)
        theirs = looked_up(connection, FIND_THEIRS, shop, things)
        back = looked_up(connection, FIND_OURS, shop, theirs)

    assert sorted(theirs) == list(things)
    assert back == list(things)
    assert [theirs[ours] for ours, _ in renames[-1:]] == [to for _, to in renames[-1:]]


def test_a_thing_that_stands_in_the_way_gets_the_number_that_becomes_free(
    connection, shop
):
    rename(connection, "city", shop=shop.id, dialect="test", ours=3, to=5)

    assert looked_up(connection, FIND_THEIRS, shop, [3, 5, 4]) == [5, 3, 4]
    assert looked_up(connection, FIND_OURS, shop, [3, 5, 4]) == [5, 3, 4]


def test_names_are_a_shop_s_a_dialect_s_and_a_kind_s(connection, shop):
    rename(connection, "city", shop=shop.id, dialect="test", ours=3, to=5)

    elsewhere = {"shop": shop.id, "dialect": "other"}
    assert connection.one(FIND_OURS["city"], number=5, **elsewhere) == (5,)
    here = {"shop": shop.id, "dialect": "test"}
    assert connection.one(FIND_OURS["region"], number=5, **here) == (5,)
    neighbour = {"shop": shop.id + 1, "dialect": "test"}
    assert connection.one(FIND_OURS["city"], number=5, **neighbour) == (5,)


def test_the_shop_knows_which_dialects_have_names(store, shop):
    for dialect in ("one", "two", "one"):
        with store.database.connection(writes=True) as connection:
            mark_renamed(connection, shop.id, dialect)

    assert store.shop(shop.hash).renamed == {"one", "two"}


def test_a_name_that_is_given_twice_is_one_row(connection, shop, rows):
    for _ in range(2):
        rename(connection, "city", shop=shop.id, dialect="test", ours=3, to=5)

    connection.execute("COMMIT")
    connection.execute("BEGIN")
    assert sorted((r["ours"], r["theirs"], r["is_given"]) for r in rows(names)) == [
        (3, 5, 1),
        (5, 3, 0),
    ]


@pytest.fixture(scope="module")
def in_memory():
    """A store of this module's own."""
    store = Store()
    schema.create(store.database)
    yield store
    store.close()


@pytest.fixture
def trace(in_memory):
    """Tells what SQL a dialect's book sends when everything is done in the shop."""

    def trace(shop):
        texts = []
        raw = in_memory.database.engine.raw_connection()
        raw.driver_connection.set_trace_callback(texts.append)
        with in_memory.book("test", shop=shop) as book:
            everything(book)
        raw.driver_connection.set_trace_callback(None)
        raw.close()
        return texts

    return trace


def everything(book):
    """Do everything that a book can do."""
    owner = book.add_customer(CustomerDraft())
    draft = Draft(customer_id=owner.id, default_billing=True)
    [one, two] = book.add_many([draft, replace(draft, customer_id=owner.id)])
    [one] = book.update_many([(book.get(one.id), {"note": "n", "country": None})])
    book.get(two.public_id)
    book.find(Query(where=[Condition("id", Op.GT, 0)], order=("-note",), limit=1))
    book.customers(Query(order=("-id",)))
    book.customer(owner.public_id)
    book.places.countries(Query(limit=1))
    book.places.cities(Query(limit=1))
    book.places.known("region", 1)
    book.remove_many([one])


def test_without_names_no_statement_looks_for_one(trace, in_memory):
    texts = trace(in_memory.add_shop("plain"))

    assert [text for text in texts if "names" in text] == []
    assert len(texts) > 20


def test_with_names_the_same_calls_look_for_them(trace, in_memory):
    shop = in_memory.add_shop("renamed")

    texts = trace(replace(shop, renamed=frozenset({"test"})))

    assert [text for text in texts if "names" in text] != []


def test_the_names_of_another_dialect_cost_nothing(trace, in_memory):
    shop = in_memory.add_shop("renamed elsewhere")

    texts = trace(replace(shop, renamed=frozenset({"other"})))

    assert [text for text in texts if "names" in text] == []
