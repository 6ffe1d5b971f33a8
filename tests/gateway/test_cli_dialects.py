"""What `dialects` and `doctor` tell."""

import json
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dialects.easel import DIALECT as EASEL
from tests.gateway.cli import fresh, home, initialized, run

__all__ = ["fresh", "home", "initialized"]


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


def problems(*arguments: str) -> dict[str, str]:
    """What the doctor finds wrong, and what to do about it."""
    result = run("doctor", "--port", free_port(), *arguments, "--json")
    findings = json.loads(result.stdout)
    assert result.exit_code == (0 if all(one["is_ok"] for one in findings) else 1)
    return {one["check"]: one["to_do"] for one in findings if not one["is_ok"]}


@pytest.mark.usefixtures("home")
def test_dialects_are_listed_with_what_they_can_do() -> None:
    easel, _ = json.loads(run("dialects", "--json").stdout)

    assert easel == {
        "name": "easel",
        "title": "Easel",
        "root": "/api/v1",
        "operations": ["add", "get", "find", "update", "remove"],
        "batch_limit": 1,
        "losses": dict(EASEL.losses),
        "customer_operations": ["add", "get", "find", "update"],
        "customer_losses": dict(EASEL.customer_losses),
        "scopes": ["admin", "write", "read"],
    }


@pytest.mark.usefixtures("home")
def test_dialects_are_a_table_for_people() -> None:
    header, easel, staff = run("dialects").stdout.splitlines()

    assert header.split()[:3] == ["Dialect", "Root", "Operations"]
    assert easel.startswith("easel    /api/v1  add, get, find, update, remove")
    assert staff.startswith("staff    /api     add, get, find, update, remove")


def test_quirks_are_listed_with_their_sources() -> None:
    listed = json.loads(run("dialects", "--quirks", "--json").stdout)
    shown = run("dialects", "--quirks").stdout

    [one] = [row for row in listed if row["quirk"] == "default_format"]
    assert (one["dialect"], one["documented"], one["observed"]) == (
        "openmage",
        "xml",
        "json",
    )
    assert f"source:     {one['source']}" in shown
    assert 'openmage.default_format\n  documented: "xml"\n  observed:   "json"' in shown


@pytest.mark.usefixtures("home")
def test_dialects_are_a_table_for_the_readme() -> None:
    header, rule, easel, _ = run("dialects", "--markdown").stdout.splitlines()

    assert header.startswith("| Dialect | Root | Operations | Batch limit |")
    assert rule == f"|{' --- |' * 8}"
    assert easel.startswith(
        "| easel | `/api/v1` | add, get, find, update, remove | 1 | middle_name, "
    )


@pytest.mark.usefixtures("initialized")
def test_the_doctor_finds_nothing_wrong_after_init() -> None:
    assert problems() == {}


@pytest.mark.usefixtures("initialized")
def test_the_doctor_says_for_each_check_how_it_went() -> None:
    result = run("doctor", "--port", free_port())

    assert result.exit_code == 0
    checks = [line.partition(":")[0] for line in result.stdout.splitlines()]
    assert checks == [
        "ok       dialects",
        "ok       secret key",
        "ok       port",
        "ok       limits",
        "ok       disk",
        "ok       permissions",
        "ok       log of writes",
        "ok       database",
        "ok       schema",
        "ok       integrity",
        "ok       clock",
        "ok       keys",
        "ok       secrets",
    ]


@pytest.mark.usefixtures("home")
def test_the_doctor_misses_a_database_that_is_not_there() -> None:
    found = problems()

    assert found["database"] == "run `address-gateway init` to create it"
    assert not Path("var").exists()


def test_the_doctor_misses_the_newest_schema(home: Path) -> None:
    (home / "empty.db").touch()

    found = problems("--database", "sqlite:///empty.db")

    assert found["schema"] == "run `address-gateway db upgrade`"


def test_the_doctor_sees_a_file_that_is_no_database(home: Path) -> None:
    (home / "text.db").write_text("This is not a database, it is a text.\n" * 100)

    assert "database" in problems("--database", "sqlite:///text.db")


def test_the_doctor_sees_a_damaged_page(initialized: Path) -> None:
    file = initialized / "var" / "gateway.db"
    with closing(sqlite3.connect(file)) as connection:
        sql = "SELECT rootpage FROM sqlite_master WHERE name = 'cities'"
        [page] = connection.execute(sql).fetchone()
        [size] = connection.execute("PRAGMA page_size").fetchone()
    with file.open("r+b") as stream:
        stream.seek((page - 1) * size)
        stream.write(b"\xff" * 64)

    assert "integrity" in problems()


def test_the_doctor_sees_that_others_can_read_the_secret(initialized: Path) -> None:
    (initialized / "var" / "secret.key").chmod(0o644)

    assert problems() == {"secret key": "run `chmod 600 var/secret.key`"}


@pytest.mark.usefixtures("initialized")
def test_the_doctor_sees_that_the_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        result = run("doctor", "--port", port)

    assert result.exit_code == 1
    assert f"problem  port: {port} of 127.0.0.1: Address already" in result.stdout


@pytest.mark.usefixtures("home")
def test_the_doctor_warns_of_demo_keys_where_others_can_call() -> None:
    run("demo")
    demo = ("--database", "sqlite:///var/demo.db")

    here, everywhere = problems(*demo), problems(*demo, "--host", "0.0.0.0")

    assert here == {}
    assert everywhere == {"keys": "revoke them, or do not serve on 0.0.0.0"}
