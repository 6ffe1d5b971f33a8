"""A bridge that counts and logs the requests that cross it."""

import asyncio
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from flask import Flask, Request, Response, g, request
from granian.rsgi import Scope

from core import Key
from dialects.base import Dialect
from gateway.app import owners
from gateway.bridge import Bridge, Limits
from gateway.config import Config, ObservingConfig
from gateway.operations import logs
from gateway.operations.board import Presence
from gateway.operations.metrics import Metrics

WATCHED = "gateway.watched"
"""Where a request's environ, or a copy of it, has what is known of the request."""

BEAT = 0.5
"""Seconds between two signs of a worker's life."""


class Watched:
    """Granian's side of a request, and what becomes of it."""

    __slots__ = (
        "_protocol",
        "endpoint",
        "environ",
        "headers",
        "seconds",
        "shop",
        "started",
        "status",
    )

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol
        self.started = perf_counter()
        # What is left so was ended by Granian, for want of an answer.
        self.status, self.seconds = 500, 0.0
        self.environ: WSGIEnvironment | None = None
        self.endpoint: str | None = None
        self.shop = ""
        self.headers: tuple[tuple[str, str], ...] = ()

    def __call__(self) -> Any:
        return self._protocol()

    def __aiter__(self) -> Any:
        return self._protocol.__aiter__()

    def client_disconnect(self) -> Any:
        """Wait until the client has gone."""
        return self._protocol.client_disconnect()

    def response_empty(self, status: int, headers: Any) -> Any:
        """Answer without a body."""
        self._end(status)
        return self._protocol.response_empty(status, headers)

    def response_bytes(self, status: int, headers: Any, body: bytes) -> Any:
        """Answer with a body."""
        self._end(status)
        if self.headers:
            headers = [*headers, *self.headers]
        return self._protocol.response_bytes(status, headers, body)

    def response_stream(self, status: int, headers: Any) -> Any:
        """Answer with a body that comes in parts."""
        self._end(status)
        return self._protocol.response_stream(status, [*headers, *self.headers])

    def _end(self, status: int) -> None:
        self.status = status
        self.seconds = perf_counter() - self.started


class Observed(Bridge):
    """A bridge whose worker tells of its requests as the configuration says."""

    def __init__(self, application: WSGIApplication, limits: Limits) -> None:
        config = Config.from_environ(os.environ).observing or ObservingConfig()
        self._log, self._tells_id = config.log, config.tells_request_id
        self._directory = Path(config.directory) if config.directory else None
        self._metrics = Metrics(config.directory) if config.directory else None
        self._in_flight = 0
        self._name = namer(application)
        if config.log == "json":
            logs.to_json()
        super().__init__(application, limits)

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Tell that this worker serves, as soon as its loop runs."""
        super().__rsgi_init__(loop)
        if self._directory:
            loop.call_soon(self._enter, loop, self._directory)

    def __rsgi_del__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Count the last requests, too."""
        self._write()

    async def __rsgi__(self, scope: Scope, protocol: Any) -> None:
        watched = Watched(protocol)
        self._in_flight += 1
        try:
            await super().__rsgi__(scope, watched)
        finally:
            self._in_flight -= 1
        if watched.environ is None:
            self._tell(watched, scope.method, scope.query_string, "")

    def _answer(self, environ: WSGIEnvironment, protocol: Watched) -> None:
        protocol.environ, id = environ, ""
        environ[WATCHED] = protocol
        if self._log or self._tells_id:
            id = logs.request_id(environ.get("HTTP_X_REQUEST_ID"))
            environ[logs.REQUEST_ID] = id
            if self._tells_id:
                protocol.headers = (("x-request-id", id),)
        try:
            super()._answer(environ, protocol)
        finally:
            method, query = environ["REQUEST_METHOD"], environ["QUERY_STRING"]
            self._tell(protocol, method, query, id)

    def _tell(self, watched: Watched, method: str, query: str, id: str) -> None:
        seconds = watched.seconds or perf_counter() - watched.started
        dialect, operation = self._name(watched)
        if self._metrics:
            self._metrics.observe(((dialect, operation, watched.status), seconds))
        if not self._log:
            return
        fields = {
            "time": logs.now(),
            "level": "error" if watched.status >= 500 else "info",
            "event": "request",
            "request_id": id or logs.request_id(None),
            "dialect": dialect,
            "shop": watched.shop,
            "operation": operation,
            "method": method if method.isalpha() else "?",
            "query": logs.query_names(query),
            "status": watched.status,
            "duration_ms": round(seconds * 1000, 3),
            "pid": os.getpid(),
        }
        logs.write(logs.line(fields, self._log))

    def _enter(self, loop: asyncio.AbstractEventLoop, directory: Path) -> None:
        # The loop itself beats: one that hangs is silent.
        self._beat(loop, Presence(directory))

    def _write(self) -> None:
        if self._metrics:
            self._metrics.write(self._in_flight)

    def _beat(self, loop: asyncio.AbstractEventLoop, presence: Presence) -> None:
        loop.call_later(BEAT, self._beat, loop, presence)
        presence.beat()
        self._write()


def namer(application: WSGIApplication) -> Callable[[Watched], tuple[str, str]]:
    """What tells a request's dialect and operation, once its application is asked."""
    named: dict[str, tuple[str, str]] = {}
    owner: Callable[[str], Dialect | None] = dict[str, Dialect]().get
    if isinstance(application, Flask):
        dialects = mounted(application)
        owner = owners(dialects)
        application.after_request(see)
        for endpoint in application.view_functions:
            blueprint, _, operation = endpoint.rpartition(".")
            named[endpoint] = dialect_of(blueprint, dialects), operation

    def name(watched: Watched) -> tuple[str, str]:
        if watched.environ is None:
            return "none", "refused"
        if watched.endpoint in named:
            return named[watched.endpoint]
        dialect = owner(watched.environ["PATH_INFO"])
        return dialect.name if dialect else "none", "unmatched"

    return name


def see(response: Response) -> Response:
    """Note what the app knows of its request, after it was answered."""
    # Each use of a proxy costs half a microsecond.
    seen: Request = request._get_current_object()  # type: ignore[attr-defined]
    watched: Watched | None = seen.environ.get(WATCHED)
    if watched:
        key: Key | None = g.get("key")
        watched.endpoint, watched.shop = seen.endpoint, key.shop.hash if key else ""
    return response


def mounted(app: Flask) -> dict[str, Dialect]:
    """The dialects of an app, by every root that they answer for."""
    dialects: dict[str, Dialect] = dict(app.extensions["dialects"])
    others = {root: one for one in dialects.values() for root in one.others}
    return dialects | others


def dialect_of(blueprint: str, dialects: Mapping[str, Dialect]) -> str:
    """The name of the dialect that a blueprint is of."""
    for dialect in dialects.values():
        own = (dialect.blueprint, *dialect.others.values())
        if any(one.name == blueprint for one in own):
            return dialect.name
    return "none"
