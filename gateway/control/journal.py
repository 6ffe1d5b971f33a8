"""What was asked of a shop and answered: kept within bounds, to be queried and proved.

Secrets are taken out before anything is kept (`redaction.py`).
"""

from collections import Counter, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from threading import Lock
from typing import Any

from gateway.control.errors import ControlError, unknown

MOST_ENTRIES = 1000
MOST_BYTES = 4 * 2**20
LONGEST_BODY = 64 * 2**10
ENTRY_BYTES = 1500
"""What an entry takes besides its texts, roughly."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One request and its answer, and what the answer does not tell.

    `operation` is "DIALECT.NAME", or "" where no dialect answers. `fault` is the one
    that was brought about, if any: such an answer proves nothing. `unread` are what the
    client sent in vain: "field", "parameter" and "header" with names. `quirks` are the
    settings that were asked for, and `notes` causes, by their names.
    """

    number: int
    at: str
    dialect: str
    operation: str
    method: str
    path: str
    request_headers: Mapping[str, str]
    request_body: str
    status: int
    response_headers: Mapping[str, str]
    response_body: str
    milliseconds: float
    fault: str = ""
    unread: Mapping[str, Sequence[str]] = field(default_factory=dict)
    quirks: Mapping[str, Any] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many bytes it takes, roughly."""
        texts = (self.path, self.request_body, self.response_body)
        mappings = (self.request_headers, self.response_headers, self.notes)
        return (
            ENTRY_BYTES + sum(map(len, texts)) + sum(len(str(one)) for one in mappings)
        )

    def as_json(self) -> dict[str, Any]:
        """The entry as the control API shows it."""
        return {name: getattr(self, name) for name in self.__slots__}

    def __str__(self) -> str:
        """The entry in a line."""
        told = [f"#{self.number} {self.operation or '(no operation)'} -> {self.status}"]
        told.append(f"{self.method} {self.path}")
        if self.fault:
            told.append(f"fault {self.fault}")
        told += [f"{name}: {value}" for name, value in self.notes.items()]
        return "; ".join(told)


class Journal:
    """The last requests to a shop, at most so many of so many bytes.

    `operations` are all that can be claimed of, "DIALECT.*" for any of a dialect's;
    without them everything can.
    """

    def __init__(
        self,
        *,
        entries: int = MOST_ENTRIES,
        max_bytes: int = MOST_BYTES,
        operations: Collection[str] = (),
    ) -> None:
        self._operations = operations
        self._most, self._most_bytes = entries, max_bytes
        self._entries: deque[Entry] = deque()
        self._bytes = 0
        self._counts: Counter[tuple[str, int]] = Counter()
        self._lock = Lock()
        self.total = 0

    def add(self, **told: Any) -> Entry:
        """Write an entry, and forget the oldest if there is no room."""
        with self._lock:
            self.total += 1
            entry = Entry(number=self.total, **told)
            self._entries.append(entry)
            self._bytes += entry.size
            self._counts[entry.operation, entry.status] += 1
            while len(self._entries) > self._most or (
                self._bytes > self._most_bytes and len(self._entries) > 1
            ):
                self._bytes -= self._entries.popleft().size
        return entry

    def clear(self) -> None:
        """Forget everything; the next entry is the first."""
        with self._lock:
            self._entries.clear()
            self._counts.clear()
            self._bytes = self.total = 0

    @property
    def forgotten(self) -> int:
        """How many entries there was no room for."""
        return self.total - len(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries())

    def entries(
        self,
        operation: str | None = None,
        *,
        dialect: str | None = None,
        status: int | None = None,
    ) -> list[Entry]:
        """What is kept of the operation ("*" stands for anything), oldest first."""
        with self._lock:
            kept = [*self._entries]
        return [
            one
            for one in kept
            if matches(operation, one.operation)
            and dialect in (None, one.dialect)
            and status in (None, one.status)
        ]

    def last(self) -> Entry:
        """The newest entry. Raises LookupError if there is none."""
        if not self._entries:
            raise LookupError("the journal is empty: no request came to this shop")
        return self._entries[-1]

    def count(self, operation: str, *, status: int | None = None) -> int:
        """How often the operation was asked for, forgotten entries included."""
        with self._lock:
            return sum(
                count
                for (name, answered), count in self._counts.items()
                if matches(operation, name) and status in (None, answered)
            )

    def assert_called(
        self, operation: str, *, times: int | None = None, status: int | None = None
    ) -> None:
        """Raise AssertionError, with what came nearest, unless it was called so.

        At least once, or exactly so many times if told so. Raises ControlError for an
        operation that there is not: of that nothing could ever be found.
        """
        self.require(operation)
        count = self.count(operation, status=status)
        if count == times or (times is None and count):
            return
        wanted = "at least once" if times is None else f"{times} times"
        what = operation if status is None else f"{operation} -> {status}"
        lines = [f"{what} was called {count} times, not {wanted}."]
        if times == 0 or count:
            lines += ["The calls:", *self._lines(self.entries(operation))]
        else:
            lines += self._near(operation, status)
        if self.forgotten:
            lines.append(f"({self.forgotten} older entries are forgotten)")
        raise AssertionError("\n".join(lines))

    def assert_not_called(self, operation: str, *, status: int | None = None) -> None:
        """Raise AssertionError with the calls, if there were any."""
        self.assert_called(operation, times=0, status=status)

    def assert_all_read(self, operation: str = "*") -> None:
        """Raise AssertionError with what clients sent and nobody read."""
        found = [one for one in self.entries(operation) if one.unread]
        if found:
            lines = [
                f"  #{one.number} {one.operation}: {kind} {', '.join(names)}"
                for one in found
                for kind, names in one.unread.items()
            ]
            raise AssertionError("\n".join(["nobody read:", *lines]))

    def require(self, operation: str) -> None:
        """Raise ControlError, with what there is, if no operation is meant."""
        known = self._operations
        if known and not any(may_be(operation, one) for one in known):
            raise ControlError(unknown("operation", operation, known))

    def _near(self, operation: str, status: int | None) -> list[str]:
        """What came instead: the same with another status, or others like it."""
        dialect = operation.partition(".")[0]
        for said, found in (
            ("The same, answered otherwise:", self.entries(operation)),
            ("Of the dialect:", self.entries(dialect=dialect)),
            ("Nothing of the dialect; of others:", self.entries()),
        ):
            if found:
                return [said, *self._lines(found)]
        return ["The journal is empty: no request came to this shop."]

    @staticmethod
    def _lines(found: Sequence[Entry]) -> list[str]:
        return [f"  {one}" for one in found[-10:]]


def matches(pattern: str | None, name: str) -> bool:
    """Whether an operation is meant: None means any, "*" any part of a name."""
    return pattern is None or fnmatchcase(name, pattern)


def may_be(pattern: str, known: str) -> bool:
    """Whether an operation that is known, or any of a dialect's, is meant."""
    dialect, _, name = known.rpartition(".")
    return matches(pattern, known) or (
        name == "*" and pattern.startswith(f"{dialect}.")
    )
