"""The ends of a migration on the command line: what the options open."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.cli.common import fail
from gateway.cli.migrate_options import LISTED, STORE, Options, whole

if TYPE_CHECKING:
    from core import PlaceRow
    from gateway.migrate import End, Ledger, Mappings


def begun(path: Path, ended: Mapping[str, str] = {}) -> dict[str, Any]:
    """The options of the run in a ledger, unless that is `ended`, in a state with
    something else to do."""
    if not path.exists():
        fail(f"there is no ledger {path}; `address-gateway migrate run` begins one")
    with speaking(), glimpsed(path) as book:
        run = book.run()
    if run is None:
        fail(f"nothing was begun in {path}; `address-gateway migrate run` does")
    if run["state"] in ended:
        fail(f"{path} is {run['state']}; {ended[run['state']]}")
    return whole(dict(run["options"]), path)


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
def glimpsed(path: Path) -> "Iterator[Ledger]":
    """What is in the ledger now, whoever works with it; the file is only read."""
    from gateway.migrate import Ledger

    book = Ledger.glimpsed(path)
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
            if source.title == target.title:
                fail(f"--from and --to are the same, {source.title}; name two ends")
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
        rows = distinct(end.places())
        if not rows:
            fail(f"{end.title} lists no places; name a file of them")
        return rows
    if not Path(text).exists():
        fail(f"there is no file {text}; `address-gateway places export` shows one")
    return place_rows(Path(text))[0]


def distinct(rows: "Iterable[PlaceRow]") -> "list[PlaceRow]":
    """The rows, and of places that are called the same in the same place the first:
    no name tells one from the other."""
    from core import fold

    found: dict[tuple[object, ...], PlaceRow] = {}
    for row in rows:
        found.setdefault((row.kind, row.country, row.region, fold(row.name)), row)
    return [*found.values()]


def naming(source: "End", target: "End") -> str:
    """The dialect whose ids the store keeps."""
    from gateway.seed import CANONICAL

    is_kept = target.dialect is None and source.dialect is not None
    return source.dialect.name if is_kept and source.dialect else CANONICAL


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
