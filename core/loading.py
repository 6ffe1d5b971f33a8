"""Many rows into a table, in the way that each driver has for many."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

MOST_VALUES = 32766
"""How many values a statement of SQLite takes (its "Implementation Limits", 9)."""

FEW = 16
"""How many rows a statement of their own is kept for, as smaller batches are common."""


def in_rows(values: Sequence[Any], width: int) -> Iterator[tuple[Any, ...]]:
    """The rows whose values follow each other."""
    each = iter(values)
    return zip(*[each] * width, strict=True)


def load_many(
    cursor: Any, table: str, columns: Sequence[str], values: Sequence[Any]
) -> None:
    """Add rows to SQLite, many by one statement.

    Their counts are small, or powers of two, so that the texts are few, which the
    driver keeps prepared.
    """
    width, start = len(columns), 0
    while left := len(values) // width - start:
        count = left
        if left > FEW:
            count = 1 << (min(left, MOST_VALUES // width).bit_length() - 1)
        text = insert_text(table, tuple(columns), count)
        cursor.execute(text, values[start * width : (start + count) * width])
        start += count


@cache
def insert_text(table: str, columns: tuple[str, ...], count: int) -> str:
    """The statement that adds so many rows."""
    row = f"({', '.join('?' * len(columns))})"
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([row] * count)}"
    )


def load_copy(cursor: Any, table: str, columns: Sequence[str], body: bytes) -> None:
    """Add rows to PostgreSQL, in the text that COPY reads."""
    listed = ", ".join(columns)
    # Whatever the connection's own encoding is.
    text = f"COPY {table} ({listed}) FROM STDIN (ENCODING 'UTF8')"
    with cursor.copy(text) as copy:
        copy.write(body)
