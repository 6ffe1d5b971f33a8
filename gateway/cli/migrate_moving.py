"""Runs and rehearsals of a migration on the command line."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.migrate_ends import entered, glimpsed, naming, opened, speaking
from gateway.cli.migrate_options import Options, how_of, kept
from gateway.cli.migrate_showing import Progress, show_plan, show_run

if TYPE_CHECKING:
    from gateway.migrate import End, Ledger

OWN_PLACES = (
    "the plan knows the gateway's places, and not the target's own: where places are"
    " refused, --to-places listed takes those that the target lists"
)


def go(
    ledger: Path, options: Options, as_json: bool, *, is_resumed: bool = False
) -> None:
    """Move, and tell what came of it."""
    from gateway.migrate import Migration, Places
    from gateway.migrate.mover import now

    with (
        speaking(),
        opened(options) as (source, target, mappings, _),
        entered(ledger) as book,
    ):
        entering(book, source, target, options)
        if source.place_rows and target.dialect is None:
            target.take_places(source.place_rows)
        note(source, options)
        places, progress = Places(mappings), Progress(source.count(), options["limit"])
        how = how_of(options, mappings, is_resumed=is_resumed, progress=progress)
        moved = Migration(source, target, book, how, places)
        moved.run()
        progress.end()
        places.close()
        book.end("done", now())
        problems = show_run(book, moved.tally.as_value(), as_json)
    click.get_current_context().exit(2 if problems else 0)


def rehearsed(ledger: Path, options: Options, as_json: bool) -> None:
    """Tell what it would come to, by a copy of the ledger if there is one."""
    from gateway.migrate import Ledger, rehearse

    with speaking("nothing was written; run it again"):
        book = Ledger.copied(ledger) if ledger.exists() else Ledger(None)
        with opened(options) as (source, target, mappings, _):
            entering(book, source, target, options)
            note(source, options)
            progress = Progress(source.count(), options["limit"])
            how = how_of(options, mappings, progress=progress)
            found = rehearse(source, target, how, naming(source, target), book)
            progress.end()
        book.close()
    if (
        found["refused"]
        and found["unknown_places"]
        and target.dialect
        and not target.place_rows
    ):
        click.echo(f"note: {OWN_PLACES}", err=True)
    show_plan(found, as_json)


def entering(book: "Ledger", source: "End", target: "End", options: Options) -> None:
    """Begin a run in a ledger, with the pairs of one the other way."""
    from gateway.migrate import pair
    from gateway.migrate.mover import now

    book.begin(source.title, target.title, kept(options), now())
    if options["earlier"]:
        with glimpsed(Path(options["earlier"])) as earlier:
            pair(book, earlier, source, target)


def note(source: "End", options: Options) -> None:
    """Tell what of the changes since an instant is not found."""
    if options["since"] and source.misses:
        click.echo(f"note: {source.misses}", err=True)
