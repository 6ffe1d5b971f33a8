"""The two ends of a migration: a platform over HTTP, or the store."""

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from core import Changes, CustomerDraft, PlaceRow, Ref
from dialects.base import Dialect
from dialects.remote import Manner, Outcome, Remote, RemoteAddress, RemoteCustomer
from gateway import registry
from gateway.migrate.errors import MigrationError
from gateway.verify import read_credentials
from gateway.verify.credentials import CredentialsError

PART = re.compile(r"<(?:\w+:)?(\w+)>")
SMALLEST_BATCH = 10
"""How many addresses are written between two entries of the ledger, at least."""


class End(ABC):
    """What is read from or written to; like a Remote, but for what it takes to add."""

    title = ""
    dialect: Dialect | None = None
    batch = SMALLEST_BATCH
    calls = 0

    @property
    def losses(self) -> Mapping[str, str]:
        """The fields of addresses that it does not keep whole, with the reasons."""
        return self.dialect.losses if self.dialect else {}

    @property
    def customer_losses(self) -> Mapping[str, str]:
        """The same of customers."""
        return self.dialect.customer_losses if self.dialect else {}

    def close(self) -> None:
        """Let go of every connection."""
        return

    @abstractmethod
    def count(self) -> int | None:
        """How many customers there are, if that is told."""

    @abstractmethod
    def customers(self, since: datetime | None = None) -> Iterator[RemoteCustomer]:
        """Every customer, or those changed since an instant."""

    @abstractmethod
    def customer(self, ref: Ref) -> RemoteCustomer | None:
        """The customer, if there is one."""

    @abstractmethod
    def matching_customers(self, customer: CustomerDraft) -> Iterator[RemoteCustomer]:
        """Those with the e-mail, or, of a customer without one, of the same name."""

    @abstractmethod
    def addresses_of(self, refs: Sequence[Ref]) -> Iterator[RemoteAddress]:
        """Every address of several customers."""

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


class PlatformEnd(End):
    """A platform that speaks a dialect's API."""

    def __init__(self, dialect: Dialect, remote: Remote) -> None:
        self.dialect, self._remote = dialect, remote
        self.title = f"{dialect.name}={remote.url}"
        self.batch = max(remote.batch_limit, SMALLEST_BATCH)

    @property
    def calls(self) -> int:  # type: ignore[override]
        """How many requests were sent."""
        return self._remote.calls

    def close(self) -> None:
        self._remote.close()

    def count(self) -> int | None:
        return self._remote.count()

    def customers(self, since: datetime | None = None) -> Iterator[RemoteCustomer]:
        return self._remote.customers(since)

    def customer(self, ref: Ref) -> RemoteCustomer | None:
        return self._remote.customer(ref)

    def matching_customers(self, customer: CustomerDraft) -> Iterator[RemoteCustomer]:
        return self._remote.matching_customers(customer)

    def addresses_of(self, refs: Sequence[Ref]) -> Iterator[RemoteAddress]:
        return self._remote.addresses_of(refs)

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
    spec: str, credentials: Path | None, manner: Manner | None = None
) -> PlatformEnd:
    """The platform that "dialect=URL" names. Raises MigrationError."""
    name, is_named, url = spec.partition("=")
    if not is_named:
        raise MigrationError(f"{spec!r} names no end: it is store, or DIALECT=URL")
    if credentials is None:
        raise MigrationError(f"{name} needs a file of credentials")
    [dialect] = registry.load([name])
    if dialect.remote is None:
        raise MigrationError(f"{name} has no client to migrate with")
    try:
        access = read_credentials(dialect, credentials)
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
    return PlatformEnd(dialect, remote)
