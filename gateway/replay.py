"""Sends recorded requests to a gateway, and compares its answers with the recorded."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from werkzeug.serving import WSGIRequestHandler, make_server

from core import NotFound, Store, schema
from dialects.base import Dialect, Fixtures
from gateway.app import create_app, owners
from gateway.compare import TIMES, Answer, Difference, Rules, differences, joined
from gateway.config import Config
from gateway.recording import Exchange, Request, exchanges_from
from gateway.seed import plant_fixtures

HOST = "www.example.com"
"""The Host of a request whose recording does not say it."""

SHOP = "replay"
SECONDS = 30.0


class ReplayError(Exception):
    """A recording cannot be replayed; the text says why."""


@dataclass(kw_only=True, slots=True)
class Report:
    """What came of a replay: differences and reasons lie under the exchanges' ids."""

    agreed: list[str] = field(default_factory=list)
    differing: dict[str, list[Difference]] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)


def send(base_url: str, request: Request) -> Answer:
    """What the server answers to exactly this request, on a connection of its own."""
    url = urlsplit(base_url)
    with connected(url.scheme, url.hostname or "", url.port) as connection:
        connection.sendall(wire(request, url.path.rstrip("/")))
        response = HTTPResponse(connection, method=request.method)
        response.begin()
        body = response.read()
    headers = joined(response.getheaders())
    return Answer(status=response.status, headers=headers, body=body)


@contextmanager
def connected(scheme: str, host: str, port: int | None) -> Iterator[socket.socket]:
    address = (host, port or (443 if scheme == "https" else 80))
    with socket.create_connection(address, timeout=SECONDS) as plain:
        if scheme != "https":
            yield plain
            return
        context = ssl.create_default_context()
        with context.wrap_socket(plain, server_hostname=host) as secured:
            yield secured


def wire(request: Request, prefix: str) -> bytes:
    """The request's bytes. An HTTP library would refuse some, or add to them."""
    given = {name.lower() for name, _ in request.headers}
    lines = [f"{request.method} {prefix}{request.path} HTTP/1.1"]
    if "host" not in given:
        lines.append(f"Host: {HOST}")
    lines += [f"{name}: {value}" for name, value in request.headers]
    if request.body is not None and given.isdisjoint(FRAMING):
        lines.append(f"Content-Length: {len(request.body)}")
    if "connection" not in given:
        lines.append("Connection: close")
    head = "\r\n".join([*lines, "\r\n"])
    return head.encode("latin-1") + (request.body or b"")


FRAMING = {"content-length", "transfer-encoding"}


class Quiet(WSGIRequestHandler):
    """Serves without a line for each request."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(store: Store, dialect: Dialect) -> Iterator[str]:
    """The base URL of a gateway on a port of its own."""
    app = create_app(Config(), store=store, dialects=[dialect])
    # One thread, as the store in memory has one connection.
    server = make_server("127.0.0.1", 0, app, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def fresh_gateway(
    dialect: Dialect, fixtures: Fixtures
) -> Iterator[tuple[str, Callable[[], None]]]:
    """A gateway's base URL, and what puts it back into the state of the fixtures."""
    store = Store(secret_key=SHOP)
    schema.create(store.database)

    def reset() -> None:
        with suppress(NotFound):
            store.remove_shop(store.shop(SHOP))
        plant_fixtures(store, SHOP, dialect.name, fixtures)

    try:
        with serving(store, dialect) as base_url:
            yield base_url, reset
    finally:
        store.close()


def replay(
    dialect: Dialect, fixtures_file: Path, exchanges_file: Path, base_url: str = ""
) -> Report:
    """Replay a recording, each exchange on a fresh shop; raises ReplayError.

    A server at a `base_url` is taken as it is: it is neither filled nor reset.
    """
    file = json_file(fixtures_file)
    exchanges = list(exchanges_from(exchanges_file))
    known = set(instants(file))
    if base_url:
        return replayed(dialect, exchanges, base_url, lambda: None, known)
    with fresh_gateway(dialect, fixtures_of(dialect, file)) as (base_url, reset):
        return replayed(dialect, exchanges, base_url, reset, known)


def fixtures_of(dialect: Dialect, file: Any) -> Fixtures:
    if dialect.fixtures is None:
        raise ReplayError(f"the dialect {dialect.name!r} reads no fixtures")
    try:
        return dialect.fixtures(file)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReplayError(f"these are no fixtures of {dialect.name}: {error!r}") from (
            error
        )


def replayed(
    dialect: Dialect,
    exchanges: Sequence[Exchange],
    base_url: str,
    reset: Callable[[], None],
    known: set[str],
) -> Report:
    """Send every exchange that is the dialect's, and compare."""
    report = Report()
    owner = owners({dialect.root: dialect})
    for one in exchanges:
        path = one.request.path.partition("?")[0]
        if owner(path) is None:
            report.skipped[one.id] = f"{path} is outside {dialect.root}"
            continue
        found = compared(one, base_url, reset, known)
        if found:
            report.differing[one.id] = found
        else:
            report.agreed.append(one.id)
    return report


def compared(
    one: Exchange, base_url: str, reset: Callable[[], None], known: set[str]
) -> list[Difference]:
    """How the answer to one exchange differs; no answer is a difference as well."""
    reset()
    is_typed = any(name.lower() == "content-type" for name, _ in one.request.headers)
    try:
        for request in one.setup:
            send(base_url, request)
        got = send(base_url, one.request)
    except (OSError, HTTPException) as error:
        what = {"expected": one.answer.status, "got": f"no answer: {error!r}"}
        return [Difference(what="status", **what)]
    return differences(one.answer, got, Rules(known=known, is_untyped=not is_typed))


def json_file(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except ValueError as error:
        raise ReplayError(f"{path} is no JSON: {error}") from error


def instants(value: Any, name: str = "") -> Iterator[str]:
    """Every time that the fixtures hold."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from instants(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from instants(inner, name)
    elif name in TIMES and isinstance(value, str):
        yield value
