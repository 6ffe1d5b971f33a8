"""Threads share a database in memory, and none is in the midst of another's unit."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Event, Thread

import pytest

from core import Customer, CustomerDraft, Draft, Query, Shop, Store, schema

UNITS = 25


@pytest.fixture
def in_memory() -> Iterator[Store]:
    """A store in memory."""
    store = Store()
    schema.create(store.database)
    yield store
    store.close()


@pytest.fixture
def shop(in_memory: Store) -> Shop:
    """A shop with one customer."""
    shop = in_memory.add_shop("abc")
    with in_memory.book("test", shop=shop) as book:
        book.add_customer(CustomerDraft(first_name="Ada"))
    return shop


def total(store: Store, shop: Shop) -> int:
    with store.book("test", shop=shop, writes=False) as book:
        return book.find(Query()).total


def in_threads(*works: Callable[[], object]) -> None:
    """Do all at once, and raise what one of them raised."""
    errors: list[BaseException] = []

    def run(work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_units_of_threads_are_whole_or_not_at_all(in_memory: Store, shop: Shop) -> None:
    left, odd = [3], []

    def write() -> None:
        for _ in range(UNITS):
            with in_memory.book("test", shop=shop) as book:
                book.add_many([Draft(customer_id=1)])
                book.add_many([Draft(customer_id=1)])
        left[0] -= 1

    def fail() -> None:
        for _ in range(UNITS):
            with suppress(ZeroDivisionError), in_memory.book("test", shop=shop) as book:
                book.add_many([Draft(customer_id=1)])
                raise ZeroDivisionError
        left[0] -= 1

    def read() -> None:
        while left[0]:
            odd.append(total(in_memory, shop) % 2)

    in_threads(write, write, fail, read)

    assert sum(odd) == 0
    assert total(in_memory, shop) == 4 * UNITS


def test_a_reader_waits_for_the_unit_that_is_being_written(
    in_memory: Store, shop: Shop
) -> None:
    written, seen = Event(), []

    def read() -> None:
        written.wait()
        seen.append(total(in_memory, shop))

    def write() -> None:
        with in_memory.book("test", shop=shop) as book:
            book.add_many([Draft(customer_id=1)])
            written.set()
            reader.join(0.05)
            book.add_many([Draft(customer_id=1)])

    reader = Thread(target=read)
    reader.start()
    write()
    reader.join()

    assert seen == [2]


def test_a_thread_reads_in_its_own_unit(in_memory: Store, shop: Shop) -> None:
    with in_memory.book("test", shop=shop) as book:
        book.add_many([Draft(customer_id=1)])
        inner = total(in_memory, shop)

    assert inner == total(in_memory, shop) == 1


def test_shops_are_written_to_at_once(in_memory: Store) -> None:
    shops = [in_memory.add_shop(f"shop-{number}") for number in range(4)]

    def work(shop: Shop) -> None:
        for number in range(UNITS):
            with in_memory.book("test", shop=shop) as book:
                owner: Customer = book.add_customer(CustomerDraft(first_name="Ada"))
                assert owner.id == number + 1
                book.add_many([Draft(customer_id=owner.id)] * 2)

    in_threads(*(lambda shop=shop: work(shop) for shop in shops))  # type: ignore[misc]

    assert [total(in_memory, shop) for shop in shops] == [2 * UNITS] * 4
