"""A shop's customers, and the lock on each under which its addresses are written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from core import customers
from core.address import Changes, Draft, Naming, Ref, is_storable, naming
from core.counters import hold
from core.customers import MOST_LOCKED, Owner
from core.errors import Forbidden, Invalid, NotFound, Problem
from core.instants import to_microseconds
from core.query import Page, Query, padded, rounded, stored
from core.shop import CUSTOMER_TEXTS, Customer, CustomerDraft, email_key
from core.unit import Things, Unit, is_possible

INTRODUCED = tuple(field.name for field in fields(CustomerDraft))
NAMINGS: Mapping[Naming, type] = {"id": int, "public_id": str}
HOLDERS = (customers.HOLDS, customers.HOLDS_PUBLIC_ID)
CUSTOMERS = Things(
    kind="customer",
    find=customers.find,
    find_page=customers.find,
    find_from=customers.find_from,
    lock_found=customers.lock_found,
    count=customers.count,
)


def kept_customer(customer: Customer) -> dict[str, Any]:
    """What no change of a customer may name."""
    return {
        "id": customer.id,
        "public_id": customer.public_id,
        "default_billing_id": customer.default_billing_id,
        "default_shipping_id": customer.default_shipping_id,
        "created_at": customer.created_at,
    }


class CustomerRegister(Unit):
    """The customers of the shop, or the one whom the book is within.

    What a book that writes has read is locked against other writers until it is left.
    """

    def customer(self, ref: Ref) -> Customer:
        """The customer. Raises NotFound."""
        row = None
        if is_possible(ref) and is_possible(self._within):
            locks = self._connection.locks
            row = self._connection.one(
                customers.get(self._renamed, naming(ref), self._within_by, locks),
                ref=ref,
                **self._scope,
                **self._narrow,
            )
        if row is None:
            raise NotFound("customer", ref)
        return customers.customer_from_row(row)

    def customers(self, query: Query) -> Page[Customer]:
        """The customers that match, and how many there are in all.

        Besides the fields a condition may be about "name", which is the first and the
        last, and "email_key", whose values are made with `email_key`.
        """
        if not is_possible(self._within):
            return Page(items=[], total=0)
        rows, total = self._found(CUSTOMERS, query)
        return Page(items=[customers.customer_from_row(r) for r in rows], total=total)

    def with_email(self, emails: Iterable[str]) -> dict[str, list[int]]:
        """For each e-mail, the numbers of the customers who have it, without case.

        They are those of the whole shop, also in a book within a customer. In a book
        that writes the answer stays true until it is left, as others who write e-mails
        wait; read who is to change before, or two books may wait for each other.
        """
        found: dict[str, list[int]] = {email: [] for email in emails}
        keys = sorted({email_key(email) for email in found if email})
        if not keys:
            return found
        self._hold_emails()
        numbers: dict[str, list[int]] = {}
        for key, number in self._connection.all(
            customers.with_email(self._renamed, len(keys)),
            **self._scope,
            **{f"key_{n}": stored(key) for n, key in enumerate(keys)},
        ):
            numbers.setdefault(key, []).append(number)
        return {email: list(numbers.get(email_key(email), ())) for email in found}

    def add_customer(self, draft: CustomerDraft) -> Customer:
        """Store a customer, as `add_customers` does."""
        [added] = self.add_customers([draft])
        return added

    def add_customers(self, drafts: Sequence[CustomerDraft]) -> list[Customer]:
        """Store every customer, or none. Raises Invalid with the problems of all.

        One who is a Customer already, on another platform, keeps ids and history;
        "taken" is the problem when someone else has them. An e-mail may repeat.
        """
        self._refuse_within()
        problems = self._unstorable_customers(drafts)
        if any(isinstance(draft, Customer) for draft in drafts):
            self._hold_emails()
        numbers = self._numbers("customer", HOLDERS, drafts, problems)
        if problems:
            raise Invalid(sorted(problems, key=lambda problem: problem.index))
        now = self._now()
        added, rows = [], []
        for draft, id in zip(drafts, numbers, strict=True):
            customer = self._introduced(draft, id, now)
            added.append(customer)
            rows.append(customers.new_row(customer, shop=self._scope["shop"], id=id))
        self._connection.add(customers.ADD, "customers", customers.ROW, rows)
        return added

    def update_customers(
        self, changes: Sequence[tuple[Customer, Changes]]
    ) -> list[Customer]:
        """Change customers whom this book has read, all or none.

        A customer keeps what the changes do not name, and always the ids. Raises
        Invalid as `add_customers`, NotFound for one who is not in the book.
        """
        now = self._now()
        updated = [
            replace(old, **change, **kept_customer(old), updated_at=now)
            for old, change in changes
        ]
        problems = self._unstorable_customers(updated)
        if problems:
            raise Invalid(problems)
        if any("email" in change for _, change in changes):
            self._hold_emails()
        for customer in updated:
            row = {
                **customers.row_from_draft(customer),
                "updated_at": to_microseconds(now),
            }
            touched = self._connection.run(
                customers.store(self._renamed, self._within_by),
                ref=customer.id,
                **self._scope,
                **self._narrow,
                **{f"to_{name}": value for name, value in row.items()},
            )
            if not touched:
                raise NotFound("customer", customer.id)
        return updated

    def remove_customers(self, gone: Sequence[Customer]) -> None:
        """Remove customers whom this book has read, with their addresses."""
        self._refuse_within()
        self._locked.clear()
        for customer in gone:
            self._connection.run(
                customers.remove(self._renamed), ref=customer.id, **self._scope
            )

    def lock(self, *refs: Ref) -> None:
        """Let no other book write to these customers until this one is left."""
        unlocked = {*refs} - self._locked.keys()
        if not unlocked:
            return
        sought = [ref for ref in unlocked if is_possible(ref)]
        for by, kind in NAMINGS.items():
            named = sorted([ref for ref in sought if isinstance(ref, kind)])
            for start in range(0, len(named), MOST_LOCKED):
                self._lock(by, named[start : start + MOST_LOCKED])

    def _lock(self, by: Naming, refs: Sequence[Ref]) -> None:
        for number, id, public_id in self._connection.listed(
            customers.select_owners(by, self._renamed, rounded(len(refs))),
            **self._scope,
            **{f"customer_{n}": ref for n, ref in enumerate(padded(refs))},
        ):
            ref = number if by == "id" else public_id
            self._locked[ref] = Owner(number, id)

    def _owner(self, ref: Ref) -> Owner | None:
        """The customer, locked: two writers of one customer follow each other."""
        self.lock(ref)
        return self._locked.get(ref)

    def _owners(self, drafts: Sequence[Draft], problems: list[Problem]) -> list[Owner]:
        """Each draft's customer: the book's own, or the one that the draft names."""
        if self._within is not None:
            owner = self._owner(self._within)
            if owner is None:
                raise NotFound("customer", self._within)
            return [owner] * len(drafts)
        self.lock(*[draft.customer_id for draft in drafts])
        owners = []
        for index, draft in enumerate(drafts):
            owner = self._locked.get(draft.customer_id)
            if owner is None:
                value = {"value": draft.customer_id}
                problems.append(Problem("customer_id", "unknown", index, value))
            owners.append(owner or Owner(0, 0))
        return owners

    def _require_customer(self) -> None:
        """Raise NotFound if the book is within a customer who is not there."""
        if self._within is not None:
            self.customer(self._within)

    def _refuse_within(self) -> None:
        """Raise Forbidden if the book is within a customer, who neither makes others
        nor removes them."""
        if self._within is not None:
            raise Forbidden("within")

    def _hold_emails(self) -> None:
        """Let other books that write e-mails wait until this one is left."""
        if self._connection.locks:
            hold(self._connection, self._scope["shop"], "customer")

    def _unstorable_customers(self, drafts: Sequence[CustomerDraft]) -> list[Problem]:
        return [
            Problem(name, "unstorable", index)
            for index, draft in enumerate(drafts)
            for name in CUSTOMER_TEXTS
            if not is_storable(getattr(draft, name))
        ]

    def _introduced(self, draft: CustomerDraft, id: int, now: datetime) -> Customer:
        """The draft as the customer that it becomes; new ones have no addresses."""
        if isinstance(draft, Customer):
            public_id = draft.public_id or self._new_id("cus")
            return replace(
                draft,
                public_id=public_id,
                default_billing_id=None,
                default_shipping_id=None,
            )
        return Customer(
            **{name: getattr(draft, name) for name in INTRODUCED},
            id=id,
            public_id=self._new_id("cus"),
            created_at=now,
            updated_at=now,
        )
