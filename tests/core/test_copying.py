"""Rows as the text that COPY reads, and back."""

from hypothesis import given
from hypothesis import strategies as st

from core.copying import copy_text, values_of

COLUMNS = ("id", "note", "city_id", "street")
ROWS = st.tuples(
    st.integers(-(2**63), 2**63 - 1),
    st.text("\\N.\n\r\tnrt a"),
    st.none() | st.integers(0, 3),
    st.sampled_from(["", "a\nb"]),
)


@given(st.lists(ROWS))
def test_values_become_text_and_text_becomes_values(rows):
    values = [value for row in rows for value in row]

    assert values_of(copy_text(COLUMNS, values), COLUMNS) == values


def test_what_copy_reads_otherwise_is_escaped():
    values = [1, "\\.", None, "a\nb", 2, "\t", 7, ""]

    text = copy_text(COLUMNS, values)

    assert text == (COLUMNS, b"1\t\\\\.\t\\N\ta\\nb\n2\t\\t\t7\t\n")


def test_empty_columns_are_left_out():
    assert copy_text(COLUMNS, [1, "", None, "", 2, "", None, ""]) == (
        ("id",),
        b"1\n2\n",
    )
