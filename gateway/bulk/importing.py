"""Files into a shop, batch by batch; what is bad is handed over to be told."""

import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from core import Added, Bulk, Place, Problem, Shop, Store, Written, retrying
from gateway.bulk.files import BulkError, Source, format_of, reading
from gateway.bulk.parsing import (
    DAMAGED,
    Beside,
    Parsed,
    Part,
    has_two_processors,
    parsed,
    parsed_ahead,
    parts,
    uncollected,
)
from gateway.bulk.progress import Progress
from gateway.bulk.reading import Line, Reader, opened
from gateway.bulk.words import reasons
from gateway.seed import CANONICAL

TRUSTED_FOR = 30.0
"""How long places are taken for known that were found before, in seconds."""
MOST_PLACES = 100_000
"""How many of them; all are sought anew when there are more."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How to import."""

    format: str | None = None
    batch: int = 5000
    updates: bool = False
    stops: bool = False
    is_dry: bool = False
    is_beside: bool = field(default_factory=has_two_processors)
    """Whether a long file is parsed in another process."""


@dataclass(slots=True)
class Summary:
    """What became of the rows that were read."""

    read: int = 0
    stored: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was not stored, and why."""

    file: str
    line: int
    reasons: Sequence[str]
    record: Any


class DryRun(Exception):
    """Undoes what a dry run has done."""


class Import:
    """An import into one shop, and what has become of its rows."""

    def __init__(
        self,
        store: Store,
        shop: Shop,
        options: Options,
        *,
        progress: Progress,
        reject: Callable[[Reject], None],
    ) -> None:
        self.summary = Summary()
        self._store = store
        self._shop = shop
        self._options = options
        self._progress = progress
        self._reject = reject
        self._known: dict[Written, Place] = {}
        self._known_since = time.monotonic()
        self._bulk: Bulk | None = None

    def run(self, files: Sequence[Path]) -> None:
        """Import the files, in this order. Raises BulkError."""
        if not self._options.is_dry:
            for path in files:
                self._file(path)
            return
        with suppress(DryRun), self._unit() as self._bulk:
            for path in files:
                self._file(path)
            raise DryRun

    def _unit(self) -> Any:
        shop = self._store.shop(self._shop.hash)
        return self._store.bulk(CANONICAL, shop=shop, known=self._known)

    def _file(self, path: Path) -> None:
        format = format_of(path, self._options.format)
        with reading(path) as (stream, source):
            try:
                reader, found = opened(stream, format)
            except DAMAGED as error:
                raise BulkError(f"{path} is damaged: {error}") from error

            def here(lines: Sequence[Line]) -> Parsed:
                return parsed(lines, reader, self._shop, self._known)

            def beside() -> Beside:
                as_text = not self._store.database.is_sqlite
                return Beside(reader, self._shop, self._known, as_text=as_text)

            other = beside if self._options.is_beside else None
            made = parsed_ahead(parts(found, self._options.batch), here, other)
            origin = Origin(str(path), reader)
            with uncollected(), closing(made) as following:
                for part, rows in following:
                    self._store_part(part, rows, origin)
                    self._tell(source)
                    self._forget()

    def _forget(self) -> None:
        """Look for places anew, now and then: others may have added some."""
        is_old = time.monotonic() - self._known_since > TRUSTED_FOR
        if is_old or len(self._known) > MOST_PLACES:
            self._known.clear()
            self._known_since = time.monotonic()

    def _store_part(self, part: Part, rows: Parsed, origin: "Origin") -> None:
        """Store a batch, and count what became of it. Raises BulkError."""
        added = self._added(part, rows, origin)
        rejects = origin.rejects(part, rows, added.problems)
        self.summary.read += len(part.lines)
        self.summary.stored += added.stored
        self.summary.updated += added.updated
        self.summary.unchanged += added.unchanged
        self.summary.rejected += len(rejects)
        for one in rejects:
            self._reject(one)
        if part.damage is not None:
            last = part.lines[-1][0] if part.lines else 0
            raise BulkError(
                f"{origin.file} is damaged: {part.damage}; the rows before line"
                f" {last + 1} are stored"
            )

    def _added(self, part: Part, rows: Parsed, origin: "Origin") -> Added:
        if self._bulk is not None:
            return self._checked(self._bulk, part, rows, origin)

        def work() -> Added:
            with self._unit() as bulk:
                return self._checked(bulk, part, rows, origin)

        return retrying(work)

    def _checked(self, bulk: Bulk, part: Part, rows: Parsed, origin: "Origin") -> Added:
        """Store the rows; a reject undoes it if it is to stop the import."""
        added = bulk.store(rows.batch, updates=self._options.updates)
        if not self._options.stops:
            return added
        for first in origin.rejects(part, rows, added.problems):
            self.summary.rejected += 1
            self._reject(first)
            raise BulkError(
                f"{first.file}, line {first.line}: {'; '.join(first.reasons)};"
                f" what comes before line {part.lines[0][0]} is stored, correct the"
                " line and run the command again"
            )
        return added

    def _tell(self, source: Source) -> None:
        part = source.position() / source.size if source.size else None
        self._progress.tell(self.summary.read, part)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows come from, to tell of those that were not stored."""

    file: str
    reader: Reader

    def rejects(
        self, part: Part, rows: Parsed, problems: Sequence[Problem]
    ) -> list[Reject]:
        """The rows that were not stored, by line."""
        found = {line: [reason] for line, reason in rows.unreadable.items()}
        if not found and not problems:
            return []
        addresses = {*rows.batch.addresses.indexes, *rows.batch.other_addresses}
        for line, several in groupby(sorted(problems, key=line_of), line_of):
            kind = "addresses" if line in addresses else "customers"
            found[line] = reasons(several, kind)
        return [
            Reject(self.file, line, found[line], self.reader.shown(raw))
            for line, raw in part.lines
            if line in found
        ]


def line_of(problem: Problem) -> int:
    """A problem's index is the number of its line."""
    return problem.index
