"""The target as it would be: it is read, and what is written goes to a scratch shop.

Whoever is written to is put into the scratch shop first, as the target has them, and is
read there from then on. So it is told what would be refused, and what would come of it.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from core import Changes, CustomerDraft, PublicId, Ref
from dialects.remote import Outcome, RemoteAddress, RemoteCustomer
from gateway.migrate.ends import End
from gateway.migrate.mapping import Places

FIRST = 10**9
"""The numbers in the scratch shop of what is there before: they take nobody's."""
NOT_HELD = "a rehearsal cannot hold what the target has there"


class Names:
    """What the target and the scratch shop call the same thing."""

    def __init__(self) -> None:
        self.ours: dict[Ref, Ref] = {}
        self._theirs: dict[Ref, Ref] = {}

    def pair(self, theirs: Ref, ours: Ref) -> None:
        """Let both names be of one thing."""
        self.ours[theirs], self._theirs[ours] = ours, theirs

    def theirs(self, ours: Ref) -> Ref:
        """The target's name; for what is new, one that nothing has yet."""
        if ours not in self._theirs:
            self.pair(PublicId(f"new-{len(self.ours) + 1}"), ours)
        return self._theirs[ours]


class Mirror(End):
    """A target that is only read, with a scratch shop that is written to.

    What the scratch shop does not take of what the target has is `kept`, and stays as
    it is. `aside` are the calls that a run would not make: to put there what was there,
    and to look there after the target was asked.
    """

    def __init__(self, real: End, scratch: End, places: Places) -> None:
        self.title, self.dialect, self.batch = real.title, real.dialect, real.batch
        self._real, self._scratch, self._places = real, scratch, places
        self._owners, self._addresses = Names(), Names()
        self._kept: dict[Ref, list[RemoteAddress]] = {}
        self._numbers = count(FIRST)
        self.aside = 0

    def count(self) -> int | None:
        return self._real.count()

    def customers(self, since: Any = None) -> Iterator[RemoteCustomer]:
        return self._real.customers(since)

    def customer(self, ref: Ref) -> RemoteCustomer | None:
        ours = self._owners.ours.get(ref)
        if ours is None:
            return self._real.customer(ref)
        found = self._scratch.customer(ours)
        return replace(found, ref=ref) if found else None

    def customers_of(self, refs: Sequence[Ref]) -> Iterator[RemoteCustomer]:
        yield from self._real.customers_of(self._untouched(refs))
        for ref in refs:
            if ref in self._owners.ours and (found := self.customer(ref)):
                yield found

    def matching_customers(self, customer: CustomerDraft) -> Iterator[RemoteCustomer]:
        for one in self._real.matching_customers(customer):
            if one.ref not in self._owners.ours:
                yield one
        before = self._scratch.calls
        made = [*self._scratch.matching_customers(customer)]
        self.aside += self._scratch.calls - before
        for one in made:
            yield replace(one, ref=self._owners.theirs(one.ref))

    def addresses_of(self, refs: Sequence[Ref]) -> Iterator[RemoteAddress]:
        yield from self._real.addresses_of(self._untouched(refs))
        theirs = {
            self._owners.ours[ref]: ref for ref in refs if ref in self._owners.ours
        }
        for ref in theirs.values():
            yield from self._kept.get(ref, ())
        for one in self._scratch.addresses_of([*theirs]):
            owner = theirs[one.customer_ref]
            yield replace(one, ref=self._addresses.theirs(one.ref), customer_ref=owner)

    def add_customer(self, moved: RemoteCustomer, known: Collection[Ref]) -> Outcome:
        if problem := self._real.refuses(moved):
            return Outcome(problem=problem)
        ours = [self._owners.ours[ref] for ref in known if ref in self._owners.ours]
        return self._named(self._owners, self._scratch.add_customer(moved, ours))

    def add_addresses(
        self, owner: Ref, moved: Sequence[RemoteAddress], known: Collection[Ref]
    ) -> list[Outcome]:
        problem = self._brought(owner)
        if problem:
            return [Outcome(problem=problem)] * len(moved)
        names = self._addresses.ours
        ours = [names[ref] for ref in known if ref in names]
        refused = {one.ref: self._real.refuses(one) for one in moved}
        fit = [one for one in moved if not refused[one.ref]]
        made = iter(self._scratch.add_addresses(self._owners.ours[owner], fit, ours))
        return [
            Outcome(problem=refused[one.ref])
            if refused[one.ref]
            else self._named(self._addresses, next(made))
            for one in moved
        ]

    def update_customer(self, ref: Ref, changes: Changes) -> Outcome:
        problem = self._brought(ref)
        if problem:
            return Outcome(ref=ref, problem=problem)
        outcome = self._scratch.update_customer(self._owners.ours[ref], changes)
        return replace(outcome, ref=ref)

    def update_address(self, owner: Ref, ref: Ref, changes: Changes) -> Outcome:
        problem = self._brought(owner)
        ours = self._addresses.ours.get(ref)
        if problem or ours is None:
            return Outcome(ref=ref, problem=problem or NOT_HELD)
        scratch = self._owners.ours[owner]
        outcome = self._scratch.update_address(scratch, ours, changes)
        return replace(outcome, ref=ref)

    def remove_customer(self, ref: Ref) -> Outcome:
        problem = self._brought(ref)
        if problem:
            return Outcome(ref=ref, problem=problem)
        outcome = self._scratch.remove_customer(self._owners.ours[ref])
        return replace(outcome, ref=ref)

    def remove_addresses(self, owner: Ref, refs: Sequence[Ref]) -> list[Outcome]:
        problem = self._brought(owner)
        if problem:
            return [Outcome(ref=ref, problem=problem) for ref in refs]
        names, scratch = self._addresses.ours, self._owners.ours[owner]
        held = [ref for ref in refs if ref in names]
        found = self._scratch.remove_addresses(scratch, [names[ref] for ref in held])
        done = dict(zip(held, found, strict=True))
        unheld = Outcome(problem=NOT_HELD)
        return [replace(done.get(ref, unheld), ref=ref) for ref in refs]

    def _untouched(self, refs: Sequence[Ref]) -> list[Ref]:
        """Those of whom the target itself still tells the truth."""
        return [ref for ref in refs if ref not in self._owners.ours]

    def _named(self, names: Names, outcome: Outcome) -> Outcome:
        """The outcome by the target's names."""
        if outcome.ref is None:
            return outcome
        return replace(outcome, ref=names.theirs(outcome.ref))

    def _brought(self, owner: Ref) -> str:
        """Put a customer with all addresses into the scratch shop, unless done; why
        that cannot be."""
        if owner in self._owners.ours:
            return ""
        before = self._scratch.calls
        found = self._real.customer(owner)
        if found is None:
            return "the customer is gone at the target"
        made = self._scratch.add_customer(self._numbered(found), ())
        if made.ref is None or made.problem:
            return f"{NOT_HELD}: {made.problem}"
        self._owners.pair(owner, made.ref)
        there = [self._places.whole(one) for one in self._real.addresses_of([owner])]
        moved = [self._numbered(one) for one in there]
        outcomes = self._scratch.add_addresses(made.ref, moved, ())
        for one, outcome in zip(there, outcomes, strict=True):
            if outcome.ref is None or outcome.problem:
                self._kept.setdefault(owner, []).append(one)
            else:
                self._addresses.pair(one.ref, outcome.ref)
        self.aside += self._scratch.calls - before
        return ""

    def _numbered(self, one: Any) -> Any:
        """The same by a number that nothing of the source has."""
        return replace(one, ref=next(self._numbers))
