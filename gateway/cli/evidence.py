"""What proves that an operation answers as the original does."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.common import example, fail, json_option, show_json, table

if TYPE_CHECKING:
    from gateway.evidence import Summary

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command(
    epilog=example(
        "address-gateway evidence",
        "address-gateway evidence --dialect DIALECT --json",
        "address-gateway evidence --from tests --write",
    )
)
@click.option("--dialect", "name", metavar="NAME", default="", help="Of this one only.")
@click.option("--markdown", is_flag=True, help="Print the page of the documentation.")
@click.option(
    "--from",
    "tests",
    metavar="FOLDER",
    type=FOLDER,
    help="Look it up in these tests, and not in the summary of the package.",
)
@click.option(
    "--write",
    is_flag=True,
    help="Write the package's summary, and docs/evidence.md beside the tests.",
)
@json_option
def evidence(
    name: str, markdown: bool, tests: Path | None, write: bool, as_json: bool
) -> None:
    """Tell what proves each operation of each dialect.

    The kinds of evidence are told apart and not added up: real clients, exchanges with
    a running original, contracts, documented examples, and what is inferred.
    """
    from gateway import evidence as told
    from gateway import registry

    if write and tests is None:
        raise click.UsageError("--write needs --from")
    summary = told.gather(tests, registry.load()) if tests else told.shipped()
    if tests and write:
        write_files(tests, summary)
        return
    if name and name not in summary:
        fail(f"there is no evidence for {name!r}; there is for: {', '.join(summary)}")
    if name:
        summary = {name: summary[name]}
    if markdown:
        click.echo(told.markdown(summary), nl=False)
    elif as_json:
        show_json(summary)
    else:
        show(summary)


def write_files(tests: Path, summary: "Summary") -> None:
    """Write the summary where the package has it, and the page."""
    from gateway import evidence as told

    package = Path(told.__file__).with_name(told.SHIPPED)
    page = tests.resolve().parent / "docs" / "evidence.md"
    package.write_text(told.as_json(summary), "utf-8")
    page.write_text(told.markdown(summary), "utf-8")
    click.echo(f"{package} and {page} are current")


def show(summary: "Summary") -> None:
    """Print a table for each dialect, and what nothing proves."""
    from gateway.evidence import AXES, cell, unproven

    for name, one in summary.items():
        rows = [
            {"operation": operation, **{axis: cell(row[axis]) for axis in AXES}}
            for operation, row in one["operations"].items()
        ]
        click.echo(f"{name}\n" + table(rows, ("operation", *AXES)))
        for note in one["notes"]:
            click.echo(f"  {note}")
        lacking = ", ".join(unproven(one["operations"])) or "none"
        click.echo(f"  Not proven: {lacking}\n")
