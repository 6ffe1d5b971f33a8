"""Moves a customer's addresses, each to one that says the same, or to a new one."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core import Changes, Ref
from dialects.remote import Outcome, RemoteAddress
from gateway.migrate.content import (
    Content,
    Losses,
    content_of,
    digest,
    distance,
    is_alike,
)
from gateway.migrate.delta import GONE, SOURCE, Row, judged
from gateway.migrate.ledger import (
    ARRIVED,
    DONE,
    DUPLICATE,
    INTENT,
    REFUSED,
    REMOVED,
    UNDONE,
    reference,
)
from gateway.migrate.mover import (
    NOT_OURS,
    Mover,
    address_losses,
    arrived_as,
    chunks,
    owned,
)
from gateway.migrate.tally import Act
from gateway.migrate.traces import is_untouched

FRESH = (INTENT, REFUSED, REMOVED, UNDONE)
"""The states of what is to be moved as if it had not been."""


@dataclass(frozen=True, slots=True)
class Key:
    """An address of the source: whose it is there and at the target."""

    source_owner: Ref
    owner: Ref
    ref: Ref


class Addresses(Mover):
    """Moves the addresses of one customer after another."""

    kind = "address"

    def _of_ends(self) -> Losses:
        return address_losses(self._source, self._target)

    def move(
        self,
        source_owner: Ref,
        owner: Ref,
        found: Sequence[RemoteAddress],
        there: Sequence[RemoteAddress],
    ) -> bool:
        """Move what was found at the source, where `there` are all of the target's;
        whether something was written."""
        rows = self._ledger.addresses(source_owner)
        at_target = {one.ref: one for one in there}
        fresh, touched = [], []
        for ref in rows.keys() - {one.ref for one in found}:
            if rows[ref]["state"] in ARRIVED:
                self._gone(Key(source_owner, owner, ref), rows[ref], at_target)
        for one in found:
            row, key = rows.get(one.ref), Key(source_owner, owner, one.ref)
            if row is None or row["state"] in FRESH:
                fresh.append(one)
            elif row["state"] in ARRIVED:
                theirs = at_target.get(reference(row["target_ref"]))
                said = content_of(theirs.draft) if theirs else None
                verdict = judged(row, content_of(one.draft), said, self._losses)
                if verdict == GONE and self._options.conflicts == SOURCE:
                    self._forget(key)
                    fresh.append(one)
                elif self._follow(key, row, one.draft, said):
                    touched.append(key)
            else:
                self._count(Act.UNCHANGED)
        self._look_again(owner, touched)
        self._add(source_owner, owner, fresh, there)
        return bool(fresh or touched)

    def refuse_all(self, source_owner: Ref, found: Sequence[RemoteAddress]) -> None:
        """Enter that what is not there yet has no customer at the target."""
        rows = self._ledger.addresses(source_owner)
        with self._ledger.unit():
            for one in found:
                row = rows.get(one.ref)
                if row is None or row["state"] not in ARRIVED:
                    self._refuse(source_owner, one, "its customer is not at the target")
                else:
                    self._count(Act.CONFLICT)

    def _add(
        self,
        source_owner: Ref,
        owner: Ref,
        fresh: Sequence[RemoteAddress],
        there: Sequence[RemoteAddress],
    ) -> None:
        """Add addresses; what is at the target already is not added again."""
        rows = self._ledger.addresses(source_owner)
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
            new = {r: c for r, c in free.items() if r not in (known or ())}
            ref = None if known is None else self._partner(one, new)
            state = DUPLICATE if ref is None else DONE
            ref = self._partner(one, free) if ref is None else ref
            if ref is None:
                left.append(one)
                continue
            theirs = free.pop(ref)
            self._settle(source_owner, one, Outcome(ref=ref), state, digest(theirs))
        refs = [one.ref for one in there]
        for some in chunks(self._allowed(source_owner, left), self._target.batch):
            self._send(source_owner, owner, some, refs)

    def _send(
        self,
        source_owner: Ref,
        owner: Ref,
        some: Sequence[RemoteAddress],
        refs: list[Ref],
    ) -> None:
        """Add some in one call; `refs` are all that the owner has by then."""
        with self._ledger.unit():
            for one in some:
                content = content_of(one.draft)
                said = {"hash": digest(content), "content": content, "problem": ""}
                self._ledger.put_address(
                    source_owner, one.ref, state=INTENT, known=refs, **said
                )
        outcomes = self._target.add_addresses(owner, some, refs)
        with self._ledger.unit():
            for one, outcome in zip(some, outcomes, strict=True):
                self._settle(source_owner, one, outcome, DONE)
        refs += [one.ref for one in outcomes if one.ref is not None]

    def _partner(self, one: RemoteAddress, free: Mapping[Ref, Content]) -> Ref | None:
        """What says the same at the target, the likest of all."""
        content = content_of(one.draft)
        silent = {*self._losses.declared, *self._losses.untold}
        found = [ref for ref, other in free.items() if is_alike(content, other, silent)]
        return min(found, key=lambda ref: distance(content, free[ref]), default=None)

    def _allowed(
        self, source_owner: Ref, moved: Sequence[RemoteAddress]
    ) -> Iterator[RemoteAddress]:
        """Those that lose nothing that may not be lost."""
        for one in moved:
            problem = self._policy_problem(content_of(one.draft))
            if problem:
                self._refuse(source_owner, one, problem)
            else:
                yield one

    def _settle(
        self,
        source_owner: Ref,
        one: RemoteAddress,
        outcome: Outcome,
        state: str,
        target_hash: str = "",
    ) -> None:
        """Enter what came of an address."""
        if outcome.is_duplicate and outcome.ref is not None:
            state = DUPLICATE
        elif outcome.is_duplicate or outcome.problem:
            problem = "the platform says that it has it already, and not where"
            self._refuse(source_owner, one, outcome.problem or problem)
            return
        self._count(Act.CREATED if state == DONE else Act.MERGED)
        content = content_of(one.draft)
        self._ledger.put_address(
            source_owner,
            one.ref,
            **arrived_as(content, outcome, state, target_hash),
            losses=self._lost(content),
        )

    def _refuse(self, owner: Ref, one: RemoteAddress, problem: str) -> None:
        self._count(Act.REFUSED)
        content = content_of(one.draft)
        said = {"hash": digest(content), "content": content, "problem": problem}
        self._ledger.put_address(owner, one.ref, state=REFUSED, **said)

    def _gone(self, key: Key, row: Row, there: Mapping[Ref, RemoteAddress]) -> None:
        """Deal with what the source does not have any more."""
        theirs = there.get(reference(row["target_ref"]))
        if theirs is None:
            self._forget(key)
            self._count(Act.REMOVED)
        elif not self._options.deletes:
            self._leave(key, row)
        elif not is_untouched(row, content_of(theirs.draft), self._losses):
            self._leave(key, row, NOT_OURS)
        else:
            self._delete(key, row, theirs.ref)

    def _delete(self, key: Key, row: Row, ref: Ref) -> None:
        [outcome] = self._target.remove_addresses(key.owner, [ref])
        if outcome.problem:
            self._leave(key, row, outcome.problem)
        else:
            self._forget(key)
            self._count(Act.DELETED)

    def _look_again(self, owner: Ref, touched: Collection[Key]) -> None:
        """Enter what the target says of addresses that were changed."""
        if not touched:
            return
        rows = self._ledger.addresses(next(iter(touched)).source_owner)
        said = {
            one.ref: one for one in owned(self._target, [owner], self._places)[owner]
        }
        with self._ledger.unit():
            for key in touched:
                theirs = said.get(reference(rows[key.ref]["target_ref"]))
                if theirs is not None:
                    self._put(key, target_hash=digest(content_of(theirs.draft)))

    def _put(self, key: Any, **values: Any) -> None:
        self._ledger.put_address(key.source_owner, key.ref, **values)

    def _update(self, key: Any, ref: Ref, said: Changes) -> Outcome:
        return self._target.update_address(key.owner, ref, said)


def is_intent(row: Row | None) -> bool:
    """Whether a call was about to be made for it."""
    return row is not None and row["state"] == INTENT
