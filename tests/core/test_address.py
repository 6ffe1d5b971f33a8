"""What is true of a draft before anything is stored."""

from dataclasses import FrozenInstanceError, fields, replace
from datetime import UTC, datetime

import pytest

from core import Address, City, Country, Draft, Kind, Region
from core.address import (
    TEXTS,
    altered,
    drafted,
    fingerprint,
    is_storable,
    naming,
    sound,
    unstorable,
)

WHOLE = Draft(
    customer_id=7,
    first_name="Ada",
    middle_name="King",
    last_name="Lovelace",
    prefix="Lady",
    suffix="I",
    company="Analytical Engines",
    street=("12 Row", "Flat 3"),
    city=City(name="Akron"),
    region=Region(name="Ohio"),
    country=Country(code="US"),
    postal_code="44301",
    phone="330",
    fax="331",
    tax_id="T",
    national_id="N",
    note="ring twice",
    kind=Kind.COMMERCIAL,
    default_billing=True,
    default_shipping=True,
    extras={"test": {"a": 1}},
)


STORED = Address(
    **vars(WHOLE),
    id=1,
    public_id="adr_1",
    created_at=datetime(2026, 1, 2, tzinfo=UTC),
    updated_at=datetime(2026, 1, 3, tzinfo=UTC),
)


def test_an_address_of_sound_values_is_one():
    made = sound(Address, {**vars(STORED)})

    assert made == STORED
    assert vars(made).keys() == {field.name for field in fields(Address)}
    with pytest.raises(FrozenInstanceError):
        made.note = "another"


@pytest.mark.parametrize("draft", [WHOLE, STORED])
def test_what_is_altered_is_replaced(draft):
    changes = {"first_name": "Grace", "street": ("1 Row", "")}

    assert altered(draft, **changes) == replace(draft, **changes)
    with pytest.raises(TypeError):
        altered(draft, nickname="Countess")


def test_a_draft_of_changes_is_one():
    changes = {"first_name": "Grace", "street": ("1 Row", ""), "extras": {"a": {}}}

    assert drafted(changes) == Draft(**changes)
    assert drafted({}) == Draft()
    with pytest.raises(TypeError):
        drafted({"nickname": "Countess"})


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ((), ()),
        (("",), ()),
        (("", ""), ()),
        (("a", "", ""), ("a",)),
        (("", "a"), ("", "a")),
        (("a", "", "b"), ("a", "", "b")),
        ((" ",), (" ",)),
    ],
)
def test_a_street_loses_the_empty_lines_at_its_end_and_no_others(given, kept):
    draft = Draft(street=given)

    assert draft == Draft(street=kept)


def test_a_changed_draft_loses_the_empty_lines_too():
    draft = replace(WHOLE, street=("a", ""))

    assert draft.street == ("a",)


def test_a_draft_does_not_change():
    with pytest.raises(FrozenInstanceError):
        WHOLE.note = "other"


def test_a_change_of_something_that_is_no_field_is_refused():
    with pytest.raises(TypeError):
        replace(WHOLE, state="OH")


def test_two_drafts_do_not_share_their_extras():
    assert Draft().extras is not Draft().extras


@pytest.mark.parametrize(
    ("ref", "name"), [(1, "id"), (-1, "id"), (2**70, "id"), ("1", "public_id")]
)
def test_a_reference_is_a_number_or_a_public_id(ref, name):
    assert naming(ref) == name


@pytest.mark.parametrize("text", ["", "a", "é", "\U0001f600", "\n\t\x01", "\ufffe"])
def test_ordinary_text_can_be_stored(text):
    assert is_storable(text)


@pytest.mark.parametrize("text", ["\0", "a\0b", "é\0", "\ud800", "a\udfff"])
def test_nul_and_half_characters_cannot_be_stored(text):
    assert not is_storable(text)


@pytest.mark.parametrize("name", TEXTS)
def test_every_text_is_looked_at(name):
    assert unstorable(replace(WHOLE, **{name: "a\0"})) == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("street", ("a", "\ud800")),
        ("city", City(name="\0")),
        ("region", Region(name="\0")),
        ("region", Region(code="\0")),
    ],
)
def test_the_texts_of_street_and_places_are_looked_at(name, value):
    assert unstorable(replace(WHOLE, **{name: value})) == [name]


def test_two_halves_do_not_make_a_whole_character():
    assert unstorable(Draft(street=("\ud83d", "\ude00"))) == ["street"]


def test_every_field_that_cannot_be_stored_is_named():
    draft = replace(WHOLE, note="\0", first_name="\ud800")

    assert unstorable(draft) == ["first_name", "note"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("first_name", "Grace"),
        ("last_name", "Hopper"),
        ("company", ""),
        ("phone", "331"),
        ("kind", Kind.RESIDENTIAL),
        ("city", City(name="Dayton")),
        ("region", Region(name="Texas")),
        ("country", Country(code="CA")),
        ("postal_code", "44302"),
        ("street", ("12 RowFlat 3",)),
        ("street", ("Flat 3", "12 Row")),
    ],
)
def test_another_address_has_another_fingerprint(name, value):
    assert fingerprint(replace(WHOLE, **{name: value})) != fingerprint(WHOLE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("customer_id", 8),
        ("middle_name", ""),
        ("prefix", ""),
        ("suffix", ""),
        ("fax", ""),
        ("tax_id", ""),
        ("national_id", ""),
        ("note", ""),
        ("default_billing", False),
        ("default_shipping", False),
        ("extras", {}),
        ("city", City(id=25, name="Akron")),
    ],
)
def test_what_does_not_make_an_address_is_not_in_its_fingerprint(name, value):
    assert fingerprint(replace(WHOLE, **{name: value})) == fingerprint(WHOLE)


def test_an_address_without_a_kind_is_like_a_residential_one():
    unknown = fingerprint(replace(WHOLE, kind=None))
    residential = fingerprint(replace(WHOLE, kind=Kind.RESIDENTIAL))

    assert unknown == residential


def test_a_fingerprint_stays_what_it_was():
    # It is stored: another digest would find no duplicate of an older address.
    assert fingerprint(Draft()) == FINGERPRINT_OF_NOTHING


FINGERPRINT_OF_NOTHING = 5917939969721585039
