"""What the tests of concurrency do in processes of their own.

    workers.py TASK ARGUMENT... NUMBER

NUMBER tells the processes of one run apart. A process says when it is ready, and begins
when it is told to.
"""

import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import cycle

from core import (
    Address,
    AddressBook,
    Condition,
    CustomerDraft,
    Draft,
    Op,
    Query,
    Store,
    Use,
    retrying,
    schema,
)
from core.sql import Database

UPDATES = 25
OLD = Condition("id", Op.LE, 4)


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


def take_default(store: Store, shop: str, ids: list[int], number: int) -> None:
    """Make one after the other of the addresses the default, beginning at `number`."""
    turns = cycle(ids[number % len(ids) :] + ids[: number % len(ids)])

    def work(book: AddressBook) -> None:
        address = book.get(next(turns))
        book.update_many([(address, {"default_billing": True})])

    in_books(store, shop, work)


def find_and_mark(store: Store, shop: str, order: str, mark: str) -> None:
    """Mark every old address, found in the given order, again and again."""

    def work(book: AddressBook) -> None:
        found: Sequence[Address] = book.find(Query(where=[OLD], order=(order,))).items
        book.update_many([(a, {"phone": a.phone + mark}) for a in found])

    in_books(store, shop, work, times=5)


def add_batches(store: Store, shop: str, customer: int) -> list[int]:
    """The numbers of thirty addresses: ten times two at once, and one alone."""
    draft = Draft(customer_id=customer)
    added: list[int] = []

    def two() -> list[Address]:
        with store.book("test", shop=store.shop(shop)) as book:
            return book.add_many([draft] * 2)

    def one() -> list[Address]:
        with store.book("test", shop=store.shop(shop)) as book:
            return [book.add_alone(draft)]

    for unit in (two, one) * 10:
        added += [address.id for address in retrying(unit)]
    return added


def write(store: Store, shop: str, number: int) -> None:
    """Do all that a writer can do in the shop, and print the numbers of the new."""
    mark = str(number)
    with ThreadPoolExecutor(2) as threads:
        texts = threads.submit(append_to_note, store, shop, 1, mark)
        counts = threads.submit(count_in_extras, store, shop, 1, mark)
        texts.result()
        counts.result()
    take_default(store, shop, [1, 2, 3], number)
    find_and_mark(store, shop, ["id", "-id", "-customer_id"][number % 3], mark)
    print(*add_batches(store, shop, 1))


def come_and_go(store: Store, shop: str) -> None:
    """Add two customers with two addresses each, then remove one of each."""

    def work(book: AddressBook) -> None:
        gone, stays = book.add_customers([CustomerDraft()] * 2)
        drafts = [Draft(customer_id=one.id) for one in (gone, stays)] * 2
        _, address, *_ = book.add_many(drafts)
        book.remove_many([address])
        book.remove_customers([gone])

    in_books(store, shop, work)


def add_customers(store: Store, shop: str, number: int) -> int:
    """How many of fifty customers were added, each unless someone had the e-mail."""
    added = 0

    def unit(email: str) -> int:
        with store.book("test", shop=store.shop(shop)) as book:
            if book.with_email([email])[email]:
                return 0
            book.add_customer(CustomerDraft(email=email))
            return 1

    for n in range(50):
        email = f"{n}@example.com"
        added += retrying(partial(unit, email if number % 2 else email.upper()))
    return added


def use_nonces(store: Store, prefix: str) -> int:
    """How many of two hundred nonces, which others use as well, were fresh."""
    uses = [store.use_nonce(f"{prefix}{n}", 1) for n in range(200)]
    return uses.count(Use.FRESH)


def upgrade(url: str, processes: int) -> int:
    """How many of so many processes, which begin at once, failed to upgrade."""
    # Loaded once for all, as Alembic takes a second.
    import alembic.command
    import alembic.config  # noqa: F401

    begins, told = os.pipe()
    children = []
    for _ in range(processes):
        child = os.fork()
        if not child:
            os.close(told)
            os.read(begins, 1)
            schema.upgrade(Database(url, durable=False))
            os._exit(0)
        children.append(child)
    os.close(told)
    return sum(os.waitpid(child, 0)[1] != 0 for child in children)


def main(task: str, url: str, *arguments: str) -> None:
    """Do one task when told to."""
    print("ready", flush=True)
    sys.stdin.readline()
    if task == "upgrade":
        print(upgrade(url, int(arguments[0])))
    if task == "use_nonces":
        store = Store(url, durable=False)
        print(use_nonces(store, arguments[0]))
        store.close()
    if task == "add_customers":
        [shop, number] = arguments
        store = Store(url, durable=False)
        print(add_customers(store, shop, int(number)))
        store.close()
    if task == "come_and_go":
        store = Store(url, durable=False)
        come_and_go(store, arguments[0])
        store.close()
    if task == "write":
        [shop, number] = arguments
        store = Store(url, durable=False)
        write(store, shop, int(number))
        store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
