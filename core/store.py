"""The store: where books, keys and shops are opened."""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from core import nonces, shops
from core.address import Ref
from core.book import AddressBook
from core.ciphers import Cipher
from core.connection import Connection
from core.counters import skip
from core.errors import Busy
from core.gazetteer import Places
from core.handshakes import Handshakes
from core.ids import random_id
from core.instants import utcnow
from core.keys import Key, Keyring, digest
from core.replica import Replica
from core.shop import Shop
from core.sql import Database
from core.trusted import Trusted
from core.work import Work

# No server moves many at once, keeps a shop aside or changes its secret key: who does
# that loads it.
if TYPE_CHECKING:
    from core.bulk import Bulk
    from core.extract import Extract
    from core.place_import import PlaceRow
    from core.records import Place, Written
    from core.rotation import Rotated
    from core.snapshots import Snapshot

T = TypeVar("T")
TRIES = 5
PATIENCE = 4.0
"""How many seconds after its first try work is still begun again."""

FORGETS = 0.01
"""How often the use of a nonce is the occasion to forget old ones."""


class Store:
    """All shops, in one database. Time and public ids come from outside.

    `now`, `new_id` and `use_nonce` may be replaced by what gives each shop its own.
    Handshakes go by the time that the store was made with.
    """

    def __init__(
        self,
        url: str = "sqlite://",
        *,
        secret_key: str | None = None,
        old_secret_key: str | None = None,
        durable: bool = True,
        replica_url: str | None = None,
        now: Callable[[], datetime] = utcnow,
        new_id: Callable[[str], str] = random_id,
    ) -> None:
        self.database = Database(url, durable=durable)
        self._replica = Replica(replica_url, self.database) if replica_url else None
        self.now = now
        self.new_id = new_id
        self.use_nonce: Callable[[str, int], nonces.Use] = self._use_nonce
        self._own_now = now
        self._cipher = Cipher(secret_key, old_secret_key)
        self._keys: Trusted[tuple[str, str], Key] = Trusted()
        self._places: Places = Trusted()

    def book(
        self,
        dialect: str,
        *,
        shop: Shop,
        within: Ref | None = None,
        writes: bool = True,
        large: bool = False,
    ) -> Work[AddressBook]:
        """A unit of work on a shop's addresses; commits when left without an error.

        What it reads may come from a standby if that is a `large` part of the shop.
        """

        def make(connection: Connection) -> AddressBook:
            return AddressBook(
                connection,
                shop=shop,
                dialect=dialect,
                within=within,
                now=self.now,
                new_id=self.new_id,
                trusted=self._places,
            )

        if large and not writes and self._replica:
            return self._replica.unit(make)
        return self.database.unit(make, writes=writes)

    @contextmanager
    def bulk(
        self, dialect: str, *, shop: Shop, known: "dict[Written, Place] | None" = None
    ) -> "Iterator[Bulk]":
        """A unit of work that adds many; what places it finds is added to `known`."""
        from core.bulk import Bulk

        known = {} if known is None else known
        with self.database.connection(writes=True, is_long=True) as connection:
            bulk = Bulk(
                connection,
                shop=shop,
                dialect=dialect,
                now=self.now,
                new_id=self.new_id,
                trusted=self._places,
                known=known,
            )
            yield bulk
        known.update(bulk.found)

    @contextmanager
    def extract(self, dialect: str, *, shop: Shop) -> "Iterator[Extract]":
        """A shop's customers and addresses as they are at one moment, to read all."""
        from core.extract import Extract

        source = self._replica or self.database
        with source.long() as connection:
            yield Extract(connection, shop=shop, dialect=dialect)

    @contextmanager
    def keys(self) -> Iterator[Keyring]:
        """A unit of work on the keys."""
        with self.database.connection(writes=True) as connection:
            yield self._keyring(connection)
        self._keys.clear()

    def key(self, dialect: str, token: str) -> Key | None:
        """The key with this token; what was found is trusted for a second."""
        sought = (dialect, digest(token))
        key = self._keys.get(sought)
        if key is None:
            with self.database.connection(writes=False) as connection:
                key = self._keyring(connection).find(*sought)
            if key is not None:
                self._keys.put(sought, key)
        return key

    def rotate_secrets(self, *, writes: bool = True) -> "Rotated":
        """Encrypt what the old secret key has encrypted, or only count it."""
        from core.rotation import rotate

        done = rotate(
            lambda: self.database.connection(writes=writes),
            self._cipher,
            writes=writes,
        )
        self._keys.clear()
        return done

    @contextmanager
    def handshakes(self, *, writes: bool = True) -> Iterator[Handshakes]:
        """A unit of work on who is on the way to an access token."""
        with self.database.connection(writes=writes) as connection:
            yield Handshakes(connection, cipher=self._cipher, now=self._own_now())
        if writes:
            self._keys.clear()

    def _use_nonce(self, nonce: str, timestamp: int) -> nonces.Use:
        """What this use of the nonce is; of equal ones at the same time one is fresh.

        It lasts, whatever becomes of the request. Not to be called in a unit of work.
        """
        if random.random() < FORGETS:
            with suppress(Busy), self._nonces_connection() as connection:
                nonces.forget_old(connection, self.now())

        def use() -> nonces.Use:
            with self._nonces_connection() as connection:
                return nonces.use(connection, nonce, timestamp, self.now())

        return retrying(use)

    def forget_nonces(self) -> None:
        """Let every nonce be fresh again: for a store that is reset."""
        with self._nonces_connection() as connection:
            nonces.forget_all(connection)

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
        self,
        shop: Shop,
        dialect: str,
        rows: "Sequence[PlaceRow]",
        *,
        only: bool = False,
    ) -> None:
        """Let the dialect know places of the shop under the numbers of a platform.

        With `only` it knows no others. Raises Invalid for the first row that is wrong.
        """
        from core.place_import import import_places

        with self.database.connection(writes=True, is_long=True) as connection:
            import_places(connection, shop, dialect, rows, only=only)
        self._keys.clear()
        self._places.clear()

    def close(self) -> None:
        """Let go of every connection."""
        kept = self.__dict__.pop("_nonces", self.database)
        if kept is not self.database:
            kept.close()
        if self._replica:
            self._replica.database.close()
        self.database.close()

    def remove_shop(self, shop: Shop) -> None:
        """Remove a shop with everything in it."""
        with self.database.connection(writes=True, is_long=True) as connection:
            shops.remove(connection, shop)
        self._keys.clear()

    def snapshot(self, shop: Shop) -> "Snapshot":
        """What the shop holds now, its keys among it."""
        from core import snapshots

        with self.database.connection(writes=True, is_long=True) as connection:
            return snapshots.take(connection, shop)

    def restore(
        self, shop: Shop, snapshot: "Snapshot", *, keeps_keys: bool = False
    ) -> None:
        """Let the shop hold what the snapshot does, and nothing else.

        Where the snapshot is another shop's, it has to keep its own keys.
        """
        from core import snapshots

        with self.database.connection(writes=True, is_long=True) as connection:
            snapshots.put(connection, shop, snapshot, keeps_keys=keeps_keys)
        self._keys.clear()
        self._places.clear()

    def add_own_places(self, shop: Shop, rows: "Sequence[PlaceRow]") -> None:
        """Add places of the shop's own, under our numbers. Raises Invalid."""
        from core.place_import import add_own_places

        with self.database.connection(writes=True, is_long=True) as connection:
            add_own_places(connection, shop, rows)
        self._places.clear()

    def number_from(self, shop: Shop, next_ids: Mapping[str, int]) -> None:
        """Let new things of the kinds have these numbers, or larger ones."""
        with self.database.connection(writes=True) as connection:
            for kind, number in next_ids.items():
                skip(connection, shop.id, kind, number - 1)

    @cached_property
    def _nonces(self) -> Database:
        return nonces.kept_in(self.database)

    def _nonces_connection(self) -> Work[Connection]:
        return self._nonces.connection(writes=True, is_unit=False)

    def _keyring(self, connection: Connection) -> Keyring:
        return Keyring(connection, cipher=self._cipher, now=self.now())


def retrying(work: Callable[[], T]) -> T:
    """What the work gives; it is done again, a few times, while the store is busy."""
    end = time.monotonic() + PATIENCE
    for attempt in range(TRIES):
        try:
            return work()
        except Busy:
            if time.monotonic() > end:
                raise
            time.sleep(random.uniform(0, 0.02 * 2**attempt))
    return work()
