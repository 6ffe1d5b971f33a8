"""What the tests of concurrency do in processes of their own.

    workers.py TASK ARGUMENT... NUMBER

NUMBER tells the processes of one run apart. A process says when it is ready, and begins
when it is told to.
"""

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from core import Address, AddressBook, Draft, Query, Store, retrying, schema
from core.sql import Database

UPDATES = 25


def in_books(
    store: Store, shop: str, work: Callable[[AddressBook], None], times: int = UPDATES
) -> None:
    """Do the work as often as a writer does, in a book each time."""

    def unit() -> None:
        with store.book("test", shop=store.shop(shop)) as book:
            work(book)

    for _ in range(times):
        retrying(unit)


def append_to_note(store: Store, shop: str, id: int, mark: str) -> None:
    """Write a mark at the end of the address's note, again and again."""

    def work(book: AddressBook) -> None:
        address = book.get(id)
        book.update_many([(address, {"note": address.note + mark})])

    in_books(store, shop, work)


def count_in_extras(store: Store, shop: str, id: int, mark: str) -> None:
    """Add one to the mark's own counter in the address's extras, again and again."""

    def work(book: AddressBook) -> None:
        address = book.get(id)
        extras = {**address.extras, mark: address.extras.get(mark, 0) + 1}
        book.update_many([(address, {"extras": extras})])

    in_books(store, shop, work)


def take_default(store: Store, shop: str, ids: Sequence[int], number: int) -> None:
    """Make one after the other of the addresses the default, beginning at `number`."""
    turns = iter(range(number, number + 10 * UPDATES))

    def work(book: AddressBook) -> None:
        address = book.get(ids[next(turns) % len(ids)])
        book.update_many([(address, {"default_billing": True})])

    in_books(store, shop, work)


def find_and_mark(store: Store, shop: str, order: str, mark: str) -> None:
    """Mark every address, found in the given order, again and again."""

    def work(book: AddressBook) -> None:
        found: Sequence[Address] = book.find(Query(order=(order,))).items
        book.update_many([(a, {"note": a.note + mark}) for a in found])

    in_books(store, shop, work, times=5)


def add_batches(store: Store, shop: str, customer: int) -> list[int]:
    """The numbers of the addresses that ten batches of three added."""
    added: list[int] = []

    def unit() -> list[Address]:
        with store.book("test", shop=store.shop(shop)) as book:
            return book.add_many([Draft(customer_id=customer)] * 3)

    for _ in range(10):
        added += [address.id for address in retrying(unit)]
    return added


def main(task: str, url: str, *arguments: str) -> None:
    """Do one task when told to."""
    if task == "upgrade":
        database = Database(url, durable=False)
        ready()
        schema.upgrade(database)
        return
    store = Store(url, durable=False)
    [shop, given, number] = arguments
    ready()
    if task == "edit":
        with ThreadPoolExecutor(2) as threads:
            texts = threads.submit(append_to_note, store, shop, int(given), number)
            counts = threads.submit(count_in_extras, store, shop, int(given), number)
            texts.result()
            counts.result()
    elif task == "take-default":
        ids = [int(id) for id in given.split(",")]
        take_default(store, shop, ids, int(number))
    elif task == "find":
        orders = given.split(",")
        find_and_mark(store, shop, orders[int(number) % len(orders)], number)
    elif task == "add":
        print(*add_batches(store, shop, int(given)))
    store.close()


def ready() -> None:
    """Tell that everything is imported, and wait for the others."""
    print("ready", flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    main(*sys.argv[1:])
