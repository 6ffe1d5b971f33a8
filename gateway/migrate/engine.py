"""Moves customers and their addresses from one end to the other, exactly once.

What is about to be written is entered in the ledger before the call, with what was at
the target by then; what came of it, after. An entry without a result is looked for at
the target before anything is written again.
"""

from collections.abc import Sequence
from itertools import islice

from core import CustomerDraft, Draft, Ref
from dialects.remote import RemoteAddress, RemoteCustomer
from gateway.migrate.addresses import Addresses
from gateway.migrate.content import content_of, digest
from gateway.migrate.delta import Row
from gateway.migrate.ends import End
from gateway.migrate.ledger import ARRIVED, DONE, DUPLICATE, Ledger, reference
from gateway.migrate.mapping import Places
from gateway.migrate.mover import Options, chunks, owned
from gateway.migrate.removals import Removals
from gateway.migrate.tally import Act, Tally

AHEAD = 50
"""How many customers are read at a time, with their addresses."""


class Migration:
    """One run from a source to a target, or the going on with one."""

    def __init__(
        self, source: End, target: End, ledger: Ledger, options: Options, places: Places
    ) -> None:
        self._source, self._target, self._ledger = source, target, ledger
        self._options, self._places = options, places
        self.tally = Tally()
        given = source, target, ledger, options, places, self.tally
        self._customers, self._addresses = Removals(*given), Addresses(*given)
        self._known: dict[Ref, RemoteCustomer] = {}
        self._there: dict[Ref, list[RemoteAddress]] = {}

    def run(self) -> None:
        """Move what is not at the target yet, and what has changed since it was."""
        seen: set[Ref] = set()
        options = self._options
        found = islice(self._source.customers(options.since), options.limit)
        for some in chunks(found, AHEAD):
            moved = owned(self._source, [one.ref for one in some], self._places)
            left = [one for one in some if not self._is_settled(one, moved[one.ref])]
            self._look(left)
            for customer in left:
                self.move(customer, moved[customer.ref])
                options.progress(len(seen) + left.index(customer) + 1)
            seen |= moved.keys()
            options.progress(len(seen))
        if not options.limit and not options.since:
            self._customers.gone(seen)

    def move(self, customer: RemoteCustomer, addresses: list[RemoteAddress]) -> None:
        """Move a customer with the addresses."""
        theirs = self._known.get(self._partner(customer.ref))  # type: ignore[arg-type]
        owner, is_new = self._customers.move(customer, theirs)
        if owner is None:
            self._addresses.refuse_all(customer.ref, addresses)
            return
        there = [] if is_new else self._there.pop(owner, None)
        if there is None:
            there = owned(self._target, [owner], self._places)[owner]
        if not self._addresses.move(customer.ref, owner, addresses, there):
            self._there[owner] = there

    def _is_settled(
        self, customer: RemoteCustomer, addresses: Sequence[RemoteAddress]
    ) -> bool:
        """Whether nothing is left to do, as far as is known without the target."""
        if not self._options.is_resumed:
            return False
        rows = self._ledger.addresses(customer.ref)
        is_settled = (
            is_up_to_date(self._ledger.customer(customer.ref), customer.customer)
            and {one.ref for one in addresses} == rows.keys()
            and all(is_up_to_date(rows[one.ref], one.draft) for one in addresses)
        )
        if is_settled:
            self.tally.count("customer", Act.UNCHANGED)
            self.tally.count("address", Act.UNCHANGED, len(addresses))
        return is_settled

    def _look(self, some: Sequence[RemoteCustomer]) -> None:
        """Read what is at the target of those who were moved before."""
        partners = [self._partner(one.ref) for one in some]
        owners = [*dict.fromkeys(ref for ref in partners if ref is not None)]
        self._known = {one.ref: one for one in self._target.customers_of(owners)}
        self._there = owned(self._target, [*self._known], self._places)

    def _partner(self, ref: Ref) -> Ref | None:
        """Whom the ledger has at the target for a customer."""
        row = self._ledger.customer(ref)
        if row is None or row["state"] not in ARRIVED:
            return None
        return reference(row["target_ref"])


def is_up_to_date(row: Row | None, thing: Draft | CustomerDraft) -> bool:
    """Whether it was moved as it is."""
    if row is None or row["state"] not in (DONE, DUPLICATE):
        return False
    return bool(row["hash"] == digest(content_of(thing)))
