"""The fixtures of a recording become a shop's customers, addresses and keys."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core import Address, City, Country, Customer, Region
from dialects.base import Credential, Fixtures
from dialects.openmage.fixtures import read_fixtures

FILE = json.loads((Path(__file__).parent / "recorded" / "fixtures.json").read_text())
CREATED = datetime(2025, 1, 1, tzinfo=UTC)
UPDATED = datetime(2025, 1, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def held() -> Fixtures:
    return read_fixtures(FILE)


def test_the_clock_and_the_next_numbers_are_those_of_the_recording(
    held: Fixtures,
) -> None:
    assert held.now == datetime(2026, 1, 15, 12, tzinfo=UTC)
    assert held.next_ids == {"customer": 7, "address": 25}
    assert held.places is None


def test_a_customer_is_read(held: Fixtures) -> None:
    assert held.customers[0] == Customer(
        id=1,
        public_id="cus_1",
        first_name="John",
        last_name="Doe",
        email="john.doe@example.com",
        created_at=CREATED,
        updated_at=UPDATED,
    )


def test_a_customer_keeps_what_a_new_shop_has_otherwise() -> None:
    row = {**FILE["customers"][0], "website_id": 0, "group_id": 2, "email": None}

    customer = read_fixtures({**FILE, "customers": [row], "addresses": []}).customers[0]

    assert customer.extras == {"openmage": {"website_id": 0, "group_id": 2}}
    assert customer.email == ""


def test_an_address_is_read_with_what_is_stored_as_empty(held: Fixtures) -> None:
    assert held.addresses[0] == Address(
        id=1,
        public_id="adr_1",
        customer_id=1,
        prefix="Dr.",
        first_name="John",
        last_name="Doe",
        suffix="Jr.",
        street=(
            "2356 Jody Road Philadelphia",
            "844 Jefferson Street; 4510 Willis Avenue",
        ),
        city=City(name="PA"),
        region=Region(name="Palau"),
        country=Country(code="US"),
        postal_code="19103",
        phone="610-634-1181",
        tax_id="123456789",
        default_billing=True,
        default_shipping=True,
        extras={"openmage": {"nulls": ["middlename", "company", "fax"]}},
        created_at=CREATED,
        updated_at=UPDATED,
    )


def test_an_address_keeps_its_third_line(held: Fixtures) -> None:
    assert held.addresses[2].street == ("Line one", "Line two", "Line three")


def test_a_default_for_one_role_is_none_for_the_other(held: Fixtures) -> None:
    billing, shipping = held.addresses[3:5]

    assert (billing.default_billing, billing.default_shipping) == (True, False)
    assert (shipping.default_billing, shipping.default_shipping) == (False, True)


def test_an_application_is_a_key(held: Fixtures) -> None:
    assert held.keys[0] == Credential(
        token="c82ba797fd2d49a11794ccc7b2758b68",
        secret="da1fe8d5c40226cbb75d411c3dce28cc",
        scope="consumer",
        label="recorder",
    )


def test_a_token_is_a_key_in_the_hands_of_an_application(held: Fixtures) -> None:
    tokens = {key.token[:4]: key for key in held.keys}

    assert tokens["c696"] == Credential(
        token="c696782a7b2ff6760dc688bebce682ca",
        secret="0002dbff2235259a62fda25c833ec9d5",
        scope="customer",
        customer_id=1,
        consumer="c82ba797fd2d49a11794ccc7b2758b68",
        label="customer 1",
    )


def test_what_an_administrator_may_do_depends_on_the_role(held: Fixtures) -> None:
    found = [
        (key.label, key.scope, key.is_active)
        for key in held.keys
        if key.label.startswith("user")
    ]

    assert found == [
        ("user 1", "admin", True),
        ("user 2", "address-reader", True),
        ("user 3", "no-role", True),
        ("user 1", "admin", False),
    ]


def test_a_token_that_was_never_exchanged_is_left_out(held: Fixtures) -> None:
    [token] = [t["token"] for t in FILE["oauth"]["tokens"] if t["type"] == "request"]

    assert token not in {key.token for key in held.keys}


def test_a_role_without_a_scope_is_told() -> None:
    rules = [{"role_id": "3", "resource_id": "customer", "privilege": "create"}]
    file: dict[str, Any] = {
        **FILE,
        "rest_roles": {**FILE["rest_roles"], "rules": rules},
    }

    with pytest.raises(ValueError, match=r"no scope .* may: customer create"):
        read_fixtures(file)
