"""To begin: the database, its schema, the demo data."""

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.common import (
    Group,
    database_option,
    example,
    fail,
    json_option,
    show_json,
    table,
)
from gateway.cli.database import (
    create_secret_key,
    database_name,
    demo_url,
    ready_store,
    require_database,
    secret_key_file,
    settings,
    unchecked_store,
)
from gateway.cli.dialects import load_dialects

if TYPE_CHECKING:
    from core import Keyring, Shop, Store
    from dialects.base import Dialect


@click.command(epilog=example("address-gateway init --shop main"))
@click.option("--shop", "hash", metavar="HASH", default="main", show_default=True)
@database_option
@json_option
def init(hash: str, database: str, as_json: bool) -> None:
    """Create the database, a secret key, a first shop, and a key for each dialect.

    What is there already stays as it is.
    """
    from core import schema

    found = load_dialects()
    new_key_file = create_secret_key(database)
    store = unchecked_store(database)
    if schema.revision(store.database) != schema.HEAD:
        schema.upgrade(store.database)
    shop, is_new = first_shop(store, hash)
    has_secrets = settings(database).secret_key is not None
    with store.keys() as keyring:
        held = {key.dialect for key in keyring.all(hash)}
        lacking = [one for one in found if one.name not in held]
        able = [one for one in lacking if has_secrets or not one.consumer_scope]
        made = [key for one in able for key in first_keys(keyring, shop, one)]
    said = {
        "database": database_name(store),
        "secret_key": secret_key_source(database, new_key_file),
        "shop": f"{hash} (new)" if is_new else f"{hash} (was there)",
    }
    if as_json:
        show_json({**said, "shop": hash, "is_new": is_new, "keys": made})
        return
    for name, value in said.items():
        click.echo(f"{name}: {value}")
    for name in sorted(held):
        click.echo(f"key for {name}: was there; `address-gateway key add` makes more")
    for one in lacking:
        if one not in able:
            click.echo(f"key for {one.name}: none, as there is no secret key")
    if made:
        columns = ("dialect", "scope", "token", "secret")
        shown = columns if any(key["secret"] for key in made) else columns[:-1]
        click.echo("\n" + table(made, shown))
        click.echo("Keep the tokens: they are not shown again.", err=True)


def first_keys(
    keyring: "Keyring", shop: "Shop", dialect: "Dialect"
) -> list[dict[str, str]]:
    """A key that may do the most; before it the application's that it is bound to."""
    made: list[dict[str, str]] = []
    consumer = ""
    for scope in filter(None, (dialect.consumer_scope, dialect.scopes[0])):
        secret = secrets.token_hex(16) if dialect.consumer_scope else ""
        token = keyring.add(
            dialect.name,
            shop,
            scope=scope,
            token=secrets.token_hex(dialect.token_bytes),
            secret=secret,
            consumer_id=keyring.id_of(dialect.name, consumer),
            label="made by init",
        )
        made.append(
            {"dialect": dialect.name, "scope": scope, "token": token, "secret": secret}
        )
        consumer = token
    return made


def first_shop(store: "Store", hash: str) -> "tuple[Shop, bool]":
    """The shop, and whether it is new."""
    from core import NotFound

    try:
        return store.shop(hash), False
    except NotFound:
        return store.add_shop(hash), True


def secret_key_source(url: str, new_file: Path | None) -> str:
    """Where the secret key comes from, in words."""
    if new_file:
        return f"{new_file} (new)"
    if os.environ.get("ADDRESS_GATEWAY_SECRET_KEY"):
        return "ADDRESS_GATEWAY_SECRET_KEY"
    file = secret_key_file(url)
    if file is None:
        return "none; set ADDRESS_GATEWAY_SECRET_KEY for keys with secrets"
    return f"{file} (was there)"


@click.command(epilog=example("address-gateway demo --reset"))
@click.option("--reset", is_flag=True, help="Make the demo shop anew.")
@database_option
@json_option
def demo(reset: bool, database: str, as_json: bool) -> None:
    """Create the demo shop, in sqlite:///var/demo.db unless --database is given."""
    from gateway.demo import create_demo, demo_seed

    url = demo_url(database)
    store = demo_store(url)
    is_new = create_demo(store, reset=reset)
    hash = demo_seed().hash
    if as_json:
        name = database_name(store)
        show_json({"database": name, "shop": hash, "is_new": is_new})
        return
    state = "is ready" if is_new else "was there; --reset makes it anew"
    click.echo(f"the demo shop {hash!r} in {database_name(store)} {state}")
    click.echo("`address-gateway serve --demo` serves it and shows how to call it")


def demo_store(url: str) -> "Store":
    """The store for demo data, with a secret key for demo keys that have secrets."""
    create_secret_key(url)
    if settings(url).secret_key is None:
        fail("demo keys have secrets; set ADDRESS_GATEWAY_SECRET_KEY")
    return ready_store(url)


@click.group(
    cls=Group,
    epilog=example("address-gateway db status"),
    later={
        "backup": "gateway.cli.backup:backup",
        "restore": "gateway.cli.backup:restore",
    },
)
def db() -> None:
    """The database: its schema, and copies of it."""


@db.command(epilog=example("address-gateway db upgrade"))
@database_option
@json_option
def upgrade(database: str, as_json: bool) -> None:
    """Create the schema, or bring it up to date."""
    from core import schema

    store = unchecked_store(database)
    before = schema.revision(store.database)
    schema.upgrade(store.database)
    show_status(store, {"was": before, **status_of(store)}, as_json)


@db.command(epilog=example("address-gateway db status"))
@database_option
@json_option
def status(database: str, as_json: bool) -> None:
    """Show the schema's revision; exits with 2 if it is not the newest."""
    require_database(database)
    store = unchecked_store(database)
    found = status_of(store)
    show_status(store, found, as_json)
    if not found["is_newest"]:
        click.echo("run `address-gateway db upgrade`", err=True)
        click.get_current_context().exit(2)


def status_of(store: "Store") -> dict[str, Any]:
    """The schema's revision, and whether it is the newest."""
    from core import schema

    revision = schema.revision(store.database)
    return {
        "revision": revision,
        "newest": schema.HEAD,
        "is_newest": revision == schema.HEAD,
    }


def show_status(store: "Store", found: dict[str, Any], as_json: bool) -> None:
    """Print what is known of the schema."""
    said = {"database": database_name(store), **found}
    if as_json:
        show_json(said)
        return
    click.echo(table([said], tuple(said)))
