"""Every fault of every dialect is told in its platform's own words, repeatably."""

import time
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from gateway import registry
from gateway.control import Control, FaultError, Sandbox
from gateway.control.faults import TRANSPORT
from tests.gateway.control.calls import CALLS, call

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
MANY = "X-Rate-Limit-Requests-Left"
WORDS = {
    # "429 Too many requests" with four headers, and without them under load
    # (API rate limits); the texts are those of the V3 reference and API status codes.
    "bigcommerce.rate_limited": ("list", 429, '"title":"Too many requests"'),
    "bigcommerce.overloaded": ("list", 429, '"title":"Too many requests"'),
    "bigcommerce.suspended": ("list", 503, '"title":"The store is suspended"'),
    "bigcommerce.unavailable": ("list", 503, '"title":"Service Unavailable"'),
    "bigcommerce.plan_limit": ("create", 507, '"title":"Insufficient Storage"'),
    "bigcommerce.server_error": ("list", 500, '"title":"Internal Server Error"'),
    "bigcommerce.batch_refused": ("create", 422, '"0.customer_id":"invalid customer'),
    # The page "Customer Addresses API", Errors.
    "easel.list_error": ("list", 500, '"Failed to list addresses","code":"LIST_ERROR"'),
    "easel.create_error": ("create", 500, '"Failed to create address"'),
    "easel.get_error": ("get", 500, '"Failed to get address","code":"GET_ERROR"'),
    "easel.update_error": ("update", 500, '"code":"UPDATE_ERROR"'),
    "easel.delete_error": ("delete", 500, '"code":"DELETE_ERROR"'),
    "easel.created_get_error": (
        "create",
        500,
        '{"error":"Address created but failed to retrieve","code":"GET_ERROR"}',
    ),
    "easel.updated_get_error": (
        "update",
        500,
        '{"error":"Address updated but failed to retrieve","code":"GET_ERROR"}',
    ),
    "easel.authentication_error": ("list", 500, '"code":"AUTHENTICATION_ERROR"'),
    # OpenMage, observed.
    "openmage.nonce_used": ("list", 401, '"oauth_problem=nonce_used"'),
    "openmage.timestamp_refused": ("list", 401, '"oauth_problem=timestamp_refused"'),
    "openmage.consumer_key_rejected": ("list", 401, "consumer_key_rejected"),
    "openmage.token_rejected": ("list", 401, "oauth_problem=token_rejected"),
    "openmage.token_revoked": ("list", 401, "oauth_problem=token_revoked"),
    "openmage.signature_invalid": ("list", 401, "oauth_problem=signature_invalid"),
    "openmage.internal_error": ("create", 500, "Resource internal error."),
    "openmage.crash": ("get", 500, ""),
    "openmage.unavailable": ("list", 500, "Service temporary unavailable"),
    # Django REST Framework, exceptions.py.
    "staff.throttled": (
        "list",
        429,
        '{"detail":"Request was throttled. Expected available in 60 seconds."}',
    ),
    "staff.server_error": ("create", 500, '{"error":"Server Error (500)"}'),
}
DECLARED = {
    f"{dialect.name}.{name}"
    for dialect in registry.load()
    if dialect.rehearsal
    for name in dialect.rehearsal().faults
}


def test_there_is_a_test_of_every_fault() -> None:
    assert WORDS.keys() == DECLARED


@pytest.mark.parametrize("fault", WORDS)
def test_a_fault_strikes_once_in_the_platforms_words(
    client: FlaskClient, shop: Sandbox, fault: str
) -> None:
    name, status, words = WORDS[fault]
    operation = f"{fault.partition('.')[0]}.{name}"
    rule = shop.faults.inject(fault, operation=operation)

    answers = [call(client, shop, operation) for _ in range(2)]

    assert answers[0].status_code == status
    assert words in answers[0].get_data(as_text=True)
    assert answers[1].status_code in (200, 201, 204)
    assert [entry.fault for entry in shop.journal] == [fault, ""]
    assert (rule.fired, rule.left) == (1, 0)


