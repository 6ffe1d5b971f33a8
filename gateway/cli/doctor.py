"""The doctor: is everything as it must be for serving?"""

import socket
import stat
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from gateway.cli.common import database_option, example, json_option, show_json
from gateway.cli.database import (
    database_name,
    secret_key_file,
    settings,
    sqlite_file,
    unchecked_store,
)
from gateway.cli.failures import described
from gateway.cli.serve import is_private

if TYPE_CHECKING:
    from core import Store

BUILT = datetime(2026, 1, 1, tzinfo=UTC)
"""A clock that shows less than this is wrong."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; there is something to do if all is not well."""

    check: str
    is_ok: bool
    detail: str
    to_do: str = ""


@click.command(epilog=example("address-gateway doctor --port 8080"))
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True)
@database_option
@json_option
def doctor(host: str, port: int, database: str, as_json: bool) -> None:
    """Check that the gateway can serve; exits with 1 if something is wrong."""
    findings = list(checked(database, host, port))
    if as_json:
        show_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            mark = "ok     " if finding.is_ok else "problem"
            advice = f"; {finding.to_do}" if finding.to_do else ""
            click.echo(f"{mark}  {finding.check}: {finding.detail}{advice}")
    if not all(finding.is_ok for finding in findings):
        click.get_current_context().exit(1)


def checked(url: str, host: str, port: int) -> Iterator[Finding]:
    """The findings, those without a database first."""
    yield attempted("dialects", check_dialects)
    yield attempted("secret key", lambda: check_secret_key(url))
    yield attempted("port", lambda: check_port(host, port))
    file = sqlite_file(url)
    if file and not file.exists():
        advice = "run `address-gateway init` to create it"
        yield Finding("database", False, f"there is no file {file}", advice)
        return
    store = unchecked_store(url)
    reached = attempted("database", lambda: check_database(store))
    yield reached
    if not reached.is_ok:
        return
    schema = attempted("schema", lambda: check_schema(store))
    yield schema
    if file:
        yield attempted("integrity", lambda: check_integrity(str(file)))
    if schema.is_ok:
        yield attempted("clock", lambda: check_clock(store))
        yield attempted("keys", lambda: check_keys(store, host))
        yield attempted("secrets", lambda: check_secrets(store))


def attempted(check: str, work: Callable[[], Finding]) -> Finding:
    """What a check finds; that it fails is a finding, too."""
    try:
        return work()
    except click.ClickException as error:
        return Finding(check, False, error.message)
    except Exception as error:
        return Finding(check, False, described(error))


def check_dialects() -> Finding:
    """Whether all dialects can be loaded."""
    from gateway.cli.dialects import load_dialects

    names = ", ".join(dialect.name for dialect in load_dialects())
    return Finding("dialects", True, names)


def check_secret_key(url: str) -> Finding:
    """Whether there is a secret key that nobody else can read."""
    check, file = "secret key", secret_key_file(url)
    if settings(url).secret_key is None:
        advice = "run `address-gateway init`, or set ADDRESS_GATEWAY_SECRET_KEY"
        return Finding(check, False, "there is none", advice)
    if file is None or not file.exists():
        return Finding(check, True, "ADDRESS_GATEWAY_SECRET_KEY")
    if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        advice = f"run `chmod 600 {file}`"
        return Finding(check, False, f"others can read {file}", advice)
    return Finding(check, True, str(file))


def check_port(host: str, port: int) -> Finding:
    """Whether the port is free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            detail = f"{port} of {host}: {error.strerror}"
            advice = "stop what uses it, or choose another with --port"
            return Finding("port", False, detail, advice)
    return Finding("port", True, f"{port} of {host} is free")


def check_database(store: "Store") -> Finding:
    """Whether the database answers."""
    with store.database.connection(writes=False) as connection:
        connection.execute("SELECT 1")
    return Finding("database", True, database_name(store))


def check_schema(store: "Store") -> Finding:
    """Whether the schema is the newest."""
    from core import schema

    found = schema.revision(store.database)
    if found == schema.HEAD:
        return Finding("schema", True, f"revision {found}")
    detail = f"revision {found or 'none'}, not {schema.HEAD}"
    return Finding("schema", False, detail, "run `address-gateway db upgrade`")


def check_integrity(file: str) -> Finding:
    """Whether SQLite finds its file sound."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(file)) as connection:
        [found] = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found == "ok":
        return Finding("integrity", True, "SQLite's quick_check found nothing")
    return Finding("integrity", False, found, "restore a backup of the database")


def check_clock(store: "Store") -> Finding:
    """Whether the time is possible: not before what was already stored."""
    last = max((shop.created_at for shop in store.shops()), default=BUILT)
    now = store.now()
    if now >= max(last, BUILT):
        return Finding("clock", True, f"{now:%Y-%m-%d %H:%M:%S} UTC")
    detail = f"it shows {now:%Y-%m-%d %H:%M} UTC, and a shop was made {last:%Y-%m-%d}"
    return Finding("clock", False, detail, "set this machine's clock")


def check_keys(store: "Store", host: str) -> Finding:
    """Whether there are keys, and none that everyone knows where others can call."""
    with store.keys() as keyring:
        keys = keyring.all()
    demo = [key for key in keys if key.is_demo]
    detail = f"{len(keys)}, of which {len(demo)} are demo keys"
    if demo and not is_private(host):
        advice = f"revoke them, or do not serve on {host}"
        return Finding("keys", False, detail, advice)
    if not keys:
        return Finding("keys", False, "there are none", "run `address-gateway init`")
    return Finding("keys", True, detail)


def check_secrets(store: "Store") -> Finding:
    """Whether the secret key reads what is stored."""
    found = store.rotate_secrets(writes=False)
    if found.unreadable:
        lost = ", ".join(map(str, found.unreadable))
        detail = f"the secret key does not read those of the keys {lost}"
        advice = "set ADDRESS_GATEWAY_SECRET_KEY to the one that they were stored with"
        return Finding("secrets", False, detail, advice)
    if found.renewed:
        detail = f"{found.renewed} are the old secret key's"
        advice = "run `address-gateway key rotate-secret-key`"
        return Finding("secrets", False, detail, advice)
    return Finding("secrets", True, f"{found.kept}, which the secret key reads")
