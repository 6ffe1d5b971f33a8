"""Moving a shop's addresses between platforms and the store, and proving it."""

from pathlib import Path
from typing import Any

import click

from gateway.cli.common import Commands, example, fail, json_option, show_json
from gateway.cli.migrate_ends import (
    RESUME,
    begun,
    entered,
    glimpsed,
    opened,
    opened_target,
    speaking,
)
from gateway.cli.migrate_moving import go, rehearsed
from gateway.cli.migrate_options import (
    FILE,
    STORE,
    end_options,
    ledger_option,
    options_of,
    run_options,
)
from gateway.cli.migrate_showing import (
    Progress,
    show_counts,
    show_status,
    show_unexplained,
)

ROLLING_BACK, ROLLED_BACK = "rolling back", "rolled back"
ROLLED = {
    ROLLING_BACK: "`address-gateway migrate rollback` goes on with it",
    ROLLED_BACK: "`address-gateway migrate run`, with its options, moves anew",
}
"""The states in which there is nothing to resume, and what to do then."""
UNFINISHED = {"running": RESUME, ROLLING_BACK: ROLLED[ROLLING_BACK]}


@click.group(
    cls=Commands,
    epilog=example(
        "address-gateway migrate run --from DIALECT=https://shop.example.com \\",
        "  --from-credentials old.json --to store --shop main",
    ),
)
def migrate() -> None:
    """Move customers' addresses between platforms and the store.

    An END is `store`, or DIALECT=URL. Exits with 0 if all is well, with 1 if it was
    interrupted or failed, with 2 if it was called wrongly, or if something was refused,
    left, is in conflict or is unexplained. docs/migration.md tells the rest.
    """


@migrate.command(
    epilog=example(
        "address-gateway migrate plan --from DIALECT=https://shop.example.com \\",
        "  --from-credentials old.json --to store --shop main",
    )
)
@end_options
@run_options
@json_option
def plan(ledger: Path, as_json: bool, **given: Any) -> None:
    """Tell what run would do with these options, and write nothing.

    With a ledger that is there: what another run would create, change and leave.
    """
    rehearsed(ledger, options_of(given), as_json)


@migrate.command(
    epilog=example(
        "address-gateway migrate run --from DIALECT=https://shop.example.com \\",
        "  --from-credentials old.json --to store --shop main",
    )
)
@end_options
@run_options
@click.option("--dry-run", is_flag=True, help="The same as plan.")
@json_option
def run(ledger: Path, dry_run: bool, as_json: bool, **given: Any) -> None:
    """Move all, or, with a ledger that is there, what has changed since."""
    (rehearsed if dry_run else go)(ledger, options_of(given), as_json)


@migrate.command(
    epilog=example(
        "address-gateway migrate resume",
    )
)
@ledger_option
@json_option
def resume(ledger: Path, as_json: bool) -> None:
    """Go on with a run that was interrupted."""
    options = begun(ledger, ROLLED)
    go(ledger, options, as_json, is_resumed=True)


@migrate.command(
    epilog=example(
        "address-gateway migrate status --json",
    )
)
@ledger_option
@json_option
def status(ledger: Path, as_json: bool) -> None:
    """Show how far a run is, also while it runs."""
    begun(ledger)
    with speaking(), glimpsed(ledger) as book:
        show_status(book, as_json)
        run = book.run() or {}
    if not as_json and run["state"] in UNFINISHED:
        click.echo(f"next: {UNFINISHED[run['state']]}")


@migrate.command(
    epilog=example(
        "address-gateway migrate verify --certificate proof.json",
    )
)
@ledger_option
@click.option(
    "--certificate",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("certificate.json"),
    show_default=True,
    help="Where it is written, with a page beside it that ends in .md.",
)
@json_option
def verify(ledger: Path, certificate: Path, as_json: bool) -> None:
    """Read both ends again, and certify what became of every address."""
    import json

    from gateway.migrate import Places, Verification, page

    options = begun(ledger)
    if not certificate.parent.is_dir():
        fail(f"there is no directory {certificate.parent}; make it, or name another")
    with (
        speaking("nothing was certified; run it again"),
        entered(ledger) as book,
        opened(options) as (source, target, mappings, _),
    ):
        places = Places(mappings)
        progress = Progress(source.count())
        is_partial = bool(options["limit"] or options["since"])
        found = Verification(source, target, book, mappings, places, progress).certify(
            is_partial=is_partial
        )
        places.close()
        progress.end()
    value = found.as_value()
    certificate.write_text(json.dumps(value, indent=2, default=str) + "\n", "utf-8")
    certificate.with_suffix(".md").write_text(page(found), "utf-8")
    if as_json:
        show_json({name: one for name, one in value.items() if name != "entries"})
    else:
        show_counts(value["counts"])
        show_unexplained(found.entries)
        click.echo(f"{certificate}: sha256 {value['sha256']}")
    click.get_current_context().exit(0 if found.is_whole else 2)


@migrate.command(
    epilog=example(
        "address-gateway migrate check certificate.json",
    )
)
@click.argument("certificate", type=FILE)
@json_option
def check(certificate: Path, as_json: bool) -> None:
    """Tell whether a certificate, and the page beside it, are as they were written."""
    from gateway.migrate import tampered

    page = certificate.with_suffix(".md")
    text = page.read_text("utf-8") if page.exists() else None
    problems = tampered(certificate.read_text("utf-8"), text)
    if as_json:
        show_json({"certificate": str(certificate), "problems": problems})
    else:
        click.echo("\n".join(problems) or f"{certificate} is as it was written")
    click.get_current_context().exit(2 if problems else 0)


@migrate.command(
    epilog=example(
        "address-gateway migrate rollback --yes",
    )
)
@ledger_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--changed",
    type=click.Choice(["keep", "remove"]),
    default="keep",
    show_default=True,
    help="What somebody has changed of what the runs made.",
)
@json_option
def rollback(ledger: Path, yes: bool, changed: str, as_json: bool) -> None:
    """Remove what the runs have made at the target, newest first, and give back what
    they overwrote."""
    from gateway.migrate import Places, Rollback
    from gateway.migrate.mover import now

    options = begun(ledger)
    if not yes:
        where = options["target"]
        where = f"shop {options['shop']}" if where == STORE else where
        told = f"Undo at {where} all that the runs of {ledger} have done?"
        click.confirm(told, abort=True, err=True)
    with (
        speaking("`address-gateway migrate rollback` goes on"),
        entered(ledger) as book,
        opened_target(options) as (target, mappings),
    ):
        places, progress = Places(mappings), Progress(len(book.customers()))
        is_all = changed == "remove"
        undone = Rollback(target, book, places, progress, takes_changed=is_all)
        book.end(ROLLING_BACK, now())
        undone.run()
        progress.end()
        places.close()
        book.end(ROLLED_BACK, now())
    if as_json:
        done = {"removed": undone.removed, "restored": undone.restored}
        show_json({**done, "left": undone.left})
    else:
        told = ", ".join(f"{n} {kind}" for kind, n in undone.removed.items())
        click.echo(f"removed: {told}; given back: {undone.restored}")
        for line in undone.left:
            click.echo(f"left: {line}")
    click.get_current_context().exit(2 if undone.left else 0)
