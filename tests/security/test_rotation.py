"""The secret key is replaced while servers run, and breaking off loses nothing."""

import json
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from core import NoSecretKey, Store, WrongSecretKey, schema
from core.ciphers import Cipher
from core.keys import digest
from core.rotation import AT_ONCE
from core.sql import Database
from tests.gateway.cli import fresh, home, initialized, run

__all__ = ["fresh", "home", "initialized"]

Open = Callable[..., Store]
FILE = Path("var/secret.key")
ROTATE = ("key", "rotate-secret-key")


# A database of PostgreSQL takes seconds to make.
on_sqlite = pytest.mark.parametrize("store", ["sqlite"], indirect=True)


@pytest.fixture
def reopen(fresh_database: Database) -> Iterator[Open]:
    """Opens the same database, with other secret keys."""
    schema.create(fresh_database)
    url = fresh_database.url.render_as_string(hide_password=False)
    stores = []

    def reopen(secret_key: str | None, old: str | None = None) -> Store:
        stores.append(
            Store(url, durable=False, secret_key=secret_key, old_secret_key=old)
        )
        return stores[-1]

    yield reopen
    for store in stores:
        store.close()


def fill(store: Store, count: int) -> list[str]:
    """Tokens of new keys, each with itself as its secret."""
    shop = store.add_shop("main")
    with store.keys() as keys:
        made = [
            keys.add("any", shop, scope="s", token=f"token-{n}", secret=f"token-{n}")
            for n in range(count)
        ]
        keys.add("any", shop, scope="s", token="without")
    return made


def secrets_of(store: Store, tokens: list[str]) -> list[str]:
    return [key.secret for token in tokens if (key := store.key("any", token))]


def test_what_the_old_key_encrypted_is_the_new_keys_afterwards(reopen: Open) -> None:
    tokens = fill(reopen("old"), AT_ONCE + 5)
    both = reopen("new", "old")
    meanwhile = secrets_of(both, tokens)

    done, again = both.rotate_secrets(), both.rotate_secrets()

    assert meanwhile == tokens
    assert secrets_of(reopen("new"), tokens) == tokens
    assert (done.renewed, done.kept, done.unreadable) == (AT_ONCE + 5, 0, ())
    assert (again.renewed, again.kept) == (0, AT_ONCE + 5)
    with pytest.raises(WrongSecretKey):
        reopen("old").key("any", tokens[0])


@on_sqlite
def test_request_tokens_are_rotated_too(reopen: Open) -> None:
    old = reopen("old")
    fill(old, 1)
    consumer = old.key("any", "token-0")
    assert consumer
    with old.handshakes() as handshakes:
        token, secret = handshakes.start(consumer, "oob")

    reopen("new", "old").rotate_secrets()

    with reopen("new").handshakes(writes=False) as handshakes:
        found = handshakes.find("any", token)
    assert found
    assert found.secret == secret


