"""A shop's customers, and the lock on each under which its addresses are written."""

from collections.abc import Sequence
from dataclasses import fields

from core import customers
from core.address import Draft, Ref, is_storable, naming
from core.customers import Owner
from core.errors import Invalid, NotFound, Problem
from core.instants import to_microseconds
from core.query import Page, Query, paging, shape, values
from core.shop import Customer, CustomerDraft
from core.unit import Unit, is_possible

INTRODUCED = tuple(field.name for field in fields(CustomerDraft))
HOLDERS = (customers.HOLDS, customers.HOLDS_PUBLIC_ID)


class CustomerRegister(Unit):
    """The customers of the shop."""

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
        [id] = self._numbers("customer", HOLDERS, [draft], problems)
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

    def _require_customer(self) -> None:
        """Raise NotFound if the book is within a customer who is not there."""
        if self._within is not None:
            self.customer(self._within)
