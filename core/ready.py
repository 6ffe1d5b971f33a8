"""Fills a new SQLite database from one that was made before, which is much quicker.

The shared places take half a second to read and to add, a copy of the result some
milliseconds. It is kept in the user's cache directory, under a name that tells what it
was made from; where that cannot be written to, every database is made by itself.
"""

import fcntl
import os
import sqlite3
import stat
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing, suppress
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import sqlalchemy

from core.sql import Database

SOURCES = ("tables.py", "triggers.py", "schema.py", "places.py")
DATA = ("countries.csv", "regions.csv", "cities.csv.gz")
KEPT_SECONDS = 30 * 86_400
"""How long the copies of other versions are kept."""

Make = Callable[[Database], None]


def copied(database: Database, make: Make) -> bool:
    """Whether the database, if there is nothing in it, was filled from a copy.

    The copy is what `make` makes, which is called if there is none yet.
    """
    with database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        if driver.execute("SELECT 1 FROM sqlite_master").fetchone():
            return False
        try:
            copy = found(make)
            with closing(sqlite3.connect(f"{copy.as_uri()}?mode=ro", uri=True)) as kept:
                # One that a full disk cut short would be no database, or an empty one.
                kept.execute("SELECT 1 FROM cities LIMIT 1").fetchone()
                kept.backup(driver)
        except (OSError, RuntimeError, sqlite3.Error):
            return False
    return True


def found(make: Make) -> Path:
    """The copy, made if need be. Raises OSError, RuntimeError without a home."""
    folder = private(cache() / "address-gateway")
    copy = folder / f"{version()}.db"
    if is_own(copy):
        return copy
    handle = os.open(folder, os.O_RDONLY)
    try:
        # One process makes it, and the others wait for that.
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not is_own(copy):
            forget_others(folder)
            with tempfile.TemporaryDirectory(dir=folder) as workshop:
                os.replace(made(Path(workshop) / copy.name, make), copy)
    finally:
        os.close(handle)
    return copy


def made(path: Path, make: Make) -> Path:
    """A database in one file, as it is to be copied."""
    database = Database(f"sqlite:///{path}")
    try:
        make(database)
    finally:
        database.close()
    with closing(sqlite3.connect(path)) as connection:
        # With a log beside it, nobody could read it who may not write there.
        connection.execute("PRAGMA journal_mode = DELETE")
    path.chmod(0o600)
    return path


def version() -> str:
    """What a copy depends on, as a name."""
    digest = sha256(f"{sqlalchemy.__version__} {sqlite3.sqlite_version}".encode())
    package = files("core")
    for name in SOURCES:
        digest.update(package.joinpath(name).read_bytes())
    for name in DATA:
        digest.update(package.joinpath("data", name).read_bytes())
    return digest.hexdigest()[:32]


def cache() -> Path:
    """Where programs keep what they can make again (XDG Base Directory, 3)."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(given):
        return Path(given)
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")


def private(folder: Path) -> Path:
    """The folder, made if need be. Raises PermissionError if others may write to it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not is_own(folder):
        raise PermissionError(f"{folder} is not this user's alone")
    return folder


def is_own(path: Path) -> bool:
    """Whether there is such a thing, and nobody but this user can have changed it."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return False
    is_link = stat.S_ISLNK(status.st_mode)
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022 and not is_link


def forget_others(folder: Path) -> None:
    """Remove the copies of versions that were made long ago."""
    for other in folder.glob("*.db"):
        with suppress(OSError):
            if other.stat().st_mtime < time.time() - KEPT_SECONDS:
                other.unlink()
