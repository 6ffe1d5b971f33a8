"""Measures what addresses take on PostgreSQL, and what reading one of many costs.

    python -m benchmarks.sizing --shops 20 --addresses 10000

Fills so many shops alike, then tells bytes for each address and customer, indexes
included, and the time of units of work of the core: an address, a customer's list, a
new address. `--as` scales the bytes to another number of addresses.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from random import Random
from statistics import median
from time import perf_counter

import psycopg

from benchmarks.data import MOST, SEED, database, draft, fill, person, sizes
from core import Address, Customer, Query, Shop, Store, schema

TIMES = 500
Owned = tuple[Customer, Address]
SIZES = """
    SELECT relname, pg_table_size(oid), pg_indexes_size(oid),
        pg_total_relation_size(oid)
    FROM pg_class WHERE relkind = 'r' AND relname IN ('addresses', 'customers')
"""


def filled(store: Store, shops: int, addresses: int) -> list[tuple[Shop, list[Owned]]]:
    """Shops with so many addresses each, of the usual number for each customer."""
    made = []
    for number in range(shops):
        shop = store.add_shop(f"shop-{number}")
        with store.book("", shop=shop) as book:
            some = [(book.add_customer(person()), size) for size in sizes(addresses)]
        owners = [owner for owner, size in some for _ in range(size)]
        made.append((shop, fill(store, shop, owners)))
    return made


def timed(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def costs(store: Store, made: Sequence[tuple[Shop, list[Owned]]]) -> dict[str, float]:
    """The median of each unit of work, in milliseconds."""
    chance = Random(SEED)

    def get(shop: Shop, owned: Owned) -> None:
        with store.book("", shop=shop, writes=False) as book:
            book.get(owned[1].id)

    def find(shop: Shop, owned: Owned) -> None:
        owner = owned[0].id
        with store.book("", shop=shop, within=owner, writes=False) as book:
            book.find(Query(limit=MOST + 1))

    def add(shop: Shop, owned: Owned) -> None:
        with store.book("", shop=shop) as book:
            book.add_many([draft(owned[0], chance.randrange(10**6))])

    found = {}
    for name, work in (("get", get), ("list", find), ("create", add)):
        times = []
        for _ in range(TIMES):
            shop, some = chance.choice(made)
            owned = chance.choice(some)
            times.append(timed(lambda w=work, s=shop, o=owned: w(s, o)))
        found[f"{name} ms"] = round(1000 * median(times), 3)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Fill, measure and print."""
    parser = argparse.ArgumentParser(
        "benchmarks.sizing",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--shops", type=int, default=20)
    parser.add_argument("--addresses", type=int, default=10_000, help="of each shop")
    parser.add_argument("--as", dest="target", type=int, default=10**9)
    options = parser.parse_args(arguments)
    with database(durable=True, postgresql=True) as url:
        store = Store(url)
        schema.upgrade(store.database)
        start = perf_counter()
        made = filled(store, options.shops, options.addresses)
        took = perf_counter() - start
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as server:
            server.execute("VACUUM ANALYZE")
            sizes = server.execute(SIZES).fetchall()
        figures = {"units of work": costs(store, made)}
        store.close()
    count = options.shops * options.addresses
    customers = sum(len({owner.id for owner, _ in some}) for _, some in made)
    rows = {"addresses": count, "customers": customers}
    bytes_each = {
        name: {
            "table": round(table / rows[name]),
            "indexes": round(indexes / rows[name]),
        }
        for name, table, indexes, _ in sizes
    }
    total = sum(size for *_, size in sizes)
    print(
        json.dumps(
            {
                **rows,
                "filled at addresses/s": round(count / took),
                "bytes each": bytes_each,
                "bytes an address, its share of the customer included": round(
                    total / count
                ),
                f"GiB for {options.target:,}": round(
                    total / count * options.target / 2**30
                ),
                **figures,
            },
            indent=2,
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
