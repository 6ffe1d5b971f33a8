"""Files into a shop, batch by batch; what is bad is handed over to be told."""

import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from core import Added, Batch, Bulk, Place, Problem, Shop, Store, Written, retrying
from gateway.bulk.files import DAMAGE, BulkError, Source, format_of, reading
from gateway.bulk.progress import Progress
from gateway.bulk.reading import Item, Raw, records, shown
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
            items = records(stream, format)

            def read() -> Rows:
                return Rows(path, self._shop, self._known, items, self._options.batch)

            # A batch is read while the one before it is stored.
            with ThreadPoolExecutor(1) as ahead:
                rows = read()
                while rows:
                    following = ahead.submit(read)
                    self._store_rows(rows)
                    self._tell(source)
                    self._forget()
                    if rows.damage is not None:
                        raise BulkError(
                            f"{path} is damaged: {rows.damage}; the rows before line"
                            f" {max(rows.raws, default=0) + 1} are stored"
                        )
                    rows = following.result()

    def _forget(self) -> None:
        """Look for places anew, now and then: others may have added some."""
        is_old = time.monotonic() - self._known_since > TRUSTED_FOR
        if is_old or len(self._known) > MOST_PLACES:
            self._known.clear()
            self._known_since = time.monotonic()

    def _store_rows(self, rows: "Rows") -> None:
        """Store a batch, and count what became of it."""
        added = self._added(rows)
        rejects = rows.rejects(added.problems)
        self.summary.read += len(rows.raws)
        self.summary.stored += added.stored
        self.summary.updated += added.updated
        self.summary.unchanged += added.unchanged
        self.summary.rejected += len(rejects)
        for one in rejects:
            self._reject(one)

    def _added(self, rows: "Rows") -> Added:
        if self._bulk is not None:
            return self._checked(self._bulk, rows)

        def work() -> Added:
            with self._unit() as bulk:
                return self._checked(bulk, rows)

        return retrying(work)

    def _checked(self, bulk: Bulk, rows: "Rows") -> Added:
        """Store the rows; a reject undoes it if it is to stop the import."""
        added = bulk.store(rows.batch, updates=self._options.updates)
        if self._options.stops and (rejects := rows.rejects(added.problems)):
            first = rejects[0]
            self.summary.rejected += 1
            self._reject(first)
            raise BulkError(
                f"{first.file}, line {first.line}: {'; '.join(first.reasons)};"
                f" what comes before line {min(rows.raws)} is stored, correct the"
                " line and run the command again"
            )
        return added

    def _tell(self, source: Source) -> None:
        part = source.position() / source.size if source.size else None
        self._progress.tell(self.summary.read, part)


class Rows:
    """A batch of a file's rows, the last one of a file that is damaged."""

    def __init__(
        self,
        path: Path,
        shop: Shop,
        known: dict[Written, Place],
        items: Iterator[Item],
        most: int,
    ) -> None:
        self.batch = Batch(shop, known)
        self.raws: dict[int, Raw] = {}
        self.damage: Exception | None = None
        self._path = path
        self._unreadable: dict[int, str] = {}
        try:
            self._read(islice(items, most))
        except (*DAMAGE, zlib.error) as error:
            self.damage = error

    def _read(self, items: Iterator[Item]) -> None:
        raws, unreadable = self.raws, self._unreadable
        add_address, add_customer = self.batch.add_address, self.batch.add_customer
        for line, kind, record, raw in items:
            raws[line] = raw
            if kind == "addresses":
                add_address(line, record)
            elif kind == "customers":
                add_customer(line, record)
            else:
                unreadable[line] = record["reason"]

    def __bool__(self) -> bool:
        return bool(self.raws) or self.damage is not None

    def rejects(self, problems: Sequence[Problem]) -> list[Reject]:
        """The rows that were not stored, by line."""
        found = {line: [reason] for line, reason in self._unreadable.items()}
        for line, several in groupby(sorted(problems, key=line_of), line_of):
            is_address = line in self.batch.addresses or (
                line in self.batch.other_addresses
            )
            kind = "addresses" if is_address else "customers"
            found[line] = reasons(several, kind)
        return [
            Reject(str(self._path), line, found[line], shown(self.raws[line]))
            for line in sorted(found)
        ]


def line_of(problem: Problem) -> int:
    """A problem's index is the number of its line."""
    return problem.index
