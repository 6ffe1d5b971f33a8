"""Users, who sign in with a password, on the command line."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result

from core import Keyring, Store
from gateway.cli import main
from tests.gateway.cli import fresh, home, initialized

__all__ = ["fresh", "home", "initialized"]

pytestmark = pytest.mark.usefixtures("initialized")

USER = ("key", "add", "--dialect=staff", "--shop=main", "--scope=admin")
NAMED = (*USER, "--username=ada", "--password-stdin")


def enter(*arguments: str, stdin: str = "") -> Result:
    """What the command did with this on its standard input."""
    return CliRunner().invoke(main, arguments, input=stdin, catch_exceptions=False)


def keys() -> Any:
    """Every key, as the list tells."""
    return json.loads(enter("key", "list", "--json").stdout)


def test_a_user_signs_in_with_the_password_on_stdin() -> None:
    made = enter(*NAMED, "--json", stdin="pass word\n")

    [listed] = [key for key in keys() if key["username"] == "ada"]
    store = Store("sqlite:///var/gateway.db")
    token = Keyring.sign_in(store.keys, "staff", "ada", "pass word")
    store.close()

    assert made.exit_code == 0
    assert "pass word" not in made.output
    assert token
    assert [
        (key["username"], key["scope"])
        for key in keys()
        if key["user_id"] == listed["id"]
    ] == [("", "admin")]


def test_a_username_is_taken_once() -> None:
    enter(*NAMED, stdin="password\n")

    result = enter(*NAMED, stdin="another\n")

    assert result.exit_code == 1
    assert result.stderr == (
        "Error: there is a user 'ada' of staff already; choose another name\n"
    )


@pytest.mark.parametrize(
    ("options", "password", "said"),
    [
        (["--username=ada"], "password", "--username and --password-stdin need one"),
        (["--password-stdin"], "password", "--username and --password-stdin need one"),
        (["--username= ada", "--password-stdin"], "password", "ends with a space"),
        (["--username=ada", "--password-stdin"], "\n", "there is no password on stdin"),
    ],
)
def test_a_user_that_cannot_be_is_not_made(
    options: list[str], password: str, said: str
) -> None:
    before = keys()

    result = enter(*USER, *options, stdin=password)

    assert result.exit_code == 2
    assert said in result.stderr
    assert keys() == before
