"""Keys: what opens a shop to the clients of a dialect."""

import secrets
import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.common import (
    Group,
    database_option,
    example,
    fail,
    json_option,
    shop_option,
    show,
    show_json,
)
from gateway.cli.database import existing_shop, existing_store

if TYPE_CHECKING:
    from core import Key, Shop, Store
    from dialects.base import Dialect

COLUMNS = (
    "id",
    "dialect",
    "shop",
    "hint",
    "scope",
    "label",
    "username",
    "user_id",
    "customer_id",
    "consumer_id",
    "is_active",
    "is_demo",
)


@click.group(
    cls=Group,
    epilog=example("address-gateway key list --shop main"),
    later={"rotate-secret-key": "gateway.cli.rotation:rotate_secret_key"},
)
def key() -> None:
    """Add, list and revoke keys."""


@key.command(
    epilog=example(
        "address-gateway key add --dialect DIALECT --shop main --scope SCOPE",
        "(`address-gateway dialects` lists the dialects with their scopes)",
        "address-gateway key add --dialect DIALECT --shop main --scope SCOPE \\",
        "  --username ada --password-stdin < FILE",
        "where clients sign (OAuth), first an application's key, then one bound to it:",
        "address-gateway key add --dialect DIALECT --shop main --scope consumer",
        "address-gateway key add --dialect DIALECT --shop main --scope SCOPE \\",
        "  --consumer TOKEN",
    )
)
@click.option("--dialect", "name", metavar="NAME", required=True)
@shop_option
@click.option("--scope", required=True, help="What the key may do: a dialect's word.")
@click.option("--label", default="", help="What it is for.")
@click.option("--token", default="", help="Else a random one.")
@click.option("--secret", default="", help="A secret to sign with.")
@click.option("--new-secret", is_flag=True, help="A random secret to sign with.")
@click.option(
    "--consumer",
    "application",
    metavar="TOKEN",
    default="",
    help="The application's key that it is bound to.",
)
@click.option("--username", metavar="NAME", default="", help="A name to sign in with.")
@click.option(
    "--password-stdin", is_flag=True, help="Read the password to it from stdin."
)
@click.option(
    "--customer",
    metavar="ID",
    type=int,
    help="Open this customer's addresses and no others.",
)
@database_option
@json_option
def add(
    name: str,
    hash: str,
    scope: str,
    label: str,
    token: str,
    secret: str,
    new_secret: bool,
    application: str,
    username: str,
    password_stdin: bool,
    customer: int | None,
    database: str,
    as_json: bool,
) -> None:
    """Add a key. Its token is shown this once."""
    from gateway import registry
    from gateway.seed import CANONICAL

    [dialect] = registry.load([name])
    if scope not in dialect.scopes:
        known = ", ".join(dialect.scopes)
        raise click.UsageError(f"{name} has no scope {scope!r}; it has: {known}")
    password = password_of(username, password_stdin)
    store = existing_store(database)
    shop = existing_shop(store, hash)
    if token and store.key(name, token):
        fail(f"there is a key of {name} with this token already; choose another")
    if customer is not None:
        with store.book(CANONICAL, shop=shop, writes=False) as book:
            book.customer(customer)
    consumer_id = consumer_of(dialect, store, shop, scope, username, application)
    is_signing = bool(dialect.consumer_scope) and not username
    secret = secret or (secrets.token_hex(16) if new_secret or is_signing else "")
    with store.keys() as keyring:
        if username and is_taken(username, name, keyring.all()):
            fail(f"there is a user {username!r} of {name} already; choose another name")
        token = keyring.add(
            name,
            shop,
            scope=scope,
            token=token or secrets.token_hex(dialect.token_bytes),
            label=label,
            customer_id=customer,
            consumer_id=consumer_id,
            secret=secret,
            username=username,
            password=password,
        )
        id = max(key.id for key in keyring.all(hash))
    shown = {"id": id, "token": token, **({"secret": secret} if secret else {})}
    if as_json:
        show_json(shown)
        return
    show([shown], shown, as_json)
    click.echo("Keep it: it is not shown again.", err=True)


def consumer_of(
    dialect: "Dialect",
    store: "Store",
    shop: "Shop",
    scope: str,
    username: str,
    application: str,
) -> int | None:
    """The number of the application's key that a new key is to be bound to."""
    is_bound = dialect.consumer_scope not in ("", scope) and not username
    if is_bound != bool(application):
        needs = "needs" if is_bound else "takes no"
        raise click.UsageError(f"such a key of {dialect.name} {needs} --consumer")
    if not is_bound:
        return None
    key = store.key(dialect.name, application)
    if key is None or (key.scope, key.shop) != (dialect.consumer_scope, shop):
        fail(
            f"{application!r} is no {dialect.consumer_scope} of {dialect.name}"
            f" in {shop.hash!r}; see `address-gateway key list`"
        )
    return key.id


def password_of(username: str, is_given: bool) -> str:
    """The password on stdin, as it is stored: in an argument, others could see it."""
    from core import Keyring

    if bool(username) != is_given:
        raise click.UsageError("--username and --password-stdin need one another")
    if not is_given:
        return ""
    if username != username.strip():
        raise click.UsageError("a username neither begins nor ends with a space")
    password = sys.stdin.read().rstrip("\r\n")
    if not password:
        raise click.UsageError("there is no password on stdin")
    return Keyring.hashed(password)


def is_taken(username: str, dialect: str, keys: "Iterable[Key]") -> bool:
    """Whether a user of the dialect has the name."""
    return any((key.dialect, key.username) == (dialect, username) for key in keys)


@key.command("list", epilog=example("address-gateway key list --shop main"))
@click.option("--shop", "hash", metavar="HASH", help="This shop's keys only.")
@database_option
@json_option
def list_keys(hash: str | None, database: str, as_json: bool) -> None:
    """List the keys, of which the token's first characters are known."""
    store = existing_store(database)
    if hash is not None:
        existing_shop(store, hash)
    with store.keys() as keyring:
        rows = [key_row(key) for key in keyring.all(hash)]
    show(rows, COLUMNS, as_json)


def key_row(key: "Key") -> dict[str, Any]:
    """What may be told of a key."""
    return {**{name: getattr(key, name) for name in COLUMNS}, "shop": key.shop.hash}


@key.command(epilog=example("address-gateway key revoke 7"))
@click.argument("id", type=int)
@database_option
def revoke(id: int, database: str) -> None:
    """Revoke the key with the number ID; it is refused when this ends."""
    from core.trusted import TRUSTED_FOR

    store = existing_store(database)
    with store.keys() as keyring:
        is_revoked = keyring.revoke(id)
    if not is_revoked:
        fail(f"there is no key {id}; see `address-gateway key list`")
    # Servers trust what they have found for so long.
    time.sleep(TRUSTED_FOR)
    click.echo(f"revoked {id}")
