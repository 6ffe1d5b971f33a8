"""Measures what addresses cost in a small shop and in a large one, and far pages.

    python -m benchmarks.scale --large 1000000
    python -m benchmarks.scale --large 10000000 --postgresql --folder DIRECTORY

Builds a store of each size, always the same; --folder keeps them for another run, else
they are gone when it ends. 10,000,000 addresses take some 5 GB, and 20 minutes or more.

Timed are requests in process, without a server: Staff's for an address, a customer's
addresses and a new one, BigCommerce's for one that is there already and for a filtered
page; the same as units of work of the core alone; and numbered pages with their totals.
Stores and pages take turns, so that a neighbour who takes a core takes it from all.
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.data import SEED, draft
from benchmarks.scale_requests import LISTS, REQUESTS, App, pages, request_cost
from benchmarks.scale_stores import SCOPES, Filled, stores
from core import AddressBook, Condition, Draft, Op, Query
from gateway import registry

PAGE = 50
OWNERS = 20
"""How many customers a filtered page is of: more addresses than fit on it."""

SQLITE, POSTGRESQL = 1.5, 3.0
"""The most that a request may cost in the large shop, of that in the small."""
FAR = 5.0
"""The most that a page may cost, of the first page."""

DRAFT = [field.name for field in fields(Draft)]


@dataclass(frozen=True, slots=True)
class Work:
    """What is done in a book, which may be one customer's."""

    do: Callable[[AddressBook], object]
    within: int | None = None


def get(_: AddressBook, filled: Filled, chance: random.Random) -> Work:
    id = chance.randint(1, filled.addresses)
    return Work(lambda book: book.get(id))


def list_customer(_: AddressBook, filled: Filled, chance: random.Random) -> Work:
    owner = chance.randint(1, filled.customers)
    return Work(lambda book: book.find(Query()), within=owner)


def create(book: AddressBook, filled: Filled, chance: random.Random) -> Work:
    owner = book.customer(chance.randint(1, filled.customers))
    new = draft(owner, chance.randrange(10**9))
    return Work(lambda book: book.add_many([new]))


def find_equal(book: AddressBook, filled: Filled, chance: random.Random) -> Work:
    """Look for the equal of an address that there is."""
    address = book.get(chance.randint(1, filled.addresses))
    same = Draft(**{name: getattr(address, name) for name in DRAFT})

    def look(book: AddressBook) -> None:
        if book.twins([same]) == [None]:
            raise SystemExit("an address was not found to be there")

    return Work(look)


def page_of_some(_: AddressBook, filled: Filled, chance: random.Random) -> Work:
    """A page of some customers' addresses, and how many they have."""
    owners = chance.sample(range(1, filled.customers), OWNERS)
    where = [Condition("customer_id", Op.IN, owners)]
    query = Query(where=where, order=["id"], limit=PAGE)
    return Work(lambda book: book.find(query))


def page_by_id(_: AddressBook, filled: Filled, chance: random.Random) -> Work:
    """A page of named addresses, and how many were named."""
    ids = chance.sample(range(1, filled.addresses), PAGE + 1)
    where = [Condition("id", Op.IN, ids)]
    query = Query(where=where, order=["id"], limit=PAGE)
    return Work(lambda book: book.find(query))


@dataclass(frozen=True, slots=True)
class Measured:
    """A unit of work, made anew each time; some write."""

    make: Callable[[AddressBook, Filled, random.Random], Work]
    writes: bool = False


WORKS: Mapping[str, Measured] = {
    "get": Measured(get),
    "list": Measured(list_customer),
    "create": Measured(create, writes=True),
    "duplicate check": Measured(find_equal, writes=True),
    "page of customer_id:in": Measured(page_of_some),
    "page of id:in": Measured(page_by_id),
}


def cost(filled: Filled, measured: Measured, chance: random.Random) -> float:
    """The time of one unit of work, in seconds."""
    open_book = partial(filled.store.book, "", shop=filled.shop)
    with open_book(writes=False) as book:
        work = measured.make(book, filled, chance)
    start = perf_counter()
    with open_book(writes=measured.writes, within=work.within) as book:
        work.do(book)
    return perf_counter() - start


def compared(rounds: int, costs: Sequence[Callable[[], float]]) -> dict[str, float]:
    """The medians in the small and in the large, and how many times that is."""
    times: list[list[float]] = [[] for _ in costs]
    for _ in range(rounds):
        for cost, some in zip(costs, times, strict=True):
            some.append(cost())
    small, large = (1e6 * median(some) for some in times)
    return {
        "small_us": round(small),
        "large_us": round(large),
        "ratio": round(large / small, 2),
    }


@contextmanager
def folder_of(given: str | None) -> Iterator[Path]:
    """The folder for the stores: one that stays, or one that goes."""
    if given is not None:
        Path(given).mkdir(parents=True, exist_ok=True)
        yield Path(given)
        return
    with tempfile.TemporaryDirectory(prefix="gateway-scale-") as folder:
        yield Path(folder)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if a target is missed that was to be checked."""
    about = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "benchmarks.scale", description=__doc__, formatter_class=about
    )
    parser.add_argument("--small", type=int, default=10_000, help="addresses")
    parser.add_argument("--large", type=int, default=1_000_000, help="addresses")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--folder", help="where the stores are, or are to stay")
    parser.add_argument("--check", action="store_true", help="exit with 1 if missed")
    options = parser.parse_args(arguments)
    dialects = {dialect.name: dialect for dialect in registry.load([*SCOPES])}
    wanted = (options.small, options.large)
    with (
        folder_of(options.folder) as folder,
        stores(
            folder, wanted, [*dialects.values()], postgresql=options.postgresql
        ) as made,
    ):
        chance = random.Random(SEED)
        apps = [App(filled, dialects) for filled in made]
        found = {
            "requests": {
                name: compared(
                    options.rounds,
                    [partial(request_cost, app, make, chance) for app in apps],
                )
                for name, make in REQUESTS.items()
            },
            "works": {
                name: compared(
                    options.rounds,
                    [partial(cost, filled, measured, chance) for filled in made],
                )
                for name, measured in WORKS.items()
            },
            "pages": {
                app.filled.addresses: {
                    name: pages(app, listed, options.rounds, chance)
                    for name, listed in LISTS.items()
                }
                for app in apps
            },
        }
    print(json.dumps({**vars(options), **found}, indent=2))
    most = POSTGRESQL if options.postgresql else SQLITE
    is_missed = any(row["ratio"] > most for row in found["requests"].values()) or any(
        row["ratio"] > FAR for some in found["pages"].values() for row in some.values()
    )
    return int(options.check and is_missed)


if __name__ == "__main__":
    sys.exit(main())
