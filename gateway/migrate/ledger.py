"""The ledger of a migration: a SQLite file, in which each intent is written before the
call and each result after it."""

import fcntl
import json
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from core import PublicId, Ref
from gateway.migrate.errors import InUseError, MigrationError

TABLES = """
CREATE TABLE IF NOT EXISTS run (
  id INTEGER PRIMARY KEY, source TEXT NOT NULL, target TEXT NOT NULL,
  options TEXT NOT NULL, started TEXT NOT NULL, finished TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS customers (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, source_ref TEXT NOT NULL UNIQUE,
  target_ref TEXT, hash TEXT NOT NULL DEFAULT '', target_hash TEXT NOT NULL DEFAULT '',
  content TEXT NOT NULL DEFAULT '{}', known TEXT NOT NULL DEFAULT '[]',
  state TEXT NOT NULL DEFAULT '', is_created INTEGER NOT NULL DEFAULT 0,
  problem TEXT NOT NULL DEFAULT '', losses TEXT NOT NULL DEFAULT '[]',
  former TEXT NOT NULL DEFAULT 'null', intended TEXT NOT NULL DEFAULT 'null');
CREATE TABLE IF NOT EXISTS addresses (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, source_ref TEXT NOT NULL,
  source_customer TEXT NOT NULL,
  target_ref TEXT, hash TEXT NOT NULL DEFAULT '', target_hash TEXT NOT NULL DEFAULT '',
  content TEXT NOT NULL DEFAULT '{}', known TEXT NOT NULL DEFAULT '[]',
  state TEXT NOT NULL DEFAULT '', is_created INTEGER NOT NULL DEFAULT 0,
  problem TEXT NOT NULL DEFAULT '', losses TEXT NOT NULL DEFAULT '[]',
  former TEXT NOT NULL DEFAULT 'null', intended TEXT NOT NULL DEFAULT 'null',
  UNIQUE (source_customer, source_ref));
"""

INTENT, UPDATING, DONE = "intent", "updating", "done"
DUPLICATE, REFUSED, CONFLICT, REMOVED = "duplicate", "refused", "conflict", "removed"
PAIRED, DROPPED, UNDONE = "paired", "dropped", "undone"
STATES = (
    *(DONE, DUPLICATE, PAIRED, REFUSED, CONFLICT),
    *(DROPPED, INTENT, UPDATING, REMOVED, UNDONE),
)
ARRIVED = (DONE, DUPLICATE, PAIRED, UPDATING, CONFLICT)
"""The states of what has a partner at the target; `PAIRED` is known from a migration
the other way, and was not looked at since."""

JSON = frozenset({"source_ref", "source_customer", "target_ref", "content", "known"})
JSON |= {"losses", "former", "intended"}
FORGOTTEN: Mapping[str, Any] = {
    "state": REMOVED,
    "target_ref": None,
    "is_created": 0,
    "target_hash": "",
    "former": None,
    "intended": None,
    "problem": "",
}
"""The columns of what has no partner any more: it can be moved anew."""


def packed(values: Mapping[str, Any]) -> dict[str, Any]:
    return {n: json.dumps(v) if n in JSON else v for n, v in values.items()}


def unpacked(row: sqlite3.Row) -> dict[str, Any]:
    names = row.keys()
    return {n: json.loads(row[n] or "null") if n in JSON else row[n] for n in names}


def reference(value: Any) -> Ref:
    """A reference as JSON holds it."""
    return value if isinstance(value, int) else PublicId(value)


def locked(path: Path, mode: str) -> IO[str]:
    """The file beside a ledger that one command at a time holds. Raises InUseError."""
    lock = open(f"{path}.lock", mode)  # noqa: SIM115
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise InUseError(
            f"{path} is in use by another command; wait until that has ended"
        ) from error
    return lock


