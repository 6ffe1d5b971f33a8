"""Rows of a batch: in one list of values, or as the text that COPY reads."""

import marshal
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import chain
from typing import Any

from core.connection import Row
from core.copying import CopyText, copy_text, values_of
from core.loading import in_rows

PLAIN = 2
"""The version of `marshal` that looks for no value that was there before."""
SOUGHT = ("id", "customer_id")
"""The columns that are looked at, even if the rows are text."""
GIVEN = ("id", "public_id", "updated_at")
"""The columns of which it is asked whether something is left to the store."""


class Rows:
    """Rows under numbers of the caller's, all their values in one list.

    So the drivers and a pipe to another process take them, and so a column is a slice.
    As text they become values again only where somebody has to look at them.
    """

    def __init__(
        self, columns: Sequence[str], rows: Mapping[int, Row] | None = None
    ) -> None:
        self.columns = columns
        self.indexes = list(rows or ())
        self.values = [*chain.from_iterable(rows.values())] if rows else []
        self._text: CopyText | None = None
        self._sought: dict[str, list[Any]] = {}
        self._lacking: list[str] = []

    def __getstate__(self) -> tuple[Any, ...]:
        values = [] if self._text else self.values
        told = (self.indexes, self._sought, self._lacking, values)
        return self.columns, self._text, marshal.dumps(told, PLAIN)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.columns, self._text, told = state
        self.indexes, self._sought, self._lacking, values = marshal.loads(told)
        if not self._text:
            self.values = values

    def __len__(self) -> int:
        return len(self.indexes)

    @cached_property
    def values(self) -> list[Any]:
        """The values of all rows, which follow each other."""
        return values_of(self.text, self.columns)

    @property
    def text(self) -> CopyText:
        """The rows as the text that COPY reads."""
        return self._text or copy_text(self.columns, self.values)

    def become_text(self) -> None:
        """Be kept as text from now on; nothing is added any more."""
        self._sought = {name: self.column(name) for name in SOUGHT}
        self._lacking = [name for name in GIVEN if self.lacks(name)]
        self._text = self.text
        del self.values

    def add(self, index: int, row: Row) -> None:
        """Add a row."""
        self.indexes.append(index)
        self.values += row

    def column(self, name: str) -> list[Any]:
        """The values of one column, if there is such a column."""
        if name in self._sought:
            return self._sought[name]
        if name not in self.columns:
            return []
        return self.values[self.columns.index(name) :: len(self.columns)]

    def lacks(self, name: str) -> bool:
        """Whether a row leaves it to the store what it has in the column."""
        if self._text:
            return name in self._lacking
        column = self.column(name)
        return None in column or "" in column

    def by_index(self) -> dict[int, Row]:
        """The rows under their numbers."""
        each = in_rows(self.values, len(self.columns))
        return dict(zip(self.indexes, each, strict=True))
