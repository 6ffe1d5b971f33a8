"""Moves customers: to whom has the same e-mail, or else to a new one."""

from collections.abc import Sequence
from typing import Any

from core import Changes, Ref
from dialects.remote import Outcome, RemoteCustomer
from gateway.migrate.content import Content, Losses, content_of, digest, is_alike
from gateway.migrate.delta import GONE, SOURCE, Row, judged
from gateway.migrate.ledger import (
    ARRIVED,
    DONE,
    DROPPED,
    DUPLICATE,
    INTENT,
    REFUSED,
    reference,
)
from gateway.migrate.mover import Mover, arrived_as, customer_losses
from gateway.migrate.tally import Act


class Customers(Mover):
    """Moves one customer after another."""

    kind = "customer"

    def _of_ends(self) -> Losses:
        return customer_losses(self._source, self._target)

    def move(
        self, one: RemoteCustomer, theirs: RemoteCustomer | None
    ) -> tuple[Ref | None, bool]:
        """The customer at the target, and whether it was made just now.

        `theirs` is who was found there of whom the ledger knows.
        """
        row = self._ledger.customer(one.ref)
        if row and row["state"] == DROPPED:
            self._count(Act.UNCHANGED)
            return None, False
        if row and row["state"] in ARRIVED:
            found = content_of(theirs.customer) if theirs else None
            verdict = judged(row, content_of(one.customer), found, self._losses)
            if verdict != GONE or self._options.conflicts != SOURCE:
                if self._follow(one.ref, row, one.customer, found):
                    self._look_again(one.ref, reference(row["target_ref"]))
                return (reference(row["target_ref"]) if theirs else None), False
            self._forget(one.ref)
            for ref in self._ledger.addresses(one.ref):
                self._ledger.forget_address(one.ref, ref)
            row = None
        return self._place(one, row)

    def _place(self, one: RemoteCustomer, row: Row | None) -> tuple[Ref | None, bool]:
        """Find or make the one at the target."""
        content = content_of(one.customer)
        given = self._options.mappings.customers.get(str(one.ref))
        if given is not None:
            outcome = Outcome(ref=reference(given))
            self._count(Act.MERGED)
            self._put(one.ref, **arrived_as(content, outcome, DUPLICATE))
            return outcome.ref, False
        problem = self._policy_problem(content)
        if problem:
            self._refuse(one, problem)
            return None, False
        there = [*self._target.matching_customers(one.customer)]
        known = [other.ref for other in there]
        if row and row["state"] == INTENT:
            known = [reference(ref) for ref in row["known"]]
            arrived = self._arrived(content, known, there)
            if arrived is not None:
                outcome = Outcome(ref=arrived)
                self._count(Act.CREATED)
                self._put(one.ref, **arrived_as(content, outcome, DONE))
                return arrived, False
        if one.customer.email and known:
            return self._merge(one, known, there), False
        said = {"hash": digest(content), "content": content}
        self._put(one.ref, state=INTENT, known=known, problem="", **said)
        return self._added(one, self._target.add_customer(one, known))

    def _merge(
        self, one: RemoteCustomer, known: Sequence[Ref], there: Sequence[RemoteCustomer]
    ) -> Ref | None:
        """The one with the same e-mail; among several nobody is chosen."""
        if len(known) > 1:
            told = ", ".join(map(str, known))
            problem = f"several customers have this e-mail: {told}; map one by hand"
            self._refuse(one, problem)
            return None
        hashes = [digest(content_of(o.customer)) for o in there if o.ref == known[0]]
        outcome = Outcome(ref=known[0])
        content = content_of(one.customer)
        self._count(Act.MERGED)
        self._put(one.ref, **arrived_as(content, outcome, DUPLICATE, *hashes[:1]))
        return known[0]

    def _added(self, one: RemoteCustomer, outcome: Outcome) -> tuple[Ref | None, bool]:
        if outcome.ref is None or (outcome.problem and not outcome.is_duplicate):
            self._refuse(one, outcome.problem)
            return None, False
        state = DUPLICATE if outcome.is_duplicate else DONE
        self._count(Act.CREATED if state == DONE else Act.MERGED)
        self._put(one.ref, **arrived_as(content_of(one.customer), outcome, state))
        return outcome.ref, state == DONE

    def _refuse(self, one: RemoteCustomer, problem: str) -> None:
        self._count(Act.REFUSED)
        content = content_of(one.customer)
        said = {"hash": digest(content), "content": content}
        self._put(one.ref, state=REFUSED, problem=problem, **said)

    def _arrived(
        self, content: Content, known: Sequence[Ref], there: Sequence[RemoteCustomer]
    ) -> Ref | None:
        """The customer whom a call made whose answer was lost."""
        silent = {*self._losses.declared, *self._losses.untold}
        new = (
            one.ref
            for one in there
            if one.ref not in known
            and is_alike(content, content_of(one.customer), silent)
        )
        return next(new, None)

    def _look_again(self, key: Ref, ref: Ref) -> None:
        """Enter what the target says now."""
        theirs = self._target.customer(ref)
        if theirs is not None:
            self._put(key, target_hash=digest(content_of(theirs.customer)))

    def _put(self, key: Any, **values: Any) -> None:
        self._ledger.put_customer(key, **values)

    def _update(self, key: Any, ref: Ref, said: Changes) -> Outcome:
        return self._target.update_customer(ref, said)
