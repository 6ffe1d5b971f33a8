"""The dialects that are installed, and what each can do."""

import json
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.common import cell, example, fail, json_option, show_json, table
from gateway.cli.database import configured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dialects.base import Dialect, Operation

TITLES = {
    "name": "Dialect",
    "root": "Root",
    "operations": "Operations",
    "batch_limit": "Batch limit",
    "losses": "Does not keep",
    "customer_operations": "Customers",
    "customer_losses": "Does not keep of customers",
    "scopes": "Scopes",
}


@click.command(
    epilog=example(
        "address-gateway dialects",
        "address-gateway dialects --markdown",
        "address-gateway dialects --quirks",
    )
)
@click.option("--markdown", is_flag=True, help="Print the table as Markdown.")
@click.option("--quirks", is_flag=True, help="List the quirks and their sources.")
@json_option
def dialects(markdown: bool, quirks: bool, as_json: bool) -> None:
    """List the dialects, and what each can do and cannot keep.

    A quirk is a point on which documentation and platform differ, or neither says
    anything; `serve --quirk DIALECT.QUIRK=VALUE` sets one.
    """
    found = load_dialects()
    if quirks:
        show_quirks([row for one in found for row in quirk_rows(one)], as_json)
        return
    if as_json:
        show_json([{**row(one), **reasons(one)} for one in found])
        return
    rows = [{**row(one), "batch_limit": one.batch_limit or "none"} for one in found]
    if markdown:
        click.echo(markdown_table(rows))
        return
    titled = [{TITLES[name]: one[name] for name in TITLES} for one in rows]
    click.echo(table(titled, tuple(TITLES.values())))


def quirk_rows(dialect: "Dialect") -> "Iterator[dict[str, Any]]":
    """What is to be known of each quirk of a dialect."""
    for name, quirk in dialect.quirks.items():
        yield {
            "dialect": dialect.name,
            "quirk": name,
            "documented": quirk.documented,
            "observed": quirk.observed,
            "source": quirk.source,
        }


def show_quirks(rows: "list[dict[str, Any]]", as_json: bool) -> None:
    """Print the quirks; a text says so by its quotation marks."""
    if as_json:
        show_json(rows)
        return
    for row in rows:
        click.echo(f"{row['dialect']}.{row['quirk']}")
        for value in ("documented", "observed"):
            click.echo(f"  {value + ':':<12}{json.dumps(row[value])}")
        click.echo(f"  {'source:':<12}{row['source']}")


def load_dialects() -> "list[Dialect]":
    """The dialects that the configuration asks for."""
    from gateway import registry

    try:
        return registry.load(configured().dialects)
    except (ImportError, AttributeError) as error:
        fail(f"a dialect cannot be imported: {error}; reinstall its package")


def row(dialect: "Dialect") -> dict[str, Any]:
    """What the tables say of a dialect."""
    return {
        "name": dialect.name,
        "title": dialect.title,
        "root": dialect.root,
        "operations": ordered(dialect.operations),
        "batch_limit": dialect.batch_limit,
        "losses": list(dialect.losses),
        "customer_operations": ordered(dialect.customer_operations),
        "customer_losses": list(dialect.customer_losses),
        "scopes": list(dialect.scopes),
    }


def reasons(dialect: "Dialect") -> dict[str, dict[str, str]]:
    """The losses, each with its reason."""
    return {
        "losses": dict(dialect.losses),
        "customer_losses": dict(dialect.customer_losses),
    }


def ordered(operations: "frozenset[Operation]") -> list[str]:
    """The operations' names, as they are always told."""
    can = {operation.value for operation in operations}
    return [n for n in ("add", "get", "find", "update", "remove") if n in can]


def markdown_table(rows: list[dict[str, Any]]) -> str:
    """The table that the README carries."""
    lines = [tuple(TITLES.values()), ("---",) * len(TITLES)]
    for found in rows:
        shown = {**found, "root": f"`{found['root']}`"}
        lines.append(tuple(cell(shown[name]) for name in TITLES))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
