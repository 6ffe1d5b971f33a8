"""Customers, where it matters which database there is, or who asks, or what is set.

Fields and filters are those of the V3 reference, "Customers"; the settings' sources are
those that the quirks themselves name.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest
from flask import Flask

from core import Customer, CustomerDraft, Query, Shop, Store
from dialects.bigcommerce import DIALECT
from gateway.app import create_app
from gateway.config import Config

Send = Callable[..., Any]
NAMES = ["Müller", "Holmes", "moriarty", "Holmes", "Émile", "", "Moriarty", "Zoe"]


@pytest.fixture
def send(store: Store, shop: Shop) -> Send:
    """Gives the answer to a request to a path below the store's root."""
    with store.keys() as keys:
        keys.add("bigcommerce", shop, scope="modify", token=shop.hash)
        bound = {"scope": "modify", "customer_id": 2}
        keys.add("bigcommerce", shop, token=f"{shop.hash}-2", **bound)
    apps: dict[str, Flask] = {}

    def send(
        method: str, path: str, body: Any = None, bound: str = "", **quirks: Any
    ) -> Any:
        config = Config(quirks={"bigcommerce": quirks})
        app = apps.setdefault(
            str(quirks), create_app(config, store=store, dialects=[DIALECT])
        )
        headers = {"X-Auth-Token": shop.hash + bound}
        return app.test_client().open(
            f"/stores/{shop.hash}{path}", method=method, json=body, headers=headers
        )

    return send


@pytest.fixture
def people(store: Store, shop: Shop, clock: Any) -> list[Customer]:
    """Customers with equal, empty and foreign names, some of whom came at once."""
    added: list[Customer] = []
    for n, name in enumerate(NAMES):
        with store.book("test", shop=shop) as book:
            added.append(
                book.add_customer(CustomerDraft(last_name=name, email=f"{n}@x"))
            )
        clock.advance(0.25 if n % 2 else 0)
    return added


def ids(answer: Any) -> list[int]:
    return [customer["id"] for customer in answer.json["data"]]


def walked(send: Send, query: str, way: str) -> list[int]:
    """The ids on the way along the cursors' links, from the answer to a query."""
    answer = send("GET", f"/v3/customers{query}")
    found = ids(answer)
    while link := answer.json["meta"]["cursor_pagination"]["links"].get(way):
        answer = send("GET", f"/v3/customers{link}")
        found = found + ids(answer) if way == "next" else ids(answer) + found
        assert len(found) <= len(NAMES)
    return found


@pytest.mark.parametrize("limit", [1, 3, 8])
@pytest.mark.parametrize(
    "query",
    [
        "",
        "&sort=last_name:asc",
        "&sort=last_name:desc",
        "&sort=date_created:asc",
        "&sort=date_modified:desc",
        "&name:like=m,o&sort=last_name:asc",
        "&customer_group_id:in=0&sort=date_created:desc",
    ],
)
def test_cursors_visit_each_customer_once(
    send: Send, people: list[Customer], query: str, limit: int
) -> None:
    whole = ids(send("GET", f"/v3/customers?limit=50{query}"))

    there = walked(send, f"?limit={limit}{query}", "next")

    assert there == whole
    assert len(whole) > 4


@pytest.mark.parametrize("sort", ["", "&sort=last_name:asc", "&sort=date_created:desc"])
def test_cursors_lead_back(send: Send, people: list[Customer], sort: str) -> None:
    whole = ids(send("GET", f"/v3/customers?limit=50{sort}"))
    last = send("GET", f"/v3/customers?limit=8{sort}").json["meta"]["cursor_pagination"]

    back = walked(send, f"?limit=3&before={last['end_cursor']}{sort}", "previous")

    assert back == whole[:-1]


def test_a_link_keeps_the_filters_and_the_order(
    send: Send, people: list[Customer]
) -> None:
    answer = send("GET", "/v3/customers?sort=last_name:asc&email:in=0@x,1@x&limit=1")

    link = answer.json["meta"]["cursor_pagination"]["links"]["next"]
    kept = parse_qs(link.removeprefix("?"))
    assert kept.pop("after")
    assert kept == {"sort": ["last_name:asc"], "email:in": ["0@x,1@x"], "limit": ["1"]}


def test_a_list_of_many_filters_is_judged_one_by_one(
    send: Send, people: list[Customer]
) -> None:
    changes = [{"id": 1, "customer_group_id": 5}, {"id": 7, "customer_group_id": 50}]
    send("PUT", "/v3/customers", changes)

    five = send("GET", "/v3/customers?customer_group_id:in=5")
    either = send("GET", "/v3/customers?customer_group_id:in=50,5,7&limit=1&page=2")
    both = send("GET", "/v3/customers?customer_group_id:in=0,50&name:like=ORI,zo")

    assert (ids(five), ids(either), ids(both)) == ([1], [7], [3, 7, 8])
    assert either.json["meta"]["pagination"]["total"] == 2


