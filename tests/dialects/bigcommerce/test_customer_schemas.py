"""What items say of customers: where no request of the suite reaches.

The fields are those of the V3 reference, "Customers"; that what belongs to parts of the
platform that are not imitated is dropped is the dialect's own choice.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from core import Customer, Invalid
from dialects.bigcommerce.customer_schemas import (
    decode_customer,
    encode_customer,
    form_fields_of,
)
from dialects.bigcommerce.schemas import NAME

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
OTHER = {"other": {"kept": True}}
HELD = Customer(
    id=7,
    public_id="cus_7",
    email="sally@smithers.org",
    extras={**OTHER, NAME: {"customer_group_id": 5, "form_fields": [{"name": "a"}]}},
    created_at=NOON,
    updated_at=NOON,
)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, {}),
        ({"email": "sally@smithers.org", "customer_group_id": 5, "phone": ""}, {}),
        ({"notes": "n", "company": "c"}, {"note": "n", "company": "c"}),
        ({"addresses": 5, "id": 9, "date_created": "x", "unknown": None}, {}),
        ({"channel_ids": None, "authentication": {"new_password": "x"}}, {}),
        ({"store_credit_amounts": [{"amount": 1.5}], "origin_channel_id": 2}, {}),
    ],
)
def test_an_update_says_what_it_changes(sent: Any, said: Any) -> None:
    assert decode_customer({"id": 7, **sent}, HELD) == said


@pytest.mark.parametrize(
    ("sent", "own"),
    [
        ({"customer_group_id": 0}, {"form_fields": [{"name": "a"}]}),
        (
            {"tax_exempt_category": "D"},
            {**HELD.extras[NAME], "tax_exempt_category": "D"},
        ),
        (
            {"form_fields": [{"name": "a", "value": 1}]},
            {"customer_group_id": 5, "form_fields": [{"name": "a", "value": 1}]},
        ),
    ],
)
def test_what_this_api_alone_has_stands_in_its_extras(sent: Any, own: Any) -> None:
    said = decode_customer({"id": 7, **sent}, HELD)

    assert said == {"extras": {**OTHER, NAME: own}}


def test_what_is_as_in_a_new_store_leaves_no_trace() -> None:
    held = replace(HELD, extras={**OTHER, NAME: {"customer_group_id": 5}})

    assert decode_customer({"id": 7, "customer_group_id": 0}, held) == {"extras": OTHER}


@pytest.mark.parametrize(
    "sent", [{"accepts_product_review_abandoned_cart_emails": 0}, {"phone": None}]
)
def test_a_value_of_another_type_is_never_what_was_shown(sent: Any) -> None:
    with pytest.raises(Invalid):
        decode_customer({"id": 7, **sent}, HELD)


def test_dates_are_in_utc_and_to_the_second() -> None:
    east = NOON.astimezone(timezone(timedelta(hours=2))) + timedelta(microseconds=999)

    shown = encode_customer(replace(HELD, created_at=east))

    assert shown["date_created"] == "2026-01-01T12:00:00Z"


def test_form_fields_tell_whose_they_are() -> None:
    assert form_fields_of(HELD) == [{"name": "a", "customer_id": 7}]
