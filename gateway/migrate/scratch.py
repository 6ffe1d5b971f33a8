"""A shop in this process that answers as a target does, to try a migration on."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from secrets import token_hex

import httpx2

from core import PlaceRow, Store, schema
from dialects.base import Credential, Dialect
from dialects.remote import Manner
from gateway.app import create_app
from gateway.config import Config
from gateway.migrate.ends import PART, End, PlatformEnd
from gateway.migrate.store_end import StoreEnd
from gateway.seed import CANONICAL

SHOP = "rehearsal"
HOST = "http://127.0.0.1"


@contextmanager
def scratch(target: End, naming: str = CANONICAL) -> Iterator[End]:
    """A shop with nothing in it that answers as the target does, in this process."""
    store = Store("sqlite://", secret_key=SHOP)
    schema.create(store.database)
    store.add_shop(SHOP)
    end: End
    if target.dialect is None:
        end = StoreEnd(store, SHOP, naming)
    else:
        end = scratch_platform(store, target.dialect, target.place_rows)
    try:
        yield end
    finally:
        end.close()
        store.close()


def scratch_platform(
    store: Store, dialect: Dialect, places: Sequence[PlaceRow]
) -> PlatformEnd:
    """The dialect over the store, with a client of it."""
    keys = scratch_keys(dialect)
    with store.keys() as ring:
        for key in keys:
            ring.add(
                dialect.name,
                store.shop(SHOP),
                scope=key.scope,
                token=key.token,
                secret=key.secret,
                consumer_id=ring.id_of(dialect.name, key.consumer),
            )
    app = create_app(Config(), store=store, dialects=[dialect])
    clock = Waiting()
    manner = Manner(
        transport=httpx2.WSGITransport(app=app), clock=clock.time, sleep=clock.sleep
    )
    main, consumer = keys[-1], keys[0] if keys[1:] else None
    assert dialect.remote is not None
    root = PART.sub(SHOP, dialect.root)
    end = PlatformEnd(
        dialect, dialect.remote(HOST + root, main, consumer, manner=manner)
    )
    if places:
        store.import_places(store.shop(SHOP), dialect.name, places)
        end.take_places(places)
    return end


def scratch_keys(dialect: Dialect) -> list[Credential]:
    """A key that may do the most, after its application's where there is one."""
    token, other = (token_hex(dialect.token_bytes) for _ in range(2))
    scope, consumer = dialect.scopes[0], dialect.consumer_scope
    if not consumer:
        return [Credential(token=token, scope=scope)]
    return [
        Credential(token=other, secret=other, scope=consumer),
        Credential(token=token, secret=token, scope=scope, consumer=other),
    ]


class Waiting:
    """A clock on which waiting takes no time."""

    def __init__(self) -> None:
        self._waited = 0.0

    def time(self) -> float:
        """The time, as far as it was waited for."""
        return time.monotonic() + self._waited

    def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self._waited += seconds
