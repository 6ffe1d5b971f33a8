"""Removes what the runs have made, newest first, and gives back what they overwrote.

Whatever was done is entered after it was done, and what is found to be so already is
not done again; so it can be interrupted, and gone on with.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core import CustomerDraft, Draft, Ref
from dialects.remote import Outcome
from gateway.migrate.content import (
    Content,
    Losses,
    content_of,
    customer_of,
    draft_of,
    is_alike,
)
from gateway.migrate.delta import PLACES
from gateway.migrate.ends import End
from gateway.migrate.ledger import FORGOTTEN, INTENT, UNDONE, Ledger, reference
from gateway.migrate.mapping import Places
from gateway.migrate.traces import changed_since

Row = dict[str, Any]
Rows = Mapping[Ref, Row]
Held = Mapping[Ref, Content]
TAKEN_BACK = {**FORGOTTEN, "state": UNDONE}
SOMEBODYS = "a run made it, and somebody has changed it"


class Rollback:
    """The undoing of runs; `left` tells what stays at the target, and why.

    What a run made and somebody has changed stays, unless it `takes_changed`.
    """

    def __init__(
        self,
        target: End,
        ledger: Ledger,
        places: Places,
        progress: Callable[[int], object] = lambda _done: None,
        *,
        takes_changed: bool = False,
    ) -> None:
        self._target, self._ledger, self._places = target, ledger, places
        self._progress, self._takes_changed = progress, takes_changed
        own = target.dialect.name if target.dialect else ""
        self._losses = {
            "address": Losses(declared=target.losses, own=own),
            "customer": Losses(declared=target.customer_losses, own=own),
        }
        self.removed = {"customers": 0, "addresses": 0}
        self.restored = 0
        self.left: list[str] = []

    def run(self) -> None:
        """Undo what was done for each customer of the source, newest first."""
        for done, row in enumerate(reversed(self._ledger.customers()), 1):
            self._settle_intent(row)
            self._undo(row)
            self._progress(done)

    def _undo(self, row: Row) -> None:
        """Undo what was done for a customer; who was there before comes last."""
        source = reference(row["source_ref"])
        rows = self._ledger.addresses(source)
        if row["target_ref"] is None:
            self._note(source, [r for r in rows if rows[r]["state"] == INTENT])
            if row["state"] == INTENT:
                self._ledger.put_customer(source, **TAKEN_BACK)
            return
        owner = reference(row["target_ref"])
        there = self._addresses(owner)
        self._settle_intents(rows, there)
        for ref, one in rows.items():
            if self._is_to_restore(one):
                self._restore_address(source, owner, ref, one, there)
        taken = self._taken(rows, there)
        is_bare = there.keys() <= {reference(rows[ref]["target_ref"]) for ref in taken}
        if row["is_created"] and self._takes(row, owner, is_bare=is_bare):
            present = [r for r in taken if reference(rows[r]["target_ref"]) in there]
            self.removed["addresses"] += len(present)
            self._note(source, taken)
            self._ledger.put_customer(source, **TAKEN_BACK)
            return
        self._remove(source, owner, taken, rows, there)
        if self._is_to_restore(row):
            self._restore_customer(row, owner)

    def _addresses(self, owner: Ref) -> dict[Ref, Content]:
        """What the addresses of a customer of the target say."""
        found = map(self._places.whole, self._target.addresses_of([owner]))
        return {one.ref: content_of(one.draft) for one in found}

    def _taken(self, rows: Rows, there: Held) -> list[Ref]:
        """The addresses that are to go, newest first, and those that are gone."""
        taken = []
        for ref, one in reversed([*rows.items()]):
            if one["is_created"] and one["target_ref"] is not None:
                found = there.get(reference(one["target_ref"]))
                if found is None or not self._stays("address", one, found):
                    taken.append(ref)
        return taken

    def _takes(self, row: Row, owner: Ref, *, is_bare: bool) -> bool:
        """Whether a customer whom a run made is gone then, with all addresses."""
        theirs = self._target.customer(owner)
        if theirs is None:
            return True
        if self._stays("customer", row, content_of(theirs.customer)):
            return False
        if not is_bare:
            told = "has addresses that no run made, or that stay"
            self.left.append(f"customer {owner}: {told}")
            return False
        try:
            outcome = self._target.remove_customer(owner)
        except NotImplementedError:
            outcome = Outcome(problem="the platform removes no customers")
        if outcome.problem:
            self.left.append(f"customer {owner}: {outcome.problem}")
            return False
        self.removed["customers"] += 1
        return True

    def _stays(self, kind: str, row: Row, found: Content) -> bool:
        """Whether it is left because somebody has changed what a run made."""
        changed = changed_since(row, found, self._losses[kind])
        if self._takes_changed or not (changed or row["former"]):
            return False
        fields = f" ({', '.join(sorted(changed))})" if changed else ""
        self.left.append(f"{kind} {row['target_ref']}: {SOMEBODYS}{fields}")
        return True

    def _remove(
        self, source: Ref, owner: Ref, taken: Sequence[Ref], rows: Rows, there: Held
    ) -> None:
        """Remove addresses; what is gone already is entered as well."""
        targets = {ref: reference(rows[ref]["target_ref"]) for ref in taken}
        present = [ref for ref in taken if targets[ref] in there]
        gone = [ref for ref in taken if targets[ref] not in there]
        refs = [targets[ref] for ref in present]
        outcomes = self._target.remove_addresses(owner, refs) if refs else []
        for ref, outcome in zip(present, outcomes, strict=True):
            if outcome.problem:
                self.left.append(f"address {targets[ref]}: {outcome.problem}")
            else:
                self.removed["addresses"] += 1
                gone.append(ref)
        self._note(source, gone)

    def _is_to_restore(self, row: Row) -> bool:
        """Whether a run overwrote what stood there, and it is not to go anyway."""
        if row["former"] is None or row["target_ref"] is None:
            return False
        return not (row["is_created"] and self._takes_changed)

    def _restore_address(
        self, source: Ref, owner: Ref, ref: Ref, row: Row, there: Held
    ) -> None:
        """Let an address say again what it said before a run overwrote it."""
        target, former = reference(row["target_ref"]), draft_of(row["former"])

        def restore(said: Mapping[str, Any]) -> Outcome:
            return self._target.update_address(owner, target, said)

        if self._restore("address", row, there.get(target), former, restore):
            self._note(source, [ref])

    def _restore_customer(self, row: Row, owner: Ref) -> None:
        """The same with a customer."""
        theirs = self._target.customer(owner)
        found = content_of(theirs.customer) if theirs else None
        former = customer_of(row["former"])

        def restore(said: Mapping[str, Any]) -> Outcome:
            return self._target.update_customer(owner, said)

        if self._restore("customer", row, found, former, restore):
            # What stays of the addresses is looked for there.
            said = {**TAKEN_BACK, "target_ref": row["target_ref"]}
            self._ledger.put_customer(reference(row["source_ref"]), **said)

    def _restore(
        self,
        kind: str,
        row: Row,
        found: Content | None,
        former: Draft | CustomerDraft,
        restore: Callable[[Mapping[str, Any]], Outcome],
    ) -> bool:
        """Whether all is undone; of what a run made itself, the making is not."""
        what = f"{kind} {row['target_ref']}"
        if found is None or changed_since(row, found, self._losses[kind]):
            if not row["is_created"]:
                told = "has changed since, and stays as it is" if found else "is gone"
                self.left.append(f"{what}: it {told}")
            return False
        names = {n for n in {*row["former"], *found} if differs(n, row, found)}
        names |= {*PLACES} if names & {*PLACES} else set()
        if names:
            outcome = restore({name: getattr(former, name) for name in names})
            if outcome.problem:
                self.left.append(f"{what}: {outcome.problem}")
                return False
            self.restored += 1
        return not row["is_created"]

    def _note(self, source: Ref, refs: Sequence[Ref]) -> None:
        """Enter that addresses are as if no run had been."""
        with self._ledger.unit():
            for ref in refs:
                self._ledger.put_address(source, ref, **TAKEN_BACK)

    def _settle_intents(self, rows: Rows, there: Held) -> None:
        """Find the addresses which a call made whose answer was lost."""
        claimed = {
            reference(one["target_ref"]) for one in rows.values() if one["target_ref"]
        }
        for one in rows.values():
            if one["state"] != INTENT:
                continue
            new = (r for r in there if r not in one["known"] and r not in claimed)
            silent = self._target.losses
            found = (r for r in new if is_alike(one["content"], there[r], silent))
            # Where there is none it is entered as undone, as what is gone is.
            one.update(is_created=1, target_ref=next(found, GONE))
            claimed.add(one["target_ref"])

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


GONE = -1
"""No thing's reference."""


def differs(name: str, row: Row, found: Content) -> bool:
    """Whether a field says something else than it did before a run overwrote it."""
    return bool(row["former"].get(name) != found.get(name))
