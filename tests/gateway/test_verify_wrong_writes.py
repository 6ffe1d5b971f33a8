"""`verify` names what a server writes otherwise, and leaves no trace of its own."""

import re
from pathlib import Path
from typing import Any

import pytest

from core import Store
from gateway.cli.verify import exit_code
from gateway.verify import Outcome
from tests.gateway.planting import (
    DIALECTS,
    having,
    objects,
    only_v2,
    status,
    store,
    text,
    told,
    wrongly,
)
from tests.gateway.verifying import Exchange, Wrong, demo, everything, nothing

__all__ = ["store"]


GOOD = b'{"country": 1, "state": 5, "city": 25, "last_name": "%s"}'


def take_anything(exchange: Exchange) -> None:
    """Store something sound for whatever is sent, and keep the mark in it."""
    if exchange.method == "POST" and exchange.path.endswith("/addresses"):
        mark = re.search(rb"Verify-\w+", exchange.body)
        exchange.body = GOOD % (mark[0] if mark else b"unmarked")


def delete_nothing(exchange: Exchange) -> None:
    """Look instead."""
    if exchange.method == "DELETE" and "/addresses/" in exchange.path:
        exchange.method = "GET"


def make_no_customers(exchange: Exchange) -> None:
    if exchange.method == "POST" and exchange.path.endswith("/customers"):
        exchange.method = "BREW"


def forget_ids(exchange: Exchange) -> None:
    """Tell nobody the number of what was made."""
    if exchange.status == 201:
        exchange.json = {}


def test_what_should_have_been_refused_is_removed(store: Store, tmp_path: Path) -> None:
    before = everything(store)

    report = wrongly(store, tmp_path, DIALECTS["staff"], asks=take_anything, write=True)

    assert "create with an unknown country: status" in told(report)
    assert "create with broken JSON: status" in told(report)
    assert report.left_behind == []
    assert everything(store) == before


def test_a_server_without_customers_is_written_to_through_the_one_given(
    store: Store, tmp_path: Path
) -> None:
    before = everything(store)

    report = wrongly(
        store, tmp_path, DIALECTS["staff"], asks=make_no_customers, write=True
    )

    assert told(report)[0].startswith("create customer: status")
    assert all(one.startswith("create customer") for one in told(report))
    assert everything(store) == before


def test_what_tells_no_id_is_found_by_its_mark(store: Store, tmp_path: Path) -> None:
    """Customers cannot be found again, so none is made."""
    before = everything(store)

    report = wrongly(
        store,
        tmp_path,
        DIALECTS["staff"],
        asks=make_no_customers,
        answers=forget_ids,
        write=True,
    )

    assert "create address: body.id" in told(report)
    assert "delete" in {one.name for one in report.of(Outcome.NOT_RUN)}
    assert report.left_behind == []
    assert everything(store) == before


def test_what_cannot_be_removed_is_listed(tmp_path: Path) -> None:
    dialect = DIALECTS["staff"]

    def refuse(exchange: Exchange) -> None:
        if exchange.method == "DELETE":
            exchange.method = "BREW"

    with demo() as store:
        report = wrongly(store, tmp_path, dialect, asks=refuse, write=True)

    assert "delete: status" in told(report)
    assert [call.split()[0] for call in report.left_behind] == ["DELETE"] * 3
    assert report.left_behind[0].endswith("the target answers 405")


def test_a_removal_that_only_looks_like_one_is_a_difference(
    store: Store, tmp_path: Path
) -> None:
    before = everything(store)

    report = wrongly(
        store, tmp_path, DIALECTS["staff"], asks=delete_nothing, write=True
    )

    assert "get what was deleted: status" in told(report)
    # The customer who was made went with the address.
    assert everything(store) == before


def test_what_looks_like_other_data_is_found_by_writing(
    store: Store, tmp_path: Path
) -> None:
    """A text may be "" here if it was written so, but not if it was left out."""
    plant = objects(having(text=""))

    report = wrongly(store, tmp_path, DIALECTS["staff"], answers=plant, write=True)

    assert "create with places alone: body.text" in told(report)


def test_a_duplicate_that_is_stored_is_a_difference_and_removed(
    store: Store, tmp_path: Path
) -> None:
    """V3 reference: "a unique customer address"; the answer leaves it out."""
    before = everything(store)
    sent = []

    def vary(exchange: Exchange) -> None:
        if exchange.method == "POST" and exchange.path.endswith("/addresses"):
            sent.append(exchange)
            company = b"Company %d" % len(sent)
            exchange.body = exchange.body.replace(b"BigCommerce", company)

    report = wrongly(store, tmp_path, DIALECTS["bigcommerce"], asks=vary, write=True)

    assert "create a duplicate: body.data: number of items" in told(report)
    assert everything(store) == before


def nameless(exchange: Exchange) -> None:
    """Give a last name to whom has none."""
    if exchange.method == "POST" and exchange.path.endswith("/customers"):
        exchange.body = exchange.body.replace(
            b'"first_name": "John", "em',
            b'"first_name": "John", "last_name": "Doe", "em',
        )


