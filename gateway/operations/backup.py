"""Copies of a SQLite database that is in use, and their way back.

The copy is made by SQLite's own backup (https://www.sqlite.org/backup.html) in one
step: one reader's view of the database, for which writers need not wait.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from core import schema


class BackupError(Exception):
    """A copy cannot be made or put back; the text says why, and what to do."""


class Copy(NamedTuple):
    """What a copy holds, as far as it was counted."""

    revision: str
    shops: int
    customers: int
    addresses: int
    bytes: int


def back_up(database: Path, target: Path, *, overwrites: bool = False) -> Copy:
    """Copy a database, in use or not, to a file that is whole or not there."""
    if target.exists() and not overwrites:
        raise BackupError(f"{target} is there; choose another file, or use --overwrite")
    if target.exists() and target.samefile(database):
        raise BackupError(f"{target} is the database itself; choose another file")
    with closing(opened(database)) as source:
        return put(source, target)


def restore(copy: Path, database: Path, *, overwrites: bool = False) -> Copy:
    """Let a database hold what a copy does: all of it, or what it held before."""
    if database.exists() and not overwrites:
        raise BackupError(
            f"{database} is there; name another --database, or replace what is in it"
            " with --overwrite"
        )
    with closing(opened(copy)) as source:
        if database.exists() and copy.samefile(database):
            raise BackupError(f"{copy} is the database itself; choose another file")
        found = checked(source, copy)
        if found.revision > schema.HEAD:
            raise BackupError(
                f"{copy} has the schema {found.revision}, which is newer than"
                f" {schema.HEAD}; restore it with the version that made it"
            )
        if not database.exists():
            require_none_beside(database)
            return put(source, database)
        lock = hold(database, alone=True)
        try:
            with alone(database) as target:
                # A transaction of SQLite's: a crash leaves what was there.
                source.backup(target)
                return checked(target, database)
        finally:
            os.close(lock)


def put(source: sqlite3.Connection, target: Path) -> Copy:
    """Copy what a connection sees to a new file, which appears when it is complete."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(sqlite3.connect(part)) as made:
            source.backup(made)
            # Else it would need a file beside it as soon as it is opened.
            made.execute("PRAGMA journal_mode = DELETE")
            found = checked(made, target)
        sync(part)
        part.replace(target)
        sync(target.parent)
    finally:
        part.unlink(missing_ok=True)
    return found


def checked(connection: sqlite3.Connection, file: Path) -> Copy:
    """What a database holds, if it is sound and a gateway's. Raises BackupError."""
    try:
        [sound] = connection.execute("PRAGMA integrity_check(1)").fetchone()
        strays = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{file} is no sound database ({error})") from error
    if sound != "ok" or strays:
        raise BackupError(f"{file} is damaged ({strays or sound}); use an older backup")
    try:
        [revision] = connection.execute(
            "SELECT version_num FROM alembic_version"
        ).fetchone() or [""]
        shops, customers, addresses = (
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("shops", "customers", "addresses")
        )
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{file} holds no gateway's tables ({error})") from error
    size = connection.execute(
        "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    ).fetchone()[0]
    return Copy(revision, shops, customers, addresses, size)


def opened(file: Path) -> sqlite3.Connection:
    """A connection to a file, which is not made if it is not there."""
    if not file.is_file():
        raise BackupError(f"there is no file {file}; check its path")
    uri = f"{file.resolve().as_uri()}?mode=rw"
    return sqlite3.connect(uri, uri=True, timeout=5, isolation_level=None)


def hold(database: Path, *, alone: bool = False) -> int:
    """A lock on serving a database, which ends with its processes; several serve it.

    An idle server has no connection to it. Raises BackupError if it cannot be had.
    """
    path = database.with_name(f"{database.name}-served")
    file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        raise BackupError(
            f"{database} is in use; stop the server that serves it, restore, and"
            " start it again"
            if alone
            else f"{database} is being restored; start the server when that is done"
        ) from None
    return file


@contextmanager
def alone(database: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a database that nobody else has open. Raises BackupError."""
    with closing(opened(database)) as connection:
        try:
            connection.execute("PRAGMA busy_timeout = 500")
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            # To leave the WAL mode needs that no other connection is open.
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise BackupError(
                f"{database} is in use; stop the server that serves it, restore, and"
                " start it again"
            ) from error
        except sqlite3.DatabaseError:
            # What is there is no database: it cannot be in use.
            raise BackupError(
                f"{database} is no database; move it away and restore again"
            ) from None
        yield connection


def require_none_beside(database: Path) -> None:
    """Fail if SQLite would take another database's last writes for this one's."""
    for suffix in ("-wal", "-journal"):
        beside = database.with_name(database.name + suffix)
        if beside.exists():
            raise BackupError(f"{beside} is there without its database; move it away")


def sync(path: Path) -> None:
    """Wait until a file or directory is on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
