"""The doctor: is everything as it must be for serving?"""

import socket
import stat
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
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
from gateway.cli.findings import Finding
from gateway.cli.guards import is_private
from gateway.cli.serve import (
    certificate_option,
    host_option,
    key_option,
    named,
    port_option,
    workers_option,
)

if TYPE_CHECKING:
    from core import Store

BUILT = datetime(2026, 1, 1, tzinfo=UTC)
"""A clock that shows less than this is wrong."""


@click.command(
    epilog=example(
        "address-gateway doctor --port 8080",
        "address-gateway doctor --workers 4 --tls-certificate FILE --tls-key FILE",
    )
)
@host_option
@port_option
@click.option(
    "--operations-port", type=click.IntRange(1, 65535), **named("OPERATIONS_PORT")
)
@workers_option
@certificate_option
@key_option
@click.option("--serving", is_flag=True, help="It runs: its ports are taken.")
@database_option
@json_option
def doctor(
    host: str,
    port: int,
    operations_port: int | None,
    workers: int,
    tls_certificate: Path | None,
    tls_key: Path | None,
    serving: bool,
    database: str,
    as_json: bool,
) -> None:
    """Check that the gateway can serve; exits with 1 if something is wrong.

    Options and variables are those of `serve`.
    """
    ports = [] if serving else [port, *([operations_port] if operations_port else [])]
    findings = list(checked_here(database, host, ports, tls_certificate, tls_key))
    findings += checked_database(database, host, workers)
    if as_json:
        show_json([finding._asdict() for finding in findings])
    else:
        for finding in findings:
            mark = "ok     " if finding.is_ok else "problem"
            advice = f"; {finding.to_do}" if finding.to_do else ""
            click.echo(f"{mark}  {finding.check}: {finding.detail}{advice}")
    if not all(finding.is_ok for finding in findings):
        click.get_current_context().exit(1)


def checked_here(
    url: str,
    host: str,
    ports: Sequence[int],
    certificate: Path | None,
    key: Path | None,
) -> Iterator[Finding]:
    """The findings without a database."""
    from gateway.cli.doctor_files import check_certificate, check_limits
    from gateway.cli.doctor_services import check_redis

    yield attempted("dialects", check_dialects)
    yield attempted("secret key", lambda: check_secret_key(url))
    for port in ports:
        yield attempted("port", partial(check_port, host, port))
    if certificate and key:
        yield attempted("certificate", lambda: check_certificate(certificate, key))
    redis_url = settings(url).redis_url
    if redis_url:
        yield attempted("Redis", lambda: check_redis(redis_url))
    else:
        yield attempted("limits", lambda: check_limits(url))


def checked_database(url: str, host: str, workers: int) -> Iterator[Finding]:
    """The findings about the database, each as far as those before let it."""
    file = sqlite_file(url)
    if file and not file.exists():
        advice = "run `address-gateway init` to create it"
        yield Finding("database", False, f"there is no file {file}", advice)
        return
    if file:
        yield from checked_file(file)
    store = unchecked_store(url)
    reached = attempted("database", lambda: check_database(store))
    yield reached
    if not reached.is_ok:
        return
    schema = attempted("schema", lambda: check_schema(store))
    yield schema
    if file:
        yield attempted("integrity", lambda: check_integrity(str(file)))
    else:
        yield from checked_postgresql(store, workers)
    if schema.is_ok:
        yield attempted("clock", lambda: check_clock(store))
        yield attempted("keys", lambda: check_keys(store, host))
        yield attempted("secrets", lambda: check_secrets(store))


def checked_file(file: Path) -> Iterator[Finding]:
    """The findings about a SQLite file, before it is opened."""
    from gateway.cli import doctor_files

    yield attempted("disk", lambda: doctor_files.check_disk(file))
    yield attempted("permissions", lambda: doctor_files.check_permissions(file))
    yield attempted("log of writes", lambda: doctor_files.check_wal(file))


def checked_postgresql(store: "Store", workers: int) -> Iterator[Finding]:
    """The findings about a PostgreSQL server."""
    from gateway.cli import doctor_services

    yield attempted(
        "PostgreSQL", lambda: doctor_services.check_postgresql(store, workers)
    )
    yield attempted(
        "PostgreSQL's clock", lambda: doctor_services.check_its_clock(store)
    )


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
