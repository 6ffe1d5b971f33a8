"""What items say: where no request of the suite reaches.

The fields and their limits are those of the V3 reference, "Customer Addresses".
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from core import Address, City, Country, Invalid, Kind, Region
from dialects.bigcommerce.schemas import (
    decode,
    encode,
    encode_with_form_fields,
    required_in,
)
from tests.dialects.bigcommerce.sending import item

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HELD = Address(
    id=7,
    public_id="adr_7",
    customer_id=1,
    first_name="John",
    last_name="Doe",
    street=("1 Street", "Flat 2", "Attic"),
    city=City(id=3, name="Akron"),
    region=Region(id=2, code="OH", name="Ohio"),
    country=Country(id=1, code="US", name="United States"),
    postal_code="44325",
    extras={
        "bigcommerce": {"form_fields": [{"name": "a", "value": "1"}]},
        "other": {"kept": True},
    },
    created_at=NOON,
    updated_at=NOON,
)


def test_a_whole_item_says_every_field() -> None:
    said = decode(item(company="Co", form_fields=[{"name": "a", "value": 1}]), None)

    assert said == {
        "customer_id": 1,
        "first_name": "John",
        "last_name": "Doe",
        "company": "Co",
        "street": ("111 E West Street", "654"),
        "city": City(name="Akron"),
        "region": Region(name="Ohio"),
        "country": Country(code="US"),
        "postal_code": "44325",
        "phone": "1234567890",
        "kind": Kind.RESIDENTIAL,
        "extras": {"bigcommerce": {"form_fields": [{"name": "a", "value": 1}]}},
    }


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({}, {}),
        ({"phone": ""}, {}),
        ({"address2": "Flat 2, Attic"}, {}),
        ({"address2": "Flat 3"}, {"street": ("1 Street", "Flat 3")}),
        ({"address1": "2 Street"}, {"street": ("2 Street", "Flat 2, Attic")}),
        ({"address_type": "residential", "country": "X", "customer_id": 9}, {}),
        ({"address_type": "commercial"}, {"kind": Kind.COMMERCIAL}),
        ({"city": ""}, {"city": None}),
        (
            {"state_or_province": "Texas"},
            {"region": Region(name="Texas"), "city": City(name="Akron")},
        ),
        (
            {"country_code": "CA"},
            {
                "country": Country(code="CA"),
                "region": Region(name="Ohio"),
                "city": City(name="Akron"),
            },
        ),
        ({"form_fields": []}, {"extras": HELD.extras}),
        (
            {"form_fields": [{"name": "b", "value": ["x"]}]},
            {
                "extras": {
                    "bigcommerce": {
                        "form_fields": [
                            {"name": "a", "value": "1"},
                            {"name": "b", "value": ["x"]},
                        ]
                    },
                    "other": {"kept": True},
                }
            },
        ),
    ],
)
def test_an_update_says_what_differs_from_what_was_shown(sent: Any, said: Any) -> None:
    assert decode({"id": 7, **sent}, HELD) == said


def test_an_item_is_told_all_that_is_wrong_with_it() -> None:
    wrong = item(first_name="", phone=1, postal_code="", country_code="USA")

    with pytest.raises(Invalid) as refused:
        decode(wrong, None)

    assert [(p.path, p.code) for p in refused.value.problems] == [
        ("first_name", "must be between 1 and 255 characters"),
        ("country_code", "must be 2 characters"),
        ("phone", "error.expected.jsstring"),
    ]


def test_an_address_without_anything_is_shown_without_null() -> None:
    bare = Address(id=1, public_id="a", created_at=NOON, updated_at=NOON)

    assert encode(bare) == {
        "id": 1,
        "address1": "",
        "address2": "",
        "address_type": "residential",
        "city": "",
        "company": "",
        "country": "",
        "country_code": "",
        "customer_id": 0,
        "first_name": "",
        "last_name": "",
        "phone": "",
        "postal_code": "",
        "state_or_province": "",
    }
    assert encode_with_form_fields(bare)["form_fields"] == []


def test_a_state_without_a_name_is_shown_by_its_code() -> None:
    coded = replace(HELD, region=Region(code="OH"))

    assert encode(coded)["state_or_province"] == "OH"


@pytest.mark.parametrize(
    ("country_code", "needed"),
    [
        ("US", {"country_area", "postal_code"}),
        ("SG", {"postal_code"}),
        ("AE", {"country_area"}),
        ("ZZ", set()),
        ("é ", set()),
    ],
)
def test_countries_need_a_state_or_a_postal_code_or_not(
    country_code: str, needed: set[str]
) -> None:
    found = required_in(country_code) & {"country_area", "postal_code"}

    assert found == needed
