"""Totals are right without counting, and so are pages that are far away.

Held against the tables themselves, whatever way things came and went.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from core import (
    Batch,
    Condition,
    CustomerDraft,
    Draft,
    Op,
    PlaceRow,
    PublicId,
    Query,
    Shop,
    Store,
    schema,
)
from core.names import rename
from core.sql import Database
from core.tables import addresses, customers, tallies
from core.tallies import Order, Stretch, apart, start
from core.triggers import CHUNK as CHUNK_BITS
from core.triggers import GROUP as GROUP_BITS
from tests.conftest import OpenBook

Rows = Callable[..., list[dict[str, Any]]]
Counts = dict[tuple[str, int, int], int]
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
CHUNK, GROUP = 1 << CHUNK_BITS, 1 << GROUP_BITS
LEVELS = (CHUNK_BITS, GROUP_BITS)
PAGE = Path(__file__).parents[2] / "docs" / "scaling.md"
held = tallies.c.held
TABLES = {"address": addresses, "customer": customers}


@pytest.fixture
def counted(rows: Rows) -> Callable[[], Counts]:
    """How many things each chunk has, by the tallies."""

    def counted() -> Counts:
        found: Counter[tuple[str, int, int]] = Counter()
        for row in rows(tallies):
            found[row["kind"], row["bits"], row["chunk"]] += row["held"]
        return {chunk: held for chunk, held in found.items() if held}

    return counted


@pytest.fixture
def there(rows: Rows) -> Callable[[], Counts]:
    """The same, by the things themselves."""

    def there() -> Counts:
        return dict(
            Counter(
                (kind, bits, row["id"] >> bits)
                for kind, table in TABLES.items()
                for row in rows(table)
                for bits in LEVELS
            )
        )

    return there


def imported(store: Store, shop: Shop, records: list[dict[str, Any]]) -> int:
    """How many of the records a bulk import has stored or changed."""
    batch = Batch(shop, {})
    for index, record in enumerate(records):
        is_customer = "customer_id" not in record
        (batch.add_customer if is_customer else batch.add_address)(index, record)
    with store.bulk("test", shop=store.shop(shop.hash)) as work:
        added = work.store(batch, updates=True)
    return added.stored + added.updated


def told(instant: datetime) -> str:
    return instant.isoformat()


class Life:
    """All that can become of a shop's customers and addresses, by chance."""

    def __init__(
        self, store: Store, shop: Shop, open_book: OpenBook, chance: random.Random
    ) -> None:
        self.store, self.shop, self.open_book = store, shop, open_book
        self.chance = chance
        self.snapshot = store.snapshot(shop)
        self.ways = [
            self.add,
            self.add,
            self.add,
            self.bring,
            self.change,
            self.remove,
            self.remove_customer,
            self.fail,
            self.keep,
            self.go_back,
        ]

    def step(self) -> None:
        """Let something happen."""
        self.chance.choice(self.ways)()

    def add(self) -> None:
        with self.open_book() as book:
            people = [CustomerDraft()] * self.chance.randint(1, 3)
            new = book.add_customers(people)
            book.add_many([Draft(customer_id=self.chance.choice(new).id)] * 3)

    def bring(self) -> None:
        """Import customers and addresses with ids of their own, from several chunks."""
        number = self.chance.choice([1, GROUP]) + self.chance.randrange(4 * CHUNK)
        made_at = told(FIRST + timedelta(days=self.chance.randrange(-999, 999)))
        ids = range(number, number + CHUNK, CHUNK // 3)
        records: list[dict[str, Any]] = [
            {"id": id, "created_at": made_at} for id in ids
        ]
        records += [{"id": id, "customer_id": ids[0]} for id in ids]
        imported(self.store, self.shop, records)

    def change(self) -> None:
        """Import someone again who was made at another time, it is now said."""
        with self.open_book() as book:
            some = book.customers(Query()).items
        if some:
            made_at = told(FIRST + timedelta(days=self.chance.randrange(-999, 999)))
            one = {"id": self.chance.choice(some).id, "created_at": made_at}
            assert imported(self.store, self.shop, [{**one, "note": made_at}]) == 1

    def remove(self) -> None:
        with self.open_book() as book:
            found = book.find(Query()).items
            book.remove_many([a for a in found if self.chance.random() < 0.3])

    def remove_customer(self) -> None:
        with self.open_book() as book:
            found = book.customers(Query()).items
            book.remove_customers([c for c in found if self.chance.random() < 0.3])

    def fail(self) -> None:
        """Add, remove, and let nothing of it have happened."""
        with suppress(ZeroDivisionError), self.open_book() as book:
            book.add_customer(CustomerDraft())
            book.remove_customers(book.customers(Query()).items)
            raise ZeroDivisionError

    def keep(self) -> None:
        self.snapshot = self.store.snapshot(self.shop)

    def go_back(self) -> None:
        self.store.restore(self.shop, self.snapshot)


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_is_counted(
    seed: int,
    store: Store,
    shop: Shop,
    open_book: OpenBook,
    rows: Rows,
    counted: Callable[[], Counts],
    there: Callable[[], Counts],
) -> None:
    life = Life(store, shop, open_book, random.Random(seed))

    for _ in range(25):
        life.step()

    assert counted() == there()
    bounds = {
        (row["bits"], row["chunk"]): (row["first_at"], row["last_at"])
        for row in rows(tallies)
        if row["first_at"] is not None
    }
    outside = []
    for row in rows(customers):
        for bits in LEVELS:
            first, last = bounds[bits, row["id"] >> bits]
            if not first <= row["created_at"] <= last:
                outside.append(row["id"])
    assert outside == []


def test_a_removed_shop_leaves_no_tallies(
    store: Store, shop: Shop, open_book: OpenBook, rows: Rows
) -> None:
    with open_book() as book:
        owner = book.add_customer(CustomerDraft())
        book.add_many([Draft(customer_id=owner.id)])

    store.remove_shop(shop)

    assert rows(tallies) == []


def test_processes_that_add_and_remove_at_once_are_counted(
    run_workers: Callable[..., list[str]],
    url: str,
    shop: Shop,
    counted: Callable[[], Counts],
    there: Callable[[], Counts],
) -> None:
    run_workers(4, "come_and_go", url, shop.hash)

    found = there()

    assert found == {(kind, bits, 0): 4 * 25 for kind in TABLES for bits in LEVELS}
    assert counted() == found


SPREADS = {
    "nine chunks of a group": [(1 + n * 9 * CHUNK // 60) for n in range(60)],
    "nine groups": [(1 + n * 9 * GROUP // 60) for n in range(60)],
    "three groups of some chunks": [
        (1 + n // 20 * GROUP + n % 20 * 3 * CHUNK // 20) for n in range(60)
    ],
}


@pytest.fixture(params=[*SPREADS])
def far(store: Store, shop: Shop, request: pytest.FixtureRequest) -> Shop:
    """A shop whose things lie far apart, not all made in the order of their ids."""
    chance = random.Random(1)
    records: list[dict[str, Any]] = []
    for n, id in enumerate(SPREADS[request.param]):
        # Some were made one after the other, with equals between them; some chunks are
        # mixed, and some groups where there are more than three.
        late = n // 4 if n < 20 else 10 + n // 20 * 10 + chance.randrange(10)
        records.append({"id": id, "created_at": told(FIRST + timedelta(days=late))})
    records += [{"id": one["id"], "customer_id": one["id"]} for one in records]
    assert imported(store, shop, records) == len(records)
    return shop


ORDERS = [
    (),
    ("id",),
    ("-id",),
    ("-id", "id"),
    ("created_at",),
    ("-created_at",),
    ("created_at", "id"),
    ("-created_at", "-id"),
    ("-created_at", "id"),
    ("created_at", "-id"),
    ("first_name", "-id"),
]


def assert_paged(open_book: OpenBook, far: Shop, order: tuple[str, ...]) -> None:
    """Every page of three, from every beginning, is what all of the list has there."""
    whole = Query(order=order)
    with open_book(shop=far, writes=False) as book:
        for find in (book.find, book.customers):
            everything: list[Any] = [*find(whole).items]
            assert len(everything) == 60
            for offset in (0, 1, 6, 7, 26, 27, 28, 45, 57, 58, 59, 60, 99):
                page = find(Query(order=order, offset=offset, limit=3))
                assert page.items == everything[offset : offset + 3], offset
                assert page.total == 60


@pytest.mark.parametrize("order", ORDERS)
def test_a_page_far_away_is_the_right_one(
    order: tuple[str, ...], open_book: OpenBook, far: Shop
) -> None:
    assert_paged(open_book, far, order)


@pytest.mark.parametrize("order", ORDERS)
def test_places_that_have_names_change_no_order(
    order: tuple[str, ...], store: Store, open_book: OpenBook, far: Shop
) -> None:
    row = PlaceRow(kind="country", number=9, code="US", name="United States")
    store.import_places(far, "test", [row])

    assert_paged(open_book, far, order)


@pytest.mark.parametrize("order", ORDERS)
def test_pages_are_in_the_order_of_the_dialects_own_numbers(
    order: tuple[str, ...], store: Store, open_book: OpenBook, far: Shop
) -> None:
    named = {"shop": far.id, "dialect": "test"}
    with store.database.connection(writes=True) as connection:
        rename(connection, "address", **named, ours=1, to=10**9)
        rename(connection, "customer", **named, ours=1, to=10**9)

    assert_paged(open_book, far, order)


@pytest.mark.parametrize("far", ["nine groups"], indirect=True)
@pytest.mark.parametrize(
    "where",
    [
        [Condition("customer_id", Op.IN, SPREADS["nine groups"][1:30])],
        [
            Condition("customer_id", Op.IN, SPREADS["nine groups"][1:30]),
            Condition("id", Op.GT, 9),
        ],
        [Condition(("first_name", "note"), Op.CONTAINS, "")],
        [Condition("default_billing", Op.EQ, False)],
    ],
)
@pytest.mark.parametrize("order", [*ORDERS, ("default_billing", "-id")])
@pytest.mark.parametrize("is_renamed", [False, True])
def test_a_page_of_some_is_the_right_one(
    where: list[Condition],
    order: tuple[str, ...],
    is_renamed: bool,
    store: Store,
    open_book: OpenBook,
    far: Shop,
) -> None:
    named = {"shop": far.id, "dialect": "test"}
    for kind in ("address", "customer") if is_renamed else ():
        with store.database.connection(writes=True) as connection:
            rename(connection, kind, **named, ours=1, to=10**9)

    with open_book(writes=False) as book:
        everything = book.find(Query(where=where, order=order)).items
        page = book.find(Query(where=where, order=order, offset=7, limit=5))

    assert len(everything) > 12
    assert page.items == everything[7:12]
    assert page.total == len(everything)


def test_a_page_of_one_customer_s_is_counted_by_either_name(
    open_book: OpenBook, far: Shop
) -> None:
    with open_book() as book:
        owner = book.customer(1)
        book.add_many([Draft(customer_id=1, note=n) for n in "aab"])
    where = [Condition("note", Op.EQ, "a")]

    found = []
    for ref in (1, PublicId(owner.public_id)):
        with open_book(within=ref, writes=False) as book:
            page = book.find(Query(limit=1)), book.find(Query(where=where, limit=1))
            found += [one.total for one in page]

    assert found == [4, 2, 4, 2]


def test_what_is_not_to_be_counted_is_not(open_book: OpenBook, far: Shop) -> None:
    with open_book(writes=False) as book:
        page = book.find(Query(offset=2, limit=3, counted=False, order=["public_id"]))

    assert page.total == 5


@pytest.fixture
def statements() -> list[str]:
    """The SQL blocks of the page on scaling, but for what only Citus knows."""
    blocks = re.findall(r"```sql\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    lines = "\n".join(blocks).splitlines()
    return [line for line in lines if not line.startswith(("SELECT create_", "SET "))]


def test_the_page_on_scaling_tells_other_triggers_and_how_to_count_anew(
    statements: list[str], fresh_postgres: Store
) -> None:
    store = fresh_postgres
    shop = store.add_shop("abc")
    text = "\n".join(statements)
    instead, anew = text.split("DELETE FROM tallies;")
    run(store, instead)
    life = Life(store, shop, partial(store.book, "test", shop=shop), random.Random(1))
    for _ in range(25):
        life.step()

    by_triggers = tallied(store)
    run(store, f"DELETE FROM tallies; {anew}")

    assert by_triggers == tallied(store)
    assert len(by_triggers) > 4


def tallied(store: Store) -> Counts:
    """What the tallies hold of all shops."""
    with store.database.engine.connect() as connection:
        found = connection.execute(
            select(tallies.c.kind, tallies.c.bits, tallies.c.chunk, func.sum(held))
            .group_by(tallies.c.kind, tallies.c.bits, tallies.c.chunk)
            .having(func.sum(held) != 0)
        )
        return {(kind, bits, chunk): int(n) for kind, bits, chunk, n in found}


def run(store: Store, statements: str) -> None:
    with store.database.engine.connect() as connection:
        connection.exec_driver_sql(statements)


@pytest.fixture
def fresh_postgres(postgresql: str) -> Iterator[Store]:
    """A store on a database of its own, whose triggers may be changed."""
    name = f"tallies_{random.getrandbits(64)}"
    server = Database(postgresql)
    with server.engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    store = Store(server.url.set(database=name).render_as_string(hide_password=False))
    schema.create(store.database)
    yield store
    store.close()
    server.close()


def test_chunks_that_are_mixed_are_as_one() -> None:
    chunks = [
        Stretch((5, 0), (6, 9), 1),
        Stretch((1, 10), (3, 19), 2),
        Stretch((3, 20), (4, 29), 3),
        Stretch((4, 5), (4, 9), 4),
    ]

    assert apart(chunks) == [
        Stretch((1, 10), (3, 19), 2),
        Stretch((3, 20), (4, 29), 7),
        Stretch((5, 0), (6, 9), 1),
    ]


def test_only_a_chunk_is_passed_over(store: Store, open_book: OpenBook) -> None:
    shop = store.add_shop(f"dense-{random.getrandbits(64)}")
    people = [{"created_at": told(FIRST)}] * (2 * CHUNK + 10)
    imported(store, shop, people)

    with store.database.connection(writes=False) as connection:
        by_number, by_date = (
            start(connection, "customer", shop.id, Order(fields, True), CHUNK)
            for fields in (("number",), ("created_at", "number"))
        )

    # Numbers begin with 1: 4095, 4096 and 11 of them are in three chunks.
    assert (by_number.total, by_number.skipped) == (2 * CHUNK + 10, CHUNK - 11)
    assert by_number.bound == (2 * CHUNK - 1,)
    assert by_date.skipped == by_number.skipped
    assert by_date.bound[1:] == by_number.bound
    store.remove_shop(shop)
