"""Bulk: a shop's customers and addresses out of files and into them."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.common import (
    database_option,
    example,
    json_option,
    shop_option,
    show_json,
)
from gateway.cli.database import existing_shop, existing_store

if TYPE_CHECKING:
    from gateway.bulk.importing import Reject

SHOWN = 10
"""How many rejects are shown where no file keeps them."""

format_option = click.option(
    "--format",
    "format",
    type=click.Choice(["jsonl", "csv"]),
    help="Else it is told by the file's name.",
)


@click.command(
    "import",
    epilog=example(
        "address-gateway import --shop main customers.csv addresses.csv.gz \\",
        "  --rejects rejects.jsonl",
    ),
)
@shop_option
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
)
@format_option
@click.option(
    "--rejects",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where bad rows go, as JSON Lines, with line and reasons.",
)
@click.option("--stop-on-error", is_flag=True, help="Stop at the first bad row.")
@click.option(
    "--update", is_flag=True, help="Change what is there and says something else."
)
@click.option(
    "--batch",
    type=click.IntRange(1, 100_000),
    default=5000,
    show_default=True,
    help="How many rows are stored at a time.",
)
@click.option("--dry-run", is_flag=True, help="Check everything and store nothing.")
@database_option
@json_option
def import_(
    hash: str,
    files: tuple[Path, ...],
    format: str | None,
    rejects: Path | None,
    stop_on_error: bool,
    update: bool,
    batch: int,
    dry_run: bool,
    database: str,
    as_json: bool,
) -> None:
    """Import customers and addresses from JSON Lines or CSV files.

    Files are .jsonl or .csv, also as .gz, .bz2 or .xz; "-" is standard input. Bad rows
    are passed over. Rows with ids that are there already are left alone, so that what
    was interrupted is run again. docs/bulk.md has the columns. Exits with 0 if all rows
    are stored, 2 if some were rejected, 1 if it failed.
    """
    from gateway.bulk.importing import Import, Options
    from gateway.bulk.progress import Progress

    store = existing_store(database)
    shop = existing_shop(store, hash)
    progress = Progress(sys.stderr, "importing")
    with kept(rejects) as reject:
        work = Import(
            store,
            shop,
            Options(
                format=format,
                batch=batch,
                updates=update,
                stops=stop_on_error,
                is_dry=dry_run,
            ),
            progress=progress,
            reject=reject,
        )
        try:
            work.run(files)
        except KeyboardInterrupt:
            click.echo("interrupted; run the command again to go on", err=True)
            raise
        finally:
            progress.clear()
            seconds = progress.seconds()
            told = {**asdict(work.summary), "seconds": round(seconds, 3)}
            show_summary(told, as_json, is_dry=dry_run)
    if work.summary.rejected:
        where = f"they are in {rejects}" if rejects else "--rejects FILE keeps them"
        click.echo(f"{work.summary.rejected} rows were rejected; {where}", err=True)
        sys.exit(2)


@contextmanager
def kept(path: Path | None) -> Iterator[Any]:
    """What keeps a reject: in the file, or the first ones on stderr."""
    if path is None:
        shown = iter(range(SHOWN))

        def show(reject: "Reject") -> None:
            if next(shown, None) is not None:
                reasons = "; ".join(reject.reasons)
                click.echo(f"{reject.file}, line {reject.line}: {reasons}", err=True)

        yield show
        return
    # Half a character is written as JSON escapes it.
    with path.open("w", encoding="utf-8", errors="backslashreplace") as file:

        def write(reject: "Reject") -> None:
            file.write(f"{json.dumps(asdict(reject), ensure_ascii=False)}\n")

        yield write


def show_summary(told: dict[str, Any], as_json: bool, *, is_dry: bool) -> None:
    """Tell what became of the rows."""
    if as_json:
        show_json(told)
        return
    counts = ", ".join(f"{told[name]} {name}" for name in tuple(told)[:-1])
    rate = told["read"] / max(told["seconds"], 0.001)
    dry = "nothing is stored, as this was a dry run: " if is_dry else ""
    click.echo(f"{dry}{counts}; {told['seconds']:.1f} s, {rate:,.0f} rows/s")


@click.command(
    epilog=example(
        "address-gateway export --shop main shop.jsonl.gz",
        "address-gateway export --shop main --what addresses addresses.csv",
    )
)
@shop_option
@click.argument(
    "file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path)
)
@click.option(
    "--what",
    type=click.Choice(["customers", "addresses"]),
    help="One kind alone; a CSV file has one.",
)
@format_option
@database_option
@json_option
def export(
    hash: str,
    file: Path,
    what: str | None,
    format: str | None,
    database: str,
    as_json: bool,
) -> None:
    """Export customers and addresses to a JSON Lines or CSV file.

    The name says how: .jsonl or .csv, also as .gz, .bz2 or .xz; "-" is standard output.
    The file has what the shop holds at one moment, and `import` reads it.
    """
    from gateway.bulk.exporting import export as export_shop
    from gateway.bulk.progress import Progress

    store = existing_store(database)
    shop = existing_shop(store, hash)
    progress = Progress(sys.stderr, "exporting")
    try:
        counts = export_shop(
            store, shop, file, what=what, format=format, progress=progress
        )
    finally:
        progress.clear()
    if as_json:
        click.echo(json.dumps(counts), err=str(file) == "-")
        return
    told = " and ".join(f"{count} {kind}" for kind, count in counts.items())
    click.echo(f"exported {told}", err=True)