def test_faults_of_the_quota_come_with_the_headers_of_the_window(
    client: FlaskClient, shop: Sandbox
) -> None:
    """All four headers or none, and when to try again (API rate limits)."""
    shop.clock.freeze(NOON)
    shop.faults.inject("bigcommerce.rate_limited")
    shop.faults.inject("bigcommerce.rate_limited", options={"retry_after": 2})
    shop.faults.inject("bigcommerce.overloaded")

    told = [call(client, shop, "bigcommerce.list").headers for _ in range(3)]

    assert [(one.get(MANY), one.get("X-Retry-After")) for one in told] == [
        ("0", "30"),
        ("0", "2"),
        (None, None),
    ]


def test_the_wait_of_a_throttle_can_be_short(
    client: FlaskClient, shop: Sandbox
) -> None:
    shop.faults.inject("staff.throttled", options={"retry_after": 1})

    answer = call(client, shop, "staff.list")

    assert answer.headers["Retry-After"] == "1"
    assert "in 1 second." in answer.get_data(as_text=True)


@pytest.mark.parametrize("fault", ["easel.created_get_error", "commit_then_drop"])
def test_what_a_late_fault_hides_was_done(
    client: FlaskClient, shop: Sandbox, fault: str
) -> None:
    shop.faults.inject(fault, operation="easel.create")

    try:
        assert call(client, shop, "easel.create").status_code == 500
    except ConnectionResetError:
        assert fault == "commit_then_drop"

    listed = call(client, shop, "easel.list").get_json()["addresses"]
    assert [one["street1"] for one in listed] == ["12 Analytical Row", "1 New Street"]


def test_a_late_fault_waits_for_what_succeeds(
    client: FlaskClient, shop: Sandbox
) -> None:
    rule = shop.faults.inject("easel.created_get_error")
    url = "/api/v1/customers/cus_00000000000000000001/addresses"

    refused = client.post(url, json={}, headers=shop.headers("easel"))

    assert (refused.status_code, rule.left, rule.fired) == (400, 1, 0)
    assert shop.journal.last().fault == ""
    assert call(client, shop, "easel.create").status_code == 500


def test_a_batch_that_is_refused_is_not_written(
    client: FlaskClient, shop: Sandbox
) -> None:
    shop.faults.inject("bigcommerce.batch_refused")

    call(client, shop, "bigcommerce.create")

    assert len(call(client, shop, "bigcommerce.list").get_json()["data"]) == 1


def test_a_reset_happens_before_anything_is_done(
    client: FlaskClient, shop: Sandbox
) -> None:
    shop.faults.inject("reset", dialect="staff")

    with pytest.raises(ConnectionResetError, match="reset"):
        call(client, shop, "staff.create")

    assert call(client, shop, "staff.list").get_json()["count"] == 1


def test_an_answer_can_be_late_and_slow(client: FlaskClient, shop: Sandbox) -> None:
    whole = call(client, shop, "easel.list").get_data()
    shop.faults.inject("latency", options={"milliseconds": 50})
    shop.faults.inject("trickle", options={"milliseconds": 10, "bytes": 100})
    start = time.perf_counter()

    answer = call(client, shop, "easel.list")
    chunks = [*answer.response]

    assert b"".join(chunks) == whole
    assert {len(chunk) for chunk in chunks[:-1]} == {100}
    assert time.perf_counter() - start >= 0.05 + 0.01 * len(chunks)
    assert shop.journal.last().fault == "latency, trickle"


def test_a_probability_strikes_the_same_calls_in_every_run(
    client: FlaskClient, control: Control
) -> None:
    def struck(seed: int) -> list[int]:
        shop = control.new_shop()
        shop.faults.inject("bigcommerce.suspended", probability=0.5, seed=seed)
        return [call(client, shop, "bigcommerce.list").status_code for _ in range(20)]

    assert struck(1) == struck(1)
    assert struck(1) != struck(2)
    assert {*struck(1)} == {200, 503}


