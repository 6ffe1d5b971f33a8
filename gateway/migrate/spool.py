"""A source that is read once, and kept in a file to be gone through again."""

import pickle
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime

from core import Ref
from dialects.remote import RemoteAddress, RemoteCustomer
from gateway.migrate.ends import Source

Kept = tuple[RemoteCustomer, list[RemoteAddress]]


class Spool:
    """Customers with their addresses, in a file of this process's own."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115

    def close(self) -> None:
        """Forget them."""
        self._file.close()

    def keep(self, customer: RemoteCustomer, addresses: list[RemoteAddress]) -> None:
        """Add a customer at the end."""
        pickle.dump((customer, addresses), self._file)

    def kept(self) -> Iterator[Kept]:
        """All of them, from the first."""
        self._file.seek(0)
        while True:
            try:
                found: Kept = pickle.load(self._file)
            except EOFError:
                return
            yield found


class Spooled(Source):
    """What was kept of a source, to be read as that is."""

    def __init__(self, end: Source, spool: Spool) -> None:
        self.title, self.dialect = end.title, end.dialect
        self._spool = spool
        self._addresses: dict[Ref, list[RemoteAddress]] = {}

    def customers(self, since: datetime | None = None) -> Iterator[RemoteCustomer]:
        self._addresses.clear()
        for customer, addresses in self._spool.kept():
            self._addresses[customer.ref] = addresses
            yield customer

    def addresses_of(self, refs: Sequence[Ref]) -> Iterator[RemoteAddress]:
        """Those of customers who were read last; each is given once."""
        for ref in refs:
            yield from self._addresses.pop(ref)
