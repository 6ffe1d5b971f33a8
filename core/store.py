"""The store: where books, keys and shops are opened."""

import base64
import hashlib
import random
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar

from core import shops
from core.address import Ref
from core.book import AddressBook
from core.errors import Busy
from core.instants import utcnow
from core.keys import Key, Keyring, digest
from core.place_import import PlaceRow, import_places
from core.shop import Shop
from core.sql import Connection, Database

T = TypeVar("T")
TRIES = 5
TRUSTED_FOR = 1.0
"""How long a key that was found is taken for found, in seconds."""


def random_id(prefix: str) -> str:
    """A public id such as "adr_d0b6fmv28q6vn14peun0": unguessable, ascending in time.

    The body has the form of an xid, 96 bits in 20 characters of base32hex; here 48 of
    them are the time, in 2**-16 seconds, and 48 are random.
    """
    ticks = time.time_ns() * 2**16 // 10**9
    number = (ticks % 2**48) << 48 | secrets.randbits(48)
    return f"{prefix}_{base32hex(number << 4, 20)}"


def base32hex(number: int, length: int) -> str:
    """The number in the digits 0-9 and a-v (RFC 4648, 7), most significant first."""
    digits = "0123456789abcdefghijklmnopqrstuv"
    return "".join(digits[number >> 5 * n & 31] for n in reversed(range(length)))


class Store:
    """All shops, in one database. Time and public ids come from outside."""

    def __init__(
        self,
        url: str = "sqlite://",
        *,
        secret_key: str | None = None,
        durable: bool = True,
        now: Callable[[], datetime] = utcnow,
        new_id: Callable[[str], str] = random_id,
    ) -> None:
        self.database = Database(url, durable=durable)
        self.now = now
        self._cipher = cipher(secret_key) if secret_key else None
        self._new_id = new_id
        self._found: dict[tuple[str, str], tuple[float, Key]] = {}

    @contextmanager
    def book(
        self,
        dialect: str,
        *,
        shop: Shop,
        within: Ref | None = None,
        writes: bool = True,
    ) -> Iterator[AddressBook]:
        """A unit of work on a shop's addresses; commits when left without an error."""
        with self.database.connection(writes=writes) as connection:
            yield AddressBook(
                connection,
                shop=shop,
                dialect=dialect,
                within=within,
                now=self.now,
                new_id=self._new_id,
            )

    @contextmanager
    def keys(self) -> Iterator[Keyring]:
        """A unit of work on the keys."""
        with self.database.connection(writes=True) as connection:
            yield self._keyring(connection)
        self._found.clear()

    def key(self, dialect: str, token: str) -> Key | None:
        """The key with this token; what was found is trusted for a second."""
        now = time.monotonic()
        sought = (dialect, digest(token))
        when, key = self._found.get(sought, (0.0, None))
        if key is not None and now - when < TRUSTED_FOR:
            return key
        with self.database.connection(writes=False) as connection:
            key = self._keyring(connection).find(*sought)
        if key is not None:
            if len(self._found) >= 1000:
                self._found.clear()
            self._found[sought] = (now, key)
        return key

    def shop(self, hash: str) -> Shop:
        """The shop with this public name. Raises NotFound."""
        with self.database.connection(writes=False) as connection:
            return shops.find(connection, hash)

    def shops(self) -> list[Shop]:
        """Every shop, oldest first."""
        with self.database.connection(writes=False) as connection:
            return shops.all(connection)

    def add_shop(self, hash: str, name: str = "") -> Shop:
        """A new shop. Raises Invalid: "taken" when another one has the hash."""
        with self.database.connection(writes=True) as connection:
            return shops.add(connection, hash, name, self.now())

    def import_places(
        self, shop: Shop, dialect: str, rows: Sequence[PlaceRow], *, only: bool = False
    ) -> None:
        """Let the dialect know places of the shop under the numbers of a platform.

        With `only` it knows no others. Raises Invalid for the first row that is wrong.
        """
        with self.database.connection(writes=True) as connection:
            import_places(connection, shop, dialect, rows, only=only)
        self._found.clear()

    def close(self) -> None:
        """Let go of every connection."""
        self.database.engine.dispose()

    def remove_shop(self, shop: Shop) -> None:
        """Remove a shop with everything in it."""
        with self.database.connection(writes=True) as connection:
            shops.remove(connection, shop)
        self._found.clear()

    def _keyring(self, connection: Connection) -> Keyring:
        return Keyring(connection, cipher=self._cipher, now=self.now())


def cipher(secret_key: str) -> Any:
    """What encrypts secrets at rest, made from any text that is kept secret."""
    from cryptography.fernet import Fernet

    derived = hashlib.blake2b(secret_key.encode(), digest_size=32).digest()
    return Fernet(base64.urlsafe_b64encode(derived))


def retrying(work: Callable[[], T]) -> T:
    """What the work gives; it is done again, a few times, while the store is busy."""
    for attempt in range(TRIES):
        try:
            return work()
        except Busy:
            time.sleep(random.uniform(0, 0.02 * 2**attempt))
    return work()
