"""Conditions of a filter hold as in OpenMage's database.

Sources: OpenMage 20.18, `prepareSqlCondition`; MariaDB 10.11, its documentation of
LIKE, REGEXP, FIND_IN_SET, of the collation utf8_general_ci and of dates as text. That
case does not count and that from and to make a range is observed.
"""

import re
import time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialects.openmage import collation, regexp
from dialects.openmage.conditions import Kind, Unusable, condition, holds
from dialects.openmage.moments import moment
from dialects.openmage.php import parse_query


def said(query: str) -> Any:
    """The entry of a filter in a query string, where it is called f."""
    return condition(parse_query(query)["f"])


def found(query: str, kind: Kind, *values: str | None) -> list[str | None]:
    """The values that are found."""
    return [value for value in values if holds(said(query), kind, value)]


TEXTS = ("Doe", "DOE", "Döe", "Roe", "", None)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("f[eq]=doe", ["Doe", "DOE", "Döe"]),
        ("f[eq]=doe%20%20", ["Doe", "DOE", "Döe"]),
        ("f[eq]=%20doe", []),
        ("f[neq]=doe", ["Roe", ""]),
        ("f[like]=d%25", ["Doe", "DOE", "Döe"]),
        ("f[like]=_oe", ["Doe", "DOE", "Döe", "Roe"]),
        ("f[like]=%25OE", ["Doe", "DOE", "Döe", "Roe"]),
        ("f[like]=oe", []),
        ("f[like]=", [""]),
        ("f[nlike]=d%25", ["Roe", ""]),
        ("f[in][]=roe&f[in][]=x", ["Roe"]),
        ("f[in]=roe,doe", []),
        ("f[in][a][]=roe&f[in][a][]=doe", ["Doe", "DOE", "Döe", "Roe"]),
        ("f[nin][]=roe&f[nin][]=x", ["Doe", "DOE", "Döe", ""]),
        ("f[null]=1", [None]),
        ("f[null][]=1", [None]),
        ("f[notnull]=0", ["Doe", "DOE", "Döe", "Roe", ""]),
        ("f[gt]=doe", ["Roe"]),
        ("f[gteq]=doe", ["Doe", "DOE", "Döe", "Roe"]),
        ("f[lt]=roe", ["Doe", "DOE", "Döe", ""]),
        ("f[lteq]=doe", ["Doe", "DOE", "Döe", ""]),
        ("f[from]=e", ["Roe"]),
        ("f[to]=e", ["Doe", "DOE", "Döe", ""]),
        ("f[from]=a&f[to]=e", ["Doe", "DOE", "Döe"]),
        ("f[eq]=roe&f[from]=a&f[to]=e", ["Doe", "DOE", "Döe"]),
        ("f[finset]=roe", ["Roe"]),
        ("f[regexp]=^.OE$", ["Doe", "DOE", "Roe"]),
        ("f[seq]=", [None]),
        ("f[sneq]=", ["Doe", "DOE", "Döe", "Roe", ""]),
        ("f[seq]=roe", ["Roe"]),
        ("f[sneq]=roe", ["Doe", "DOE", "Döe", ""]),
        # The first operator that is known counts.
        ("f[x]=roe&f[neq]=doe&f[eq]=doe", ["Roe", ""]),
        # Of unknown keys one value is to be equal.
        ("f[x]=roe&f[y]=doe", ["Doe", "DOE", "Döe", "Roe"]),
        ("f[]=roe", ["Roe"]),
        ("f[][eq]=roe&f[][null]=1", ["Roe", None]),
        ("f[EQ]=roe", ["Roe"]),
        ("f[eq][]=roe", ["Roe"]),
        ("f[eq]=ro%00e", ["Roe"]),
    ],
)
def test_a_text_is_compared(query: str, wanted: list[str | None]) -> None:
    assert found(query, Kind.TEXT, *TEXTS) == wanted


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("f[eq]=2", ["2"]),
        ("f[eq]=2abc", ["2"]),
        ("f[eq]=%2002.0", ["2"]),
        ("f[eq]=abc", []),
        ("f[gt]=9", ["10"]),
        ("f[gt]=abc", ["1", "2", "10"]),
        ("f[lt]=1.5", ["1"]),
        ("f[lteq]=1e1", ["1", "2", "10"]),
        ("f[in]=1,2", ["1"]),
        ("f[in][]=1&f[in][]=2", ["1", "2"]),
        ("f[nin][]=1&f[nin][]=2", ["10"]),
        ("f[from]=2&f[to]=9", ["2"]),
        ("f[like]=1%25", ["1", "10"]),
        ("f[finset]=10", ["10"]),
        ("f[regexp]=^[12]$", ["1", "2"]),
    ],
)
def test_a_number_is_compared(query: str, wanted: list[str | None]) -> None:
    assert found(query, Kind.NUMBER, "1", "2", "10", None) == wanted


