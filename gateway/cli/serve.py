"""Serving: the gateway on a port of this machine."""

import os
import socket
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.banner import banner, origin
from gateway.cli.common import database_option, example, fail
from gateway.cli.database import demo_url, ready_store, settings
from gateway.cli.dialects import load_dialects
from gateway.cli.quirks import fidelity_option, merged, quirk_option
from gateway.cli.setup import demo_store

if TYPE_CHECKING:
    from core import Store

TARGET = "gateway.app:app_from_environ"
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    epilog=example(
        "address-gateway serve --demo",
        "address-gateway serve --port 8000 --fidelity DIALECT=observed",
    )
)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=click.IntRange(1, 65535), default=8080, show_default=True)
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True)
@click.option("--demo", is_flag=True, help="Serve demo data, in sqlite:///var/demo.db.")
@click.option("--fast", is_flag=True, help="Let a power cut undo SQLite's last writes.")
@click.option("--tls-certificate", metavar="FILE", type=FILE)
@click.option("--tls-key", metavar="FILE", type=FILE)
@fidelity_option
@quirk_option
@database_option
def serve(
    host: str,
    port: int,
    workers: int,
    demo: bool,
    fast: bool,
    tls_certificate: Path | None,
    tls_key: Path | None,
    fidelities: tuple[str, ...],
    quirks: tuple[str, ...],
    database: str,
) -> None:
    """Serve the dialects over HTTP until Ctrl-C or SIGTERM."""
    from gateway import server
    from gateway.app import chosen
    from gateway.bridge import Limits
    from gateway.demo import demo_keys

    if (tls_certificate is None) != (tls_key is None):
        raise click.UsageError("--tls-certificate and --tls-key need each other")
    dialects = load_dialects()
    url = demo_url(database) if demo else database
    store = store_with_demo(url) if demo else ready_store(url)
    require_private(store, host)
    config = settings(url)
    config = replace(
        config,
        durable=config.durable and not (demo or fast),
        quirks=merged(config.quirks, dialects, fidelities=fidelities, quirks=quirks),
    )
    # A worker would only tell this again and again.
    for dialect in dialects:
        chosen(dialect, config.quirks.get(dialect.name, {}))
    text = banner(
        dialects,
        server=origin(host, port, is_secure=tls_certificate is not None),
        mounts=config.mounts,
        shop=next((shop.hash for shop in store.shops()), None),
        demo_keys=demo_keys() if demo else {},
        certificate=tls_certificate,
    )
    # A worker is a fork of this process, and must not share its connections.
    store.close()
    os.environ.update(config.to_environ())

    server.serve(
        TARGET,
        host=host,
        port=port,
        workers=workers,
        tls_certificate=tls_certificate,
        tls_key=tls_key,
        limits=Limits(body_bytes=config.max_body),
        on_bound=lambda: click.echo(text),
    )


def store_with_demo(url: str) -> "Store":
    """The store for demo data, with the demo shop in it."""
    from gateway.demo import create_demo

    store = demo_store(url)
    create_demo(store)
    return store


def require_private(store: "Store", host: str) -> None:
    """Fail if keys that everyone knows would be served to other machines."""
    if is_private(host):
        return
    with store.keys() as keyring:
        demo = [key.id for key in keyring.all() if key.is_demo]
    if demo:
        fail(
            f"the database holds demo keys and {host} is open to other machines;"
            " serve another --database, or remove the keys with"
            f" `address-gateway key revoke` ({', '.join(map(str, demo))})"
        )


def is_private(host: str) -> bool:
    """Whether a host is reached from this machine only."""
    from dialects.base import is_loopback

    try:
        found = socket.getaddrinfo(host, None)
    except OSError as error:
        fail(f"the host {host!r} is not known: {error.strerror}; choose another --host")
    return all(is_loopback(str(address[0])) for *_, address in found)
