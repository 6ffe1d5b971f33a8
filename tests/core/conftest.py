"""What the tests of the core need beyond a store and a shop."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_hex
from typing import Any

import pytest
from sqlalchemy import Table, select

from core import CustomerDraft, Shop, Store, schema

WORKERS = Path(__file__).with_name("workers.py")


@pytest.fixture
def rows(store: Store, shop: Shop) -> Callable[..., list[dict[str, Any]]]:
    """The raw rows of a table that belong to the shop."""

    def rows(table: Table, shop: Shop = shop) -> list[dict[str, Any]]:
        owner = table.c.id if table.name == "shops" else table.c.shop_id
        with store.database.engine.connect() as connection:
            found = connection.execute(select(table).where(owner == shop.id))
            return [dict(row) for row in found.mappings()]

    return rows


@pytest.fixture(scope="session")
def run_workers() -> Callable[..., list[str]]:
    """Runs a task of workers.py in processes that start at the same moment.

    Gives what each process printed; raises if one failed.
    """

    def run_workers(processes: int, task: str, *arguments: object) -> list[str]:
        workers = [
            subprocess.Popen(
                [sys.executable, str(WORKERS), task, *map(str, arguments), str(n)],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for n in range(processes)
        ]
        for worker in workers:
            worker.stdout.readline()
        for worker in workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        printed = [worker.communicate(timeout=60)[0] for worker in workers]
        assert [worker.returncode for worker in workers] == [0] * processes
        return printed

    return run_workers


@pytest.fixture
def postgres(postgresql: str) -> Iterator[Store]:
    """A store of its own on PostgreSQL, whose schema is there already."""
    store = Store(postgresql)
    schema.upgrade(store.database)
    yield store
    store.close()


@pytest.fixture
def postgres_shop(postgres: Store) -> Shop:
    """A shop on PostgreSQL, with two customers."""
    shop = postgres.add_shop(token_hex(8))
    with postgres.book("test", shop=shop) as book:
        for _ in range(2):
            book.add_customer(CustomerDraft())
    return shop
