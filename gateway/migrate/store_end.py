"""The store as an end of a migration: a shop's customers and addresses."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from typing import Any

from core import (
    Address,
    AddressBook,
    Changes,
    Condition,
    Customer,
    CustomerDraft,
    Draft,
    Invalid,
    NotFound,
    Op,
    PlaceRow,
    PublicId,
    Query,
    Ref,
    Store,
    email_key,
    retrying,
)
from dialects.remote import Outcome, RemoteAddress, RemoteCustomer, by_words
from gateway.migrate.ends import End
from gateway.migrate.errors import MigrationError
from gateway.migrate.shown import (
    ADDRESS,
    CUSTOMER,
    shown_address,
    shown_customer,
    told_of,
)
from gateway.migrate.store_ids import (
    TAKEN,
    fresh_address,
    fresh_customer,
    is_public,
    taken,
)
from gateway.seed import CANONICAL

PAGE = 200


class StoreEnd(End):
    """A shop of the store.

    What comes from a platform keeps its ids for that platform's dialect, `naming`. If
    one of them is taken by something else, it is refused, or, with `new_ids`, gets new
    ones.
    """

    batch = 200

    def __init__(
        self, store: Store, hash: str, naming: str = CANONICAL, *, new_ids: bool = False
    ) -> None:
        self.title = f"store={hash}"
        self._store, self._hash, self._new_ids = store, hash, new_ids
        self._naming = naming
        store.shop(hash)

    def count(self) -> int | None:
        with self._book(writes=False) as book:
            return book.customers(Query(limit=1)).total

    def customers(self, since: datetime | None = None) -> Iterator[RemoteCustomer]:
        """Every customer, or those who changed, or whose addresses did."""
        owners = self._owners_since(since) if since else set()
        last = 0
        while True:
            with self._book(writes=False) as book:
                page = book.customers(after(last))
            for one in page.items:
                if since is None or one.updated_at >= since or one.id in owners:
                    yield shown_customer(one)
            if len(page.items) < PAGE:
                return
            last = page.items[-1].id

    def _owners_since(self, since: datetime) -> set[int]:
        """Whose addresses have changed since an instant."""
        changed = Condition("updated_at", Op.GE, since)
        owners: set[int] = set()
        last = 0
        while True:
            with self._book(writes=False) as book:
                page = book.find(after(last, changed))
            owners |= {one.customer_id for one in page.items}
            if len(page.items) < PAGE:
                return owners
            last = page.items[-1].id

    def customer(self, ref: Ref) -> RemoteCustomer | None:
        with self._book(writes=False) as book:
            try:
                return shown_customer(book.customer(ref))
            except NotFound:
                return None

    def matching_customers(self, customer: CustomerDraft) -> Iterator[RemoteCustomer]:
        where = [
            Condition("email_key", Op.EQ, email_key(customer.email)),
            *(
                Condition(name, Op.EQ, getattr(customer, name))
                for name in ("first_name", "last_name")
                if not customer.email
            ),
        ]
        with self._book(writes=False) as book:
            found = book.customers(Query(where=where, order=("id",))).items
        return map(shown_customer, found)

    def addresses_of(self, refs: Sequence[Ref]) -> Iterator[RemoteAddress]:
        for ref in refs:
            with self._book(within=ref, writes=False) as book:
                try:
                    found = book.find(Query(order=("id",))).items
                except NotFound:
                    continue
            yield from (shown_address(one, ref) for one in found)

    def add_customer(self, moved: RemoteCustomer, known: Collection[Ref]) -> Outcome:
        def add(is_kept: bool) -> Outcome:
            with self._book() as book:
                draft = moved.customer
                if is_kept:
                    said = {name: getattr(draft, name) for name in CUSTOMER}
                    number = fresh_customer(book) if is_public(moved.ref) else 0
                    draft = Customer(**said, **self._ids(moved, number))
                return Outcome(ref=PublicId(book.add_customer(draft).public_id))

        return self._named(add)

    def add_addresses(
        self, owner: Ref, moved: Sequence[RemoteAddress], known: Collection[Ref]
    ) -> list[Outcome]:
        """All in one unit of work, or each by itself if one is refused."""

        def alone(one: RemoteAddress) -> Outcome:
            return self._named(lambda is_kept: self._added(owner, [one], is_kept)[0])

        try:
            return retrying(lambda: self._added(owner, moved, self._is_named))
        except (Invalid, NotFound):
            return [alone(one) for one in moved]

    def update_customer(self, ref: Ref, changes: Changes) -> Outcome:
        def change() -> Outcome:
            with self._book() as book:
                old = book.customer(ref)
                book.update_customers([(old, merged(old, changes))])
            return Outcome(ref=ref)

        return self._written(change)

    def update_address(self, owner: Ref, ref: Ref, changes: Changes) -> Outcome:
        def change() -> Outcome:
            with self._book(within=owner) as book:
                old = book.get(ref)
                placed = {n: v for n, v in changes.items() if n in PLACES}
                if placed:
                    wanted = by_words(replace(old, **placed))
                    placed = {name: getattr(wanted, name) for name in PLACES}
                book.update_many([(old, {**merged(old, changes), **placed})])
            return Outcome(ref=ref)

        return self._written(change)

    def remove_customer(self, ref: Ref) -> Outcome:
        def remove() -> Outcome:
            with self._book() as book:
                book.remove_customers([book.customer(ref)])
            return Outcome(ref=ref)

        return self._gone(remove, ref)

    def remove_addresses(self, owner: Ref, refs: Sequence[Ref]) -> list[Outcome]:
        def remove(ref: Ref) -> Outcome:
            with self._book(within=owner) as book:
                book.remove_many([book.get(ref)])
            return Outcome(ref=ref)

        return [self._gone(lambda ref=ref: remove(ref), ref) for ref in refs]  # type: ignore[misc]

    def take_places(self, rows: Sequence[PlaceRow]) -> None:
        """Let the dialect know the platform's own numbers of places."""
        super().take_places(rows)
        shop = self._store.shop(self._hash)
        try:
            self._store.import_places(shop, self._naming, rows)
        except Invalid as invalid:
            told = "; ".join(map(told_of, invalid.problems))
            raise MigrationError(
                f"the table of places cannot be: {told}; correct it"
            ) from invalid

    def _added(
        self, owner: Ref, moved: Sequence[RemoteAddress], is_kept: bool
    ) -> list[Outcome]:
        with self._book(within=owner) as book:
            drafts = [by_words(one.draft) for one in moved]
            if is_kept:
                drafts = [
                    Address(
                        **{name: getattr(draft, name) for name in ADDRESS},
                        **self._ids(
                            one, fresh_address(book) if is_public(one.ref) else 0
                        ),
                    )
                    for draft, one in zip(drafts, moved, strict=True)
                ]
            return [
                Outcome(ref=PublicId(one.public_id)) for one in book.add_many(drafts)
            ]

    def refuses(self, moved: RemoteCustomer | RemoteAddress) -> str:
        if not self._is_named or self._new_ids:
            return ""
        with self._book(writes=False) as book:
            return taken(book, moved)

    def _ids(self, moved: RemoteCustomer | RemoteAddress, fresh: int) -> dict[str, Any]:
        """The ids and times of what is moved; a public id goes with a fresh number."""
        created = moved.created_at or self._store.now()
        times = {"created_at": created, "updated_at": moved.updated_at or created}
        if is_public(moved.ref):
            return {"id": fresh, "public_id": moved.ref, **times}
        return {"id": moved.ref, "public_id": "", **times}

    @property
    def _is_named(self) -> bool:
        """Whether ids are kept, for the dialect of a platform."""
        return self._naming != CANONICAL

    def _named(self, add: Callable[[bool], Outcome]) -> Outcome:
        """What comes of an addition with its ids, or with new ones where it may."""
        outcome = self._written(lambda: add(self._is_named))
        if TAKEN in outcome.problem and self._new_ids:
            return self._written(lambda: add(False))
        return outcome

    def _written(self, write: Callable[[], Outcome]) -> Outcome:
        try:
            return retrying(write)
        except Invalid as invalid:
            told = "; ".join(map(told_of, invalid.problems))
            return Outcome(problem=told)
        except NotFound as error:
            return Outcome(problem=f"there is no {error.kind} {error.id}")

    def _gone(self, remove: Callable[[], Outcome], ref: Ref) -> Outcome:
        """The outcome of a removal; what is not there is removed."""
        try:
            return retrying(remove)
        except NotFound:
            return Outcome(ref=ref)

    def _book(
        self, within: Ref | None = None, *, writes: bool = True
    ) -> AbstractContextManager[AddressBook]:
        """A book in which the names that were given so far count."""
        shop = self._store.shop(self._hash)
        return self._store.book(self._naming, shop=shop, within=within, writes=writes)


PLACES = ("country", "region", "city")


def after(last: int, *where: Condition) -> Query:
    """The next of a list that is read from one end to the other."""
    later = Condition("id", Op.GT, last)
    return Query(where=[*where, later], order=("id",), limit=PAGE, counted=False)


def merged(old: Draft | CustomerDraft, changes: Changes) -> Changes:
    """The changes, that leave alone what is kept for other dialects."""
    if "extras" not in changes:
        return changes
    return {**changes, "extras": {**old.extras, **changes["extras"]}}
