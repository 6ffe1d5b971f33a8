"""The address book: one unit of work on one shop's customers and addresses."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, cast

from core import statements
from core.address import (
    Address,
    Changes,
    Draft,
    Ref,
    altered,
    fingerprint,
    naming,
    sound,
    unstorable,
)
from core.alike import alike
from core.completed import Completed
from core.customers import Owner
from core.errors import Invalid, NotFound, Problem
from core.instants import to_microseconds
from core.query import Page, Query
from core.register import CustomerRegister
from core.rows import OUR_PLACES, ROW, SAID, WHOLE, Fields, new_row, reader, said_by
from core.unit import is_possible

PLACES = frozenset({"country", "region", "city"})
HOLDERS = (statements.HOLDS, statements.HOLDS_PUBLIC_ID)
Roles = tuple[bool, bool]
NO_ROLE = (False, False)


roles: Callable[[Draft], Roles] = attrgetter("default_billing", "default_shipping")
"""Whether an address is its customer's default for billing and for shipping."""


def kept(address: Address) -> dict[str, Any]:
    """What no change may name."""
    return {
        "id": address.id,
        "public_id": address.public_id,
        "customer_id": address.customer_id,
        "created_at": address.created_at,
    }


class AddressBook(CustomerRegister):
    """One unit of work, for one dialect and one shop; leaving it commits.

    Every id that goes in or comes out is what the dialect calls the thing. A book
    opened `within` a customer holds that customer's addresses and no others. What a
    book that writes has read is locked against other writers until it is left.
    """

    def get(self, ref: Ref, fields: Fields = WHOLE) -> Address:
        """The address. Raises NotFound for it, or for the customer it is sought of.

        Where few `fields` are asked for, it has no others.
        """
        row = None
        if is_possible(ref) and is_possible(self._within):
            locks = self._connection.locks
            row = self._connection.one(
                statements.get(
                    self._renamed, naming(ref), self._within_by, locks, fields
                ),
                ref=ref,
                **self._scope,
                **self._narrow,
            )
        if row is None:
            self._require_customer()
            raise NotFound("address", ref)
        return reader(fields)(row)

    def find(self, query: Query, fields: Fields = WHOLE) -> Page[Address]:
        """The addresses that match, and how many there are in all.

        Where few `fields` are asked for, they have no others: a page is read sooner.
        """
        if not is_possible(self._within):
            raise NotFound("customer", self._within)
        rows, total = self._found(statements.things(fields), query)
        if not total:
            self._require_customer()
        return Page(items=[*map(reader(fields), rows)], total=total)

    def twins(self, drafts: Sequence[Draft]) -> list[Draft | None]:
        """For each draft what says the same: an address of its customer's, or an
        earlier one of the drafts.

        The customers are locked, so the answer is still true when the drafts are
        stored. Raises Invalid as `add_many`.
        """
        problems: list[Problem] = []
        owners, wholes = self._checked(drafts, problems)
        if problems:
            raise Invalid(sorted(problems, key=lambda problem: problem.index))
        self._judged |= {id(whole.given): whole for whole in wholes.values()}
        pairs = {(owner.id, wholes[n].fingerprint) for n, owner in enumerate(owners)}
        stored = alike(
            self._connection, sorted(pairs), self._scope, renamed=self._renamed
        )
        found: list[Draft | None] = []
        for n, draft in enumerate(drafts):
            same = stored.setdefault((owners[n].number, *wholes[n].identity), [])
            mine = getattr(draft, "id", None)
            others = [one for one in same if getattr(one, "id", 0) != mine]
            found.append(others[0] if others else None)
            same.append(draft)
        return found

    def add_many(self, drafts: Sequence[Draft]) -> list[Address]:
        """Store every draft, or none. Raises Invalid with the problems of all.

        A draft that is an Address already, on another platform, keeps its ids and its
        history; "taken" is the problem when something else has them.
        """
        problems: list[Problem] = []
        owners, wholes = self._checked(drafts, problems)
        numbers = self._numbers("address", HOLDERS, drafts, problems)
        if problems:
            raise Invalid(sorted(problems, key=lambda problem: problem.index))
        now, shop = self._now(), self._scope["shop"]
        added, rows = [], []
        for n, id in enumerate(numbers):
            owner, whole = owners[n], wholes[n]
            address = self._identified(whole, id, owner, now)
            added.append(address)
            rows.append(new_row(address, whole, shop=shop, id=id, customer_id=owner.id))
        self._connection.add(statements.ADD, "addresses", ROW, rows)
        for address in added:
            if roles(address) != NO_ROLE:
                self._set_roles(address, NO_ROLE, roles(address))
        return self._settled(added)

    def add_alone(self, draft: Draft) -> Address:
        """Store a draft as `add_many` does; nothing may follow in this unit of work.

        Where one statement can do that it is the whole unit.
        """
        address = None
        if not self._renamed and type(draft) is Draft and roles(draft) == NO_ROLE:
            address = self._added_at_once(draft)
        if address is None:
            # Perhaps there is a problem, or more to do.
            [address] = self.add_many([draft])
        return address

    def _added_at_once(self, draft: Draft) -> Address | None:
        ref = draft.customer_id if self._within is None else self._within
        if not is_possible(ref) or unstorable(draft):
            return None
        try:
            whole = self.places.complete(draft)
        except Invalid:
            return None
        shop = self._scope["shop"]
        address = self._identified(whole, 0, Owner(0, 0), self._now())
        row = new_row(address, whole, shop=shop, id=0, customer_id=0)
        numbers = self._connection.alone(
            statements.add_alone(naming(ref), self._connection.is_sqlite),
            customer=ref,
            shop=shop,
            **dict(zip(ROW, row, strict=True)),
        )
        if numbers is None:
            return None
        id, customer_id = numbers
        return sound(Address, {**vars(address), "id": id, "customer_id": customer_id})

    def update_many(self, changes: Sequence[tuple[Address, Changes]]) -> list[Address]:
        """Change addresses that this book has read, all or none.

        An address keeps what its changes do not name, and always its ids and its
        customer. Raises Invalid as `add_many`.
        """
        now = self._now()
        updated = [
            altered(old, **change, **kept(old), updated_at=now)
            for old, change in changes
        ]
        problems = self._unstorable(dict(enumerate(updated)))
        moved = {
            n: updated[n]
            for n, (_, change) in enumerate(changes)
            if not PLACES.isdisjoint(change)
        }
        wholes = self._complete(moved, problems)
        if problems:
            raise Invalid(sorted(problems, key=lambda problem: problem.index))
        for n, (old, _) in enumerate(changes):
            row: dict[str, Any] = {"updated_at": to_microseconds(now)}
            if n in wholes:
                updated[n] = cast("Address", wholes[n].draft)
                row |= zip(OUR_PLACES, wholes[n].places.numbers, strict=True)
                row["fingerprint"] = wholes[n].fingerprint
            else:
                row["fingerprint"] = fingerprint(updated[n])
            row |= zip(SAID, said_by(updated[n]), strict=True)
            self._connection.run(
                statements.store(self._renamed, n in wholes),
                ref=old.id,
                **self._scope,
                **{f"to_{name}": value for name, value in row.items()},
            )
            self._set_roles(updated[n], roles(old), roles(updated[n]))
        return self._settled(updated)

    def remove_many(self, addresses: Sequence[Address]) -> None:
        """Remove addresses that this book has read, with the roles they held."""
        for address in addresses:
            self._set_roles(address, roles(address), NO_ROLE)
            self._connection.run(
                statements.remove(self._renamed), ref=address.id, **self._scope
            )

    def _complete(
        self, drafts: Mapping[int, Draft], problems: list[Problem]
    ) -> dict[int, Completed]:
        """The drafts with whole places, but for those that have problems."""
        unstorable = {p.index for p in problems if p.path in PLACES}
        places = self.places
        wholes = {}
        for index, draft in drafts.items():
            if index in unstorable:
                continue
            try:
                wholes[index] = places.complete(draft, index)
            except Invalid as invalid:
                problems += invalid.problems
        return wholes

    def _checked(
        self, drafts: Sequence[Draft], problems: list[Problem]
    ) -> tuple[list[Owner], dict[int, Completed]]:
        """Each draft's customer, and the drafts with whole places, but for those that
        have problems."""
        wholes = self._known(drafts)
        new = {n: draft for n, draft in enumerate(drafts) if n not in wholes}
        problems += self._unstorable(new)
        owners = self._owners(drafts, problems)
        return owners, wholes | self._complete(new, problems)

    def _known(self, drafts: Sequence[Draft]) -> dict[int, Completed]:
        """Those of the drafts that were judged before."""
        known = {n: self._judged.get(id(draft)) for n, draft in enumerate(drafts)}
        # An id says nothing of a draft that is gone.
        return {n: one for n, one in known.items() if one and one.given is drafts[n]}

    def _unstorable(self, drafts: Mapping[int, Draft]) -> list[Problem]:
        return [
            Problem(name, "unstorable", index)
            for index, draft in drafts.items()
            for name in unstorable(draft)
        ]

    def _identified(
        self, whole: Completed, id: int, owner: Owner, now: datetime
    ) -> Address:
        """The draft as the address that it becomes."""
        if isinstance(whole.given, Address):
            draft = cast("Address", whole.draft_of(owner.number))
            return altered(draft, public_id=draft.public_id or self._new_id("adr"))
        said = {
            **vars(whole.given),
            "customer_id": owner.number,
            "country": whole.places.country,
            "region": whole.places.region,
            "city": whole.places.city,
            "id": id,
            "public_id": self._new_id("adr"),
            "created_at": now,
            "updated_at": now,
        }
        return sound(Address, said)

    def _set_roles(self, address: Address, old: Roles, new: Roles) -> None:
        """Make the address its customer's default in the new roles, and no others."""
        if old != new:
            self._connection.run(
                statements.set_defaults(self._renamed),
                ref=address.id,
                customer=address.customer_id,
                billing=int(new[0]),
                shipping=int(new[1]),
                **self._scope,
            )

    def _settled(self, addresses: list[Address]) -> list[Address]:
        """The addresses as they stand, where one may have taken a role from another."""
        if len(addresses) == 1 or {*map(roles, addresses)} <= {NO_ROLE}:
            return addresses
        return [self.get(address.id) for address in addresses]
