"""Shops: the tenants."""

import click

from gateway.cli.common import (
    database_option,
    example,
    fail,
    json_option,
    show,
)
from gateway.cli.database import existing_shop, existing_store

COLUMNS = ("hash", "name", "created_at")


@click.group(epilog=example("address-gateway shop add acme --name 'Acme Ltd.'"))
def shop() -> None:
    """Add, list and remove shops; everything belongs to one."""


@shop.command(epilog=example("address-gateway shop add acme --name 'Acme Ltd.'"))
@click.argument("hash")
@click.option("--name", default="", help="What people call it.")
@database_option
@json_option
def add(hash: str, name: str, database: str, as_json: bool) -> None:
    """Add a shop with the public name HASH."""
    from core import Invalid

    store = existing_store(database)
    try:
        made = store.add_shop(hash, name)
    except Invalid:
        fail(f"there is a shop {hash!r} already; choose another name")
    row = {"hash": made.hash, "name": made.name, "created_at": made.created_at}
    show([row], COLUMNS, as_json)


@shop.command("list", epilog=example("address-gateway shop list"))
@database_option
@json_option
def list_shops(database: str, as_json: bool) -> None:
    """List the shops, oldest first."""
    rows = [
        {"hash": shop.hash, "name": shop.name, "created_at": shop.created_at}
        for shop in existing_store(database).shops()
    ]
    show(rows, COLUMNS, as_json)


@shop.command(epilog=example("address-gateway shop remove acme --yes"))
@click.argument("hash")
@click.option("--yes", is_flag=True, help="Do it; nothing can bring it back.")
@database_option
def remove(hash: str, yes: bool, database: str) -> None:
    """Remove the shop HASH with its customers, addresses and keys."""
    store = existing_store(database)
    found = existing_shop(store, hash)
    if not yes:
        raise click.UsageError(
            f"this removes {hash!r} with all its addresses; add --yes to do it"
        )
    store.remove_shop(found)
    click.echo(f"removed {hash}")
