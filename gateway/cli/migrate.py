"""Moving a shop's addresses between platforms and the store, and proving it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.common import (
    DEFAULT_URL,
    Commands,
    example,
    fail,
    json_option,
    show_json,
)
from gateway.cli.migrate_showing import Progress, show_counts, show_plan, show_status

if TYPE_CHECKING:
    from gateway.migrate import End, Ledger, Mappings

Options = Mapping[str, Any]
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
STORE = "store"

ENDS = (
    click.option("--from", "source", metavar="END", required=True),
    click.option("--from-credentials", metavar="FILE", type=FILE),
    click.option("--to", "target", metavar="END", required=True),
    click.option("--to-credentials", metavar="FILE", type=FILE),
    click.option("--shop", metavar="HASH", default="", help="The store's shop."),
    click.option("--database", metavar="URL", default=DEFAULT_URL, show_default=True),
    click.option("--limit", type=click.IntRange(1), help="So many customers at most."),
    click.option("--since", type=click.DateTime(), help="Who changed since, UTC."),
    click.option("--overrides", metavar="FILE", type=FILE, help="In docs/migration.md"),
    click.option(
        "--loss",
        "losses",
        metavar="FIELD=POLICY",
        multiple=True,
        help="ignore, warn or refuse; for all other fields: default=POLICY.",
    ),
    click.option(
        "--ids",
        type=click.Choice(["keep", "new"]),
        default="keep",
        show_default=True,
        help="In the store, refuse an id that is taken, or give a new one.",
    ),
)
ledger_option = click.option(
    "--ledger",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("migration.db"),
    show_default=True,
)


def end_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that name the ends, and what is moved."""
    for option in reversed(ENDS):
        command = option(command)
    return command


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
    interrupted or failed, with 2 if something was refused or is unexplained.
    """


@migrate.command(
    epilog=example(
        "address-gateway migrate plan --from DIALECT=https://shop.example.com \\",
        "  --from-credentials old.json --to store --shop main",
    )
)
@end_options
@json_option
def plan(as_json: bool, **given: Any) -> None:
    """Rehearse it on a scratch shop that answers as the target does; write nothing."""
    with speaking(), opened(options_of(given)) as (source, target, mappings, options):
        show_plan(rehearsed(source, target, mappings, options), as_json)


@migrate.command(
    epilog=example(
        "address-gateway migrate run --from DIALECT=https://shop.example.com \\",
        "  --from-credentials old.json --to store --shop main",
    )
)
@end_options
@ledger_option
@click.option("--dry-run", is_flag=True, help="The same as plan.")
@json_option
def run(ledger: Path, dry_run: bool, as_json: bool, **given: Any) -> None:
    """Move all, or, with a ledger that is there, what has changed since."""
    options = options_of(given)
    if dry_run:
        with speaking(), opened(options) as (source, target, mappings, _):
            show_plan(rehearsed(source, target, mappings, options), as_json)
        return
    go(ledger, options, as_json)


@migrate.command(
    epilog=example(
        "address-gateway migrate resume",
    )
)
@ledger_option
@json_option
def resume(ledger: Path, as_json: bool) -> None:
    """Go on with a run that was interrupted."""
    go(ledger, begun(ledger), as_json)


@migrate.command(
    epilog=example(
        "address-gateway migrate status --json",
    )
)
@ledger_option
@json_option
def status(ledger: Path, as_json: bool) -> None:
    """Show how far a run is."""
    begun(ledger)
    with speaking(), entered(ledger) as book:
        show_status(book, as_json)


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
    with (
        speaking(),
        entered(ledger) as book,
        opened(options) as (source, target, mappings, _),
    ):
        places = Places(mappings)
        progress = Progress(source)
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
        click.echo(f"{certificate}: sha256 {value['sha256']}")
    click.get_current_context().exit(0 if found.is_whole else 2)


@migrate.command(
    epilog=example(
        "address-gateway migrate rollback --yes",
    )
)
@ledger_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def rollback(ledger: Path, yes: bool, as_json: bool) -> None:
    """Remove what a run has made at the target, newest first."""
    from gateway.migrate import Places, Rollback
    from gateway.migrate.engine import now

    options = begun(ledger)
    if not yes:
        click.confirm("Remove all that this run has made?", abort=True, err=True)
    with (
        speaking(),
        entered(ledger) as book,
        opened(options) as (_, target, mappings, _),
    ):
        places = Places(mappings)
        undone = Rollback(target, book, places)
        undone.run()
        places.close()
        book.end("rolled back", now())
    if as_json:
        show_json({"removed": undone.removed, "left": undone.left})
    else:
        told = ", ".join(f"{n} {kind}" for kind, n in undone.removed.items())
        click.echo(f"removed: {told}")
        for line in undone.left:
            click.echo(f"left: {line}")
    click.get_current_context().exit(2 if undone.left else 0)


def go(ledger: Path, options: Options, as_json: bool) -> None:
    """Move, and tell what came of it."""
    from gateway.migrate import Migration, Places
    from gateway.migrate import Options as How
    from gateway.migrate.engine import now

    with (
        speaking(),
        entered(ledger) as book,
        opened(options) as (source, target, mappings, _),
    ):
        book.begin(source.title, target.title, options, now())
        places, progress = Places(mappings), Progress(source, options["limit"])
        how = How(
            limit=options["limit"],
            since=instant(options["since"]),
            mappings=mappings,
            progress=progress,
        )
        Migration(source, target, book, how, places).run()
        progress.end()
        places.close()
        book.end("done", now())
        problems = show_status(book, as_json)
    click.get_current_context().exit(2 if problems else 0)


def rehearsed(
    source: "End", target: "End", mappings: "Mappings", options: Options
) -> dict[str, Any]:
    """What the migration would come to."""
    from gateway.migrate import Options as How
    from gateway.migrate import rehearse

    progress = Progress(source, options["limit"])
    how = How(
        limit=options["limit"], since=instant(options["since"]), mappings=mappings
    )
    found = rehearse(source, target, how, naming(source, target), progress)
    progress.end()
    return found


def options_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """The options as the ledger keeps them: no secrets, and whole paths of files."""
    said = dict(given)
    for name in ("from_credentials", "to_credentials", "overrides"):
        said[name] = str(given[name].resolve()) if given[name] else ""
    said["since"] = given["since"].isoformat() if given["since"] else ""
    pairs = [text.partition("=")[::2] for text in given["losses"]]
    if not all(name and policy for name, policy in pairs):
        raise click.UsageError("--loss is FIELD=POLICY, such as note=ignore")
    said["losses"] = dict(pairs)
    if STORE in (given["source"], given["target"]) and not given["shop"]:
        raise click.UsageError("--shop names the store's shop")
    return said


def begun(path: Path) -> dict[str, Any]:
    """The options of the run in a ledger."""
    if not path.exists():
        fail(f"there is no ledger {path}; `address-gateway migrate run` begins one")
    with speaking(), entered(path) as book:
        run = book.run()
    if run is None:
        fail(f"nothing was begun in {path}; `address-gateway migrate run` does")
    return dict(run["options"])


@contextmanager
def entered(path: Path) -> "Iterator[Ledger]":
    """The ledger, for this command alone."""
    from gateway.migrate import Ledger

    book = Ledger(path)
    try:
        yield book
    finally:
        book.close()


@contextmanager
def opened(
    options: Options,
) -> "Iterator[tuple[End, End, Mappings, Options]]":
    """Both ends, and how what is between them is dealt with."""
    from gateway.migrate import read_mapping

    overrides = Path(options["overrides"]) if options["overrides"] else None
    mappings = read_mapping(overrides, options["losses"])
    source = opened_end(options, "source", "from_credentials", None)
    target = opened_end(options, "target", "to_credentials", source)
    try:
        yield source, target, mappings, options
    finally:
        source.close()
        target.close()


def opened_end(
    options: Options, which: str, credentials: str, source: "End | None"
) -> "End":
    """The end that an option names."""
    from gateway.cli.database import existing_shop, existing_store
    from gateway.migrate import StoreEnd, open_platform

    if options[which] != STORE:
        file = options[credentials]
        return open_platform(options[which], Path(file) if file else None)
    store = existing_store(options["database"])
    existing_shop(store, options["shop"])
    own = source.dialect.name if source and source.dialect else ""
    named = (own,) if own else ()
    is_new = options["ids"] == "new"
    return StoreEnd(store, options["shop"], *named, new_ids=is_new)


def naming(source: "End", target: "End") -> str:
    """The dialect whose ids the store keeps."""
    from gateway.seed import CANONICAL

    is_kept = target.dialect is None and source.dialect is not None
    return source.dialect.name if is_kept and source.dialect else CANONICAL


def instant(text: str) -> datetime | None:
    """The instant of an option."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


@contextmanager
def speaking() -> Iterator[None]:
    """Tell what ends a migration in one line."""
    from dialects.remote import RemoteError
    from gateway.migrate import MigrationError

    try:
        yield
    except MigrationError as error:
        fail(str(error))
    except RemoteError as error:
        fail(f"{error}; go on with `address-gateway migrate resume`")
