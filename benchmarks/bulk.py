"""Measures import and export beside the driver's own bulk path.

    python -m benchmarks.bulk --addresses 1000000
    python -m benchmarks.bulk --postgresql

The file is made anew, always the same. Each round fills two new databases with the same
schema, indexes, rules and customers: one by the driver (`executemany` of SQLite, COPY
of PostgreSQL) with the final rows, which lie ready in memory, and one by importing the
file, in a process of its own. Both commit as often, and as durably. Timed of both are
the addresses with the customers' defaults, after which both databases have to hold the
same; what the driver takes for the defaults is told by itself, too.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.bulk_data import write_files
from benchmarks.bulk_import import SHOP, import_file, timed
from benchmarks.data import database
from core import Shop, Store, schema
from core.records import ADDRESS_COLUMNS
from core.tables import metadata
from gateway.bulk.importing import Options

TARGET = 0.5
"""The least speed of an import, of the driver's."""


@contextmanager
def filled(
    files: dict[str, Path], *, postgresql: bool
) -> Iterator[tuple[str, Store, Shop]]:
    """A new database with the customers alone."""
    with database(durable=True, postgresql=postgresql) as url:
        store = Store(url)
        schema.upgrade(store.database)
        shop = store.add_shop(SHOP)
        import_file(store, shop, files["customers"])
        yield url, store, shop
        store.close()


def final_rows(files: dict[str, Path]) -> tuple[list[Any], list[Any]]:
    """The rows as an import stores them, and the customers' defaults."""
    with filled(files, postgresql=False) as (_, store, shop):
        import_file(store, shop, files["addresses"])
        listed = ", ".join(ADDRESS_COLUMNS)
        raw = store.database.engine.raw_connection()
        rows = raw.cursor().execute(f"SELECT {listed} FROM addresses ORDER BY id")
        addresses = rows.fetchall()
        defaults = raw.cursor().execute(
            "SELECT default_billing_id, default_shipping_id, shop_id, id"
            " FROM customers ORDER BY id"
        )
        return addresses, defaults.fetchall()


def by_driver(
    store: Store, rows: Sequence[Any], defaults: Sequence[Any], commit: int
) -> dict[str, float]:
    """The final rows, added by the driver's own bulk path, so many at a time."""
    raw = store.database.engine.raw_connection()
    cursor = raw.cursor()
    listed = ", ".join(ADDRESS_COLUMNS)
    if not store.database.is_sqlite:
        cursor.execute("SET statement_timeout = 0")

    def add(some: Sequence[Any]) -> None:
        if store.database.is_sqlite:
            marks = ", ".join("?" * len(ADDRESS_COLUMNS))
            insert = f"INSERT INTO addresses ({listed}) VALUES ({marks})"
            cursor.executemany(insert, some)
        else:
            with cursor.copy(f"COPY addresses ({listed}) FROM STDIN") as copy:
                for row in some:
                    copy.write_row(row)

    def work() -> None:
        for start in range(0, len(rows), commit):
            cursor.execute("BEGIN")
            add(rows[start : start + commit])
            cursor.execute("COMMIT")

    def update() -> None:
        cursor.execute("BEGIN")
        if store.database.is_sqlite:
            cursor.executemany(
                "UPDATE customers SET default_billing_id = ?, default_shipping_id = ?"
                " WHERE shop_id = ? AND id = ?",
                defaults,
            )
        else:
            # Twice as fast as `executemany`.
            cursor.execute(
                "UPDATE customers AS c SET default_billing_id = billing,"
                " default_shipping_id = shipping"
                " FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[])"
                " AS given (billing, shipping, shop, number)"
                " WHERE c.shop_id = shop AND c.id = number",
                [*map(list, zip(*defaults, strict=True))],
            )
        cursor.execute("COMMIT")

    url = store.database.url
    found = timed(work, len(rows), url)
    found |= {f"defaults_{k}": us for k, us in timed(update, len(rows), url).items()}
    raw.close()
    return found


def imported(url: str, file: Path, rows: int) -> dict[str, float]:
    """The file, imported by another process, whose memory is measured too."""
    command = [sys.executable, "-m", "benchmarks.bulk_import", url, str(file)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    if found.pop("stored") != rows:
        raise SystemExit(f"not everything was stored: {found}")
    return found


def content(store: Store) -> str:
    """A digest of all customers and addresses."""
    raw, digest = store.database.engine.raw_connection(), hashlib.sha256()
    for table in ("customers", "addresses"):
        columns = ", ".join(metadata.tables[table].c.keys())
        rows = raw.cursor().execute(f"SELECT {columns} FROM {table} ORDER BY id")
        while some := rows.fetchmany(10_000):
            digest.update(repr(some).encode())
    raw.close()
    return digest.hexdigest()


def measured(
    files: dict[str, Path], rounds: int, *, postgresql: bool, commit: int
) -> list[dict[str, Any]]:
    """Both sides of each round."""
    addresses, defaults = final_rows(files)
    defaults = [row for row in defaults if row[0] is not None]
    found = []
    for _ in range(rounds):
        with filled(files, postgresql=postgresql) as (_, store, _):
            driver = by_driver(store, addresses, defaults, commit)
            wanted = content(store)
        with filled(files, postgresql=postgresql) as (url, store, _):
            ours = imported(url, files["addresses"], len(addresses))
            if content(store) != wanted:
                raise SystemExit("the two databases do not hold the same")
        whole = round(driver["us"] + driver["defaults_us"], 2)
        found.append(
            {
                "driver": driver,
                "import": ours,
                "ratio": round(whole / ours["us"], 2),
                "ratio_without_defaults": round(driver["us"] / ours["us"], 2),
            }
        )
        print(json.dumps(found[-1]), flush=True)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if the target is missed that was to be checked."""
    parser = argparse.ArgumentParser("benchmarks.bulk", description=__doc__)
    parser.add_argument("--addresses", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument(
        "--commit",
        type=int,
        default=Options().batch,
        help="how many rows the driver commits at a time; else as many as an import",
    )
    parser.add_argument("--check", action="store_true", help="exit with 1 below 0.5")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="gateway-bulk-") as folder:
        files = write_files(Path(folder), options.addresses)
        found = measured(
            files,
            options.rounds,
            postgresql=options.postgresql,
            commit=options.commit,
        )
    middle = median(row["ratio"] for row in found)
    print(f"an import has {middle:.2f} of the driver's speed; the target is {TARGET}")
    return int(options.check and middle < TARGET)


if __name__ == "__main__":
    sys.exit(main())
