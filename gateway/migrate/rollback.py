"""Removes what a run has made, newest first, and gives back what it has changed."""

from collections.abc import Callable, Sequence
from typing import Any

from core import CustomerDraft, Draft, Ref
from dialects.remote import RemoteAddress
from gateway.migrate.content import (
    Content,
    content_of,
    customer_of,
    digest,
    draft_of,
    is_alike,
)
from gateway.migrate.delta import PLACES
from gateway.migrate.ends import End
from gateway.migrate.ledger import INTENT, REMOVED, Ledger, reference
from gateway.migrate.mapping import Places

Row = dict[str, Any]
RESTORED = {"state": REMOVED, "target_ref": None, "target_hash": "", "former": None}


class Rollback:
    """The undoing of a run; `left` tells what could not be removed."""

    def __init__(
        self,
        target: End,
        ledger: Ledger,
        places: Places,
        progress: Callable[[int], object] = lambda _done: None,
    ) -> None:
        self._target, self._ledger, self._places = target, ledger, places
        self._progress = progress
        self.removed = {"customers": 0, "addresses": 0}
        self.restored = 0
        self.left: list[str] = []

    def run(self) -> None:
        """Undo what was made for each customer of the source, newest first."""
        for done, row in enumerate(reversed(self._ledger.customers()), 1):
            self._settle_intent(row)
            self._undo(row)
            self._restore_customer(row)
            self._progress(done)

    def _undo(self, row: Row) -> None:
        source = reference(row["source_ref"])
        if row["target_ref"] is None:
            return
        owner = reference(row["target_ref"])
        rows = self._ledger.addresses(source)
        there = [*map(self._places.whole, self._target.addresses_of([owner]))]
        ours = {
            ref: reference(one["target_ref"])
            for ref, one in rows.items()
            if one["is_created"] and one["target_ref"] is not None
        }
        for ref, one in rows.items():
            if one["state"] == INTENT:
                for other in there:
                    is_new = other.ref not in one["known"]
                    is_claimed = other.ref in ours.values()
                    silent = self._target.losses
                    said = content_of(other.draft)
                    if (
                        is_new
                        and not is_claimed
                        and is_alike(one["content"], said, silent)
                    ):
                        ours[ref] = other.ref
                        break
        present = [ref for ref in reversed(ours) if ours[ref] in {o.ref for o in there}]
        if row["is_created"] and {o.ref for o in there} <= {*ours.values()}:
            if self._remove_customer(source, owner):
                self._note_addresses(source, [*ours])
                return
        elif row["is_created"]:
            self.left.append(
                f"customer {owner}: has addresses that were not moved there"
            )
        for ref, one in rows.items():
            if one["former"] and not one["is_created"]:
                self._restore_address(source, owner, ref, one, there)
        refs = [ours[ref] for ref in present]
        outcomes = self._target.remove_addresses(owner, refs)
        gone = []
        for ref, outcome in zip(present, outcomes, strict=True):
            if outcome.problem:
                self.left.append(f"address {ours[ref]}: {outcome.problem}")
            else:
                gone.append(ref)
        self._note_addresses(source, gone)

    def _restore_address(
        self,
        source: Ref,
        owner: Ref,
        ref: Ref,
        row: Row,
        there: Sequence[RemoteAddress],
    ) -> None:
        """Let an address that the run found there say again what it said."""
        target = reference(row["target_ref"])
        found = next((content_of(o.draft) for o in there if o.ref == target), None)
        said = self._changes(f"address {target}", row, found, draft_of(row["former"]))
        if said is None:
            return
        outcome = self._target.update_address(owner, target, said)
        if outcome.problem:
            self.left.append(f"address {target}: {outcome.problem}")
            return
        self.restored += 1
        self._ledger.put_address(source, ref, **RESTORED)

    def _restore_customer(self, row: Row) -> None:
        """The same with a customer."""
        if not row["former"] or row["is_created"] or row["target_ref"] is None:
            return
        target = reference(row["target_ref"])
        theirs = self._target.customer(target)
        found = content_of(theirs.customer) if theirs else None
        former = customer_of(row["former"])
        said = self._changes(f"customer {target}", row, found, former)
        if said is None:
            return
        outcome = self._target.update_customer(target, said)
        if outcome.problem:
            self.left.append(f"customer {target}: {outcome.problem}")
            return
        self.restored += 1
        self._ledger.put_customer(reference(row["source_ref"]), **RESTORED)

    def _changes(
        self, what: str, row: Row, found: Content | None, former: Draft | CustomerDraft
    ) -> dict[str, Any] | None:
        """The fields to give back; None where somebody has changed it since."""
        if found is None or (row["target_hash"] or digest(found)) != digest(found):
            self.left.append(f"{what}: it has changed since, and stays as it is")
            return None
        old = row["former"]
        names = {n for n in {*old, *found} if old.get(n) != found.get(n)}
        if names & {*PLACES}:
            names |= {*PLACES}
        return {name: getattr(former, name) for name in names}

    def _remove_customer(self, source: Ref, owner: Ref) -> bool:
        """Whether the customer is removed, with all that is theirs."""
        try:
            outcome = self._target.remove_customer(owner)
        except NotImplementedError:
            self.left.append(f"customer {owner}: the platform removes no customers")
            return False
        if outcome.problem:
            self.left.append(f"customer {owner}: {outcome.problem}")
            return False
        self.removed["customers"] += 1
        self._ledger.put_customer(
            source, state=REMOVED, target_ref=None, is_created=0, target_hash=""
        )
        return True

    def _note_addresses(self, source: Ref, refs: Sequence[Ref]) -> None:
        self.removed["addresses"] += len(refs)
        with self._ledger.unit():
            for ref in refs:
                self._ledger.put_address(
                    source,
                    ref,
                    state=REMOVED,
                    target_ref=None,
                    is_created=0,
                    target_hash="",
                )

    def _settle_intent(self, row: Row) -> None:
        """Find the customer whom a call made whose answer was lost."""
        if row["state"] != INTENT:
            return
        said = row["content"]
        sought = CustomerDraft(
            **{n: said.get(n, "") for n in ("first_name", "last_name", "email")}
        )
        silent = self._target.customer_losses
        for one in self._target.matching_customers(sought):
            is_new = one.ref not in row["known"]
            if is_new and is_alike(said, content_of(one.customer), silent):
                row.update(target_ref=one.ref, is_created=1)
                return
