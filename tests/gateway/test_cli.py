"""The command line as a whole: help, errors, and the commands to begin with."""

import json
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from core import Store
from core.sql import Database
from gateway.cli import main
from tests.gateway.cli import fresh, home, initialized, run

__all__ = ["fresh", "home", "initialized"]

HELP_OF_EVERYTHING = """
import contextlib, io, sys
from gateway.cli import main

def paths(command, path=()):
    yield path
    for name in command.list_commands(None) if hasattr(command, "commands") else ():
        yield from paths(command.get_command(None, name), (*path, name))

for path in paths(main):
    with contextlib.redirect_stdout(io.StringIO()):
        main([*path, "--help"], standalone_mode=False)
heavy = {"sqlalchemy", "flask", "alembic", "granian", "werkzeug", "core", "dialects"}
print(sorted(heavy & set(sys.modules)))
"""


def commands(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)


def test_help_imports_nothing_that_is_slow() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HELP_OF_EVERYTHING],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "[]\n"


@pytest.mark.parametrize("path", list(commands(main)), ids=" ".join)
def test_the_help_of_every_command_shows_an_example(path: tuple[str, ...]) -> None:
    result = run(*path, "--help")

    assert result.exit_code == 0
    assert "Example:\n    address-gateway " in result.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nope"], 2, "No such command 'nope'; see `address-gateway --help`"),
        (["--nope"], 2, "No such option '--nope'; see `address-gateway --help`"),
        (
            ["shop", "remove"],
            2,
            "Missing argument 'HASH'; see `address-gateway shop remove --help`",
        ),
        (
            ["shop", "list"],
            1,
            "there is no database var/gateway.db;"
            " run `address-gateway init` to create it",
        ),
        (
            ["shop", "list", "--database", "nonsense"],
            1,
            "the database cannot be used:"
            " Could not parse SQLAlchemy URL from given URL string; check --database",
        ),
        (
            ["replay", "--dialect", "nope", "f", "f"],
            1,
            "there is no dialect 'nope'; there are: ",
        ),
    ],
)
def test_an_error_is_one_line_that_says_what_to_do(
    home: Path, arguments: list[str], code: int, said: str
) -> None:
    (home / "f").touch()

    result = run(*arguments)

    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr.startswith(f"Error: {said}")
    assert result.stderr.count("\n") == 1


def test_a_database_that_is_none_is_told_in_one_line(home: Path) -> None:
    (home / "text.db").write_text("This is not a database, it is a text.\n" * 100)

    result = run("shop", "list", "--database", "sqlite:///text.db")

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: the database cannot be used: ")
    assert result.stderr.count("\n") == 1


def test_a_directory_that_cannot_be_made_is_told_in_one_line(home: Path) -> None:
    (home / "file").touch()

    result = run("init", "--database", "sqlite:///file/deep/gateway.db")

    assert result.exit_code == 1
    assert result.stderr == (
        "Error: file/deep cannot be used: Not a directory; check its path\n"
    )


def test_settings_that_cannot_be_read_are_told_in_one_line(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADDRESS_GATEWAY_MOUNTS", "{")

    result = run("init")

    assert result.exit_code == 1
    assert "an ADDRESS_GATEWAY_ variable cannot be read" in result.stderr


def test_init_makes_a_database_a_secret_a_shop_and_a_key_for_each_dialect(
    home: Path,
) -> None:
    result = run("init", "--shop", "acme", "--json")

    said = json.loads(result.stdout)
    assert said["shop"] == "acme"
    keys = [(key["dialect"], key["scope"]) for key in said["keys"]]
    assert keys == [("easel", "admin"), ("staff", "staff")]
    assert stat.S_IMODE((home / "var").stat().st_mode) == 0o700
    secret = home / "var" / "secret.key"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    database = home / "var" / "gateway.db"
    assert stat.S_IMODE(database.stat().st_mode) == 0o600
    assert len(secret.read_text().strip()) == 64


def test_the_keys_that_init_makes_open_the_shop(home: Path) -> None:
    keys = json.loads(run("init", "--json").stdout)["keys"]

    store = Store("sqlite:///var/gateway.db")
    found = [store.key(key["dialect"], key["token"]) for key in keys]
    store.close()

    assert [key and key.shop.hash for key in found] == ["main", "main"]


def test_init_leaves_alone_what_is_there(initialized: Path) -> None:
    secret = (initialized / "var" / "secret.key").read_text()

    result = run("init", "--json")

    said = json.loads(result.stdout)
    assert (said["is_new"], said["keys"]) == (False, [])
    assert said["secret_key"] == "var/secret.key (was there)"
    assert (initialized / "var" / "secret.key").read_text() == secret


def test_init_makes_no_secret_when_the_environment_has_one(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADDRESS_GATEWAY_SECRET_KEY", "s3cret")

    result = run("init")

    assert result.exit_code == 0
    assert not (home / "var" / "secret.key").exists()
    assert "s3cret" not in result.output


def test_init_in_words_shows_each_token_once(home: Path) -> None:
    first, second = run("init"), run("init")

    assert "shop: main (new)" in first.stdout
    assert "Keep the tokens" in first.stderr
    assert "shop: main (was there)" in second.stdout
    assert "key for staff: was there" in second.stdout
    assert second.stderr == ""


def test_the_database_can_come_from_the_environment(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADDRESS_GATEWAY_DATABASE_URL", "sqlite:///elsewhere/a.db")

    run("init")

    assert (home / "elsewhere" / "a.db").exists()


def test_upgrading_an_empty_database_brings_it_to_the_newest_schema(home: Path) -> None:
    upgraded = run("db", "upgrade", "--json")
    status = run("db", "status", "--json")

    assert json.loads(upgraded.stdout)["was"] is None
    assert json.loads(status.stdout)["is_newest"] is True
    assert status.exit_code == 0


def test_a_schema_that_is_not_the_newest_is_a_difference(home: Path) -> None:
    (home / "empty.db").touch()

    result = run("db", "status", "--database", "sqlite:///empty.db")

    assert result.exit_code == 2
    assert result.stderr == "run `address-gateway db upgrade`\n"


@pytest.mark.parametrize("store", ["postgresql"], indirect=True)
def test_a_shared_database_is_not_upgraded_in_passing(
    fresh_database: Database, home: Path
) -> None:
    url = fresh_database.url.render_as_string(hide_password=False)

    refused = run("shop", "list", "--database", url)
    upgraded = run("db", "upgrade", "--database", url)
    listed = run("shop", "list", "--database", url, "--json")

    assert refused.exit_code == 1
    assert "run `address-gateway db upgrade`" in refused.stderr
    assert upgraded.exit_code == 0
    assert json.loads(listed.stdout) == []
