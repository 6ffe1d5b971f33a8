"""The two ends of a migration: a platform over HTTP, or the store."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from core import Changes, CustomerDraft, PlaceRow, Ref
from dialects.base import Dialect
from dialects.remote import (
    Manner,
    Outcome,
    Remote,
    RemoteAddress,
    RemoteCustomer,
    is_since,
)
from gateway import registry
from gateway.migrate.errors import MigrationError
from gateway.verify import read_credentials
from gateway.verify.credentials import CredentialsError, told

T = TypeVar("T")
PART = re.compile(r"<(?:\w+:)?(\w+)>")
SMALLEST_BATCH = 10
"""How many addresses are written between two entries of the ledger, at least."""

AHEAD = 50
"""How many customers are asked about at a time."""
NOT_REMOVED = (
    "--since does not find what was removed at the source; a run without it finds all"
)
NOT_DATED = (
    "the platform does not tell which addresses have changed: --since finds those of"
    " customers who changed themselves, and not what was removed; a run without it"
    " finds all"
)


class Source(ABC):
    """What is read from."""

    title = ""
    dialect: Dialect | None = None

    @property
    def losses(self) -> Mapping[str, str]:
        """The fields of addresses that it does not keep whole, with the reasons."""
        return self.dialect.losses if self.dialect else {}

    @property
    def customer_losses(self) -> Mapping[str, str]:
        """The same of customers."""
        return self.dialect.customer_losses if self.dialect else {}

    @abstractmethod
    def customers(self, since: datetime | None = None) -> Iterator[RemoteCustomer]:
        """Every customer, or those changed since an instant."""

    @abstractmethod
    def addresses_of(self, refs: Sequence[Ref]) -> Iterator[RemoteAddress]:
        """Every address of several customers."""


class End(Source):
    """What is read from or written to; like a Remote, but for what it takes to add."""

    batch = SMALLEST_BATCH
    calls = 0
    misses = NOT_REMOVED
    """What of the changes since an instant it does not find."""
    place_rows: Sequence[PlaceRow] = ()

    def close(self) -> None:
        """Let go of every connection."""
        return

    @abstractmethod
    def count(self) -> int | None:
        """How many customers there are, if that is told."""

    @abstractmethod
    def customer(self, ref: Ref) -> RemoteCustomer | None:
        """The customer, if there is one."""

    def customers_of(self, refs: Sequence[Ref]) -> Iterator[RemoteCustomer]:
        """Those of these customers who are there."""
        return (found for ref in refs if (found := self.customer(ref)) is not None)

    @abstractmethod
    def matching_customers(self, customer: CustomerDraft) -> Iterator[RemoteCustomer]:
        """Those with the e-mail, or, of a customer without one, of the same name."""

    def refuses(self, moved: RemoteCustomer | RemoteAddress) -> str:
        """Why it could not be added with its id, where ids are kept; "" if it can."""
        return ""

    @abstractmethod
    def add_customer(self, moved: RemoteCustomer, known: Collection[Ref]) -> Outcome:
        """Add a customer of the source; `known` are those who match already."""

    @abstractmethod
    def add_addresses(
        self, owner: Ref, moved: Sequence[RemoteAddress], known: Collection[Ref]
    ) -> list[Outcome]:
        """Add addresses of the source; `known` are all that the owner has."""

    @abstractmethod
    def update_customer(self, ref: Ref, changes: Changes) -> Outcome:
        """Change fields of a customer, and nothing else."""

    @abstractmethod
    def update_address(self, owner: Ref, ref: Ref, changes: Changes) -> Outcome:
        """Change fields of an address, and nothing else."""

    @abstractmethod
    def remove_customer(self, ref: Ref) -> Outcome:
        """Remove a customer with all addresses."""

    @abstractmethod
    def remove_addresses(self, owner: Ref, refs: Sequence[Ref]) -> list[Outcome]:
        """Remove addresses of a customer."""

    def places(self) -> Iterator[PlaceRow]:
        """The end's own numbers of places, where it lists them."""
        return iter(())

    def take_places(self, rows: Sequence[PlaceRow]) -> None:
        """Know places by these numbers."""
        self.place_rows = tuple(rows)


