"""Each setting changes what it says, and nothing by default.

The sources are those that the quirks themselves name.
"""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from core import Customer, Query, Shop, Store
from dialects.bigcommerce import DIALECT
from gateway.app import create_app
from gateway.config import Config
from tests.dialects.bigcommerce.sending import item

Send = Callable[..., Any]
FORM_FIELDS = [{"name": "a", "value": "1"}]


@pytest.fixture
def send(store: Store, shop: Shop, ada: Customer, grace: Customer) -> Send:
    """Gives the answer to a request; what is not named is set to its default."""
    with store.keys() as keys:
        for scope in DIALECT.scopes:
            keys.add("bigcommerce", shop, scope=scope, token=f"{shop.hash}-{scope}")
        bound = {"scope": "modify", "customer_id": grace.id}
        keys.add("bigcommerce", shop, token=f"{shop.hash}-grace", **bound)
    apps: dict[str, Flask] = {}

    def send(method: str, query: str = "", body: Any = None, **quirks: Any) -> Any:
        token = quirks.pop("token", "modify")
        path = quirks.pop("path", "v3/customers/addresses")
        config = Config(quirks={"bigcommerce": quirks})
        app = apps.setdefault(
            str(quirks), create_app(config, store=store, dialects=[DIALECT])
        )
        return app.test_client().open(
            f"/stores/{shop.hash}/{path}{query}",
            method=method,
            json=body,
            headers={"X-Auth-Token": f"{shop.hash}-{token}"} if token else {},
        )

    return send


@pytest.mark.parametrize(
    ("setting", "body"),
    [({}, b'{"data":[],"meta":{}}'), ({"empty_duplicate_body": True}, b"{}")],
)
def test_a_duplicate_can_be_answered_with_the_schemas_empty_object(
    send: Send, setting: Any, body: bytes
) -> None:
    send("POST", body=[item()])

    again = send("POST", body=[item()], **setting)
    other = send("POST", body=[item(), item(first_name="New")], **setting)
    none = send("POST", body=[], **setting)

    assert (again.status_code, again.data) == (200, body)
    assert [address["id"] for address in other.json["data"]] == [2]
    assert none.data == b'{"data":[],"meta":{}}'


def test_text_errors_can_be_json(send: Send) -> None:
    answers = [send("GET", token="", plain_text_errors=False)]
    answers.append(send("PATCH", plain_text_errors=False))

    assert [(a.content_type, a.json["status"], a.json["title"]) for a in answers] == [
        ("application/json", 401, "X-Auth-Token header is required"),
        ("application/json", 404, "The route is not found, check the URL"),
    ]
    assert {str(answer.json["errors"]) for answer in answers} == {"{}"}


def test_a_large_limit_can_be_refused(send: Send) -> None:
    refused = send("GET", "?limit=251", refuse_large_limit=True)
    taken = send("GET", "?limit=250", refuse_large_limit=True)

    assert refused.status_code == 413
    assert refused.json["title"] == "The limit parameter exceeded the maximum of 250."
    assert taken.status_code == 200


def test_state_codes_can_be_accepted(send: Send) -> None:
    coded = [item(state_or_province="OH")]

    refused = send("POST", body=coded)
    taken = send("POST", body=coded, refuse_state_codes=False)

    assert refused.status_code == 422
    assert taken.json["data"][0]["state_or_province"] == "Ohio"


@pytest.mark.parametrize("said", [{}, {"state_or_province": "", "postal_code": ""}])
def test_state_and_postal_code_can_be_optional(send: Send, said: Any) -> None:
    short = item(**said)
    for name in {"state_or_province", "postal_code"} - said.keys():
        del short[name]

    refused = send("POST", body=[short])
    taken = send("POST", body=[short], require_state_and_postal_code=False)

    assert refused.status_code == 422
    [address] = taken.json["data"]
    assert (address["state_or_province"], address["postal_code"]) == ("", "")


def test_form_fields_can_be_echoed(send: Send) -> None:
    body = [item(form_fields=FORM_FIELDS)]

    silent = send("POST", body=body)
    told = send("PUT", body=[{"id": 1, "phone": "1"}], echo_form_fields=True)

    assert "form_fields" not in silent.json["data"][0]
    assert told.json["data"][0]["form_fields"] == [{**FORM_FIELDS[0], "address_id": 1}]


def test_what_was_skipped_is_logged_and_can_be_told(
    send: Send, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "dialects.bigcommerce")
    jane, john = item(first_name="Jane"), item()
    send("POST", body=[john])
    batch = [jane, john, jane, item(first_name="New")]

    created = send("POST", body=batch, tell_duplicates=True)
    updated = send("PUT", body=[{"id": 3, "first_name": "John"}])

    assert [address["id"] for address in created.json["data"]] == [2, 3]
    assert created.headers["X-Duplicates"] == "1=1, 2=2"
    assert updated.json == {"data": [], "meta": {}}
    assert "X-Duplicates" not in updated.headers
    assert [record.getMessage() for record in caplog.records] == [
        "skipped items equal to addresses: 1=1, 2=2",
        "skipped items equal to addresses: 0=1",
    ]


def test_the_most_of_a_batch_can_be_set(send: Send) -> None:
    refused = send("PUT", body=[{}] * 11, batch_limit=10)

    assert refused.status_code == 413
    assert refused.json["title"] == (
        "The request payload is too large."
        " The maximum items allowed in the array is 10."
    )


def test_a_quota_is_used_up_by_every_request_of_the_window(
    send: Send, clock: Any
) -> None:
    clock.advance(28.5)
    answers = [send("GET", quota=3)]
    answers.append(send("GET", "?limit=a", quota=3))
    answers.append(send("POST", token="read-only", quota=3))
    answers.append(send("POST", body=[], quota=3))

    clock.advance(1.5)
    answers.append(send("GET", quota=3))

    told = [
        (
            answer.status_code,
            answer.headers["X-Rate-Limit-Requests-Quota"],
            answer.headers["X-Rate-Limit-Requests-Left"],
            answer.headers["X-Rate-Limit-Time-Reset-Ms"],
            answer.headers.get("X-Retry-After"),
        )
        for answer in answers
    ]
    assert told == [
        (200, "3", "2", "1500", None),
        (422, "3", "1", "1500", None),
        (403, "3", "0", "1500", None),
        (429, "3", "0", "1500", "2"),
        (200, "3", "2", "30000", None),
    ]


def test_to_a_key_for_one_customer_others_are_unknown(send: Send, open_book) -> None:
    refused = send("POST", body=[item(customer_id=1)], token="grace")
    created = send("POST", body=[item(customer_id=2)], token="grace")

    assert refused.json["errors"] == {"0.customer_id": "invalid customer ID"}
    assert created.json["data"][0]["customer_id"] == 2
    with open_book() as book:
        assert [a.customer_id for a in book.find(Query()).items] == [2]


def test_what_no_database_keeps_is_refused_by_both(send: Send) -> None:
    body = [item(state_or_province="\0", form_fields=[{"name": "\0", "value": "\0"}])]

    refused = send("POST", body=body)
    taken = send("POST", body=[{**body[0], "state_or_province": "Ohio"}])
    shown = send("GET", "?include=formfields")

    assert refused.json["errors"] == {
        "0.state_or_province": "contains characters that cannot be stored"
    }
    assert taken.status_code == 200
    [address] = shown.json["data"]
    assert address["form_fields"] == [{"name": "\0", "value": "\0", "address_id": 1}]
