"""The address book: one unit of work on one shop's customers and addresses."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, cast

from core import customers, statements
from core.address import Address, Changes, Draft, Ref, is_storable, naming, unstorable
from core.counters import take
from core.customers import Owner
from core.errors import Invalid, NotFound, Problem
from core.gazetteer import Completed, Gazetteer
from core.instants import to_microseconds
from core.names import claim
from core.query import Page, Query, paging, shape, values
from core.rows import address_from_row, row_from_draft
from core.shop import Customer, CustomerDraft, Shop
from core.sql import Connection, Statement

PLACES = frozenset({"country", "region", "city"})
DRAFTED = tuple(field.name for field in fields(Draft))
INTRODUCED = tuple(field.name for field in fields(CustomerDraft))
HOLDS = {
    "address": (statements.HOLDS, statements.HOLDS_PUBLIC_ID),
    "customer": (customers.HOLDS, customers.HOLDS_PUBLIC_ID),
}
Roles = tuple[bool, bool]
NO_ROLE = (False, False)


def roles(address: Address) -> Roles:
    """Whether the address is its customer's default for billing and for shipping."""
    return address.default_billing, address.default_shipping


def kept(address: Address) -> dict[str, Any]:
    """What no change may name."""
    return {
        "id": address.id,
        "public_id": address.public_id,
        "customer_id": address.customer_id,
        "created_at": address.created_at,
    }


def our_places(whole: Completed) -> dict[str, int | None]:
    """The columns of an address that hold our numbers of its places."""
    return {
        "country_id": whole.country_id,
        "region_id": whole.region_id,
        "city_id": whole.city_id,
    }


def is_possible(ref: Ref | None) -> bool:
    """Whether something could have the reference: numbers are of 64 bits."""
    if isinstance(ref, str):
        return is_storable(ref)
    return ref is None or -(2**63) <= ref < 2**63


