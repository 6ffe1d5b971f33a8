"""What moving a customer and moving an address have in common."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar

from core import Changes, CustomerDraft, Draft, Ref
from dialects.remote import Outcome, RemoteAddress
from gateway.migrate.content import Content, Losses, content_of, digest
from gateway.migrate.delta import (
    AGREED,
    AT_SOURCE,
    GONE,
    GONE_AT_SOURCE,
    SAME,
    SOURCE,
    STOP,
    TARGET,
    TELL,
    Row,
    changes,
    judged,
)
from gateway.migrate.ends import End, Source
from gateway.migrate.errors import MigrationError
from gateway.migrate.ledger import (
    CONFLICT,
    DONE,
    DROPPED,
    DUPLICATE,
    FORGOTTEN,
    UPDATING,
    Ledger,
    reference,
)
from gateway.migrate.mapping import Mappings, Places, predicted
from gateway.migrate.tally import Act, Tally
from gateway.migrate.traces import standing

T = TypeVar("T")
NOT_OURS = "it was at the target before, or somebody has changed it there"
STANDS = "; the target's word stands, as it was told to"


@dataclass(frozen=True, kw_only=True)
class Options:
    """How much is moved, and how.

    `conflicts` is what is done where the target is not as it was left: it is told, or
    the source or the target prevails, or the run stops. With `is_resumed` the target is
    not looked at where the ledger is up to date.
    """

    limit: int | None = None
    since: datetime | None = None
    conflicts: str = TELL
    deletes: bool = False
    is_resumed: bool = False
    mappings: Mappings = field(default_factory=Mappings)
    progress: Callable[[int], object] = lambda _done: None


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of at most this many."""
    remaining = iter(items)
    while part := [*islice(remaining, size)]:
        yield part


