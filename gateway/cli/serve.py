"""Serving: the gateway on a port of this machine."""

import gc
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.banner import banner, origin
from gateway.cli.common import database_option, example
from gateway.cli.control import (
    MEMORY,
    control_banner,
    control_options,
    require_alone,
    with_control,
)
from gateway.cli.control import TARGET as CONTROLLED
from gateway.cli.database import (
    demo_url,
    given_database,
    ready_store,
    settings,
    sqlite_file,
)
from gateway.cli.dialects import load_dialects
from gateway.cli.guards import is_private, require_private, require_writable
from gateway.cli.operations import operations_options, operations_side
from gateway.cli.quirks import fidelity_option, merged, quirk_option

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from core import Store
    from dialects.base import Credential
    from gateway.bridge import Bridge

TARGET = "gateway.app:app_from_environ"
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def named(variable: str) -> dict[str, Any]:
    """Where else an option's value can stand: the environment of a service."""
    return {"envvar": f"ADDRESS_GATEWAY_{variable}", "show_envvar": True}


host_option = click.option(
    "--host", default="127.0.0.1", show_default=True, **named("HOST")
)
port_option = click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8080,
    show_default=True,
    **named("PORT"),
)
workers_option = click.option(
    "--workers",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    **named("WORKERS"),
)
certificate_option = click.option(
    "--tls-certificate", metavar="FILE", type=FILE, **named("TLS_CERTIFICATE")
)
key_option = click.option("--tls-key", metavar="FILE", type=FILE, **named("TLS_KEY"))


@click.command(
    epilog=example(
        "address-gateway serve --demo",
        "address-gateway serve --port 8000 --fidelity DIALECT=observed",
        "address-gateway serve --operations-port 8082 --log json",
        "address-gateway serve --control",
    )
)
@host_option
@port_option
@workers_option
@click.option(
    "--pin/--no-pin",
    default=True,
    help="Let each worker keep to one processor, or move between them.",
    show_default=True,
)
@click.option("--demo", is_flag=True, help="Serve demo data, in sqlite:///var/demo.db.")
@click.option("--fast", is_flag=True, help="Let a power cut undo SQLite's last writes.")
@certificate_option
@key_option
@operations_options
@click.option(
    "--replica-url",
    metavar="URL",
    help="A hot standby of the PostgreSQL database, for large reads.",
    **named("REPLICA_URL"),
)
@fidelity_option
@quirk_option
@control_options
@database_option
def serve(
    host: str,
    port: int,
    workers: int,
    pin: bool,
    demo: bool,
    fast: bool,
    tls_certificate: Path | None,
    tls_key: Path | None,
    operations_port: int | None,
    operations_host: str,
    log: str | None,
    answer_request_id: bool,
    replica_url: str | None,
    fidelities: tuple[str, ...],
    quirks: tuple[str, ...],
    control: bool,
    control_port: int,
    control_host: str,
    control_token: str | None,
    control_remote: bool,
    database: str,
) -> None:
    """Serve the dialects over HTTP until Ctrl-C or SIGTERM.

    SIGHUP replaces the workers, and so reads the TLS certificate anew.

    With --control, in memory unless a --database is given: it makes shops to test
    clients on, with their own time, faults and journals, over an API of its own.
    """
    # What is imported is no garbage; to look for some takes a tenth of the start.
    gc.disable()
    click.get_current_context().call_on_close(gc.enable)
    from gateway import listening, server
    from gateway.app import chosen
    from gateway.bridge import Limits
    from gateway.config import ObservingConfig
    from gateway.operations.backup import hold

    if listener := listening.handed_over():
        host, port = listener.getsockname()[:2]
    if (tls_certificate is None) != (tls_key is None):
        raise click.UsageError("--tls-certificate and --tls-key need each other")
    if control:
        hosts_are_private = is_private(host) and is_private(control_host)
        require_alone(workers, hosts_are_private, control_remote)
        database = given_database(database) or MEMORY
    if replica_url and not database.startswith("postgresql"):
        raise click.UsageError("--replica-url needs a PostgreSQL --database")
    dialects = load_dialects()
    url = demo_url(database) if demo else database
    shop = None
    if url != MEMORY:
        require_writable(url)
        store = store_with_demo(url) if demo else ready_store(url)
        require_private(store, host)
        shop = next((shop.hash for shop in store.shops()), None)
        # A worker is a fork of this process, and must not share its connections.
        store.close()
        if file := sqlite_file(url):
            hold(file)
    config = settings(url)
    config = replace(
        config,
        durable=config.durable and not (demo or fast),
        replica_url=replica_url,
        quirks=merged(config.quirks, dialects, fidelities=fidelities, quirks=quirks),
    )
    # A worker would only tell this again and again.
    for dialect in dialects:
        chosen(dialect, config.quirks.get(dialect.name, {}))
    served_at = origin(host, port, is_secure=tls_certificate is not None)
    if control:
        config = with_control(
            config,
            address=listening.free_address(control_host, control_port),
            port=control_port,
            token=control_token,
            served_at=served_at,
        )
    operations = operations_side(operations_host, operations_port, url)
    if operations or log or answer_request_id:
        config = replace(
            config,
            observing=ObservingConfig(
                directory=str(operations.board.directory) if operations else "",
                log=log or "",
                tells_request_id=answer_request_id,
            ),
        )
    text = banner(
        dialects,
        server=served_at,
        mounts=config.mounts,
        shop=shop,
        demo_keys=known_keys() if demo else {},
        certificate=tls_certificate,
    )
    os.environ.update(config.to_environ())

    if control:
        text = f"{control_banner(config)}\n{text}"
    if operations:
        seen_at = origin(operations_host, operations_port or 0, is_secure=False)
        text = f"Operations: {seen_at}/readyz, /healthz and /metrics\n{text}"

    def begin() -> None:
        if operations:
            operations.start()
        # The workers share what is there now, as long as nobody looks at it.
        gc.freeze()
        gc.enable()
        click.echo(text)

    try:
        server.serve(
            CONTROLLED if control else TARGET,
            host=host,
            port=port,
            listener=listener,
            workers=workers,
            tls_certificate=tls_certificate,
            tls_key=tls_key,
            limits=Limits(body_bytes=config.max_body),
            bridge=bridge_of(control, is_observed=config.observing is not None),
            pins=pin,
            formatter="gateway.operations.logs.Formatter" if log == "json" else "",
            on_bound=begin,
            on_stop=operations.stopping if operations else bool,
        )
    finally:
        if operations:
            operations.end()


def bridge_of(control: bool, *, is_observed: bool) -> "type[Bridge]":
    """What carries answers: with the control side, also those that are faults."""
    if control:
        from gateway.control.serving import FaultyBridge, ObservedFaultyBridge

        return ObservedFaultyBridge if is_observed else FaultyBridge
    if is_observed:
        from gateway.operations.observing import Observed

        return Observed
    from gateway.bridge import Bridge

    return Bridge


def store_with_demo(url: str) -> "Store":
    """The store for demo data, with the demo shop in it."""
    from gateway.cli.setup import demo_store
    from gateway.demo import create_demo

    store = demo_store(url)
    create_demo(store)
    return store


def known_keys() -> "Mapping[str, Sequence[Credential]]":
    """The keys of the demo shop, which everyone knows."""
    from gateway.demo import demo_keys

    return demo_keys()
