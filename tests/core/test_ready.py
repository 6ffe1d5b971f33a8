"""A new SQLite database is filled from a copy, and is as one that was made."""

import os
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core import Store, ready, schema
from core.sql import Database

TABLES = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name"
TOLD = ("countries", "regions", "cities", "sqlite_stat1")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where copies are kept, of which there is none."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "address-gateway"


def contents(database: Database) -> list[object]:
    """All that is in the database."""
    with database.engine.connect() as connection:
        texts = (TABLES, *(f"SELECT * FROM {name} ORDER BY 1, 2, 3" for name in TOLD))
        return [connection.exec_driver_sql(text).fetchall() for text in texts]


def filled(path: Path | None = None) -> Database:
    """A new database with its places."""
    database = Database(f"sqlite:///{path or ''}")
    schema.create(database)
    return database


def test_a_copy_is_as_what_is_made(folder: Path, tmp_path: Path) -> None:
    made = Database("sqlite://")
    schema.build(made)

    found = [filled(), filled(), filled(tmp_path / "file.db")]

    [copy] = folder.iterdir()
    assert copy.stem == ready.version()
    assert all(contents(one) == contents(made) for one in found)
    for one in (made, *found):
        one.close()


def test_a_file_that_was_filled_writes_ahead(folder: Path, tmp_path: Path) -> None:
    filled(tmp_path / "file.db").close()

    with sqlite3.connect(tmp_path / "file.db") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_copy_takes_a_moment(folder: Path) -> None:
    filled().close()
    start = time.process_time()

    filled().close()

    assert time.process_time() - start < 0.1


def test_what_is_in_a_database_stays(folder: Path) -> None:
    store = Store()
    schema.create(store.database)
    shop = store.add_shop("abc")

    schema.create(store.database)

    assert store.shops() == [shop]
    store.close()


@pytest.mark.parametrize("broken", [b"", b"x" * 5000])
def test_a_broken_copy_is_not_used(folder: Path, broken: bytes) -> None:
    folder.mkdir(mode=0o700)
    path = folder / f"{ready.version()}.db"
    path.write_bytes(broken)
    path.chmod(0o600)

    database = filled()

    assert len(contents(database)[1]) == 249  # type: ignore[arg-type]
    database.close()


def test_a_copy_that_others_may_have_changed_is_made_anew(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    path = folder / f"{ready.version()}.db"
    path.write_bytes(b"")
    path.chmod(0o666)

    filled().close()

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.stat().st_size > 10**6


@pytest.mark.parametrize("home", ["open", "file", "none"])
def test_without_a_place_for_it_every_database_is_made(
    folder: Path, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    if home == "open":
        folder.mkdir()
        folder.chmod(0o777)
    if home == "file":
        folder.write_text("")
    if home == "none":
        monkeypatch.delenv("XDG_CACHE_HOME")
        monkeypatch.setattr(Path, "home", lambda: Path("/proc/nowhere"))

    database = filled()

    assert len(contents(database)[1]) == 249  # type: ignore[arg-type]
    assert home != "open" or not [*folder.iterdir()]
    database.close()


def test_of_many_at_once_one_makes_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def make(database: Database) -> None:
        calls.append(database)
        schema.build(database)

    with ThreadPoolExecutor(4) as threads:
        found = [*threads.map(lambda _: ready.found(make), range(4))]

    assert len({*found}) == len(calls) == 1


def test_copies_of_long_ago_are_forgotten(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    for name, age in (("old", ready.KEPT_SECONDS + 60), ("young", 60)):
        (folder / f"{name}.db").touch()
        os.utime(folder / f"{name}.db", (0, time.time() - age))

    filled().close()

    left = {path.stem for path in folder.iterdir()}
    assert left == {"young", ready.version()}


def test_the_version_tells_what_a_copy_is_made_from(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = ready.version()

    monkeypatch.setattr(sqlite3, "sqlite_version", "0")

    assert ready.version() != before
