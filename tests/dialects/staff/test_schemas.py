"""Between Staff's wire and the canonical address.

The names are those of the page "Create Customer Address"; how a value is read is
Django REST Framework's; what is kept is the law of `dialects/__init__.py`, 2.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from core import Address, City, Country, Draft, Kind, Region
from dialects.staff.schemas import Rejected, decode, encode
from gateway.testing.strategies import addresses

MADE = datetime(2024, 1, 1, 10, 0, 0, 123456, tzinfo=UTC)
HELD = Address(
    id=456,
    public_id="adr_456",
    customer_id=123,
    first_name="John",
    middle_name="Q",
    last_name="Doe",
    company="Doe & Co",
    street=("123 Main Street", "Floor 2", "Room 3"),
    city=City(id=25, name="New York City"),
    region=Region(id=5, code="NY", name="New York"),
    country=Country(id=1, code="US", name="United States"),
    postal_code="12345",
    phone="+1234567890",
    national_id="1234567890",
    note="Home address",
    kind=Kind.RESIDENTIAL,
    default_shipping=True,
    extras={"bigcommerce": {"form_fields": []}},
    created_at=MADE,
    updated_at=MADE.replace(microsecond=0),
)
SHOWN = {
    "id": 456,
    "default": True,
    "country_data": {"id": 1, "name": "United States", "code": "US"},
    "state_data": {"id": 5, "name": "New York", "code": "NY"},
    "city_data": {"id": 25, "name": "New York City"},
    "address": "123 Main Street\nFloor 2\nRoom 3",
    "postal_code": "12345",
    "first_name": "John",
    "last_name": "Doe",
    "national_code": "1234567890",
    "mobile_number": "+1234567890",
    "text": "Home address",
    "created_at": "2024-01-01T10:00:00.123456Z",
    "updated_at": "2024-01-01T10:00:00Z",
}
PLACED = {"country": 1, "state": 5, "city": 25}


def sent_back(shown: dict[str, Any]) -> dict[str, Any]:
    """What a client sends that was shown the address: numbers instead of objects."""
    said = {n: shown[n] for n in shown if n not in ("id", "created_at", "updated_at")}
    places = {n.removesuffix("_data"): said.pop(n) for n in shown if "_data" in n}
    return {**said, **{n: places[n]["id"] for n in places if places[n] is not None}}


def test_an_address_is_shown_as_the_page_lists_it() -> None:
    assert encode(HELD) == SHOWN
    assert list(encode(HELD)) == list(SHOWN)


def test_what_is_empty_is_shown_as_null() -> None:
    nothing = Address(
        id=1, public_id="", customer_id=1, created_at=MADE, updated_at=MADE
    )

    shown = encode(nothing)

    empty = {name for name in shown if shown[name] is None}
    assert empty == set(SHOWN) - {"id", "default", "created_at", "updated_at"}


def test_a_body_says_what_a_new_address_is() -> None:
    wire = {**sent_back(SHOWN), "default": True}

    draft = Draft(**decode(wire, None))

    assert draft == Draft(
        first_name="John",
        last_name="Doe",
        street=("123 Main Street", "Floor 2", "Room 3"),
        city=City(id=25),
        region=Region(id=5),
        country=Country(id=1),
        postal_code="12345",
        phone="+1234567890",
        national_id="1234567890",
        note="Home address",
        default_billing=True,
        default_shipping=True,
    )


@given(address=addresses())
def test_sending_back_what_was_shown_changes_nothing(address: Address) -> None:
    wire = sent_back(encode(address))

    assert replace(address, **decode(wire, address)) == address
    assert replace(address, **decode(wire, address, whole=True)) == address


@given(address=addresses())
def test_sending_back_null_for_what_is_not_there_changes_nothing(
    address: Address,
) -> None:
    wire = {"country": None, "state": None, "city": None, **sent_back(encode(address))}

    assert decode(wire, address, whole=True) == {}


def test_a_change_leaves_the_lines_and_fields_that_it_does_not_name() -> None:
    assert decode({**sent_back(SHOWN), "last_name": " Roe "}, HELD) == {
        "last_name": "Roe"
    }


def test_a_line_break_ends_a_street_line() -> None:
    assert decode({"address": "1 Main St\nFloor 3"}, HELD) == {
        "street": ("1 Main St", "Floor 3")
    }


@pytest.mark.parametrize(
    ("said", "billing", "shipping", "changes"),
    [
        (True, False, True, {}),
        (True, True, False, {"default_billing": True, "default_shipping": True}),
        (True, False, False, {"default_billing": True, "default_shipping": True}),
        (False, True, True, {"default_billing": False, "default_shipping": False}),
        (False, False, True, {"default_billing": False, "default_shipping": False}),
        (False, True, False, {}),
        ("yes", True, True, {}),
        ("off", False, False, {}),
    ],
)
def test_the_one_flag_sets_and_clears_both_roles(
    said: Any, billing: bool, shipping: bool, changes: dict[str, bool]
) -> None:
    onto = replace(HELD, default_billing=billing, default_shipping=shipping)

    assert decode({"default": said}, onto) == changes


def test_a_place_in_other_words_is_the_same_place() -> None:
    assert decode({"country": "1", "state": 5.0, "city": " 25 "}, HELD) == {}


def test_a_text_written_as_blank_is_shown_as_blank() -> None:
    # Recorded: x-str-blank, x-str-null.
    blanked = replace(HELD, **decode({"text": "", "first_name": None}, HELD))

    assert (encode(blanked)["text"], encode(blanked)["first_name"]) == ("", None)
    assert (blanked.note, blanked.first_name) == ("", "")


def test_a_blank_that_becomes_null_leaves_no_trace() -> None:
    blanked = replace(HELD, **decode({"text": ""}, HELD))

    changes = decode({"text": None}, blanked)

    assert changes == {"note": "", "extras": HELD.extras}


def test_wrong_fields_do_not_hide_what_the_others_say() -> None:
    wire = {**PLACED, "city": 99, "default": "maybe", "first_name": ["x"]}

    with pytest.raises(Rejected) as rejected:
        decode(wire, None)

    assert [(p.path, p.code) for p in rejected.value.problems] == [
        ("default_shipping", "boolean"),
        ("first_name", "string"),
    ]
    assert rejected.value.changes == {
        "country": Country(id=1),
        "region": Region(id=5),
        "city": City(id=99),
    }


@pytest.mark.parametrize("said", [True, [1], {"id": 1}, "x", "", None])
def test_what_is_no_number_names_no_place(said: Any) -> None:
    with pytest.raises(Rejected) as rejected:
        decode({**PLACED, "country": said}, HELD, whole=True)

    assert [problem.path for problem in rejected.value.problems] == ["country"]


def test_a_whole_address_needs_each_place_that_it_has() -> None:
    with pytest.raises(Rejected) as rejected:
        decode({"address": "9 New Rd"}, replace(HELD, city=None), whole=True)

    assert [(p.path, p.code) for p in rejected.value.problems] == [
        ("country", "required"),
        ("region", "required"),
    ]
