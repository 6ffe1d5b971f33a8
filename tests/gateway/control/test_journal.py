"""The journal keeps what was asked, within bounds, and proves what is claimed of it."""

import pytest
from flask.testing import FlaskClient

from gateway.control import ControlError, Sandbox
from gateway.control.journal import ENTRY_BYTES, Journal
from tests.gateway.control.calls import call

EMPTY = {
    "at": "",
    "dialect": "easel",
    "operation": "easel.get",
    "method": "GET",
    "path": "/",
    "request_headers": {},
    "request_body": "",
    "status": 200,
    "response_headers": {},
    "response_body": "",
    "milliseconds": 1.0,
}


def test_a_journal_keeps_no_more_entries_than_it_may() -> None:
    journal = Journal(entries=3)

    for _ in range(5):
        journal.add(**EMPTY)

    assert [entry.number for entry in journal] == [3, 4, 5]
    assert (journal.total, journal.forgotten) == (5, 2)
    assert journal.count("easel.get") == 5


def test_a_journal_keeps_no_more_bytes_than_it_may() -> None:
    journal = Journal(max_bytes=3 * ENTRY_BYTES)

    for _ in range(5):
        journal.add(**{**EMPTY, "response_body": "x" * 500})

    assert len(journal) == 2
    assert journal.forgotten == 3


def test_a_journal_keeps_the_newest_entry_however_large() -> None:
    journal = Journal(max_bytes=1)

    journal.add(**{**EMPTY, "response_body": "x" * 5000})

    assert len(journal.last().response_body) == 5000


def test_entries_are_found_by_dialect_operation_and_status(
    client: FlaskClient, shop: Sandbox
) -> None:
    for operation in ("easel.list", "easel.get", "staff.get", "easel.delete"):
        call(client, shop, operation)
    call(client, shop, "easel.get")

    journal = shop.journal
    assert [one.status for one in journal.entries("easel.get")] == [200, 404]
    assert len(journal.entries("*.get")) == 3
    assert len(journal.entries(dialect="easel")) == 4
    assert len(journal.entries(status=404)) == 1
    assert journal.count("easel.*", status=200) == 2


def test_a_claim_that_holds_is_silent(client: FlaskClient, shop: Sandbox) -> None:
    call(client, shop, "bigcommerce.create")
    call(client, shop, "bigcommerce.create")

    shop.journal.assert_called("bigcommerce.create")
    shop.journal.assert_called("bigcommerce.create", times=2, status=200)
    shop.journal.assert_called("bigcommerce.*", times=2)
    shop.journal.assert_not_called("bigcommerce.create", status=422)
    shop.journal.assert_all_read()


def test_a_claim_that_does_not_hold_tells_what_came_nearest(
    client: FlaskClient, shop: Sandbox
) -> None:
    call(client, shop, "easel.list")

    with pytest.raises(AssertionError) as missing:
        shop.journal.assert_called("easel.create")
    with pytest.raises(AssertionError) as otherwise:
        shop.journal.assert_called("easel.list", status=404)
    with pytest.raises(AssertionError) as elsewhere:
        shop.journal.assert_called("staff.list")
    with pytest.raises(AssertionError) as too_often:
        shop.journal.assert_called("easel.list", times=2)

    path = "GET /api/v1/customers/cus_00000000000000000001/addresses"
    line = f"  #1 easel.list -> 200; {path}"
    assert str(missing.value).splitlines() == [
        "easel.create was called 0 times, not at least once.",
        "Of the dialect:",
        line,
    ]
    assert str(otherwise.value).splitlines()[1] == "The same, answered otherwise:"
    assert str(elsewhere.value).splitlines()[1:] == [
        "Nothing of the dialect; of others:",
        line,
    ]
    assert str(too_often.value).splitlines()[0] == (
        "easel.list was called 1 times, not 2 times."
    )


@pytest.mark.parametrize(
    ("operation", "told"),
    [
        ("bigcommerce.crate", "did you mean 'bigcommerce.create'"),
        ("create", r"There are: .*staff\.create"),
        ("shopify.*", "no operation 'shopify"),
    ],
)
def test_a_claim_of_what_there_is_not_can_not_hold(
    shop: Sandbox, operation: str, told: str
) -> None:
    """It would always hold that such was never called."""
    with pytest.raises(ControlError, match=told):
        shop.journal.assert_not_called(operation)
    with pytest.raises(ControlError, match=told):
        shop.journal.assert_called(operation)


def test_of_a_dialect_that_tells_no_operations_any_can_be_claimed() -> None:
    journal = Journal(operations=["toy.*", "easel.list"])

    journal.assert_not_called("toy.anything")
    journal.assert_not_called("*.list")
    with pytest.raises(ControlError, match=r"no operation 'easel\.get'"):
        journal.assert_not_called("easel.get")


def test_a_claim_of_an_empty_journal_says_that_nothing_came(shop: Sandbox) -> None:
    with pytest.raises(AssertionError, match="no request came to this shop"):
        shop.journal.assert_called("easel.list")
    with pytest.raises(LookupError, match="no request came to this shop"):
        shop.journal.last()


def test_an_entry_has_both_sides_of_an_exchange(
    client: FlaskClient, shop: Sandbox
) -> None:
    answer = call(client, shop, "staff.update")

    entry = shop.journal.last()
    assert (entry.method, entry.path) == ("PATCH", "/api/customers/1/addresses/1")
    assert entry.request_body == '{"text": "x"}'
    assert entry.request_headers["Authorization"] == (
        "Token <token of the staff key staff>"
    )
    assert entry.response_body == answer.get_data(as_text=True)
    assert entry.response_headers == dict(answer.headers)
    assert entry.milliseconds > 0