class AddressBook:
    """One unit of work, for one dialect and one shop; leaving it commits.

    Every id that goes in or comes out is what the dialect calls the thing. A book
    opened `within` a customer holds that customer's addresses and no others. What a
    book that writes has read is locked against other writers until it is left.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        shop: Shop,
        dialect: str,
        within: Ref | None,
        now: Callable[[], datetime],
        new_id: Callable[[str], str],
    ) -> None:
        self._connection = connection
        self._renamed = dialect in shop.renamed
        self._closed = dialect in shop.closed
        self._within = within
        self._now = now
        self._new_id = new_id
        self._scope: dict[str, Any] = {"shop": shop.id, "dialect": dialect}
        self._within_by = None if within is None else naming(within)
        self._narrow = {} if within is None else {"customer": within}

    @property
    def places(self) -> Gazetteer:
        """The places that the shop knows."""
        return Gazetteer(
            self._connection,
            **self._scope,
            renamed=self._renamed,
            closed=self._closed,
        )

    def get(self, ref: Ref) -> Address:
        """The address. Raises NotFound for it, or for the customer it is sought of."""
        row = None
        if is_possible(ref) and is_possible(self._within):
            locks = self._connection.writes
            row = self._connection.one(
                statements.get(self._renamed, naming(ref), self._within_by, locks),
                ref=ref,
                **self._scope,
                **self._narrow,
            )
        if row is None:
            self._require_customer()
            raise NotFound("address", ref)
        return address_from_row(row)

    def find(self, query: Query) -> Page[Address]:
        """The addresses that match, and how many there are in all."""
        if not is_possible(self._within):
            raise NotFound("customer", self._within)
        which = (self._renamed, self._within_by, shape(query))
        sought = {**self._scope, **self._narrow, **values(query)}
        rows = self._connection.all(
            statements.find(*which, tuple(query.order), self._connection.writes),
            **paging(query),
            **sought,
        )
        total = query.offset + len(rows)
        if len(rows) == query.limit or (query.offset and not rows):
            [total] = self._connection.one(statements.count(*which), **sought) or [0]
        if not total:
            self._require_customer()
        return Page(items=[address_from_row(row) for row in rows], total=total)

    def add_many(self, drafts: Sequence[Draft]) -> list[Address]:
        """Store every draft, or none. Raises Invalid with the problems of all.

        A draft that is an Address already, on another platform, keeps its ids and its
        history; "taken" is the problem when something else has them.
        """
        problems = self._unstorable(drafts)
        owners = self._owners(drafts, problems)
        wholes = self._complete(dict(enumerate(drafts)), problems)
        numbers = self._numbers("address", drafts, problems)
        if problems:
            raise Invalid(sorted(problems, key=lambda problem: problem.index))
        now = self._now()
        added, rows = [], []
        for n, id in enumerate(numbers):
            owner, whole = owners[n], wholes[n]
            address = self._identified(whole.draft, id, owner, now)
            added.append(address)
            rows.append(
                {
                    **row_from_draft(address),
                    **our_places(whole),
                    "shop_id": self._scope["shop"],
                    "id": id,
                    "public_id": address.public_id,
                    "customer_id": owner.id,
                    "created_at": to_microseconds(address.created_at),
                    "updated_at": to_microseconds(address.updated_at),
                }
            )
        self._connection.many(statements.ADD, rows)
        for address in added:
            self._set_roles(address, NO_ROLE, roles(address))
        return self._settled(added)

    def update_many(self, changes: Sequence[tuple[Address, Changes]]) -> list[Address]:
        """Change addresses that this book has read, all or none.

        An address keeps what its changes do not name, and always its ids and its
        customer. Raises Invalid as `add_many`.
        """
        now = self._now()
        updated = [
            replace(old, **change, **kept(old), updated_at=now)
            for old, change in changes
        ]
        problems = self._unstorable(updated)
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
                row |= our_places(wholes[n])
            row |= row_from_draft(updated[n])
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

    def customer(self, ref: Ref) -> Customer:
        """The customer. Raises NotFound."""
        row = None
        if is_possible(ref):
            statement = customers.select_customer(naming(ref), self._renamed)
            row = self._connection.one(statement, customer=ref, **self._scope)
        if row is None:
            raise NotFound("customer", ref)
        return customers.customer_from_row(row)

    def customers(self, query: Query) -> Page[Customer]:
        """The customers that match, and how many there are in all."""
        sought = {**self._scope, **values(query)}
        rows = self._connection.all(
            customers.select_page(self._renamed, shape(query), tuple(query.order)),
            **paging(query),
            **sought,
        )
        [total] = self._connection.one(
            customers.select_total(self._renamed, shape(query)), **sought
        ) or [0]
        return Page(items=[customers.customer_from_row(r) for r in rows], total=total)

    def add_customer(self, draft: CustomerDraft) -> Customer:
        """Store a customer. One who is a Customer already keeps ids and history.

        Raises Invalid: "taken" when another customer has the id.
        """
        problems = [
            Problem(name, "unstorable")
            for name in INTRODUCED
            if not is_storable(getattr(draft, name))
        ]
        [id] = self._numbers("customer", [draft], problems)
        if problems:
            raise Invalid(problems)
        now = self._now()
        customer = Customer(
            **{name: getattr(draft, name) for name in INTRODUCED},
            id=getattr(draft, "id", id),
            public_id=getattr(draft, "public_id", "") or self._new_id("cus"),
            created_at=getattr(draft, "created_at", now),
            updated_at=getattr(draft, "updated_at", now),
        )
        self._connection.run(
            customers.ADD,
            **{name: getattr(draft, name) for name in INTRODUCED},
            shop_id=self._scope["shop"],
            id=id,
            public_id=customer.public_id,
            default_billing_id=None,
            default_shipping_id=None,
            created_at=to_microseconds(customer.created_at),
            updated_at=to_microseconds(customer.updated_at),
        )
        return customer

    def lock(self, *refs: Ref) -> None:
        """Let no other book write to these customers until this one is left."""
        for ref in sorted(refs, key=lambda ref: (naming(ref), ref)):
            self._owner(ref)

    def _owner(self, ref: Ref) -> Owner | None:
        """The customer, locked: two writers of one customer follow each other."""
        if not is_possible(ref):
            return None
        statement = customers.select_owner(naming(ref), self._renamed)
        row = self._connection.one(statement, customer=ref, **self._scope)
        return Owner(*row) if row else None

    def _owners(self, drafts: Sequence[Draft], problems: list[Problem]) -> list[Owner]:
        """Each draft's customer: the book's own, or the one that the draft names."""
        if self._within is not None:
            owner = self._owner(self._within)
            if owner is None:
                raise NotFound("customer", self._within)
            return [owner] * len(drafts)
        refs = sorted({draft.customer_id for draft in drafts})
        found = {ref: self._owner(ref) for ref in refs}
        owners = []
        for index, draft in enumerate(drafts):
            owner = found[draft.customer_id]
            if owner is None:
                value = {"value": draft.customer_id}
                problems.append(Problem("customer_id", "unknown", index, value))
            owners.append(owner or Owner(0, 0))
        return owners

    def _complete(
        self, drafts: Mapping[int, Draft], problems: list[Problem]
    ) -> dict[int, Completed]:
        """The drafts with whole places, but for those that have problems."""
        unstorable = {p.index for p in problems if p.path in PLACES}
        wholes = {}
        for index, draft in drafts.items():
            if index in unstorable:
                continue
            try:
                wholes[index] = self.places.complete(draft, index)
            except Invalid as invalid:
                problems += invalid.problems
        return wholes

    def _unstorable(self, drafts: Sequence[Draft]) -> list[Problem]:
        return [
            Problem(name, "unstorable", index)
            for index, draft in enumerate(drafts)
            for name in unstorable(draft)
        ]

    def _numbers(
        self,
        kind: str,
        drafts: Sequence[Any],
        problems: list[Problem],
    ) -> list[int]:
        """Our numbers for new things: the next ones, or what their own ids ask for."""
        numbers: dict[int, int] = {}
        given: set[Ref] = set()
        for index, draft in enumerate(drafts):
            if hasattr(draft, "id"):
                numbers[index] = self._claimed(kind, draft, index, given, problems)
                given |= {numbers[index], draft.public_id}
        fresh = len(drafts) - len(numbers)
        # After the claims, as those may have moved the next number.
        following = iter(
            take(self._connection, self._scope["shop"], kind, fresh) if fresh else ()
        )
        return [
            numbers[n] if n in numbers else next(following) for n in range(len(drafts))
        ]

    def _claimed(
        self,
        kind: str,
        draft: Any,
        index: int,
        given: set[Ref],
        problems: list[Problem],
    ) -> int:
        """Our number for what has ids already; `given` are those of its batch."""
        impossible = [
            Problem(name, "unstorable", index)
            for name in ("id", "public_id")
            if not is_possible(getattr(draft, name))
        ]
        if impossible:
            problems += impossible
            return 0
        number, public = HOLDS[kind]
        if draft.public_id and self._is_held(public, draft.public_id, given):
            problems.append(Problem("public_id", "taken", index))
        id = claim(
            self._connection,
            kind,
            draft.id,
            **self._scope,
            is_held=lambda id: self._is_held(number, id, given),
        )
        if id is None:
            problems.append(Problem("id", "taken", index, {"value": draft.id}))
            return 0
        self._renamed = self._renamed or id != draft.id
        return id

    def _is_held(self, statement: Statement, ref: Ref, given: set[Ref]) -> bool:
        """Whether something in the shop, or before it in its batch, has the name."""
        held = {"shop": self._scope["shop"], "id": ref}
        return ref in given or self._connection.one(statement, **held) is not None

    def _identified(
        self, draft: Draft, id: int, owner: Owner, now: datetime
    ) -> Address:
        """The draft as the address that it becomes."""
        if isinstance(draft, Address):
            public_id = draft.public_id or self._new_id("adr")
            return replace(draft, customer_id=owner.number, public_id=public_id)
        return Address(
            **{name: getattr(draft, name) for name in DRAFTED[1:]},
            customer_id=owner.number,
            id=id,
            public_id=self._new_id("adr"),
            created_at=now,
            updated_at=now,
        )

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
        if len(addresses) == 1 or not any(roles(a) != NO_ROLE for a in addresses):
            return addresses
        return [self.get(address.id) for address in addresses]

    def _require_customer(self) -> None:
        """Raise NotFound if the book is within a customer who is not there."""
        if self._within is not None:
            self.customer(self._within)
