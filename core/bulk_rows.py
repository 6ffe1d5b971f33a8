"""Rows of a batch: in one list of values, or as the text that COPY reads."""

import marshal
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
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
    Those that were made text become values again only where somebody has to look.
    """

    def __init__(
        self, columns: Sequence[str], rows: Mapping[int, Row] | None = None
    ) -> None:
        self.columns = columns
        self.indexes = list(rows or ())
        self._values = [*chain.from_iterable(rows.values())] if rows else []
        self._text: CopyText | None = None
        self._sought: dict[str, list[Any]] = {}
        self._lacking: list[str] = []

    def __getstate__(self) -> tuple[Any, ...]:
        told = (self.indexes, self._values, self._sought, self._lacking)
        return self.columns, self._text, marshal.dumps(told, PLAIN)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.columns, self._text, told = state
        found = marshal.loads(told)
        self.indexes, self._values, self._sought, self._lacking = found

    def __len__(self) -> int:
        return len(self.indexes)

    @property
    def values(self) -> list[Any]:
        """The values of all rows, which follow each other."""
        if self._text is None:
            return self._values
        return values_of(self._text, self.columns) + self._values

    @property
    def texts(self) -> Iterator[CopyText]:
        """All rows as the text that COPY reads."""
        if self._text:
            yield self._text
        if self._values:
            yield copy_text(self.columns, self._values)

    def become_text(self) -> None:
        """Keep what was added so far as text."""
        if not self:
            return
        sought = {name: self.column(name) for name in SOUGHT}
        self._lacking = [name for name in GIVEN if self.lacks(name)]
        self._text = copy_text(self.columns, self.values)
        self._sought, self._values = sought, []

    def add(self, index: int, row: Row) -> None:
        """Add a row."""
        self.indexes.append(index)
        self._values += row

    def beside(self, others: Mapping[int, Row]) -> "Rows":
        """These rows and others, in the order of their numbers unless some are text."""
        if not others:
            return self
        if self._text is None:
            both = {**self.by_index(), **others}
            return Rows(self.columns, dict(sorted(both.items())))
        found = copy(self)
        found.indexes = [*self.indexes, *others]
        found._values = [*self._values, *chain.from_iterable(others.values())]
        return found

    def column(self, name: str) -> list[Any]:
        """The values of one column, if there is such a column."""
        if name not in self.columns:
            return []
        known = self._sought.get(name)
        values = self.values if known is None else self._values
        return (known or []) + values[self.columns.index(name) :: len(self.columns)]

    def lacks(self, name: str) -> bool:
        """Whether a row leaves it to the store what it has in the column."""
        column = self._values[self.columns.index(name) :: len(self.columns)]
        return name in self._lacking or None in column or "" in column

    def by_index(self) -> dict[int, Row]:
        """The rows under their numbers, which rise."""
        each = in_rows(self.values, len(self.columns))
        return dict(sorted(zip(self.indexes, each, strict=True)))
