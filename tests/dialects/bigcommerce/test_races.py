"""No race makes two equal addresses, or gives two customers one e-mail, on either
database.

That equal addresses are not stored twice is documented in "Create a Customer Address"
and "Update a Customer Address", that an e-mail "must be unique" in "Customers" (V3
reference).
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core import (
    Address,
    AddressBook,
    Customer,
    CustomerDraft,
    Query,
    Shop,
    Store,
)
from gateway.testing.world import ORDINARY
from tests.dialects.bigcommerce.sending import item

WORKERS = Path(__file__).with_name("workers.py")
PROCESSES = 4
Call = tuple[str, list[Any]]
Answers = list[tuple[int, list[int]]]


@pytest.fixture(scope="module")
def workers(store: Store) -> Iterator[list["subprocess.Popen[str]"]]:
    """Processes that are ready to send."""
    url = store.database.url.render_as_string(hide_password=False)
    workers = [
        subprocess.Popen(
            [sys.executable, WORKERS, url],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    assert [printed(worker) for worker in workers] == ["ready\n"] * PROCESSES
    yield workers
    for worker in workers:
        worker.communicate(timeout=60)


@pytest.fixture
def race(workers: list[Any], store: Store, shop: Shop) -> Callable[..., Answers]:
    """Sends calls from several processes at the same moment; gives the answers."""
    with store.keys() as keys:
        keys.add("bigcommerce", shop, scope="modify", token=shop.hash)

    def race(*calls: Call, below: str = "/addresses") -> Answers:
        sent = [(method, below, body) for method, body in calls]
        for n, worker in enumerate(workers):
            worker.stdin.write(json.dumps([shop.hash, sent[n::PROCESSES]]) + "\n")
        for worker in workers:
            worker.stdin.flush()
        answers = [json.loads(printed(worker)) for worker in workers]
        return [(code, ids) for some in answers for code, ids in some]

    return race


def printed(worker: Any) -> str:
    """The next line of a process."""
    return str(worker.stdout.readline())


def addresses(book: AddressBook) -> Sequence[Address]:
    return book.find(Query()).items


def test_twenty_equal_addresses_at_once_are_stored_once(race, open_book, ada):
    answers = race(*[("POST", [item(customer_id=ada.id)])] * 20)

    with open_book() as book:
        assert [address.id for address in addresses(book)] == [1]
    assert sorted(answers) == [(200, [])] * 19 + [(200, [1])]


def test_batches_that_overlap_store_each_address_once(race, open_book, ada, grace):
    ten = [
        item(customer_id=customer.id, first_name=name)
        for customer in (ada, grace)
        for name in "ABCDE"
    ]

    answers = race(*[("POST", ten), ("POST", ten[::-1])] * 6)

    with open_book() as book:
        found = [(a.customer_id, a.first_name) for a in addresses(book)]
    assert sorted(found) == [(c.id, name) for c in (ada, grace) for name in "ABCDE"]
    assert [code for code, _ in answers] == [200] * 12
    assert sorted(id for _, ids in answers for id in ids) == list(range(1, 11))


def test_updates_that_make_addresses_equal_make_one_so(race, open_book, ada):
    with open_book() as book:
        book.add_many([draft(ada, str(n)) for n in range(8)])
    wanted = item(customer_id=ada.id)

    answers = race(*[("PUT", [{**wanted, "id": n}]) for n in range(1, 9)])

    [(_, [winner])] = [answer for answer in answers if answer[1]]
    with open_book() as book:
        names = [address.first_name for address in addresses(book)]
    kept = [str(n) for n in range(8)]
    kept[winner - 1] = "John"
    assert names == kept
    assert [code for code, _ in answers] == [200] * 8


def test_creating_and_updating_at_once_leaves_one(race, open_book, ada):
    with open_book() as book:
        book.add_many([draft(ada, "A"), draft(ada, "B")])
    wanted = item(customer_id=ada.id)
    updates = [("PUT", [{**wanted, "id": n}]) for n in (1, 2)]

    answers = race(*[("POST", [wanted]), *updates] * 4)

    with open_book() as book:
        names = [address.first_name for address in addresses(book)]
    assert names.count("John") == 1
    assert {code for code, _ in answers} == {200}


def draft(customer: Customer, first_name: str) -> Any:
    return replace(ORDINARY, customer_id=customer.id, first_name=first_name)


def customer(email: str, **more: Any) -> dict[str, Any]:
    return {"email": email, "first_name": "Sally", "last_name": "Smithers", **more}


def emails(book: AddressBook) -> list[str]:
    return sorted(one.email for one in book.customers(Query()).items)


def test_twenty_customers_of_one_email_at_once_are_one(race, open_book):
    spelled = [customer("sally@smithers.org"), customer("SALLY@smithers.org")]

    answers = race(*[("POST", [one]) for one in spelled * 10], below="")

    with open_book() as book:
        assert len(emails(book)) == 1
    assert sorted(code for code, _ in answers) == [200] + [422] * 19


def test_batches_that_share_an_email_are_stored_whole_or_not(race, open_book):
    batches = [[customer(f"{n}@x"), customer("same@x")] for n in range(8)]
    reversed_batches = [batch[::-1] for batch in batches]

    answers = race(*[("POST", b) for b in batches + reversed_batches], below="")

    with open_book() as book:
        found = emails(book)
    assert len(found) == 2
    assert "same@x" in found
    assert sorted(code for code, _ in answers) == [200] + [422] * 15


def test_updates_to_one_email_at_once_give_it_to_one(race, open_book):
    with open_book() as book:
        book.add_customers([CustomerDraft(email=f"{n}@x") for n in range(8)])
    updates = [("PUT", [{"id": n, "email": "same@x"}]) for n in range(1, 9)]

    answers = race(*updates, ("POST", [customer("same@x")]), below="")

    with open_book() as book:
        assert emails(book).count("same@x") == 1
    assert sorted(code for code, _ in answers) == [200] + [422] * 8


def test_customers_who_exchange_emails_at_once_do_not_wait_for_each_other(
    race, open_book
):
    with open_book() as book:
        book.add_customers([CustomerDraft(email="a@x"), CustomerDraft(email="b@x")])
    there = [{"id": 1, "email": "b@x"}, {"id": 2, "email": "a@x"}]
    back = [{"id": 2, "email": "b@x"}, {"id": 1, "email": "a@x"}]

    answers = race(*[("PUT", there), ("PUT", back)] * 8, below="")

    with open_book() as book:
        assert emails(book) == ["a@x", "b@x"]
    assert {code for code, _ in answers} == {200}