def test_a_fault_keeps_to_its_shop_dialect_and_operation(
    client: FlaskClient, control: Control, shop: Sandbox
) -> None:
    other = control.new_shop()
    shop.faults.inject("bigcommerce.unavailable", operation="customers.*", times=9)

    answers = {
        call(client, one, operation).status_code
        for one, operation in (
            (shop, "bigcommerce.list"),
            (shop, "staff.customers.list"),
            (other, "bigcommerce.customers.list"),
        )
    }

    assert answers == {200}
    assert call(client, shop, "bigcommerce.customers.list").status_code == 503


def test_faults_strike_in_the_order_of_injection_until_they_are_removed(
    client: FlaskClient, shop: Sandbox
) -> None:
    shop.faults.inject("staff.throttled", times=2)
    last = shop.faults.inject("staff.server_error", times=5)

    statuses = [call(client, shop, "staff.list").status_code for _ in range(3)]
    shop.faults.remove(last.id)

    assert statuses == [429, 429, 500]
    assert call(client, shop, "staff.list").status_code == 200
    shop.faults.clear()
    assert shop.faults.rules() == []


def test_who_is_not_admitted_meets_no_fault(client: FlaskClient, shop: Sandbox) -> None:
    rule = shop.faults.inject("staff.server_error")

    refused = client.get("/api/customers", headers={"Authorization": "Token x"})
    unrouted = client.get("/api/nowhere", headers=shop.headers("staff"))

    assert (refused.status_code, unrouted.status_code) == (401, 404)
    assert rule.fired == 0


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"fault": "easel.list_eror"}, "did you mean 'easel.list_error'"),
        ({"fault": "flood"}, "There are: latency, trickle, reset, commit_then_drop, "),
        ({"fault": "reset", "dialect": "esel"}, "did you mean 'easel'"),
        ({"fault": "easel.list_error", "dialect": "staff"}, "is none of staff"),
        ({"fault": "reset", "operation": "easel.lst"}, "did you mean 'list'"),
        ({"fault": "easel.list_error", "operation": "create"}, "There are: custom"),
        ({"fault": "staff.throttled", "operation": "easel.get"}, "no operation of st"),
        ({"fault": "staff.throttled", "options": {"x": 1}}, "it has: retry_after"),
        ({"fault": "reset", "options": {"x": 1}}, "it has: none"),
        ({"fault": "latency", "options": {"milliseconds": -1}}, "a number from 0 to"),
        ({"fault": "trickle", "options": {"bytes": 0}}, "at least 1"),
        ({"fault": "reset", "times": 0}, "1 or more"),
        ({"fault": "reset", "probability": 0}, "the probability is 0"),
    ],
)
def test_a_fault_that_cannot_be_is_refused_with_what_can(
    shop: Sandbox, given: dict[str, object], complaint: str
) -> None:
    with pytest.raises(FaultError, match=complaint):
        shop.faults.inject(**given)  # type: ignore[arg-type]

    assert shop.faults.rules() == []


def test_to_remove_a_fault_that_is_not_there_tells_which_are(shop: Sandbox) -> None:
    shop.faults.inject("reset")

    with pytest.raises(FaultError, match="the id 7; there are: 1"):
        shop.faults.remove(7)


@pytest.mark.parametrize("fault", TRANSPORT)
@pytest.mark.parametrize("operation", ["bigcommerce.list", "openmage.list"])
def test_the_way_there_and_back_can_fail_for_every_dialect(
    client: FlaskClient, shop: Sandbox, fault: str, operation: str
) -> None:
    options = dict.fromkeys(TRANSPORT[fault], 1)
    shop.faults.inject(fault, operation=operation, options=options)

    try:
        assert call(client, shop, operation).status_code == 200
    except ConnectionResetError:
        assert fault in ("reset", "commit_then_drop")

    assert shop.journal.last().fault == fault
    assert operation in CALLS