def test_what_is_broken_off_is_taken_up(
    reopen: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = fill(reopen("old"), AT_ONCE + 20)
    left = iter(range(AT_ONCE + 10))
    renewed = Cipher.renewed

    def failing(cipher: Cipher, stored: str) -> str:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return renewed(cipher, stored)

    monkeypatch.setattr(Cipher, "renewed", failing)
    with pytest.raises(KeyboardInterrupt):
        reopen("new", "old").rotate_secrets()
    monkeypatch.undo()

    meanwhile = secrets_of(reopen("new", "old"), tokens)
    done = reopen("new", "old").rotate_secrets()

    assert meanwhile == tokens
    # Whole pages stay done; the one that was broken off is rolled back.
    assert (done.renewed, done.kept) == (20, AT_ONCE)
    assert secrets_of(reopen("new"), tokens) == tokens


@on_sqlite
def test_what_no_key_reads_is_told_and_left_alone(reopen: Open) -> None:
    tokens = fill(reopen("older"), 2)

    done = reopen("new", "old").rotate_secrets()

    assert len(done.unreadable) == 2
    assert secrets_of(reopen("older"), tokens) == tokens


@on_sqlite
def test_without_a_key_nothing_is_rotated(reopen: Open) -> None:
    fill(reopen("old"), 1)

    with pytest.raises(NoSecretKey):
        reopen(None).rotate_secrets()


@on_sqlite
def test_tokens_and_secrets_are_not_in_the_tables(reopen: Open) -> None:
    store = reopen("old")
    shop = store.add_shop("main")
    token, secret = "short", "planted-secret"
    with store.keys() as keys:
        keys.add("any", shop, scope="s", token=token, secret=secret)
        [key] = keys.all()

    with store.database.engine.connect() as connection:
        rows = str(connection.execute(text("SELECT * FROM keys")).fetchall())

    assert digest(token) in rows
    assert "gAAAAA" in rows
    assert (token in rows, secret in rows, key.hint) == (False, False, "s")


@pytest.fixture
def secret(initialized: Path) -> str:
    """The token of a key with a secret, which is the same."""
    del initialized
    made = ("key", "add", "--dialect", "staff", "--shop", "main", "--scope", "user")
    assert run(*made, "--token", "t" * 40, "--secret", "t" * 40).exit_code == 0
    return "t" * 40


def read() -> str:
    """What a server reads that is started now."""
    newest, _, old = FILE.read_text().strip().partition("\n")
    store = Store("sqlite:///var/gateway.db", secret_key=newest, old_secret_key=old)
    key = store.key("staff", "t" * 40)
    store.close()
    return key.secret if key else ""


def test_the_file_beside_the_database_is_rotated_in_two_steps(secret: str) -> None:
    before = FILE.read_text()

    first = run(*ROTATE, "--new")
    between, both = FILE.read_text(), read()
    doctor = run("doctor", "--port", "1024")
    second = run(*ROTATE, "--json")

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "Restart the servers" in first.stderr
    assert between.endswith("\n" + before)
    assert "problem  secrets: 1 are the old secret key's; run" in doctor.stdout
    assert json.loads(second.stdout) == {"renewed": 1, "kept": 0, "lost": []}
    assert FILE.read_text() == between.partition("\n")[0] + "\n"
    assert stat.S_IMODE(FILE.stat().st_mode) == 0o600
    assert (both, read()) == (secret, secret)
    assert list(FILE.parent.glob(".secret*")) == []


@pytest.mark.usefixtures("secret")
def test_the_steps_are_in_order() -> None:
    early = run(*ROTATE)
    run(*ROTATE, "--new")
    twice = run(*ROTATE, "--new")

    assert early.exit_code == twice.exit_code == 1
    assert "begin with `address-gateway key rotate-secret-key --new`" in early.stderr
    assert "there is an old secret key still" in twice.stderr


def test_secret_keys_of_the_environment_are_the_operators(
    secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = FILE.read_text().strip()
    FILE.unlink()
    monkeypatch.setenv("ADDRESS_GATEWAY_SECRET_KEY", old)
    new = run(*ROTATE, "--new").stdout.strip()
    monkeypatch.setenv("ADDRESS_GATEWAY_SECRET_KEY", new)
    monkeypatch.setenv("ADDRESS_GATEWAY_OLD_SECRET_KEY", old)

    done = run(*ROTATE)

    assert len(new) == 64
    assert done.stdout == "encrypted anew: 1; were already: 0\n"
    assert "Now unset ADDRESS_GATEWAY_OLD_SECRET_KEY." in done.stderr
    assert not FILE.exists()
    monkeypatch.delenv("ADDRESS_GATEWAY_OLD_SECRET_KEY")
    assert "ok       secrets: 1, which" in run("doctor", "--port", "1024").stdout


@pytest.mark.usefixtures("secret")
def test_a_wrong_secret_key_is_told() -> None:
    FILE.write_text("another\n")

    doctor = run("doctor", "--port", "1024")
    FILE.write_text("new\nanother\n")
    done = run(*ROTATE)

    assert "problem  secrets: the secret key does not read those" in doctor.stdout
    assert done.exit_code == 1
    assert "neither secret key reads the secrets of the keys" in done.stderr
    assert FILE.read_text() == "new\nanother\n"


@pytest.mark.usefixtures("secret")
def test_a_command_says_that_the_secret_key_is_another() -> None:
    FILE.write_text("another\n")
    made = ("key", "add", "--dialect", "staff", "--shop", "main", "--scope", "user")

    refused = run(*made, "--token", "t" * 40)

    assert refused.exit_code == 1
    assert "was stored with another secret key" in refused.stderr
