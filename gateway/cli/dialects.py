"""The dialects that are installed, and what each can do."""

from typing import TYPE_CHECKING, Any

import click

from gateway.cli.common import cell, example, fail, json_option, show_json, table
from gateway.cli.database import configured

if TYPE_CHECKING:
    from dialects.base import Dialect

TITLES = {
    "name": "Dialect",
    "root": "Root",
    "operations": "Operations",
    "batch_limit": "Batch limit",
    "losses": "Does not keep",
    "scopes": "Scopes",
}


@click.command(
    epilog=example("address-gateway dialects", "address-gateway dialects --markdown")
)
@click.option("--markdown", is_flag=True, help="Print the table as Markdown.")
@json_option
def dialects(markdown: bool, as_json: bool) -> None:
    """List the dialects, and what each can do and cannot keep."""
    found = load_dialects()
    if as_json:
        show_json([{**row(one), "losses": dict(one.losses)} for one in found])
        return
    rows = [{**row(one), "batch_limit": one.batch_limit or "none"} for one in found]
    if markdown:
        click.echo(markdown_table(rows))
        return
    titled = [{TITLES[name]: one[name] for name in TITLES} for one in rows]
    click.echo(table(titled, tuple(TITLES.values())))


def load_dialects() -> "list[Dialect]":
    """The dialects that the configuration asks for."""
    from gateway import registry

    try:
        return registry.load(configured().dialects)
    except (ImportError, AttributeError) as error:
        fail(f"a dialect cannot be imported: {error}; reinstall its package")


def row(dialect: "Dialect") -> dict[str, Any]:
    """What the tables say of a dialect."""
    can = {operation.value for operation in dialect.operations}
    order = ("add", "get", "find", "update", "remove")
    return {
        "name": dialect.name,
        "title": dialect.title,
        "root": dialect.root,
        "operations": [name for name in order if name in can],
        "batch_limit": dialect.batch_limit,
        "losses": list(dialect.losses),
        "scopes": list(dialect.scopes),
    }


def markdown_table(rows: list[dict[str, Any]]) -> str:
    """The table that the README carries."""
    lines = [tuple(TITLES.values()), ("---",) * len(TITLES)]
    for found in rows:
        shown = {**found, "root": f"`{found['root']}`"}
        lines.append(tuple(cell(shown[name]) for name in TITLES))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
