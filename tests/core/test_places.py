"""Places by default, and how their names compare."""

import pytest

from core import Country
from core.places import countries_by_code, countries_by_id, fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("", ""),
        ("Ohio", "ohio"),
        ("  OHIO\t", "ohio"),
        ("Québec", "quebec"),
        ("QUE\u0301BEC", "quebec"),
        ("São Paulo", "sao paulo"),
        ("Straße", "strasse"),
        ("İstanbul", "istanbul"),
        ("\u00a0Ohio\u3000", "ohio"),
        ("\uff2f\uff48\uff49\uff4f", "ohio"),
        ("تهران", "تهران"),
        ("\u1109\u1165울", "서울"),
    ],
)
def test_names_compare_without_case_accents_and_outer_blanks(text, folded):
    assert fold(text) == fold(folded)


def test_other_names_do_not_compare_equal():
    names = ["Ohio", "O hio", "Ohi", "Öhlo", "Ohio-", "42"]

    assert len({fold(name) for name in names}) == len(names)


def test_a_folded_name_folds_to_itself():
    names = [
        "  Québec ",
        "İstanbul",
        "Straße",
        "\uff2f\uff48\uff49\uff4f",
        "x" * 9999,
        "ß" * 9999,
    ]

    assert [fold(fold(name)) for name in names] == [fold(name) for name in names]


def test_a_long_name_has_a_short_key_of_its_own():
    one, other = fold("x" * 9999 + "a"), fold("x" * 9999 + "b")

    assert one != other
    assert len(one) < 1000


def test_countries_are_found_by_number_and_by_code():
    canada = Country(id=2, code="CA", name="Canada")

    assert (countries_by_id()[2], countries_by_code()["CA"]) == (canada, canada)
    assert len(countries_by_id()) == len(countries_by_code()) == 249