class Ledger:
    """One migration's run, customers and addresses; a row is a mapping."""

    def __init__(self, path: Path | None) -> None:
        self._lock = locked(path, "w") if path is not None else None
        # Without a path it is a temporary file, of which little is in memory.
        self._db = sqlite3.connect(path or "", isolation_level=None)
        self._db.row_factory = sqlite3.Row
        try:
            self._db.executescript(TABLES)
            self._complete()
        except sqlite3.DatabaseError as error:
            self.close()
            raise MigrationError(f"{path} is no ledger: {error}") from error

    @classmethod
    def copied(cls, path: Path) -> "Ledger":
        """What stands in a file, for this process alone: the file is not written to.

        A killed command may have left a journal, by which the copy is put right.
        """
        copy = cls(None)
        lock = Path(f"{path}.lock")
        held = locked(path, "r") if lock.exists() else nullcontext()
        with held, TemporaryDirectory() as folder:
            for name in (path, Path(f"{path}-journal")):
                if name.exists():
                    shutil.copy(name, folder)
            there = cls(Path(folder) / path.name)
            there._db.backup(copy._db)
            there.close()
        return copy

    @classmethod
    def glimpsed(cls, path: Path) -> "Ledger":
        """The same even while another command works with it: as it is just now."""
        try:
            return cls.copied(path)
        except InUseError:
            copy = cls(None)
            with closing(
                sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
            ) as there:
                there.backup(copy._db)
            return copy

    def _complete(self) -> None:
        """Give the tables of an older ledger what they have not got."""
        for kind in ("customers", "addresses"):
            rows = self._db.execute(f"PRAGMA table_info({kind})")
            if "intended" not in {row["name"] for row in rows}:
                column = "intended TEXT NOT NULL DEFAULT 'null'"
                self._db.execute(f"ALTER TABLE {kind} ADD COLUMN {column}")

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()
        if self._lock:
            self._lock.close()

    @contextmanager
    def unit(self) -> Iterator[None]:
        """All that is written in it is written at once, or not at all."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def run(self) -> dict[str, Any] | None:
        """The run that this ledger is of."""
        row = self._db.execute("SELECT * FROM run").fetchone()
        return {**dict(row), "options": json.loads(row["options"])} if row else None

    def begin(self, source: str, target: str, options: Any, started: str) -> None:
        """Begin the run, or begin it again between the same ends."""
        known = self.run()
        if known and (known["source"], known["target"]) != (source, target):
            raise MigrationError(
                f"this ledger is of a migration from {known['source']} to"
                f" {known['target']}; name another with --ledger, and, to move back,"
                " this one with --earlier"
            )
        self._db.execute(
            "INSERT INTO run (id, source, target, options, started, state)"
            " VALUES (1, ?, ?, ?, ?, 'running') ON CONFLICT (id) DO UPDATE SET"
            " options = excluded.options, state = 'running'",
            (source, target, json.dumps(options), started),
        )

    def end(self, state: str, finished: str) -> None:
        """Note how the run ended."""
        self._db.execute("UPDATE run SET state = ?, finished = ?", (state, finished))

    def customer(self, ref: Ref) -> dict[str, Any] | None:
        """The row of a customer of the source."""
        sql = "SELECT * FROM customers WHERE source_ref = ?"
        row = self._db.execute(sql, (json.dumps(ref),)).fetchone()
        return unpacked(row) if row else None

    def customers(self) -> list[dict[str, Any]]:
        """All customers, in the order in which they were moved."""
        return [
            *map(unpacked, self._db.execute("SELECT * FROM customers ORDER BY seq"))
        ]

    def addresses(self, owner: Ref) -> dict[Ref, dict[str, Any]]:
        """The rows of a customer's addresses, by their reference at the source."""
        sql = "SELECT * FROM addresses WHERE source_customer = ? ORDER BY seq"
        rows = map(unpacked, self._db.execute(sql, (json.dumps(owner),)))
        return {row["source_ref"]: row for row in rows}

    def put_customer(self, ref: Ref, **values: Any) -> None:
        """Write a customer's row, or columns of it."""
        self._put("customers", {"source_ref": ref}, values)

    def put_address(self, owner: Ref, ref: Ref, **values: Any) -> None:
        """Write an address's row, or columns of it."""
        self._put("addresses", {"source_customer": owner, "source_ref": ref}, values)

    def forget_address(self, owner: Ref, ref: Ref) -> None:
        """Let an address be moved anew."""
        self.put_address(owner, ref, **FORGOTTEN)

    def counts(self) -> dict[str, dict[str, int]]:
        """How many customers and addresses there are in each state."""
        return {kind: self._counted(kind) for kind in ("customers", "addresses")}

    def problems(self) -> list[dict[str, Any]]:
        """Everything that did not arrive, with the reason."""
        found: list[dict[str, Any]] = []
        for kind in ("customers", "addresses"):
            sql = f"SELECT * FROM {kind} WHERE problem != '' ORDER BY seq"
            for row in map(unpacked, self._db.execute(sql)):
                told = {n: row[n] for n in ("source_ref", "state", "problem")}
                found.append({"kind": kind, **told})
        return found

    def _counted(self, kind: str) -> dict[str, int]:
        sql = f"SELECT state, count(*) FROM {kind} GROUP BY state"
        found = {row[0]: int(row[1]) for row in self._db.execute(sql)}
        return {state: found[state] for state in STATES if state in found}

    def _put(
        self, kind: str, keys: Mapping[str, Any], values: Mapping[str, Any]
    ) -> None:
        row = packed({**keys, **values})
        names, marks = ", ".join(row), ", ".join("?" for _ in row)
        key, said = ", ".join(keys), values.keys()
        changes = ", ".join(f"{name} = excluded.{name}" for name in said)
        self._db.execute(
            f"INSERT INTO {kind} ({names}) VALUES ({marks})"
            f" ON CONFLICT ({key}) DO UPDATE SET {changes}",
            tuple(row.values()),
        )