def now() -> str:
    """The time, as the ledger has it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def owned(
    end: Source, owners: Iterable[Ref], places: Places
) -> dict[Ref, list[RemoteAddress]]:
    """The addresses of each customer, places by codes and names."""
    found: dict[Ref, list[RemoteAddress]] = {ref: [] for ref in owners}
    for one in end.addresses_of([*found]):
        found[one.customer_ref].append(places.whole(one))
    return found


class Mover(ABC):
    """Moves one kind of things, and what has changed of them since."""

    kind = ""

    def __init__(
        self,
        source: End,
        target: End,
        ledger: Ledger,
        options: Options,
        places: Places,
        tally: Tally,
    ) -> None:
        self._source, self._target, self._ledger = source, target, ledger
        self._options, self._places, self._tally = options, places, tally
        self._losses = self._of_ends()

    @abstractmethod
    def _of_ends(self) -> Losses:
        """What gets lost between the two."""

    @abstractmethod
    def _put(self, key: Any, **values: Any) -> None:
        """Write a row of the ledger, or columns of it."""

    @abstractmethod
    def _update(self, key: Any, ref: Ref, said: Changes) -> Outcome:
        """Change fields at the target."""

    def _follow(
        self,
        key: Any,
        row: Row,
        thing: Draft | CustomerDraft,
        theirs: Content | None,
    ) -> bool:
        """Bring a pair up to date; whether the target was written to.

        Raises MigrationError where a conflict is to stop everything.
        """
        ours = content_of(thing)
        verdict = judged(row, ours, theirs, self._losses)
        if verdict in (SAME, AGREED):
            self._agree(key, row, ours, theirs)
            self._count(Act.UNCHANGED)
            return False
        is_forced = verdict not in (AT_SOURCE, GONE)
        if verdict == AT_SOURCE or (is_forced and self._options.conflicts == SOURCE):
            is_written = self._write(key, row, thing, theirs)
            act = Act.OVERWRITTEN if is_forced else Act.CHANGED
            self._count(act if is_written else Act.REFUSED)
            return is_written
        self._conflict(key, row, verdict, ours, theirs)
        return False

    def _agree(self, key: Any, row: Row, ours: Content, theirs: Content | None) -> None:
        """Enter that both ends are as they should be, if it is not entered yet."""
        is_ours = not self._losses.unexplained(ours, theirs or {})
        said = {
            "state": settled(row) if is_ours else DUPLICATE,
            "hash": digest(ours),
            "target_hash": digest(theirs or {}),
            "problem": "",
        }
        if any(row[name] != value for name, value in said.items()):
            self._put(key, content=ours, **said)

    def _write(
        self,
        key: Any,
        row: Row,
        thing: Draft | CustomerDraft,
        theirs: Content | None,
    ) -> bool:
        ours = content_of(thing)
        problem = self._policy_problem(ours)
        if problem:
            self._put(key, state=CONFLICT, problem=problem)
            return False
        is_forced = self._options.conflicts == SOURCE
        differing = self._losses.unexplained(ours, theirs or {}) if is_forced else []
        said = changes(row, thing, ours, {one.field for one in differing})
        former = standing(row, theirs or {}, self._losses)
        self._put(key, state=UPDATING, former=former, intended=ours)
        outcome = self._update(key, reference(row["target_ref"]), said)
        if outcome.problem:
            self._put(key, state=CONFLICT, problem=outcome.problem)
            return False
        self._put(
            key,
            state=settled(row),
            hash=digest(ours),
            content=ours,
            intended=None,
            target_hash="",
            problem="",
            losses=self._lost(ours),
        )
        return True

    def _conflict(
        self,
        key: Any,
        row: Row,
        problem: str,
        ours: Content | None,
        theirs: Content | None,
    ) -> None:
        """Enter a conflict, as it is to be dealt with. Raises MigrationError."""
        choice = self._options.conflicts
        is_removed = problem.startswith(GONE_AT_SOURCE)
        self._count(Act.REMOVED if is_removed else Act.CONFLICT)
        if choice == TARGET and ours is not None and theirs is not None:
            said = {"hash": digest(ours), "content": ours}
            self._put(
                key, state=DUPLICATE, target_hash=digest(theirs), problem="", **said
            )
        elif choice == TARGET:
            self._put(key, state=DROPPED, problem=problem + STANDS)
        else:
            self._put(key, state=CONFLICT, problem=problem)
        if choice == STOP:
            told = f"{self.kind} {row['source_ref']} -> {row['target_ref']}: {problem}"
            raise MigrationError(
                f"{told}; look at it, or run again with --conflicts source, target or"
                " tell"
            )

    def _leave(self, key: Any, row: Row, why: str = "") -> None:
        """Tell what is gone at the source, and why it is not deleted."""
        problem = f"{GONE_AT_SOURCE}; {why}" if why else GONE_AT_SOURCE
        self._conflict(key, row, problem, None, None)

    def _forget(self, key: Any) -> None:
        """Let it be moved anew."""
        self._put(key, **FORGOTTEN)

    def _count(self, act: Act, number: int = 1) -> None:
        self._tally.count(self.kind, act, number)

    def _lost(self, content: Content) -> list[str]:
        return predicted(content, self._losses.declared, self._losses.own)

    def _policy_problem(self, content: Content) -> str:
        """Why it may not be moved, if something would be lost that may not."""
        policy = self._options.mappings.policy
        refused = [name for name in self._lost(content) if policy(name) == "refuse"]
        told = [f"{name} ({self._losses.declared[name]})" for name in refused]
        return f"it would lose {', '.join(told)}" if told else ""


def settled(row: Row) -> str:
    """The state of what is as it should be; a duplicate may differ from the source."""
    is_whole = row["is_created"] and row["state"] != DUPLICATE
    return DONE if is_whole else DUPLICATE


def address_losses(source: Source, target: End) -> Losses:
    """What gets lost of addresses between two ends."""
    name = target.dialect.name if target.dialect else ""
    return Losses(declared=target.losses, untold=source.losses.keys(), own=name)


def customer_losses(source: Source, target: End) -> Losses:
    """What gets lost of customers."""
    name = target.dialect.name if target.dialect else ""
    declared, untold = target.customer_losses, source.customer_losses.keys()
    return Losses(declared=declared, untold=untold, own=name)


def arrived_as(
    content: Content, outcome: Outcome, state: str, target_hash: str = ""
) -> Mapping[str, Any]:
    """The columns of what was just added, or found to be there."""
    return {
        "state": state,
        "hash": digest(content),
        "content": content,
        "target_ref": outcome.ref,
        "target_hash": target_hash,
        "is_created": int(state == DONE),
        "problem": "",
    }
