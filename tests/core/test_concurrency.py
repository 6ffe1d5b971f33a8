"""Writers in threads and in processes lose nothing and make nothing twice."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from secrets import token_hex

import pytest

from core import Address, CustomerDraft, Draft, PlaceRow, Query, retrying

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


@dataclass(frozen=True)
class Aftermath:
    """What there is after four processes of two writers each were let loose."""

    addresses: list[Address]
    default: int | None
    printed: list[list[int]]


@pytest.fixture(scope="module")
def aftermath(store, run_workers):
    """A shop of two customers with four addresses, when the processes are done."""
    shop = store.add_shop(token_hex(8))
    with store.book("test", shop=shop) as book:
        owners = [book.add_customer(CustomerDraft()).id for _ in range(2)]
        book.add_many([Draft(customer_id=owner) for owner in (1, 1, 1, 2)])

    url = store.database.url.render_as_string(hide_password=False)
    printed = run_workers(4, "write", url, shop.hash)

    with store.book("test", shop=shop) as book:
        return Aftermath(
            addresses=list(book.find(Query()).items),
            default=book.customer(owners[0]).default_billing_id,
            printed=[[int(id) for id in text.split()] for text in printed],
        )


def test_processes_that_edit_one_address_lose_nothing(aftermath):
    first = aftermath.addresses[0]

    each = {str(number): UPDATES for number in range(4)}
    assert (Counter(first.note), first.extras) == (each, each)


def test_processes_that_move_the_default_leave_exactly_one(aftermath):
    defaults = [a.id for a in aftermath.addresses if a.default_billing]

    assert defaults == [aftermath.default]


def test_processes_that_find_in_different_orders_lose_nothing(aftermath):
    marks = [Counter(address.phone) for address in aftermath.addresses[:4]]

    assert marks == [{str(number): 5 for number in range(4)}] * 4


def test_processes_that_add_are_given_consecutive_numbers(aftermath):
    given = sorted(chain.from_iterable(aftermath.printed))

    assert given == list(range(5, 125))
    assert [address.id for address in aftermath.addresses] == [1, 2, 3, 4, *given]


def test_dialects_that_are_closed_at_once_are_all_closed(store, shop):
    row = PlaceRow(kind="country", number=9, code="US", name="United States")
    dialects = [f"dialect-{n}" for n in range(WRITERS)]

    def close(dialect):
        retrying(lambda: store.import_places(shop, dialect, [row], only=True))

    with ThreadPoolExecutor(WRITERS) as threads:
        list(threads.map(close, dialects))

    now = store.shop(shop.hash)
    assert (now.closed, now.renamed) == (set(dialects), set(dialects))