OLD, NEW = "2025-01-01 00:00:00", "2025-01-02 10:20:30"


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("f[eq]=2025-01-01", [OLD]),
        ("f[gt]=2025-01-01", [NEW]),
        ("f[gteq]=20250102", [NEW]),
        ("f[gteq]=2025-01-02T10:20:30%2B00:00", [NEW]),
        ("f[gt]=2025-01-02%2010:20:30", []),
        ("f[lt]=2025/1/2%2010:20", [OLD]),
        ("f[lteq]=20250102102030", [OLD, NEW]),
        ("f[neq]=2025-01-01", [NEW]),
        ("f[like]=2025-01-02%25", [NEW]),
        ("f[from]=2025-01-01&f[to]=2025-01-02", [OLD]),
        ("f[from]=1%20january&f[date]=1", [OLD, NEW]),
        ("f[from]=1735776000&f[datetime]=1", [NEW]),
        ("f[gt]=2024-00-00", [OLD, NEW]),
        # With what is no time nothing compares.
        ("f[gt]=abc", []),
        ("f[neq]=abc", []),
        ("f[lt]=2025-13-01", []),
        ("f[nin]=abc", []),
    ],
)
def test_a_time_is_compared(query: str, wanted: list[str | None]) -> None:
    assert found(query, Kind.MOMENT, OLD, NEW, None) == wanted


@pytest.mark.parametrize(
    "query",
    [
        "f[is]=null",
        "f[eq][]=1&f[eq][]=2",
        "f[like][]=1&f[like][]=2",
        "f[seq][]=1&f[seq][]=2",
        "f[finset][]=1&f[finset][]=2",
        "f[from][]=1&f[from][]=2",
        "f[from][]=1&f[from][]=2&f[date]=1",
        "f[from]=1e400&f[date]=1",
        "f[regexp]=(",
    ],
)
def test_what_becomes_no_sound_sql_is_unusable(query: str) -> None:
    with pytest.raises(Unusable):
        said(query)


def test_a_condition_without_a_value_is_unusable() -> None:
    with pytest.raises(Unusable):
        condition({})


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("Ångström", "ang%"),
        ("strasse", "stra_se"),
        ("Straße", "strase"),
        ("a%b", r"a\%b"),
        ("a_b", r"a\_b"),
        ("a\\b", r"a\\b"),
        ("a\\", "a\\"),
        ("abcabc", "%b%b%"),
        ("aba", "a%a"),
        ("aa", "%%"),
        ("a\nb", "a%b"),
        ("", "%"),
        ("œuvre", "ŒUVRE"),
        ("xaay", "x%a_"),
    ],
)
def test_a_text_is_like_a_pattern(text: str, pattern: str) -> None:
    assert collation.is_like(text, pattern)


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("a", "a%a"),
        ("axb", r"a\%b"),
        ("a", "a "),
        ("a ", "a"),
        ("ab", "%b%b%"),
        ("", "_"),
        ("abc", "%b"),
        ("aexbe", "a%e%f%e"),
    ],
)
def test_a_text_is_not_like_a_pattern(text: str, pattern: str) -> None:
    assert not collation.is_like(text, pattern)


@given(text=st.text("aAbé_ ", max_size=8), pattern=st.text("aAbé_%", max_size=6))
def test_like_is_a_simple_expression(text: str, pattern: str) -> None:
    wildcards = {"%": ".*", "_": "."}
    expression = "".join(wildcards.get(c, re.escape(c)) for c in folded(pattern))

    matches = re.fullmatch(expression, folded(text)) is not None

    assert collation.is_like(text, pattern) == matches


