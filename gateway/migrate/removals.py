"""Deals with customers who are not at the source any more."""

from collections import Counter
from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet

from core import Ref
from dialects.remote import Outcome, RemoteAddress, RemoteCustomer
from gateway.migrate.content import content_of
from gateway.migrate.customers import Customers
from gateway.migrate.delta import Row
from gateway.migrate.errors import MigrationError
from gateway.migrate.ledger import ARRIVED, reference
from gateway.migrate.mover import NOT_OURS, address_losses, chunks, owned
from gateway.migrate.tally import Act
from gateway.migrate.traces import is_untouched

AHEAD = 50
"""How many customers of the target are read at a time."""
SHARED = "another customer of the source was moved to the same one"
NOT_BARE = "there are addresses that no run made, or that somebody has changed"
NONE_LISTED = (
    "the source lists no customer any more, so nothing is deleted; see whether it is"
    " the right one, and its key may read customers, or run without --removed delete"
)


class Removals(Customers):
    """Tells who is gone at the source, or deletes them at the target.

    Only who was made by a run, and whose everything is as a run left it, is deleted.
    """

    def gone(self, seen: AbstractSet[Ref]) -> None:
        """Deal with those who are not among those `seen`. Raises MigrationError."""
        rows = self._ledger.customers()
        self._moved = Counter(row["target_ref"] for row in rows)
        gone = [
            row
            for row in rows
            if row["state"] in ARRIVED and reference(row["source_ref"]) not in seen
        ]
        if gone and not seen and self._options.deletes:
            raise MigrationError(NONE_LISTED)
        for some in chunks(gone, AHEAD):
            refs = {reference(row["target_ref"]) for row in some}
            there = {one.ref: one for one in self._target.customers_of([*refs])}
            for row in some:
                self._settle(row, there.get(reference(row["target_ref"])))

    def _settle(self, row: Row, theirs: RemoteCustomer | None) -> None:
        key = reference(row["source_ref"])
        moved = [*arrived(self._ledger.addresses(key).items())]
        if theirs is None:
            self._forget_all(key, moved, Act.REMOVED)
            return
        why = self._delete(row, theirs) if self._options.deletes else ""
        if why is None:
            self._forget_all(key, moved, Act.DELETED)
            return
        self._tally.count("address", Act.REMOVED, len(moved))
        self._leave(key, row, why)

    def _delete(self, row: Row, theirs: RemoteCustomer) -> str | None:
        """Why the customer is not deleted; nothing, if that is done."""
        if not is_untouched(row, content_of(theirs.customer), self._losses):
            return NOT_OURS
        if self._moved[row["target_ref"]] > 1:
            return SHARED
        if not self._is_bare(row, owned(self._target, [theirs.ref], self._places)):
            return NOT_BARE
        try:
            outcome = self._target.remove_customer(theirs.ref)
        except NotImplementedError:
            outcome = Outcome(problem="the platform removes no customers")
        return outcome.problem or None

    def _is_bare(self, row: Row, there: dict[Ref, list[RemoteAddress]]) -> bool:
        """Whether all addresses at the target are as runs have made them."""
        losses = address_losses(self._source, self._target)
        rows = self._ledger.addresses(reference(row["source_ref"])).values()
        ours = {reference(one["target_ref"]): one for one in rows if one["target_ref"]}
        return all(
            one.ref in ours
            and is_untouched(ours[one.ref], content_of(one.draft), losses)
            for found in there.values()
            for one in found
        )

    def _forget_all(self, key: Ref, moved: Collection[Ref], act: Act) -> None:
        """Enter that neither end has the customer any more, nor the addresses."""
        with self._ledger.unit():
            for ref in moved:
                self._ledger.forget_address(key, ref)
            self._forget(key)
        self._count(act)
        self._tally.count("address", act, len(moved))


def arrived(rows: Iterable[tuple[Ref, Row]]) -> Iterable[Ref]:
    """The references of those that are at the target."""
    return (ref for ref, row in rows if row["state"] in ARRIVED)
