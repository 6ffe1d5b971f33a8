"""Keys of a dialect whose clients sign as an application, on the command line.

Source: OpenMage 20.18: keys, tokens and secrets of 32 hex digits, and a token that is
good in the hands of one application.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from core import Store
from tests.gateway.cli import home, run

__all__ = ["home"]

HEX = re.compile("[0-9a-f]{32}")
URL = "sqlite:///var/gateway.db"
ADD = ("key", "add", "--dialect=openmage", "--shop=main")


@pytest.fixture(autouse=True)
def made(home: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What `init` says that it made."""
    monkeypatch.setenv("ADDRESS_GATEWAY_DIALECTS", "openmage,staff")
    result = run("init", "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)["keys"]


@pytest.fixture
def application(made: Any) -> str:
    """The key of the application that `init` made."""
    [found] = [key["token"] for key in made if key["scope"] == "consumer"]
    return str(found)


def added(*options: str) -> dict[str, Any]:
    """The key that the command made."""
    result = run(*ADD, *options, "--json")
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.stdout))


def stored(token: str) -> Any:
    """The key with the token, as the store has it."""
    secret_key = Path("var/secret.key").read_text().strip()
    store = Store(URL, secret_key=secret_key)
    key = store.key("openmage", token)
    store.close()
    return key


def test_init_makes_an_application_and_a_token_for_it(made: Any) -> None:
    consumer, token = [key for key in made if key["dialect"] == "openmage"]

    assert (consumer["scope"], token["scope"]) == ("consumer", "admin")
    for key in (consumer, token):
        assert HEX.fullmatch(key["token"])
        assert HEX.fullmatch(key["secret"])
        assert stored(key["token"]).secret == key["secret"]
    assert stored(token["token"]).consumer_id == stored(consumer["token"]).id
    [other] = [key for key in made if key["dialect"] == "staff"]
    assert (len(other["token"]), other["secret"]) == (40, "")


def test_init_says_so_where_no_secret_can_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.cli.setup.create_secret_key", lambda url: None)

    result = run("init", "--database", f"sqlite:///{tmp_path}/other/other.db")

    assert result.exit_code == 0
    assert "key for openmage: none, as there is no secret key" in result.stdout
    assert "staff" in result.stdout


def test_an_application_gets_a_key_and_a_secret(home: Path) -> None:
    made = added("--scope=consumer", "--label=Sync")

    key = stored(made["token"])
    assert HEX.fullmatch(made["token"])
    assert HEX.fullmatch(made["secret"])
    assert (key.scope, key.label, key.secret) == ("consumer", "Sync", made["secret"])


def test_a_token_is_bound_to_its_application(application: str) -> None:
    made = added("--scope=admin", f"--consumer={application}")

    key = stored(made["token"])
    assert HEX.fullmatch(made["token"])
    assert HEX.fullmatch(made["secret"])
    assert key.consumer_id == stored(application).id


def test_a_user_needs_no_application(home: Path) -> None:
    from click.testing import CliRunner

    from gateway.cli import main

    result = CliRunner().invoke(
        main,
        [*ADD, "--scope=admin", "--username=ada", "--password-stdin", "--json"],
        input="password\n",
    )

    assert result.exit_code == 0, result.output
    assert "secret" not in json.loads(result.stdout)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--scope=admin"], "such a key of openmage needs --consumer"),
        (["--scope=consumer", "--consumer=x"], "takes no --consumer"),
    ],
)
def test_a_key_that_would_be_good_for_nothing_is_not_made(
    options: list[str], said: str
) -> None:
    result = run(*ADD, *options)

    assert result.exit_code == 2
    assert said in result.stderr


def test_a_dialect_without_applications_takes_none() -> None:
    result = run(
        "key", "add", "--dialect=staff", "--shop=main", "--scope=staff", "--consumer=x"
    )

    assert result.exit_code == 2
    assert "such a key of staff takes no --consumer" in result.stderr


def test_an_unknown_application_is_told(application: str, made: Any) -> None:
    run("shop", "add", "other")
    token = made[1]["token"]

    results = [
        run(*ADD, "--scope=admin", f"--consumer={token}"),
        run(*ADD, "--scope=admin", "--consumer=x"),
        run(
            *("key", "add", "--dialect=openmage", "--shop=other"),
            *("--scope=admin", f"--consumer={application}"),
        ),
    ]

    assert [result.exit_code for result in results] == [1, 1, 1]
    assert results[1].stderr == (
        "Error: 'x' is no consumer of openmage in 'main';"
        " see `address-gateway key list`\n"
    )


def test_the_tokens_of_an_application_are_revoked_with_it(
    application: str, made: Any
) -> None:
    id = stored(application).id
    listed = json.loads(run("key", "list", "--json").stdout)
    assert [key["id"] for key in listed if key["consumer_id"] == id]

    result = run("key", "revoke", str(id))

    assert result.exit_code == 0
    assert stored(made[1]["token"]) is None