class PlatformEnd(End):
    """A platform that speaks a dialect's API.

    So many `readers` read customers at a time where a call is of one customer.
    """

    def __init__(self, dialect: Dialect, remote: Remote, readers: int = 1) -> None:
        self.dialect, self._remote, self._readers = dialect, remote, readers
        self.title = f"{dialect.name}={remote.url}"
        self.batch = max(remote.batch_limit, SMALLEST_BATCH)
        self.misses = NOT_REMOVED if remote.dates_addresses else NOT_DATED

    @property
    def calls(self) -> int:  # type: ignore[override]
        """How many requests were sent."""
        return self._remote.calls

    def close(self) -> None:
        self._remote.close()

    def take_places(self, rows: Sequence[PlaceRow]) -> None:
        super().take_places(rows)
        self._remote.take_places(rows)

    def count(self) -> int | None:
        return self._remote.count()

    def customers(self, since: datetime | None = None) -> Iterator[RemoteCustomer]:
        if since is None or not self._remote.dates_addresses:
            return self._remote.customers(since)
        return self._changed(since)

    def _changed(self, since: datetime) -> Iterator[RemoteCustomer]:
        """Those who changed, and those of whom an address did; all are looked at."""

        def changed(refs: Sequence[Ref]) -> Iterator[Ref]:
            for one in self._remote.addresses_of(refs):
                if is_since(one.updated_at, since):
                    yield one.customer_ref

        known = {one.ref for one in self._remote.customers(since)}
        remaining = self._remote.customers()
        while some := [*islice(remaining, AHEAD)]:
            others = [one.ref for one in some if one.ref not in known]
            found = known.union(self._read(changed, others))
            yield from (one for one in some if one.ref in found)

    def customer(self, ref: Ref) -> RemoteCustomer | None:
        return self._remote.customer(ref)

    def matching_customers(self, customer: CustomerDraft) -> Iterator[RemoteCustomer]:
        return self._remote.matching_customers(customer)

    def customers_of(self, refs: Sequence[Ref]) -> Iterator[RemoteCustomer]:
        return self._read(self._remote.customers_of, refs)

    def addresses_of(self, refs: Sequence[Ref]) -> Iterator[RemoteAddress]:
        return self._read(self._remote.addresses_of, refs)

    def _read(
        self, read: Callable[[Sequence[Ref]], Iterator[T]], refs: Sequence[Ref]
    ) -> Iterator[T]:
        """What is read of them: in one call, or in several at a time."""
        if self._readers == 1 or self._remote.reads_many or len(refs) < 2:
            yield from read(refs)
            return
        with ThreadPoolExecutor(self._readers) as pool:
            for found in pool.map(lambda ref: [*read([ref])], refs):
                yield from found

    def add_customer(self, moved: RemoteCustomer, known: Collection[Ref]) -> Outcome:
        return self._remote.add_customer(moved.customer, known)

    def add_addresses(
        self, owner: Ref, moved: Sequence[RemoteAddress], known: Collection[Ref]
    ) -> list[Outcome]:
        drafts = [one.draft for one in moved]
        return self._remote.add_addresses(owner, drafts, known)

    def update_customer(self, ref: Ref, changes: Changes) -> Outcome:
        return self._remote.update_customer(ref, changes)

    def update_address(self, owner: Ref, ref: Ref, changes: Changes) -> Outcome:
        return self._remote.update_address(owner, ref, changes)

    def remove_customer(self, ref: Ref) -> Outcome:
        return self._remote.remove_customer(ref)

    def remove_addresses(self, owner: Ref, refs: Sequence[Ref]) -> list[Outcome]:
        return self._remote.remove_addresses(owner, refs)

    def places(self) -> Iterator[PlaceRow]:
        return self._remote.places()


def open_platform(
    spec: str,
    credentials: Path | None,
    manner: Manner | None = None,
    readers: int = 1,
) -> PlatformEnd:
    """The platform that "dialect=URL" names. Raises MigrationError."""
    name, is_named, url = spec.partition("=")
    if not is_named:
        raise MigrationError(f"{spec!r} names no end: it is store, or DIALECT=URL")
    [dialect] = registry.load([name])
    if dialect.remote is None:
        raise MigrationError(f"{name} has no client to migrate with")
    if credentials is None:
        raise MigrationError(
            f"{name} needs a file of credentials, named by --from-credentials or"
            f" --to-credentials; it must have {told(dialect, asks=False)}"
        )
    try:
        access = read_credentials(dialect, credentials, asks=False)
    except CredentialsError as error:
        raise MigrationError(str(error)) from error
    root = PART.sub(lambda part: access.parts[part[1]], dialect.root)
    if access.parts and root.rpartition("/")[0] not in url:
        url = url.rstrip("/") + root
    options = {"manner": manner} if manner else {}
    try:
        remote = dialect.remote(url, access.keys["main"], access.consumer, **options)
    except ValueError as error:
        raise MigrationError(str(error)) from error
    return PlatformEnd(dialect, remote, readers)
