"""What PHP 8.2 makes of values, query strings and names, and MySQL of ids.

Every expectation is what PHP 8.2 or MariaDB 10.11 gives, unless it says otherwise.
"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialects.openmage.php import (
    array,
    build_query,
    is_numeric,
    is_true,
    leading_integer,
    natural_order,
    parse_query,
    text,
)

NAMES = st.text("ab_", min_size=1, max_size=5)
TEXTS = st.text(st.characters(codec="utf-8"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", "a"),
        (True, "1"),
        (False, ""),
        (None, ""),
        (0, "0"),
        (-5, "-5"),
        (1.0, "1"),
        (-0.0, "-0"),
        (0.1, "0.1"),
        (0.1 + 0.2, "0.3"),
        (1 / 3, "0.33333333333333"),
        (1e-4, "0.0001"),
        (1e-5, "1.0E-5"),
        (1e13, "10000000000000"),
        (1e14, "1.0E+14"),
        (1e25, "1.0E+25"),
        (1.5e300, "1.5E+300"),
        (123456789012345678.0, "1.2345678901235E+17"),
        (-2.5e-7, "-2.5E-7"),
        (float("inf"), "INF"),
        (float("-inf"), "-INF"),
        (["a"], "Array"),
        ({}, "Array"),
    ],
)
def test_a_value_is_text_as_a_cast_gives_it(value: Any, expected: str) -> None:
    assert text(value) == expected


@pytest.mark.parametrize("value", ["", "0", 0, 0.0, -0.0, None, False, [], {}])
def test_what_is_empty_is_false(value: Any) -> None:
    assert is_true(value) is False


@pytest.mark.parametrize(
    "value", ["00", "0.0", " ", "no", "false", 1, -1, 0.1, True, [0], {"a": 0}]
)
def test_all_else_is_true(value: Any) -> None:
    assert is_true(value) is True


@pytest.mark.parametrize("value", ["1", " 1", "1 ", "-1.5", ".5", "5.", "1e5", "\n1\v"])
def test_a_number_may_have_blanks_around_it(value: str) -> None:
    assert is_numeric(value)


@pytest.mark.parametrize(
    "value", ["", ".", "1x", "0x1", "1e", "- 1", "\uff11", "\xa01"]
)
def test_a_number_has_nothing_else_around_it(value: str) -> None:
    assert not is_numeric(value)


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ({}, []),
        ({"0": "a", "1": "b"}, ["a", "b"]),
        ({"1": "a"}, {"1": "a"}),
        ({"1": "b", "0": "a"}, {"1": "b", "0": "a"}),
        ({"0": "a", "x": "b"}, {"0": "a", "x": "b"}),
        ({"00": "a"}, {"00": "a"}),
    ],
)
def test_an_array_is_a_list_if_its_keys_count_from_0(
    items: dict[str, Any], expected: Any
) -> None:
    assert array(items) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        # OpenMage, observed: 1abc, 01 and "1 " are 1, and 1.5 is not found.
        ("1", 1),
        ("1abc", 1),
        ("01", 1),
        ("1 ", 1),
        ("1.5", None),
        (" 1", 1),
        ("\t1", 1),
        ("+1", 1),
        ("1.0", 1),
        ("1,5", 1),
        ("1e2", 100),
        ("1e2abc", 100),
        ("10e-1", 1),
        ("1e", 1),
        (".1e2", 10),
        ("0x1", 0),
        ("abc", 0),
        ("", 0),
        ("--1", 0),
        ("\xa01", 0),
        ("\uff11", 0),
        ("-0", 0),
        ("-1", None),
        ("1e-1", None),
        ("4294967295", 4294967295),
        ("4294967296", None),
        ("99999999999999999999", None),
        ("1e999", None),
    ],
)
def test_an_id_is_the_number_it_starts_with(value: str, expected: int | None) -> None:
    assert leading_integer(value) == expected


@given(st.text())
def test_any_text_may_be_asked_for_as_an_id(value: str) -> None:
    assert leading_integer(value) is None or isinstance(leading_integer(value), int)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {}),
        ("a", {"a": ""}),
        ("a=1&a=2", {"a": "2"}),
        ("a=b=c", {"a": "b=c"}),
        ("&&a=1&", {"a": "1"}),
        ("=1", {}),
        ("a+b=c+d%20e", {"a_b": "c d e"}),
        ("a.b=1", {"a_b": "1"}),
        ("+a=1", {"a": "1"}),
        ("a%5B0%5D=1", {"a": ["1"]}),
        ("a%3Db=1", {"a=b": "1"}),
        ("a=%zz%4", {"a": "%zz%4"}),
        ("a%00b=1%00", {"a": "1\0"}),
        ("a=%FF", {"a": "\ufffd"}),
        ("a=%C3%A9", {"a": "é"}),
        ("a[]=x&a[]=y", {"a": ["x", "y"]}),
        ("a[ ]=x", {"a": ["x"]}),
        ("a[5]=x&a[]=y", {"a": {"5": "x", "6": "y"}}),
        ("a[-5]=x&a[]=y", {"a": {"-5": "x", "-4": "y"}}),
        ("a[01]=x", {"a": {"01": "x"}}),
        ("a[0][b]=c", {"a": [{"b": "c"}]}),
        ("a[b][c]=1&a[b][d]=2", {"a": {"b": {"c": "1", "d": "2"}}}),
        ("a=1&a[b]=2", {"a": {"b": "2"}}),
        ("a[b]=2&a=1", {"a": "1"}),
        ("a[b]c=1", {"a": {"b": "1"}}),
        ("a[b=1", {"a_b": "1"}),
        ("a[b.c d=1", {"a_b_c_d": "1"}),
        ("a[b][c=1", {"a": {"b": "1"}}),
        ("[a]=1", {}),
        ("]a=1", {"]a": "1"}),
        ("0=a", {"0": "a"}),
    ],
)
def test_a_query_is_parsed_as_by_parse_str(query: str, expected: Any) -> None:
    assert parse_query(query) == parse_query(query.encode()) == expected


def test_no_more_than_1000_variables_are_taken() -> None:
    """PHP's default of max_input_vars."""
    found = parse_query("&".join(f"a{number}" for number in range(1001)))

    assert (len(found), "a999" in found, "a1000" in found) == (1000, True, False)


