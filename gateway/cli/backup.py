"""`db backup` and `db restore`: the SQLite database in one file, and back."""

from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from gateway.cli.common import database_option, example, fail, json_option, show_json
from gateway.cli.database import create_directory, secret_key_file, sqlite_file

if TYPE_CHECKING:
    from gateway.operations.backup import Copy

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(epilog=example("address-gateway db backup /backups/monday.db"))
@click.argument("file", type=FILE)
@click.option("--overwrite", is_flag=True, help="Replace FILE if it is there.")
@database_option
@json_option
def backup(file: Path, overwrite: bool, database: str, as_json: bool) -> None:
    """Copy the SQLite database to FILE, while it is served or not.

    What was acknowledged before it began is in it. FILE is complete and checked, or it
    is not there.
    """
    from gateway.operations.backup import back_up

    found = back_up(local(database, file, "backup"), file, overwrites=overwrite)
    told(f"backed up to {file}", found, as_json)
    key = secret_key_file(database)
    if key and key.exists():
        click.echo(f"The secret key is not in it: keep {key} elsewhere.", err=True)


@click.command(epilog=example("address-gateway db restore /backups/monday.db"))
@click.argument("file", type=FILE)
@click.option("--overwrite", is_flag=True, help="Replace what the database holds.")
@database_option
@json_option
def restore(file: Path, overwrite: bool, database: str, as_json: bool) -> None:
    """Let the SQLite database hold what FILE does; no server may be running on it."""
    from gateway.operations import backup

    target = local(database, file, "restore")
    create_directory(database)
    found = backup.restore(file, target, overwrites=overwrite)
    told(f"restored from {file}", found, as_json)
    click.echo("`address-gateway doctor` tells whether it can be served.", err=True)


def local(url: str, file: Path, command: str) -> Path:
    """The file of a SQLite database. Fails, with what to run, for others."""
    if url.startswith("postgresql"):
        refuse_postgresql(url, file, command)
    found = sqlite_file(url)
    if found is None:
        fail("a database in memory ends with its process; name a --database in a file")
    return found


def refuse_postgresql(url: str, file: Path, command: str) -> NoReturn:
    """Fail with the command of PostgreSQL's own that does it."""
    from shlex import quote

    from core import Store
    from core.postgresql import libpq_url

    store = Store(url)
    whole = libpq_url(store.database.url).set(drivername="postgresql")
    plain = whole._replace(password=None)
    store.close()
    place = quote(plain.render_as_string())
    programs = {
        "backup": f"pg_dump --format=custom --file={quote(str(file))} {place}",
        "restore": "pg_restore --clean --if-exists --single-transaction"
        f" --dbname={place} {quote(str(file))}",
    }
    fail(
        "PostgreSQL is backed up by its own programs; with PGPASSWORD set, run"
        f" `{programs[command]}`"
    )


def told(what: str, found: "Copy", as_json: bool) -> None:
    """Print what a copy holds."""
    if as_json:
        show_json(found._asdict())
        return
    click.echo(
        f"{what}: {found.bytes} bytes, schema {found.revision}, {found.shops} shops,"
        f" {found.customers} customers, {found.addresses} addresses; sound"
    )