def without_change(exchange: Exchange, method: str, path: str) -> None:
    """Look instead."""
    if exchange.method == method and path in exchange.path:
        exchange.method, exchange.body = "GET", b""


def let_write(exchange: Exchange) -> None:
    if exchange.environ.get("HTTP_AUTHORIZATION") == "Bearer demo-easel-read":
        exchange.environ["HTTP_AUTHORIZATION"] = "Bearer demo-easel-admin"


SENT: list[bytes] = []


def skipped(exchange: Exchange) -> None:
    """Refuse in V2 what was sent before."""
    if exchange.method == "POST" and "/v2/" in exchange.path:
        if exchange.body in SENT and b"Jane" in exchange.body:
            exchange.method = "BREW"
        SENT.append(exchange.body)


def another_mail(exchange: Exchange) -> None:
    """Make of each new customer one with an e-mail of their own."""
    if exchange.method == "POST" and exchange.path.endswith("/customers"):
        SENT.append(exchange.body)
        own = b"verify%d@example.com" % len(SENT)
        exchange.body = re.sub(rb"Verify-\w+@example\.com", own, exchange.body)


def replaced(exchange: Exchange, old: bytes, new: bytes) -> None:
    exchange.body = exchange.body.replace(old, new)


CUSTOMER_WRITES = [
    (
        "a name is not required",
        "easel",
        nameless,
        nothing,
        "create customer without a last name: status",
    ),
    (
        "a customer stays as they were",
        "easel",
        lambda exchange: without_change(exchange, "PUT", "/customers/cus_abc123"),
        nothing,
        "update customer: body.phone",
    ),
    (
        "a key that reads may write",
        "easel",
        let_write,
        nothing,
        "update customer with a key that reads: status",
    ),
    (
        "words of a refusal",
        "easel",
        nothing,
        text("Last name is required", "Surname is required"),
        "update customer without a last name: body.error",
    ),
    (
        "an e-mail may be had twice",
        "openmage",
        another_mail,
        nothing,
        "create customer again: status",
    ),
    (
        "words for who is not there",
        "openmage",
        nothing,
        text("Resource not found\\.", "Gone"),
        "get deleted customer: body.messages.error[0].message",
    ),
    (
        "a name may be a list",
        "staff",
        lambda exchange: replaced(exchange, b'"first_name": []', b'"first_name": "x"'),
        nothing,
        "update customer to a list: status",
    ),
    (
        "V2 skips a duplicate",
        "bigcommerce",
        skipped,
        nothing,
        "V2 create an equal one: status",
    ),
    (
        "V2 takes a code for a country",
        "bigcommerce",
        lambda exchange: replaced(exchange, b'"country": "US"', b'"country": "Peru"'),
        nothing,
        "V2 create with a code for a country: status",
    ),
    (
        "V2 answers 200 to a create",
        "bigcommerce",
        nothing,
        only_v2(status(201, 200)),
        "V2 create: status",
    ),
    (
        "V2 keeps what was deleted",
        "bigcommerce",
        lambda exchange: without_change(exchange, "DELETE", "/v2/"),
        nothing,
        "V2 list what is left: status",
    ),
]


@pytest.mark.parametrize(
    ("name", "asks", "answers", "said"),
    [pytest.param(*row[1:], id=row[0]) for row in CUSTOMER_WRITES],
)
def test_what_a_server_writes_otherwise_is_named_and_undone(
    tmp_path: Path, name: str, asks: Wrong, answers: Wrong, said: str
) -> None:
    SENT.clear()
    with demo() as store:
        before = everything(store)

        report = wrongly(
            store, tmp_path, DIALECTS[name], asks=asks, answers=answers, write=True
        )

        assert said in told(report)
        assert exit_code(report) == 2
        people, addresses = everything(store)
    # There is no call that removes a customer of Easel's.
    made = people[len(before[0]) :]
    assert (people[: len(before[0])], addresses) == before
    assert report.left_behind == [
        f"POST /customers made {one.public_id}: the API cannot remove it"
        for one in made
    ]
    assert not made or name == "easel"


def test_a_customer_who_was_changed_is_made_as_before_when_it_is_interrupted(
    store: Store, tmp_path: Path
) -> None:
    before = everything(store)

    def interrupt(number: int, total: int, check: Any) -> None:
        if check.name == "get updated customer":
            assert everything(store) != before
            raise KeyboardInterrupt

    report = wrongly(store, tmp_path, DIALECTS["easel"], write=True, progress=interrupt)

    assert report.is_interrupted
    assert everything(store) == before


def test_all_addresses_are_removed_only_of_whom_was_made_for_it(
    store: Store, tmp_path: Path
) -> None:
    """A server that makes no customers is written to through the one given."""
    before = everything(store)

    report = wrongly(
        store, tmp_path, DIALECTS["bigcommerce"], asks=make_no_customers, write=True
    )

    not_run = {one.name: one.reason for one in report.of(Outcome.NOT_RUN)}
    assert "no new_person" in not_run["V2 delete all"]
    assert everything(store) == before
