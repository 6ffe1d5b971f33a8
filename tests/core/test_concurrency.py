"""Writers in threads and in processes lose nothing and make nothing twice."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from core import CustomerDraft, Draft, PlaceRow, Query, retrying

WRITERS, UPDATES = 8, 25


@pytest.fixture
def write(open_book):
    """Does a piece of work in books of their own, by eight threads, 25 times each."""

    def write(work, times=UPDATES):
        def unit(writer):
            with open_book() as book:
                work(book, writer)

        def writer(number):
            for _ in range(times):
                retrying(lambda: unit(number))

        with ThreadPoolExecutor(WRITERS) as threads:
            list(threads.map(writer, range(WRITERS)))

    return write


def defaults(open_book):
    with open_book() as book:
        found = book.find(Query()).items
        owner = book.customer(1)
    return [a.id for a in found if a.default_billing], owner.default_billing_id


def test_threads_that_edit_one_address_lose_nothing(write, open_book, address):
    def add_a_mark(book, writer):
        address = book.get(1)
        extras = {**address.extras, str(writer): address.extras.get(str(writer), 0) + 1}
        changes = {"note": address.note + str(writer), "extras": extras}
        book.update_many([(address, changes)])

    write(add_a_mark)

    with open_book() as book:
        found = book.get(1)
    each = {str(writer): UPDATES for writer in range(WRITERS)}
    assert (Counter(found.note), found.extras) == (each, each)


def test_threads_that_edit_different_fields_lose_nothing(write, open_book, address):
    names = ["note", "phone", "fax", "company", "suffix", "prefix", "tax_id", "street"]

    def add_a_mark(book, writer):
        address = book.get(1)
        name = names[writer]
        value = getattr(address, name)
        more = (*value, "x") if name == "street" else value + "x"
        book.update_many([(address, {name: more})])

    write(add_a_mark, times=10)

    with open_book() as book:
        found = book.get(1)
    assert [len(getattr(found, name)) for name in names] == [10] * WRITERS


def test_threads_that_edit_what_they_found_lose_nothing(write, open_book, ada, grace):
    drafts = [Draft(customer_id=n % 2 + 1) for n in range(4)]
    with open_book() as book:
        book.add_many(drafts)
    orders = [("id",), ("-id",), ("customer_id",), ("-customer_id",)]

    def mark_all(book, writer):
        found = book.find(Query(order=orders[writer % 4])).items
        book.update_many([(a, {"note": a.note + str(writer)}) for a in found])

    write(mark_all, times=5)

    with open_book() as book:
        notes = [Counter(a.note) for a in book.find(Query()).items]
    assert notes == [{str(writer): 5 for writer in range(WRITERS)}] * 4


def test_threads_that_move_the_default_leave_exactly_one(write, open_book, ada):
    with open_book() as book:
        book.add_many([Draft(customer_id=1)] * 5)

    def take_the_role(book, writer):
        address = book.get(writer % 5 + 1)
        book.update_many([(address, {"default_billing": True})])

    write(take_the_role, times=10)

    [default], customer_s = defaults(open_book)
    assert default == customer_s


def test_threads_that_add_and_remove_defaults_leave_none_dangling(
    write, open_book, ada
):
    def come_and_go(book, writer):
        book.add_many([Draft(customer_id=1, default_billing=True)])
        book.remove_many(book.find(Query(order=("-id",), offset=1)).items)

    write(come_and_go, times=10)

    with open_book() as book:
        [last] = book.find(Query()).items
    assert defaults(open_book) == ([last.id], last.id)


def test_threads_that_add_are_given_consecutive_numbers(write, open_book, ada, grace):
    def add_two(book, writer):
        book.add_many([Draft(customer_id=writer % 2 + 1)] * 2)

    write(add_two, times=10)

    with open_book() as book:
        found = [address.id for address in book.find(Query()).items]
    assert found == list(range(1, 2 * WRITERS * 10 + 1))


def test_threads_that_add_customers_are_given_consecutive_numbers(write, open_book):
    write(lambda book, writer: book.add_customer(CustomerDraft()), times=10)

    with open_book() as book:
        found = [customer.id for customer in book.customers(Query()).items]
    assert found == list(range(1, WRITERS * 10 + 1))


def test_processes_lose_nothing_and_make_nothing_twice(
    run_workers, url, shop, open_book, ada, grace
):
    with open_book() as book:
        book.add_many([Draft(customer_id=owner) for owner in (1, 1, 1, 2)])

    printed = run_workers(4, "write", url, shop.hash)

    with open_book() as book:
        found = book.find(Query()).items
    # All edited the first address, in two threads each.
    each = {str(number): UPDATES for number in range(4)}
    assert (Counter(found[0].note), found[0].extras) == (each, each)
    # All found and edited the first four, in different orders.
    marks = {str(number): 5 for number in range(4)}
    assert [Counter(address.phone) for address in found[:4]] == [marks] * 4
    # All made one after the other of Ada's addresses the default.
    [default], customer_s = defaults(open_book)
    assert default == customer_s
    # All added batches, and kept the numbers that they got.
    given = sorted(int(id) for text in printed for id in text.split())
    assert given == list(range(5, 125))
    assert [address.id for address in found] == [1, 2, 3, 4, *given]


def test_dialects_that_are_closed_at_once_are_all_closed(store, shop):
    row = PlaceRow(kind="country", number=9, code="US", name="United States")
    dialects = [f"dialect-{n}" for n in range(WRITERS)]

    def close(dialect):
        retrying(lambda: store.import_places(shop, dialect, [row], only=True))

    with ThreadPoolExecutor(WRITERS) as threads:
        list(threads.map(close, dialects))

    now = store.shop(shop.hash)
    assert (now.closed, now.renamed) == (set(dialects), set(dialects))
