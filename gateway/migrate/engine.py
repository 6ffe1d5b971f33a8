"""Moves customers and their addresses from one end to the other, exactly once.

What is about to be written is entered in the ledger before the call, with what was at
the target by then; what came of it, after. An entry without a result is looked for at
the target before anything is written again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any, TypeVar

from core import CustomerDraft, Draft, Ref
from dialects.remote import Outcome, RemoteAddress, RemoteCustomer
from gateway.migrate.content import (
    Content,
    compare,
    content_of,
    digest,
    distance,
    is_alike,
)
from gateway.migrate.ends import End
from gateway.migrate.ledger import (
    ARRIVED,
    CONFLICT,
    DONE,
    DUPLICATE,
    INTENT,
    REFUSED,
    REMOVED,
    UPDATING,
    Ledger,
    reference,
)
from gateway.migrate.mapping import Mappings, Places, predicted

T = TypeVar("T")
Row = dict[str, Any]
AHEAD = 50
"""How many customers' addresses are read at a time."""
PLACES = ("country", "region", "city")


@dataclass(frozen=True, kw_only=True)
class Options:
    """How much is moved, and how."""

    limit: int | None = None
    since: datetime | None = None
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


class Migration:
    """One run from a source to a target, or the going on with one."""

    def __init__(
        self, source: End, target: End, ledger: Ledger, options: Options, places: Places
    ) -> None:
        self._source, self._target, self._ledger = source, target, ledger
        self._options, self._places = options, places
        self._own = target.dialect.name if target.dialect else ""

    def run(self) -> None:
        """Move what is not at the target yet, and what has changed since it was."""
        done = 0
        found = islice(self._source.customers(self._options.since), self._options.limit)
        for some in chunks(found, AHEAD):
            owned: dict[Ref, list[RemoteAddress]] = {one.ref: [] for one in some}
            for address in self._source.addresses_of([*owned]):
                owned[address.customer_ref].append(self._places.whole(address))
            for customer in some:
                self.move(customer, owned[customer.ref])
                done += 1
                self._options.progress(done)

    def move(self, customer: RemoteCustomer, addresses: list[RemoteAddress]) -> None:
        """Move a customer with the addresses."""
        owner, is_new = self._customer(customer)
        if owner is None:
            with self._ledger.unit():
                for one in addresses:
                    self._refuse(customer.ref, one, "its customer is not at the target")
            return
        rows = self._ledger.addresses(customer.ref)
        there: list[RemoteAddress] | None = [] if is_new else None
        changed = [one for one in addresses if self._is_changed(rows.get(one.ref), one)]
        fresh = [one for one in addresses if is_absent(rows.get(one.ref))]
        if not changed and not fresh:
            return
        if there is None:
            there = [*map(self._places.whole, self._target.addresses_of([owner]))]
        for one in changed:
            self._change_address(customer.ref, owner, one, rows[one.ref], there)
        self._add(customer.ref, owner, fresh, rows, there)

    # Customers

    def _customer(self, one: RemoteCustomer) -> tuple[Ref | None, bool]:
        """The customer at the target, and whether it was made just now."""
        row = self._ledger.customer(one.ref)
        content = content_of(one.customer)
        if row and row["state"] in ARRIVED:
            if digest(content) != row["hash"] or row["state"] == UPDATING:
                self._change_customer(one, row, content)
            return reference(row["target_ref"]), False
        said = {"hash": digest(content), "content": content}
        given = self._options.mappings.customers.get(str(one.ref))
        if given is not None:
            self._put_customer(one, state=DUPLICATE, target_ref=given, **said)
            return reference(given), False
        problem = self._policy_problem(content, self._target.customer_losses)
        if problem:
            self._put_customer(one, state=REFUSED, problem=problem, **said)
            return None, False
        there = [*self._target.matching_customers(one.customer)]
        known = [other.ref for other in there]
        if row and row["state"] == INTENT:
            known = [reference(ref) for ref in row["known"]]
            arrived = self._arrived_customer(content, known, there)
            if arrived is not None:
                self._put_customer(
                    one,
                    state=DONE,
                    target_ref=arrived,
                    is_created=1,
                    problem="",
                    **said,
                )
                return arrived, False
        if one.customer.email and known:
            return self._merge_customer(one, known, said), False
        self._put_customer(one, state=INTENT, known=known, problem="", **said)
        outcome = self._target.add_customer(one, known)
        return self._added_customer(one, outcome, said)

    def _merge_customer(
        self, one: RemoteCustomer, known: Sequence[Ref], said: Mapping[str, Any]
    ) -> Ref | None:
        """The one with the same e-mail; among several nobody is chosen."""
        if len(known) > 1:
            told = ", ".join(map(str, known))
            problem = f"several customers have this e-mail: {told}; map one by hand"
            self._put_customer(one, state=REFUSED, problem=problem, **said)
            return None
        self._put_customer(
            one, state=DUPLICATE, target_ref=known[0], problem="", **said
        )
        return known[0]

    def _added_customer(
        self, one: RemoteCustomer, outcome: Outcome, said: Mapping[str, Any]
    ) -> tuple[Ref | None, bool]:
        if outcome.is_duplicate and outcome.ref is not None:
            self._put_customer(
                one, state=DUPLICATE, target_ref=outcome.ref, problem="", **said
            )
            return outcome.ref, False
        if outcome.problem:
            self._put_customer(one, state=REFUSED, problem=outcome.problem, **said)
            return None, False
        self._put_customer(
            one, state=DONE, target_ref=outcome.ref, is_created=1, problem="", **said
        )
        return outcome.ref, True

    def _arrived_customer(
        self, content: Content, known: Sequence[Ref], there: Sequence[RemoteCustomer]
    ) -> Ref | None:
        """The customer whom a call made whose answer was lost."""
        silent = {*self._target.customer_losses, *self._source.customer_losses}
        new = [
            one
            for one in there
            if one.ref not in known
            and is_alike(content, content_of(one.customer), silent)
        ]
        return new[0].ref if new else None

    def _change_customer(self, one: RemoteCustomer, row: Row, content: Content) -> None:
        """Write what has changed, unless the target has changed as well."""
        ref = reference(row["target_ref"])
        theirs = self._target.customer(ref)
        if theirs is None:
            problem = "it changed at the source, and is gone at the target"
            self._put_customer(one, state=CONFLICT, problem=problem)
            return
        current = content_of(theirs.customer)
        if not row["is_created"] or self._is_conflict(
            row, content, current, self._target.customer_losses
        ):
            problem = "it changed at both ends" if row["is_created"] else ""
            problem = (
                problem or "it changed at the source, and was not made by this run"
            )
            self._put_customer(one, state=CONFLICT, problem=problem)
            return
        changes = changed(one.customer, row["content"], content)
        self._put_customer(one, state=UPDATING)
        outcome = self._target.update_customer(ref, changes)
        self._put_customer(
            one,
            state=CONFLICT if outcome.problem else DONE,
            problem=outcome.problem,
            target_hash="",
            **(
                {} if outcome.problem else {"hash": digest(content), "content": content}
            ),
        )

    def _put_customer(self, one: RemoteCustomer, **values: Any) -> None:
        self._ledger.put_customer(one.ref, **values)

    # Addresses

    def _is_changed(self, row: Row | None, one: RemoteAddress) -> bool:
        """Whether it was moved and says something else now."""
        if row is None or row["state"] not in ARRIVED:
            return False
        is_other = digest(content_of(one.draft)) != row["hash"]
        return bool(is_other or row["state"] == UPDATING)

    def _add(
        self,
        source_owner: Ref,
        owner: Ref,
        fresh: Sequence[RemoteAddress],
        rows: Mapping[Ref, Row],
        there: Sequence[RemoteAddress],
    ) -> None:
        """Add addresses; what is at the target already is not added again."""
        claimed = {
            reference(row["target_ref"])
            for row in rows.values()
            if row["state"] in ARRIVED
        }
        free = {o.ref: content_of(o.draft) for o in there if o.ref not in claimed}
        left = []
        for one in sorted(fresh, key=lambda one: not is_intent(rows.get(one.ref))):
            row = rows.get(one.ref)
            known = row["known"] if row and row["state"] == INTENT else None
            candidates = {
                ref: said
                for ref, said in free.items()
                if known is not None and ref not in known
            }
            ref = self._partner(one, candidates)
            is_created = ref is not None
            ref = ref if is_created else self._partner(one, free)
            if ref is None:
                left.append(one)
                continue
            del free[ref]
            state = DONE if is_created else DUPLICATE
            self._settle(source_owner, one, Outcome(ref=ref), state)
        refs = [one.ref for one in there]
        for some in chunks(self._allowed(source_owner, left), self._target.batch):
            with self._ledger.unit():
                for one in some:
                    content = content_of(one.draft)
                    self._ledger.put_address(
                        source_owner,
                        one.ref,
                        state=INTENT,
                        known=refs,
                        hash=digest(content),
                        content=content,
                        problem="",
                    )
            outcomes = self._target.add_addresses(owner, some, refs)
            with self._ledger.unit():
                for one, outcome in zip(some, outcomes, strict=True):
                    self._settle(source_owner, one, outcome, DONE)
            refs += [one.ref for one in outcomes if one.ref is not None]

    def _partner(self, one: RemoteAddress, free: Mapping[Ref, Content]) -> Ref | None:
        """What says the same at the target, the likest of all."""
        content = content_of(one.draft)
        silent = {*self._target.losses, *self._source.losses}
        found = [ref for ref, other in free.items() if is_alike(content, other, silent)]
        return min(found, key=lambda ref: distance(content, free[ref]), default=None)

    def _allowed(
        self, owner: Ref, moved: Sequence[RemoteAddress]
    ) -> Iterator[RemoteAddress]:
        """Those that lose nothing that may not be lost."""
        for one in moved:
            problem = self._policy_problem(content_of(one.draft), self._target.losses)
            if problem:
                self._refuse(owner, one, problem)
            else:
                yield one

    def _policy_problem(self, content: Content, losses: Mapping[str, str]) -> str:
        lost = predicted(content, losses, self._own)
        policy = self._options.mappings.policy
        refused = [name for name in lost if policy(name) == "refuse"]
        told = [f"{name} ({losses[name]})" for name in refused]
        return f"it would lose {', '.join(told)}" if told else ""

    def _settle(
        self, owner: Ref, one: RemoteAddress, outcome: Outcome, state: str
    ) -> None:
        """Enter what came of an address."""
        content = content_of(one.draft)
        if outcome.is_duplicate:
            state = DUPLICATE if outcome.ref is not None else REFUSED
        elif outcome.problem:
            state = REFUSED
        problem = outcome.problem if state == REFUSED else ""
        if state == REFUSED and not problem:
            problem = "the platform says that it has it already, and not where"
        self._ledger.put_address(
            owner,
            one.ref,
            state=state,
            hash=digest(content),
            content=content,
            target_ref=outcome.ref,
            target_hash="",
            is_created=int(state == DONE),
            problem=problem,
            losses=predicted(content, self._target.losses, self._own),
        )

    def _refuse(self, owner: Ref, one: RemoteAddress, problem: str) -> None:
        content = content_of(one.draft)
        self._ledger.put_address(
            owner,
            one.ref,
            state=REFUSED,
            hash=digest(content),
            content=content,
            problem=problem,
        )

    def _change_address(
        self,
        source_owner: Ref,
        owner: Ref,
        one: RemoteAddress,
        row: Row,
        there: Sequence[RemoteAddress],
    ) -> None:
        """Write what has changed, unless the target has changed as well."""
        ref = reference(row["target_ref"])
        content = content_of(one.draft)
        theirs = next((o for o in there if o.ref == ref), None)
        problem = ""
        if theirs is None:
            problem = "it changed at the source, and is gone at the target"
        elif not row["is_created"]:
            problem = "it changed at the source, and was not made by this run"
        elif self._is_conflict(
            row, content, content_of(theirs.draft), self._target.losses
        ):
            problem = "it changed at both ends"
        if problem:
            self._ledger.put_address(
                source_owner, one.ref, state=CONFLICT, problem=problem
            )
            return
        changes = changed(one.draft, row["content"], content)
        self._ledger.put_address(source_owner, one.ref, state=UPDATING)
        outcome = self._target.update_address(owner, ref, changes)
        if outcome.problem:
            self._ledger.put_address(
                source_owner, one.ref, state=CONFLICT, problem=outcome.problem
            )
            return
        self._settle(source_owner, one, replace(outcome, ref=ref), DONE)

    def _is_conflict(
        self, row: Row, content: Content, current: Content, losses: Mapping[str, str]
    ) -> bool:
        """Whether the target says neither what it was given nor what it is to get."""
        if row["target_hash"] and row["state"] != UPDATING:
            return bool(digest(current) != row["target_hash"])
        agreed = (content, row["content"])
        return not any(is_explained(said, current, losses) for said in agreed)


def is_explained(said: Content, current: Content, losses: Mapping[str, str]) -> bool:
    """Whether nothing but declared losses and rules stands between the two."""
    return all(
        one.rule or one.field in losses for one in compare(said, current, losses)
    )


def is_intent(row: Row | None) -> bool:
    """Whether a call was about to be made for it."""
    return row is not None and row["state"] == INTENT


def is_absent(row: Row | None) -> bool:
    """Whether it has to be moved: for the first time, or again."""
    return row is None or str(row["state"]) in (INTENT, REFUSED, REMOVED)


def changed(thing: Draft | CustomerDraft, old: Content, new: Content) -> dict[str, Any]:
    """The fields that say something else than before; places go together."""
    names = {name for name in {*old, *new} if old.get(name) != new.get(name)}
    if names & {*PLACES}:
        names |= {*PLACES}
    return {name: getattr(thing, name) for name in names}
