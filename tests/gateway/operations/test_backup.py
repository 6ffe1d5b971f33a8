"""A backup holds what was acknowledged before it, and comes back."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from core import Shop, Store
from gateway.operations import backup as backups
from tests.gateway.cli import fresh, home, initialized, run

__all__ = ["fresh", "home", "initialized"]

# Each line that it prints is the number of a customer that was committed.
WRITER = """
import sys
from core import CustomerDraft, Store

store = Store(sys.argv[1])
shop = store.shop("main")
for number in range(1, 100_000):
    with store.book("staff", shop=shop) as book:
        book.add_customers([CustomerDraft(first_name=str(number), last_name="x")])
    print(number, flush=True)
"""


@contextmanager
def writing(url: str) -> Iterator["subprocess.Popen[str]"]:
    """A process that writes until the block is left."""
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, url],
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def numbers(file: Path) -> list[int]:
    with closing(sqlite3.connect(file)) as connection:
        sql = "SELECT first_name FROM customers ORDER BY id"
        return [int(name) for (name,) in connection.execute(sql)]


def shops(url: str) -> list[Shop]:
    store = Store(url)
    found = store.shops()
    store.close()
    return found


def test_a_backup_under_load_holds_every_write_acknowledged_before(
    initialized: Path,
) -> None:
    with writing("sqlite:///var/gateway.db") as writer:
        assert writer.stdout
        acknowledged = [int(writer.stdout.readline()) for _ in range(50)]
        copies = []
        for name in ("a.db", "b.db", "c.db"):
            acknowledged.append(int(writer.stdout.readline()))
            result = run("db", "backup", name, "--json")
            copies.append((acknowledged[-1], numbers(initialized / name)))
            assert json.loads(result.stdout)["customers"] == len(copies[-1][1])

    # Whole: the first ones without a gap, and at least all that were acknowledged.
    assert all(found == [*range(1, len(found) + 1)] for _, found in copies)
    assert all(len(found) >= last for last, found in copies)
    assert len(copies[0][1]) < len(copies[2][1])
    assert {file.name for file in initialized.iterdir()} == {
        *("a.db", "b.db", "c.db", "var")
    }
    assert (initialized / "a.db").stat().st_mode & 0o777 == 0o600


def test_a_restored_database_is_as_it_was(initialized: Path) -> None:
    before = shops("sqlite:///var/gateway.db")
    run("db", "backup", "copy.db")
    run("shop", "add", "--hash", "later")

    refused = run("db", "restore", "copy.db")
    result = run("db", "restore", "copy.db", "--overwrite")
    elsewhere = run("db", "restore", "copy.db", "--database", "sqlite:///new/g.db")

    assert refused.exit_code == 1
    assert "replace what is in it with --overwrite" in refused.stderr
    assert result.exit_code == elsewhere.exit_code == 0
    assert shops("sqlite:///var/gateway.db") == before
    assert shops("sqlite:///new/g.db") == before
    assert run("db", "status").exit_code == 0


@pytest.mark.usefixtures("initialized")
def test_a_database_in_use_is_not_replaced() -> None:
    run("db", "backup", "copy.db")
    store = Store("sqlite:///var/gateway.db")
    before = store.shops()

    result = run("db", "restore", "copy.db", "--overwrite")

    assert result.exit_code == 1
    assert "var/gateway.db is in use; stop the server" in result.stderr
    assert store.shops() == before
    store.close()


@pytest.mark.usefixtures("initialized")
def test_a_backup_replaces_no_file_unasked() -> None:
    Path("copy.db").write_text("mine")

    refused = run("db", "backup", "copy.db")
    kept = Path("copy.db").read_text()
    result = run("db", "backup", "copy.db", "--overwrite")

    assert (refused.exit_code, kept) == (1, "mine")
    assert "use --overwrite" in refused.stderr
    assert result.exit_code == 0
    assert "keep var/secret.key elsewhere" in result.stderr


def test_what_is_no_backup_is_not_restored(initialized: Path) -> None:
    run("db", "backup", "newer.db")
    with closing(sqlite3.connect("newer.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    Path("text.db").write_text("This is not a database, it is a text.\n" * 100)
    with closing(sqlite3.connect("other.db")) as connection:
        connection.execute("CREATE TABLE a (b)")
    damaged = bytearray((initialized / "newer.db").read_bytes())
    damaged[-8192:-4096] = b"\xff" * 4096
    Path("damaged.db").write_bytes(damaged)

    names = ("newer", "text", "other", "damaged", "missing")
    results = [run("db", "restore", f"{name}.db", "--overwrite") for name in names]

    assert [result.exit_code for result in results] == [1] * 5
    assert "has the schema 9999, which is newer than" in results[0].stderr
    assert "text.db is no sound database" in results[1].stderr
    assert "other.db holds no gateway's tables" in results[2].stderr
    assert "damaged.db is" in results[3].stderr
    assert "there is no file missing.db" in results[4].stderr
    assert run("db", "status").exit_code == 0


@pytest.mark.usefixtures("initialized")
def test_a_backup_that_fails_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(backups, "sync", full)

    result = run("db", "backup", "copy.db")

    assert result.exit_code == 1
    assert "No space left on device" in result.stderr
    assert {file.name for file in Path().iterdir()} == {"var"}


@pytest.mark.usefixtures("home")
def test_postgresql_is_backed_up_by_its_own_program() -> None:
    url = "postgresql://ada:sesame@db.internal:5433/shop"

    backup = run("db", "backup", "my copy", "--database", url)
    restore = run("db", "restore", "my copy", "--database", url)

    place = "postgresql://ada@db.internal:5433/shop"
    assert backup.exit_code == restore.exit_code == 1
    assert f"`pg_dump --format=custom --file='my copy' {place}`" in backup.stderr
    assert f"--single-transaction --dbname={place} 'my copy'`" in restore.stderr
    assert "sesame" not in backup.stderr + restore.stderr


@pytest.mark.usefixtures("initialized")
def test_a_database_is_not_replaced_while_it_is_served() -> None:
    run("db", "backup", "copy.db")
    file = Path("var/gateway.db")
    server = backups.hold(file)
    other = backups.hold(file)

    refused = run("db", "restore", "copy.db", "--overwrite")
    os.close(server)
    still = run("db", "restore", "copy.db", "--overwrite")
    os.close(other)
    done = run("db", "restore", "copy.db", "--overwrite")

    assert [one.exit_code for one in (refused, still, done)] == [1, 1, 0]
    assert "var/gateway.db is in use; stop the server" in refused.stderr


@pytest.mark.usefixtures("initialized")
def test_a_database_is_not_served_while_it_is_replaced() -> None:
    restoring = backups.hold(Path("var/gateway.db"), alone=True)

    result = run("serve")
    os.close(restoring)

    assert result.exit_code == 1
    assert "var/gateway.db is being restored; start the server when" in result.stderr
