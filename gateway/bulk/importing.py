"""Files into a shop, batch by batch; what is bad is handed over to be told."""

import itertools
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from core import Added, Bulk, Place, Problem, Shop, Store, Written, retrying
from gateway.bulk.files import DAMAGE, BulkError, Source, format_of, reading
from gateway.bulk.parsing import Beside, Here, Parsed, has_two_processors
from gateway.bulk.progress import Progress
from gateway.bulk.reading import Line, Reader, opened
from gateway.bulk.words import reasons
from gateway.seed import CANONICAL

TRUSTED_FOR = 30.0
"""How long places are taken for known that were found before, in seconds."""
MOST_PLACES = 100_000
"""How many of them; all are sought anew when there are more."""
DAMAGED = (*DAMAGE, zlib.error)
SOME = 4
"""After how many batches of a file another process pays that parses them."""


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
            parser = Here(reader, self._shop, self._known)
            try:
                part = Part(path, reader, found, self._options.batch)
                parser.give(part.lines)
                for count in itertools.count(1):
                    if not part:
                        return
                    rows = parser.take()
                    if count == SOME and self._options.is_beside:
                        parser = Beside(reader, self._shop, self._known)
                    following = Part(path, reader, found, self._options.batch)
                    parser.give(following.lines)
                    self._store_part(part, rows)
                    self._tell(source)
                    self._forget()
                    part = following
            finally:
                parser.close()

    def _forget(self) -> None:
        """Look for places anew, now and then: others may have added some."""
        is_old = time.monotonic() - self._known_since > TRUSTED_FOR
        if is_old or len(self._known) > MOST_PLACES:
            self._known.clear()
            self._known_since = time.monotonic()

    def _store_part(self, part: "Part", rows: Parsed) -> None:
        """Store a batch, and count what became of it. Raises BulkError."""
        added = self._added(part, rows)
        rejects = part.rejects(rows, added.problems)
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
                f"{part.path} is damaged: {part.damage}; the rows before line"
                f" {last + 1} are stored"
            )

    def _added(self, part: "Part", rows: Parsed) -> Added:
        if self._bulk is not None:
            return self._checked(self._bulk, part, rows)

        def work() -> Added:
            with self._unit() as bulk:
                return self._checked(bulk, part, rows)

        return retrying(work)

    def _checked(self, bulk: Bulk, part: "Part", rows: Parsed) -> Added:
        """Store the rows; a reject undoes it if it is to stop the import."""
        added = bulk.store(rows.batch, updates=self._options.updates)
        if self._options.stops and (rejects := part.rejects(rows, added.problems)):
            first = rejects[0]
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


class Part:
    """Some lines of a file, the last ones of a file that is damaged."""

    def __init__(
        self, path: Path, reader: Reader, found: Iterator[Line], most: int
    ) -> None:
        self.path = path
        self.lines: list[Line] = []
        self.damage: Exception | None = None
        self._reader = reader
        try:
            for line in islice(found, most):
                self.lines.append(line)
        except DAMAGED as error:
            self.damage = error

    def __bool__(self) -> bool:
        return bool(self.lines) or self.damage is not None

    def rejects(self, rows: Parsed, problems: Sequence[Problem]) -> list[Reject]:
        """The rows that were not stored, by line."""
        found = {line: [reason] for line, reason in rows.unreadable.items()}
        batch = rows.batch
        for line, several in groupby(sorted(problems, key=line_of), line_of):
            is_address = line in batch.addresses or line in batch.other_addresses
            kind = "addresses" if is_address else "customers"
            found[line] = reasons(several, kind)
        return [
            Reject(str(self.path), number, found[number], self._reader.shown(raw))
            for number, raw in self.lines
            if number in found
        ]


def line_of(problem: Problem) -> int:
    """A problem's index is the number of its line."""
    return problem.index
