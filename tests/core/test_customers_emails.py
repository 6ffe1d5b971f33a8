"""Who has an e-mail: without case, and truly so until the book is left."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import pytest
from sqlalchemy import text

from core import Customer, CustomerDraft, Query, email_key, retrying


@pytest.fixture
def book_of(open_book, shop):
    """Stores customers with these e-mails."""

    def book_of(*emails):
        with open_book() as book:
            book.add_customers([CustomerDraft(email=email) for email in emails])

    return book_of


@pytest.mark.parametrize("writes", [True, False])
def test_an_email_tells_who_has_it_whatever_the_case(writes, book_of, open_book):
    book_of("Ada@Example.com", "ada@example.com", "grace@example.com", "\xc9@x.com")

    with open_book(writes=writes) as book:
        found = book.with_email(["ADA@EXAMPLE.COM", "\xe9@x.com", "none@example.com"])

    assert found == {
        "ADA@EXAMPLE.COM": [1, 2],
        "\xe9@x.com": [4],
        "none@example.com": [],
    }


@pytest.mark.parametrize("email", ["", "\0", "\ud800", "%", "_@example.com"])
def test_what_is_no_email_of_anyone_s_has_nobody(email, book_of, open_book):
    book_of("", "a@example.com")

    with open_book() as book:
        assert book.with_email([email]) == {email: []}


def test_no_emails_have_nobody(open_book, shop):
    with open_book() as book:
        assert book.with_email([]) == {}


def test_an_email_may_repeat(book_of, open_book):
    book_of("a@example.com", "A@example.com")

    with open_book() as book:
        assert book.customers(Query()).total == 2


def test_a_long_email_is_kept_and_found(book_of, open_book):
    # PostgreSQL refuses a key of more than 2704 bytes, and compresses what repeats.
    long = "".join(chr(0x4E00 + n % 20_000) for n in range(0, 70_000, 7))
    book_of(long + "A", long + "B")

    with open_book() as book:
        assert book.with_email([long + "a"]) == {long + "a": [1]}
        assert book.customer(1).email == long + "A"


@pytest.mark.parametrize(
    ("one", "other"), [("a@x.com", "A@X.com"), ("\xe9", "\xc9"), ("a" * 900, "A" * 900)]
)
def test_an_email_is_the_same_in_another_case(one, other):
    assert email_key(one) == email_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("a@x.com", "a@x.co"), ("e", "\xe9"), ("stra\xdfe", "strasse")]
)
def test_an_email_is_another_with_another_letter(one, other):
    assert email_key(one) != email_key(other)


def test_it_is_looked_for_in_an_index(store, shop):
    if store.database.is_sqlite:
        sql = (
            "EXPLAIN QUERY PLAN SELECT id FROM customers"
            " WHERE shop_id = 1 AND email_key IN ('a', 'b')"
        )
    else:
        sql = (
            "SELECT indexdef FROM pg_indexes"
            " WHERE indexname = 'customers_shop_id_email_key_index'"
        )

    with store.database.engine.connect() as connection:
        told = " ".join(str(row) for row in connection.execute(text(sql)))

    assert "customers_shop_id_email_key_index" in told
    assert "email_key" in told


def imported(clock, email):
    return Customer(
        id=700, public_id="", email=email, created_at=clock(), updated_at=clock()
    )


@pytest.mark.parametrize(
    "write",
    [
        lambda book, clock: book.add_customer(CustomerDraft(email="a@example.com")),
        lambda book, clock: book.add_customer(imported(clock, "a@example.com")),
        lambda book, clock: book.update_customers(
            [(book.customer(1), {"email": "a@example.com"})]
        ),
    ],
    ids=["new", "imported", "changed"],
)
def test_who_asked_is_told_the_truth_until_the_book_is_left(
    write, open_book, ada, clock
):
    begun = Event()

    def other():
        begun.set()
        with open_book() as book:
            write(book, clock)

    with ThreadPoolExecutor(1) as threads:
        with open_book() as book:
            before = book.with_email(["a@example.com"])
            writing = threads.submit(retrying, other)
            begun.wait(5)
            with pytest.raises(TimeoutError):
                writing.result(timeout=0.2)
            still = book.with_email(["a@example.com"])
        writing.result(timeout=20)

    with open_book() as book:
        [after] = book.with_email(["a@example.com"]).values()
    assert (before, still, len(after)) == ({"a@example.com": []},) * 2 + (1,)


def add_once(open_book, email):
    """Add a customer with the e-mail unless someone has it, as dialects do."""

    def unit():
        with open_book() as book:
            if not book.with_email([email])[email]:
                book.add_customer(CustomerDraft(email=email))

    retrying(unit)


def test_threads_that_ask_first_leave_one_customer_an_email(open_book, shop):
    emails = [f"{'Aa'[n % 2]}{n // 16}@example.com" for n in range(128)]

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda email: add_once(open_book, email), emails))

    with open_book() as book:
        found = [customer.email.lower() for customer in book.customers(Query()).items]
    assert sorted(found) == sorted({email.lower() for email in emails})


def test_threads_that_take_over_an_email_leave_it_to_one(open_book, book_of):
    book_of(*[f"{n}@example.com" for n in range(8)])

    def take_over(number):
        def unit():
            with open_book() as book:
                mine = book.customer(number)
                if not book.with_email(["x@example.com"])["x@example.com"]:
                    book.update_customers([(mine, {"email": "X@example.com"})])

        retrying(unit)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(take_over, range(1, 9)))

    with open_book() as book:
        assert len(book.with_email(["x@example.com"])["x@example.com"]) == 1


def test_processes_that_ask_first_leave_one_customer_an_email(
    run_workers, url, shop, open_book
):
    printed = run_workers(4, "add_customers", url, shop.hash)

    with open_book() as book:
        found = [customer.email.lower() for customer in book.customers(Query()).items]
    assert sorted(found) == sorted(f"{n}@example.com" for n in range(50))
    assert sum(int(added) for added in printed) == 50


def test_threads_that_change_one_customer_lose_nothing(open_book, ada):
    def mark(writer):
        def unit():
            with open_book() as book:
                mine = book.customer(1)
                book.update_customers([(mine, {"note": mine.note + writer})])

        for _ in range(10):
            retrying(unit)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(mark, "abcd"))

    with open_book() as book:
        found = book.customer(1)
    assert sorted(found.note) == sorted("abcd" * 10)
    assert replace(found, note="") == ada


def test_threads_that_change_whom_they_found_lose_nothing(open_book, book_of):
    book_of("a", "b", "c", "d")
    orders = ["id", "-id", "email", "-email"]

    def mark(writer):
        def unit():
            with open_book() as book:
                found = book.customers(Query(order=(orders[writer],))).items
                book.update_customers(
                    [(one, {"note": one.note + str(writer)}) for one in found]
                )

        for _ in range(5):
            retrying(unit)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(mark, range(4)))

    with open_book() as book:
        notes = [sorted(one.note) for one in book.customers(Query()).items]
    assert notes == [sorted("0123" * 5)] * 4
