"""A street is one text in the tables, and the same lines again when read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import Draft
from core.rows import street_from_text, street_to_text

# Whatever splits, joins, ends or escapes a text somewhere.
HOSTILE = "\n\r\x1f\x1e\x1d\x1c\x85\u2028\u2029\t\\\"'[],ab é\U0001f600"
LINES = st.lists(st.text(HOSTILE, max_size=4) | st.text(max_size=4), max_size=4)


@given(LINES)
def test_the_lines_of_a_street_come_back_as_they_went(lines):
    street = Draft(street=tuple(lines)).street

    assert street_from_text(street_to_text(street)) == street


@given(LINES, LINES)
def test_two_streets_never_become_one_text(some, others):
    one, other = Draft(street=tuple(some)).street, Draft(street=tuple(others)).street

    assert (street_to_text(one) == street_to_text(other)) == (one == other)


@pytest.mark.parametrize(
    ("street", "text"),
    [
        ((), ""),
        (("12 Row", "Flat 3"), "12 Row\nFlat 3"),
        (("", "b"), "\nb"),
        (("a\nb",), '\x1f["a\\nb"]'),
        (("\x1f",), '\x1f["\\u001f"]'),
        (("a", "\u2028"), "a\n\u2028"),
    ],
)
def test_a_street_is_kept_as_plain_lines_where_that_is_clear(street, text):
    assert street_to_text(street) == text


@pytest.mark.parametrize(
    "street",
    [
        ("12 Row", "Flat 3"),
        ("", "b"),
        ("a\nb", "c"),
        ("a\r", "\rb\r\n"),
        ("\x1f[]", "\x1e"),
        ("\u2028\u2029\x85",),
        ("\U0001f600", "e\u0301"),
        ("x" * 5000,),
    ],
)
def test_a_database_keeps_a_street_as_it_is(street, open_book, ada):
    with open_book() as book:
        [added] = book.add_many([Draft(customer_id=ada.id, street=street)])

    with open_book() as book:
        assert book.get(added.id) == added
    assert added.street == street
