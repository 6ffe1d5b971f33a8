"""Sends recorded requests to a gateway, and compares its answers with the recorded."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from http.client import HTTPException
from itertools import zip_longest
from pathlib import Path
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from core import NotFound, Store, schema
from dialects.base import Dialect, Fixtures, Unsigned
from gateway.app import create_app, owners
from gateway.compare import TIMES, Difference, Rules, differences
from gateway.config import Config
from gateway.recording import DEFAULT, Exchange, Request, exchanges_from
from gateway.seed import plant_fixtures
from gateway.sending import send, sent_url

SHOP = "replay"

NOT_ITS_OWN = frozenset({"front-end", "php-fatal-error"})
"""Parts of a server whose answers are no answers of its API's."""


class ReplayError(Exception):
    """A recording cannot be replayed; the text says why."""


@dataclass(kw_only=True, slots=True)
class Report:
    """What came of a replay: differences and reasons lie under the exchanges' ids."""

    agreed: list[str] = field(default_factory=list)
    differing: dict[str, list[Difference]] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)


class Quiet(WSGIRequestHandler):
    """Serves without a line for each request."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """Where each configuration is served, and what puts all back to the fixtures."""

    url: Callable[[str], str]
    reset: Callable[[], None]


@contextmanager
def serving(
    store: Store, dialect: Dialect, quirks: Mapping[str, Any] | None = None
) -> Iterator[str]:
    """The base URL of a gateway on a port of its own."""
    config = Config(quirks={dialect.name: quirks or {}})
    app = create_app(config, store=store, dialects=[dialect])
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
def fresh_server(
    dialect: Dialect, fixtures: Fixtures, fidelity: str
) -> Iterator[Server]:
    """A server of the fixtures, which has a gateway for each configuration."""
    store = store_at(fixtures.now)
    schema.create(store.database)

    def reset() -> None:
        with suppress(NotFound):
            store.remove_shop(store.shop(SHOP))
        store.forget_nonces()
        plant_fixtures(store, SHOP, dialect.name, fixtures)

    with ExitStack() as stack:
        stack.callback(store.close)

        @cache
        def url(config: str) -> str:
            settings = fixtures.settings.get(config)
            if settings is None and config != DEFAULT:
                raise ReplayError(f"{dialect.name} has no configuration {config!r}")
            quirks = {"fidelity": fidelity, **(settings or {})}
            return stack.enter_context(serving(store, dialect, quirks))

        yield Server(url=url, reset=reset)


def store_at(now: datetime | None) -> Store:
    """A store in memory, whose clock stands still if told where."""
    if now is None:
        return Store(secret_key=SHOP)
    return Store(secret_key=SHOP, now=lambda: now)


def replay(
    dialect: Dialect,
    fixtures_file: Path,
    exchanges_file: Path,
    base_url: str = "",
    fidelity: str = "observed",
) -> Report:
    """Replay a recording, from a fresh shop where it was so; raises ReplayError.

    A server at a `base_url` is taken as it is: it is neither filled nor reset.
    """
    file = json_file(fixtures_file)
    exchanges = list(exchanges_from(exchanges_file))
    if base_url:
        server = Server(url=lambda _: base_url, reset=lambda: None)
        return Replay(dialect, file, server).report(exchanges)
    with fresh_server(dialect, fixtures_of(dialect, file), fidelity) as server:
        return Replay(dialect, file, server).report(exchanges)


def fixtures_of(dialect: Dialect, file: Any) -> Fixtures:
    if dialect.fixtures is None:
        raise ReplayError(f"the dialect {dialect.name!r} reads no fixtures")
    try:
        return dialect.fixtures(file)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ReplayError(f"these are no fixtures of {dialect.name}: {error!r}") from (
            error
        )


class Replay:
    """Sends the exchanges of a recording to a server, and compares."""

    def __init__(self, dialect: Dialect, file: Any, server: Server) -> None:
        self._dialect = dialect
        self._file = file
        self._server = server
        self._known = set(instants(file))
        self._owner = owners(dict.fromkeys([dialect.root, *dialect.others], dialect))

    def report(self, exchanges: Sequence[Exchange]) -> Report:
        """What came of every exchange, in order."""
        report = Report()
        for one, following in zip_longest(exchanges, exchanges[1:]):
            reason = self.reason_to_skip(one)
            if reason:
                report.skipped[one.id] = reason
                if following is None or following.is_fresh:
                    continue
            found = self.compared(one)
            if reason:
                continue
            if found:
                report.differing[one.id] = found
            else:
                report.agreed.append(one.id)
        return report

    def reason_to_skip(self, one: Exchange) -> str:
        """Why the answer to an exchange is not compared, if it is not."""
        path = one.request.path.partition("?")[0]
        if self._owner(path) is None:
            return f"{path} is outside {self._dialect.root}"
        if one.answered_by in NOT_ITS_OWN:
            return f"answered by {one.answered_by}"
        return ""

    def compared(self, one: Exchange) -> list[Difference]:
        """How the answer differs; no answer is a difference as well."""
        if one.is_fresh:
            self._server.reset()
        url = self._server.url(one.config)
        names = {name.lower() for name, _ in one.request.headers}
        try:
            for request in one.setup:
                send(url, self.signed(request, url))
            got = send(url, self.signed(one.request, url))
        except (OSError, HTTPException) as error:
            what = {"expected": one.answer.status, "got": f"no answer: {error!r}"}
            return [Difference(what="status", **what)]
        rules = Rules(known=self._known, is_untyped="content-type" not in names)
        return differences(one.answer, got, rules)

    def signed(self, request: Request, base_url: str) -> Request:
        """The request, signed anew if its recording says how it was signed."""
        if request.auth is None:
            return request
        if self._dialect.sign is None:
            raise ReplayError(f"the dialect {self._dialect.name!r} signs no requests")
        unsigned = Unsigned(
            method=request.method,
            url=sent_url(base_url, request),
            headers=request.headers,
            body=request.body,
        )
        try:
            more = self._dialect.sign(request.auth, self._file, unsigned)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            text = f"{request.method} {request.path} cannot be signed: {error!r}"
            raise ReplayError(text) from error
        return replace(request, headers=[*request.headers, *more.items()])


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
