"""Another secret key, in two steps: servers have to know both while secrets change."""

import os
import secrets
import tempfile
from pathlib import Path

import click

from gateway.cli.common import database_option, example, fail, json_option, show_json
from gateway.cli.database import existing_store, secret_key_file, settings

AGAIN = "`address-gateway key rotate-secret-key`"
VARIABLES = "ADDRESS_GATEWAY_SECRET_KEY and ADDRESS_GATEWAY_OLD_SECRET_KEY"


@click.command(
    "rotate-secret-key",
    epilog=example(
        "address-gateway key rotate-secret-key --new",
        "(restart the servers: they read what both keys have encrypted)",
        "address-gateway key rotate-secret-key",
    ),
)
@click.option("--new", is_flag=True, help="The first step: make a new secret key.")
@database_option
@json_option
def rotate_secret_key(new: bool, database: str, as_json: bool) -> None:
    """Encrypt the secrets of keys with another secret key.

    First make it, with --new, and restart the servers. Then run this without --new,
    again if it is broken off.
    """
    store = existing_store(database)
    config = settings(database)
    file = secret_key_file(database)
    file = file if file and file.exists() and not is_set() else None
    if new:
        if config.old_secret_key:
            fail(f"there is an old secret key still; run {AGAIN} first, without --new")
        show_new(file, secrets.token_hex(32), as_json)
        return
    if not config.old_secret_key:
        fail(f"there is no old secret key; begin with {AGAIN[:-1]} --new`")
    done = store.rotate_secrets()
    if as_json:
        show_json({"renewed": done.renewed, "kept": done.kept, "lost": done.unreadable})
    else:
        click.echo(f"encrypted anew: {done.renewed}; were already: {done.kept}")
    if done.unreadable:
        lost = ", ".join(map(str, done.unreadable))
        fail(
            f"neither secret key reads the secrets of the keys {lost}; set the secret"
            f" key that they were stored with as the old one and run {AGAIN} again, or"
            " revoke them"
        )
    if file:
        write(file, config.secret_key or "")
    else:
        click.echo("Now unset ADDRESS_GATEWAY_OLD_SECRET_KEY.", err=True)


def is_set() -> bool:
    """Whether the environment says what the secret key is, and not a file."""
    return bool(os.environ.get("ADDRESS_GATEWAY_SECRET_KEY"))


def show_new(file: Path | None, made: str, as_json: bool) -> None:
    """Put the new secret key into the file above the old one, or tell it."""
    if file is None:
        if as_json:
            show_json({"secret_key": made})
        else:
            click.echo(made)
        click.echo(
            f"Set {VARIABLES} to this and to the one before it, restart the servers,"
            f" then run {AGAIN}.",
            err=True,
        )
        return
    write(file, f"{made}\n{file.read_text('utf-8').strip()}")
    if as_json:
        show_json({"file": str(file)})
    click.echo(
        f"{file} holds a new secret key, and the old one below it. Restart the servers,"
        f" then run {AGAIN}.",
        err=True,
    )


def write(file: Path, text: str) -> None:
    """Replace the file at once, or not at all; nobody else may read it."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    with os.fdopen(handle, "w") as stream:
        stream.write(text + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(name, file)
