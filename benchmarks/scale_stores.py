"""The stores that scale is measured on: always the same for a number of addresses.

They are filled by a bulk import's own unit of work, some thousand addresses at a time,
with ids and dates of their own. A store that is there already is taken as it is.
"""

import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import make_url

from benchmarks import bulk_data
from benchmarks.data import SEED, postgresql_in, sizes
from benchmarks.operations import keys_of
from core import Batch, NotFound, Place, Record, Shop, Store, Written, schema
from dialects.base import Dialect
from gateway.seed import add_keys

SHOP = "benchmark"
SCOPES = {"bigcommerce": "modify", "staff": "staff"}
AT_ONCE = 20_000
"""How many addresses a unit of work adds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Filled:
    """A store with one shop, where the numbers 1 to `addresses` are all in use."""

    url: str
    store: Store
    shop: Shop
    addresses: int
    customers: int


@contextmanager
def stores(
    folder: Path, sizes: Sequence[int], dialects: Sequence[Dialect], *, postgresql: bool
) -> Iterator[list[Filled]]:
    """A store for each number of addresses, in the folder."""
    with databases(folder, sizes, postgresql=postgresql) as urls:
        made = [filled(url, size, dialects) for size, url in urls.items()]
        yield made
        for one in made:
            one.store.close()


@contextmanager
def databases(
    folder: Path, sizes: Sequence[int], *, postgresql: bool
) -> Iterator[Mapping[int, str]]:
    """The URL of a database for each size."""
    if not postgresql:
        yield {size: f"sqlite:///{folder}/{size}.db" for size in sizes}
        return
    # The server refuses to be root; it becomes a user who must find its files.
    folder.chmod(0o755)
    for url in postgresql_in(folder / "postgresql", durable=False):
        yield {size: database_on(url, f"scale_{size}") for size in sizes}


def database_on(url: str, name: str) -> str:
    """The URL of a database on the server, made if it is not there."""
    store = Store(url)
    with store.database.engine.connect() as connection:
        there = connection.execute(text("SELECT datname FROM pg_database")).scalars()
        if name not in there:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
    store.close()
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def filled(url: str, addresses: int, dialects: Sequence[Dialect]) -> Filled:
    """The store with so many addresses, filled if it is not."""
    store = Store(url, secret_key="benchmark", durable=False)
    if schema.revision(store.database) != schema.HEAD:
        schema.upgrade(store.database)
    try:
        shop = store.shop(SHOP)
    except NotFound:
        shop = store.add_shop(SHOP)
        for dialect in dialects:
            add_keys(store, shop, dialect.name, keys_of(dialect, SCOPES[dialect.name]))
        fill(store, shop, addresses)
        if not store.database.is_sqlite:
            with store.database.engine.connect() as connection:
                connection.exec_driver_sql("VACUUM ANALYZE")
    with store.extract("", shop=shop) as extract:
        counts = extract.counts()
    # Others may have been added by an earlier run.
    if counts["addresses"] < addresses:
        raise SystemExit(f"{url} was filled in part; remove it")
    return Filled(
        url=url,
        store=store,
        shop=shop,
        addresses=counts["addresses"],
        customers=counts["customers"],
    )


def record(line: Mapping[str, Any]) -> Record:
    """What a line of a file says, but for its kind."""
    return {name: value for name, value in line.items() if name != "type"}


def fill(store: Store, shop: Shop, addresses: int) -> None:
    """Add customers with so many addresses in all, some thousands at a time."""
    chance = random.Random(SEED)
    cities = bulk_data.us_cities()
    owners = enumerate(sizes(addresses), 1)
    known: dict[Written, Place] = {}
    begun, number = time.monotonic(), 0
    while some := list(islice(owners, AT_ONCE // 4)):
        batch = Batch(shop, known)
        for owner, size in some:
            batch.add_customer(owner, record(bulk_data.customer(owner)))
            for n in range(size):
                number += 1
                address = bulk_data.address(number, owner, n == 0, cities, chance)
                batch.add_address(addresses + number, record(address))
        with store.bulk("", shop=shop, known=known) as bulk:
            added = bulk.store(batch)
        if added.problems:
            raise SystemExit(f"a record was refused: {added.problems[0]}")
        pace = number / (time.monotonic() - begun)
        sys.stderr.write(f"\r{number:,} of {addresses:,} addresses, {pace:,.0f}/s ")
    sys.stderr.write("\n")