def folded(text: str) -> str:
    """A text without case and accents, as far as it is used here."""
    return text.upper().replace("É", "E")


def test_texts_are_in_the_order_of_capital_letters() -> None:
    """The names are those of a list that was recorded; the rest the collation's."""
    recorded = ["Ångström", "Doe", "Handed", "Nodefault", "Places", "Roe"]
    signs = ["a\t", "A", "a ", "a-", "a1", "ab", "a_", "é", "ø", "😀"]

    assert in_order(recorded)
    assert in_order(signs)
    assert collation.equal("a", "A  ")
    assert collation.compare("a_", "ab") > 0


def in_order(texts: list[str]) -> bool:
    """Whether no text comes after the next."""
    return all(collation.compare(one, other) <= 0 for one, other in pairwise(texts))


EXPRESSIONS = [
    r"^a.c$",
    r"a|b|",
    r"(ab)+c?",
    r"(?:a|b){2,3}$",
    r"a{2}",
    r"a{1,}b",
    r"x*",
    r"[a-c]+[^a-c]",
    r"[]a]",
    r"[a\]b-]",
    r"\ba\b",
    r"\Aa|b",
    r"\d+\.\d*",
    r"\w+@\w+",
    r"a+?b??",
    r"\x61",
    r"\.",
    r"(a*)*b",
    r"(|a)+c",
    r"^$",
    r"a\nb",
    r".",
    r"[\d_]-",
]
TEXT = st.text("aAbBc.1_-@\n ]{,", max_size=8)


@pytest.mark.parametrize("expression", EXPRESSIONS)
@given(text=TEXT)
def test_an_expression_is_found_where_python_finds_it(
    expression: str, text: str
) -> None:
    is_there = re.search(expression, text, re.IGNORECASE) is not None

    assert regexp.is_found(expression, text) == is_there


def test_classes_have_names() -> None:
    """MariaDB, "Regular Expressions Overview"."""
    assert regexp.is_found("^[[:alpha:]]+[[:digit:]_]+$", "abc1_")
    assert regexp.is_found("[[:upper:]]", "a")
    assert not regexp.is_found("[[:alnum:]]", "-")


@pytest.mark.parametrize(
    "expression",
    [
        "(",
        ")",
        "a)",
        "[a",
        "[]",
        "*a",
        "a**",
        "a++",
        r"(a)\1",
        "(?=a)",
        "a{3,2}",
        "a{2001}",
        "((a{50}){50}){50}",
        "(" * 60 + ")" * 60,
        "\\",
        "[z-a]",
        r"\q",
        "a" * 3000,
        "a|" * 3000,
    ],
)
def test_an_expression_is_refused(expression: str) -> None:
    with pytest.raises(regexp.Unreadable):
        regexp.compiled(expression)


def test_no_expression_takes_long() -> None:
    start = time.monotonic()

    is_there = regexp.is_found("(a+)+(a|aa)*(.*.*.*=)$", "a" * 255)

    assert not is_there
    assert time.monotonic() - start < 2


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2025-01-02", (2025, 1, 2, 0, 0, 0, 0)),
        ("25.1.2 3:4:5.6", (2025, 1, 2, 3, 4, 5, 600_000)),
        ("80-1-2", (1980, 1, 2, 0, 0, 0, 0)),
        ("250102", (2025, 1, 2, 0, 0, 0, 0)),
        ("250102030405", (2025, 1, 2, 3, 4, 5, 0)),
        ("2025-01-02 03", (2025, 1, 2, 3, 0, 0, 0)),
        ("2025-01-02 and more", (2025, 1, 2, 0, 0, 0, 0)),
        ("0000-00-00", (0, 0, 0, 0, 0, 0, 0)),
        ("2025-02-30", None),
        ("2025-01-02 25:00", None),
        ("2025", None),
        ("", None),
    ],
)
def test_a_time_is_read(text: str, time: Any) -> None:
    assert moment(text) == time
