"""The ends of a migration on the command line: options, and what they open."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.common import DEFAULT_URL, fail

if TYPE_CHECKING:
    from core import PlaceRow
    from gateway.migrate import End, Ledger, Mappings
    from gateway.migrate import Options as How

Options = Mapping[str, Any]
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
STORE, LISTED = "store", "listed"

ENDS = (
    click.option("--from", "source", metavar="END", required=True),
    click.option("--from-credentials", metavar="FILE", type=FILE),
    click.option(
        "--from-places",
        metavar="FILE",
        help="The platform's numbers of places, as `places import` takes them, or"
        " `listed`: those that it lists itself.",
    ),
    click.option("--to", "target", metavar="END", required=True),
    click.option("--to-credentials", metavar="FILE", type=FILE),
    click.option("--to-places", metavar="FILE", help="The same of the target."),
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
    click.option(
        "--readers",
        type=click.IntRange(1, 20),
        default=4,
        show_default=True,
        help="So many customers are read at a time, where a call is of one.",
    ),
)
ledger_option = click.option(
    "--ledger",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("migration.db"),
    show_default=True,
    help="What is known of the migration; the first run makes it.",
)
RUN = (
    ledger_option,
    click.option(
        "--conflicts",
        type=click.Choice(["tell", "source", "target", "stop"]),
        default="tell",
        show_default=True,
        help="Where the target has changed: tell it, let one end prevail, or stop.",
    ),
    click.option(
        "--removed",
        type=click.Choice(["keep", "delete"]),
        default="keep",
        show_default=True,
        help="What is gone at the source: tell it, or delete it at the target, if a run"
        " made it and nobody has changed it.",
    ),
    click.option(
        "--earlier",
        metavar="FILE",
        type=FILE,
        help="The ledger of the run the other way, when moving back.",
    ),
)


def run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a run, for those that tell what it would do as well."""
    for option in reversed(RUN):
        command = option(command)
    return command


def end_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that name the ends, and what is moved."""
    for option in reversed(ENDS):
        command = option(command)
    return command


def options_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """The options as the ledger keeps them: no secrets, and whole paths of files."""
    said = dict(given)
    for name in ("from_credentials", "to_credentials", "overrides", "earlier"):
        said[name] = str(given[name].resolve()) if given[name] else ""
    for name in ("from_places", "to_places"):
        if said[name] and said[name] != LISTED:
            said[name] = str(Path(said[name]).resolve())
    said["since"] = given["since"].isoformat() if given["since"] else ""
    pairs = [text.partition("=")[::2] for text in given["losses"]]
    if not all(name and policy for name, policy in pairs):
        raise click.UsageError("--loss is FIELD=POLICY, such as note=ignore")
    said["losses"] = dict(pairs)
    if STORE in (given["source"], given["target"]) and not given["shop"]:
        raise click.UsageError("--shop names the store's shop")
    return said


def begun(path: Path, ended: Mapping[str, str] = {}) -> dict[str, Any]:
    """The options of the run in a ledger, unless that is `ended`, in a state with
    something else to do."""
    if not path.exists():
        fail(f"there is no ledger {path}; `address-gateway migrate run` begins one")
    with speaking(), entered(path) as book:
        run = book.run()
    if run is None:
        fail(f"nothing was begun in {path}; `address-gateway migrate run` does")
    if run["state"] in ended:
        fail(f"{path} is {run['state']}; {ended[run['state']]}")
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
    source = opened_end(options, "source", "from_credentials")
    try:
        with opened_target(options) as (target, mappings):
            yield source, target, mappings, options
    finally:
        source.close()


@contextmanager
def opened_target(options: Options) -> "Iterator[tuple[End, Mappings]]":
    """The target alone: what is undone there needs no source."""
    from gateway.migrate import read_mapping

    overrides = Path(options["overrides"]) if options["overrides"] else None
    mappings = read_mapping(overrides, options["losses"])
    target = opened_end(options, "target", "to_credentials")
    try:
        yield target, mappings
    finally:
        target.close()


def opened_end(options: Options, which: str, credentials: str) -> "End":
    """The end that an option names."""
    from gateway.cli.database import existing_shop, existing_store
    from gateway.migrate import StoreEnd, open_platform

    if options[which] != STORE:
        file = options[credentials]
        access = Path(file) if file else None
        end = open_platform(options[which], access, readers=options["readers"])
        rows = place_rows_of(options[credentials.replace("credentials", "places")], end)
        if rows:
            end.take_places(rows)
        return end
    store = existing_store(options["database"])
    existing_shop(store, options["shop"])
    own = "" if which == "source" else options["source"].partition("=")[0]
    named = (own,) if own not in ("", STORE) else ()
    is_new = options["ids"] == "new"
    return StoreEnd(store, options["shop"], *named, new_ids=is_new)


def place_rows_of(text: str, end: "End") -> "list[PlaceRow]":
    """The numbers of places in a file, or those that the platform lists."""
    from gateway.cli.places import place_rows

    if not text:
        return []
    if text == LISTED:
        rows = [*end.places()]
        if not rows:
            fail(f"{end.title} lists no places; name a file of them")
        return rows
    if not Path(text).exists():
        fail(f"there is no file {text}; `address-gateway places export` shows one")
    return place_rows(Path(text))[0]


def naming(source: "End", target: "End") -> str:
    """The dialect whose ids the store keeps."""
    from gateway.seed import CANONICAL

    is_kept = target.dialect is None and source.dialect is not None
    return source.dialect.name if is_kept and source.dialect else CANONICAL


def how_of(
    options: Options,
    mappings: "Mappings",
    progress: Callable[[int], object],
    *,
    is_resumed: bool = False,
) -> "How":
    """How much is moved, and how, as the options have it."""
    from gateway.migrate import Options as How

    return How(
        limit=options["limit"],
        since=instant(options["since"]),
        conflicts=options["conflicts"],
        deletes=options.get("removed") == "delete",
        is_resumed=is_resumed,
        mappings=mappings,
        progress=progress,
    )


def instant(text: str) -> datetime | None:
    """The instant of an option."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


RESUME = "`address-gateway migrate resume` goes on"


@contextmanager
def speaking(after: str = RESUME) -> Iterator[None]:
    """Tell what ends a migration in one line, and what to do `after` that."""
    from dialects.remote import RemoteError
    from gateway.migrate import MigrationError

    try:
        yield
    except MigrationError as error:
        fail(str(error))
    except RemoteError as error:
        fail(f"{error}; {after}")
    except KeyboardInterrupt:
        fail(f"interrupted; {after}")