def test_a_variable_of_more_than_64_levels_is_lost() -> None:
    """PHP's default of max_input_nesting_level; the first of the name is lost, too."""
    deepest = parse_query("a" + "[x]" * 64 + "=1")

    assert list(deepest) == ["a"]
    assert parse_query("a=1&b=2&a" + "[x]" * 65 + "=1") == {"b": "2"}


@given(st.binary())
def test_any_query_is_parsed(query: bytes) -> None:
    assert isinstance(parse_query(query), dict)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, ""),
        ([], ""),
        # OpenMage, observed: nulls are left out, a street is street%5B0%5D.
        (
            {"fax": None, "city": "San José", "street": ["a b", "c;d"], "n": 1},
            "city=San+Jos%C3%A9&street%5B0%5D=a+b&street%5B1%5D=c%3Bd&n=1",
        ),
        ({"a": True, "b": False, "c": ""}, "a=1&b=0&c="),
        ({"a b": {"c[": "~-_.!*"}}, "a+b%5Bc%5B%5D=%7E-_.%21%2A"),
        ([{"a": []}, {"b": 1}], "1%5Bb%5D=1"),
        ({"a": 1.5}, "a=1.5"),
    ],
)
def test_a_query_is_built_as_by_http_build_query(value: Any, expected: str) -> None:
    assert build_query(value) == expected


@given(st.dictionaries(NAMES, TEXTS | st.lists(TEXTS, min_size=1), max_size=9))
def test_a_query_that_is_built_is_parsed_to_the_same(value: dict[str, Any]) -> None:
    assert parse_query(build_query(value)) == value


@pytest.mark.parametrize(
    "names",
    [
        # The names of filters, in the order in which they are signed.
        ["filter[1]", "filter[2]", "filter[10]", "limit", "page"],
        ["", "0", "1", "9", "10", "A", "a", "a02", "a1", "a2", "a10", "b"],
        ["x 1", "x 2", "x 10"],
        ["a007", "a1"],
        ["a1.5", "a1.10"],
        ["a", "a1", "ab", "b"],
        ["[", "a", "é"],
    ],
)
def test_names_sort_naturally(names: list[str]) -> None:
    backwards = [*reversed(names)]

    assert sorted(backwards, key=natural_order) == names


@given(st.lists(st.text("ab01 9["), max_size=6))
def test_any_names_can_be_sorted(names: list[str]) -> None:
    assert sorted(sorted(names, key=natural_order)) == sorted(names)
