"""The database that a command works on, and the secret key that lies beside it."""

import os
import secrets
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.common import fail

if TYPE_CHECKING:
    from core import Shop, Store
    from gateway.config import Config

DEMO_URL = "sqlite:///var/demo.db"


def demo_url(database: str) -> str:
    """The database for demo data: the usual one, unless the command line names one.

    An environment that names a database for real data shall not get demo data in it.
    """
    return given_database(database) or DEMO_URL


def given_database(database: str) -> str:
    """The database, if the command line names it; "" if nothing or another place does.

    An environment that names a database for real data shall not be meant unasked.
    """
    source = click.get_current_context().get_parameter_source("database")
    return database if source is click.core.ParameterSource.COMMANDLINE else ""


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite database; None for other databases and for memory."""
    kind, _, rest = url.partition("://")
    name = rest.partition("?")[0][1:]
    if kind.partition("+")[0] != "sqlite" or name in ("", ":memory:"):
        return None
    return Path(name)


def secret_key_file(url: str) -> Path | None:
    """Where the secret key of a SQLite database lies: beside it."""
    file = sqlite_file(url)
    return file.parent / "secret.key" if file else None


def settings(url: str) -> "Config":
    """The configuration for a database, with the secret key beside it if need be.

    While it is rotated, the old one is the second line of its file.
    """
    file = secret_key_file(url)
    config = replace(configured(), database_url=url)
    if config.secret_key is None and file and file.exists():
        newest, _, old = file.read_text("utf-8").strip().partition("\n")
        return replace(config, secret_key=newest, old_secret_key=old or None)
    return config


def configured() -> "Config":
    """The configuration of the environment."""
    from gateway.config import Config

    try:
        return Config.from_environ(os.environ)
    except ValueError as error:
        fail(f"an ADDRESS_GATEWAY_ variable cannot be read: {error}; correct it")


def create_directory(url: str) -> None:
    """Make the directory of a SQLite file, which is nobody else's to read."""
    file = sqlite_file(url)
    if file and not file.parent.exists():
        file.parent.mkdir(mode=0o700, parents=True)


def create_file(url: str) -> None:
    """Make a SQLite file that nobody else may read, in whatever directory it lies.

    SQLite's own files beside it are for whom this one is.
    """
    create_directory(url)
    file = sqlite_file(url)
    if file and not file.exists():
        file.touch(mode=0o600)


def create_secret_key(url: str) -> Path | None:
    """Make the secret key beside a SQLite database, unless there is one to use."""
    file = secret_key_file(url)
    if file is None or file.exists() or settings(url).secret_key:
        return None
    create_directory(url)
    mode = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(file, mode, 0o600), "w") as stream:
        stream.write(secrets.token_hex(32) + "\n")
    return file


def unchecked_store(url: str) -> "Store":
    """The store, closed when the command ends; its database is not looked at yet."""
    from core import Store

    create_file(url)
    config = settings(url)
    store = Store(
        url,
        secret_key=config.secret_key,
        old_secret_key=config.old_secret_key,
        durable=config.durable,
    )
    click.get_current_context().call_on_close(store.close)
    return store


def ready_store(url: str) -> "Store":
    """The store of a database with the newest schema, which a SQLite file gets here.

    Raises SchemaError for a database that several machines may share.
    """
    from gateway.app import open_store

    create_file(url)
    store = open_store(settings(url))
    click.get_current_context().call_on_close(store.close)
    return store


def existing_store(url: str) -> "Store":
    """The store of a database that is there."""
    require_database(url)
    return ready_store(url)


def require_database(url: str) -> None:
    """Fail unless the database is there; to look would make an empty SQLite file."""
    file = sqlite_file(url)
    if file and not file.exists():
        fail(f"there is no database {file}; run `address-gateway init` to create it")


def existing_shop(store: "Store", hash: str) -> "Shop":
    """The shop with the public name."""
    from core import NotFound

    try:
        return store.shop(hash)
    except NotFound:
        known = ", ".join(shop.hash for shop in store.shops()) or "none"
        fail(f"there is no shop {hash!r}; there are: {known}")


def database_name(store: "Store") -> str:
    """The database's URL without its password."""
    return store.database.url.render_as_string(hide_password=True)
