"""The options of a migration on the command line, and what they come to."""

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import click

from gateway.cli.common import database_option, fail

if TYPE_CHECKING:
    from gateway.migrate import Mappings
    from gateway.migrate import Options as How

Options = Mapping[str, Any]
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
STORE, LISTED = "store", "listed"
URL_VARIABLE = "ADDRESS_GATEWAY_DATABASE_URL"
CREDENTIALS = "A JSON or TOML file with the platform's key; docs/migration.md has one."
ENDS = (
    click.option(
        "--from",
        "source",
        metavar="END",
        required=True,
        help="What is moved from: store, or DIALECT=URL, with a name that"
        " `address-gateway dialects` lists.",
    ),
    click.option("--from-credentials", metavar="FILE", type=FILE, help=CREDENTIALS),
    click.option(
        "--from-places",
        metavar="FILE",
        help="The platform's numbers of places, as `places import` takes them, or"
        " `listed`: those that it lists itself.",
    ),
    click.option(
        "--to", "target", metavar="END", required=True, help="What is moved to."
    ),
    click.option("--to-credentials", metavar="FILE", type=FILE, help="The same."),
    click.option("--to-places", metavar="FILE", help="The same of the target."),
    click.option("--shop", metavar="HASH", default="", help="The store's shop."),
    database_option,
    click.option("--limit", type=click.IntRange(1), help="So many customers at most."),
    click.option(
        "--since",
        metavar="TIME",
        type=click.DateTime(),
        help="Only who changed since, such as 2026-01-31 or 2026-01-31T12:00:00, UTC.",
    ),
    click.option(
        "--overrides",
        metavar="FILE",
        type=FILE,
        help="Places and customers that are to be others, as in docs/migration.md.",
    ),
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


def kept(options: Options) -> Options:
    """The options as a ledger keeps them: without a password of the database."""
    url = urlsplit(options["database"])
    has_secret = bool(url.password or parse_qs(url.query).get("password"))
    return {**options, "database": "" if has_secret else options["database"]}


def whole(options: dict[str, Any], path: Path) -> dict[str, Any]:
    """The options of a ledger, with what it does not keep."""
    if not options["database"]:
        options["database"] = os.environ.get(URL_VARIABLE, "")
        if not options["database"]:
            fail(
                f"{path} keeps no password of a database: let {URL_VARIABLE} say the"
                " database's URL"
            )
    return options


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
