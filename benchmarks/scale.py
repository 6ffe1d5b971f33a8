"""Measures what a page costs in a small shop and in a large one.

    python -m benchmarks.scale --large 1000000

Each is a new SQLite database with one shop. What is timed is one unit of work of the
core: the page with its total, in the way that BigCommerce's list asks for it. The two
take turns, so that a neighbour who takes a core takes it from both.
"""

import argparse
import json
import random
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from statistics import median
from time import perf_counter

from benchmarks.data import SEED, Data, filled
from core import Condition, Op, Query, Shop, Store

PAGE = 50
OWNERS = 20
"""How many customers a filtered page is of: more addresses than fit on it."""

TARGET = 2.0
"""The most that a filtered page may cost in the large shop, of that in the small."""

Make = Callable[[Data, random.Random], Query]


def filtered(data: Data, chance: random.Random) -> Query:
    """A page of some customers' addresses."""
    owners = sorted({owner.id for owner, _ in chance.sample(data.addresses, OWNERS)})
    return Query(where=[Condition("customer_id", Op.IN, owners)], limit=PAGE)


def by_id(data: Data, chance: random.Random) -> Query:
    """A page of named addresses."""
    ids = sorted(address.id for _, address in chance.sample(data.addresses, PAGE + 1))
    return Query(where=[Condition("id", Op.IN, ids)], limit=PAGE)


QUERIES: dict[str, Make] = {"customer_id:in": filtered, "id:in": by_id}


def cost(store: Store, shop: Shop, query: Query) -> float:
    """The time of one page, in seconds."""
    start = perf_counter()
    with store.book("", shop=shop, writes=False) as book:
        page = book.find(query)
    elapsed = perf_counter() - start
    if not page.items or page.total < len(page.items):
        raise SystemExit(f"the page is not as it should be: {page.total} in all")
    return elapsed


def ratio(small: Data, large: Data, make: Make, rounds: int) -> dict[str, float]:
    """The medians of both, in microseconds, and how many times the one is the other."""
    chance = random.Random(SEED)
    times: dict[int, list[float]] = {0: [], 1: []}
    for _ in range(rounds):
        for n, data in enumerate((small, large)):
            times[n].append(cost(data.store, data.shop, make(data, chance)))
    low, high = (1e6 * median(times[n]) for n in (0, 1))
    return {
        "small_us": round(low),
        "large_us": round(high),
        "ratio": round(high / low, 2),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if a target is missed that was to be checked."""
    parser = argparse.ArgumentParser("benchmarks.scale", description=__doc__)
    parser.add_argument("--small", type=int, default=10_000, help="addresses")
    parser.add_argument("--large", type=int, default=1_000_000, help="addresses")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--check", action="store_true", help="exit with 1 above 2")
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        small, large = (
            stack.enter_context(
                filled(addresses=size, keys={}, durable=False, postgresql=False)
            )
            for size in (options.small, options.large)
        )
        found = {
            name: ratio(small, large, make, options.rounds)
            for name, make in QUERIES.items()
        }
    print(json.dumps({**vars(options), "pages": found}, indent=2))
    worst = max(row["ratio"] for row in found.values())
    return int(options.check and worst > TARGET)


if __name__ == "__main__":
    sys.exit(main())