def test_a_key_for_one_customer_knows_no_other(
    send: Send, ada: Customer, grace: Customer
) -> None:
    new = {"email": "new@x", "first_name": "N", "last_name": "N"}
    mine = {"id": grace.id, "email": "grace@x"}

    listed = send("GET", "/v3/customers", bound="-2")
    changed = send("PUT", "/v3/customers", [mine], bound="-2")
    refused = [
        send("POST", "/v3/customers", [new], bound="-2"),
        send("DELETE", f"/v3/customers?id:in={grace.id}", bound="-2"),
        send("PUT", "/v3/customers", [{"id": ada.id, "phone": "1"}], bound="-2"),
        send("GET", f"/v2/customers/{ada.id}/addresses", bound="-2"),
    ]

    assert ids(listed) == [grace.id]
    assert changed.json["data"][0]["email"] == "grace@x"
    assert [answer.status_code for answer in refused] == [403, 403, 422, 404]


def test_an_email_that_another_api_stored_twice_is_left_alone(
    send: Send, store: Store, shop: Shop
) -> None:
    with store.book("test", shop=shop) as book:
        book.add_customers([CustomerDraft(email="same@x")] * 2)

    changed = send("PUT", "/v3/customers", [{"id": 1, "email": "same@x", "phone": "1"}])
    refused = send("PUT", "/v3/customers", [{"id": 1, "email": "SAME@x"}])

    assert (changed.status_code, refused.status_code) == (200, 422)


def test_a_batch_that_is_refused_for_an_address_creates_nobody(
    send: Send, store: Store, shop: Shop
) -> None:
    person = {"first_name": "N", "last_name": "N"}
    address = {**person, "address1": "1 Street", "city": "C", "country_code": "ZZ"}
    batch = [
        {**person, "email": "a@x"},
        {**person, "email": "b@x", "addresses": [address]},
    ]

    answer = send("POST", "/v3/customers", batch)

    assert answer.json["errors"] == {
        "1.addresses[0].country_code": "invalid country code"
    }
    with store.book("test", shop=shop) as book:
        assert not book.customers(Query()).items


def test_settings_hold_for_customers_and_for_v2(send: Send) -> None:
    form_fields = [{"name": "a", "value": "1"}]
    address = {
        **{"first_name": "N", "last_name": "N", "address1": "1 Street", "city": "C"},
        **{"country_code": "US", "state_or_province": "TX", "form_fields": form_fields},
    }
    person = {"email": "a@x", "first_name": "N", "last_name": "N"}
    new = {**person, "form_fields": form_fields, "addresses": [address]}
    lenient = {"refuse_state_codes": False, "require_state_and_postal_code": False}
    v2 = {
        **{"first_name": "N", "last_name": "N", "phone": "1", "street_1": "S"},
        **{"city": "C", "state": "TX", "zip": "1", "country": "United States"},
    }

    refused = send("POST", "/v3/customers", [new])
    created = send("POST", "/v3/customers", [new], echo_form_fields=True, **lenient)
    of_v2 = send("POST", "/v2/customers/1/addresses", v2, v2_create_answers_200=True)
    taken = send(
        "POST", "/v2/customers/1/addresses", v2, v2_create_answers_200=True, **lenient
    )
    null = send("GET", "/v3/customers", null_channel_ids=True)
    plain = send("GET", "/v3/customers")
    large = send("GET", "/v2/customers/addresses?limit=251", refuse_large_limit=True)

    [customer] = created.json["data"]
    assert set(refused.json["errors"]) == {
        "0.addresses[0].postal_code",
        "0.addresses[0].state_or_province",
    }
    assert customer["form_fields"] == [{**form_fields[0], "customer_id": 1}]
    assert customer["addresses"][0]["state_or_province"] == "Texas"
    assert customer["addresses"][0]["form_fields"] == [
        {**form_fields[0], "address_id": 1}
    ]
    assert (of_v2.status_code, taken.status_code) == (400, 200)
    assert null.json["data"][0]["channel_ids"] is None
    assert plain.json["data"][0]["channel_ids"] == [1]
    assert (large.status_code, large.json[0]["status"]) == (413, 413)


def test_v2_tells_in_its_own_form_that_the_quota_is_used_up(send: Send) -> None:
    """ "API rate limits"; the form is that of V2's errors."""
    send("GET", "/v2/customers/addresses", quota=1)

    refused = send("GET", "/v2/customers/addresses", quota=1)

    assert refused.status_code == 429
    assert refused.json == [{"status": 429, "message": "Too many requests"}]
    assert int(refused.headers["X-Retry-After"]) > 0
    assert refused.headers["X-Rate-Limit-Requests-Left"] == "0"


def test_who_was_removed_is_nobody_to_a_key_of_their_own(
    send: Send, ada: Customer, grace: Customer
) -> None:
    send("DELETE", f"/v3/customers?id:in={grace.id}")

    listed = send("GET", "/v3/customers?include=addresses", bound="-2")
    of_v2 = send("GET", f"/v2/customers/{grace.id}/addresses", bound="-2")

    assert (listed.status_code, listed.json["data"]) == (200, [])
    assert of_v2.status_code == 404
