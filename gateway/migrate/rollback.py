"""Removes what a run has made, newest first, and nothing else."""

from collections.abc import Callable, Sequence
from typing import Any

from core import CustomerDraft, Ref
from gateway.migrate.content import content_of, is_alike
from gateway.migrate.ends import End
from gateway.migrate.ledger import INTENT, REMOVED, Ledger, reference
from gateway.migrate.mapping import Places

Row = dict[str, Any]


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
        self.left: list[str] = []

    def run(self) -> None:
        """Undo what was made for each customer of the source, newest first."""
        for done, row in enumerate(reversed(self._ledger.customers()), 1):
            self._settle_intent(row)
            self._undo(row)
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
        refs = [ours[ref] for ref in present]
        outcomes = self._target.remove_addresses(owner, refs)
        gone = []
        for ref, outcome in zip(present, outcomes, strict=True):
            if outcome.problem:
                self.left.append(f"address {ours[ref]}: {outcome.problem}")
            else:
                gone.append(ref)
        self._note_addresses(source, gone)

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
