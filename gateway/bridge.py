"""WSGI over Granian's RSGI, which keeps the names of headers as they were sent.

Granian's own WSGI interface lets a variable of the process named HTTP_AUTHORIZATION
pass for a header, and X_Auth_Token for X-Auth-Token. Here the environ is built from
the headers alone, and the application runs in a pool of threads.
"""

import asyncio
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO, RawIOBase
from queue import SimpleQueue
from threading import Thread
from time import monotonic, sleep
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from granian.rsgi import ProtocolClosed, Scope  # type: ignore[attr-defined]
from werkzeug.exceptions import RequestEntityTooLarge

from gateway.listening import tell_ready


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one worker accepts, and how long it waits."""

    # Granian reads up to as much again before it measures, so 64 KB always fail.
    header_bytes: int = 32_768
    header_seconds: float = 10
    body_bytes: int = 2**20
    body_seconds: float = 60
    stop_seconds: float = 30
    # More would only take the interpreter from each other; a dialect's own limit of ten
    # requests at once must be within reach.
    threads: int = 16


class Bridge:
    """A WSGI application behind Granian's RSGI interface."""

    def __init__(self, application: WSGIApplication, limits: Limits) -> None:
        self._application = application
        self._limits = limits
        self._reading: dict[Any, float] = {}
        """Whose body is being read, and until when it may take."""
        # A ThreadPoolExecutor does the same in 10 us more a request.
        self._requests: SimpleQueue[tuple[Any, ...]] = SimpleQueue()
        for _ in range(limits.threads):
            Thread(target=self._work, daemon=True).start()

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        # The loop runs once connections are accepted.
        loop.call_soon(tell_ready)
        Thread(target=self._look_for_late, args=(loop,), daemon=True).start()

    async def __rsgi__(self, scope: Scope, protocol: Any) -> None:
        environ = environ_from(scope)
        refusal = 0
        if "CONTENT_LENGTH" in environ or "HTTP_TRANSFER_ENCODING" in environ:
            refusal = await self._read_in_time(environ, protocol)
        if refusal:
            protocol.response_empty(refusal, [("connection", "close")])
            return
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        self._requests.put((environ, protocol, loop.call_soon_threadsafe, done))
        await done

    async def _read_in_time(self, environ: WSGIEnvironment, protocol: Any) -> int:
        task = asyncio.current_task()
        # A timer for each, as `asyncio.timeout` has it, takes 10 us more.
        self._reading[task] = monotonic() + self._limits.body_seconds
        try:
            return await self._read_body(environ, protocol)
        except ProtocolClosed:
            return 400
        except asyncio.CancelledError:
            if not self._is_late(task):
                raise
            return 408
        finally:
            del self._reading[task]

    def _is_late(self, task: Any) -> bool:
        return monotonic() >= self._reading[task]

    def _look_for_late(self, loop: asyncio.AbstractEventLoop) -> None:
        with suppress(RuntimeError):  # The loop is closed.
            while True:
                sleep(self._limits.body_seconds / 60)
                loop.call_soon_threadsafe(self._cancel_late)

    def _cancel_late(self) -> None:
        for task in filter(self._is_late, [*self._reading]):
            task.cancel()

    async def _read_body(self, environ: WSGIEnvironment, protocol: Any) -> int:
        limit = self._limits.body_bytes
        coding = environ.get("HTTP_TRANSFER_ENCODING", "")
        if not coding:
            large = int(environ["CONTENT_LENGTH"]) > limit
            environ["wsgi.input"] = TooLarge() if large else BytesIO(await protocol())
            return 0
        # RFC 9112, 6.1: 501 for a transfer coding the server does not understand.
        if coding.lower() != "chunked":
            return 501
        body, ends = bytearray(), 0
        async for chunk in protocol:
            body += chunk
            ends += not chunk
            if len(body) > limit:
                break
        environ["wsgi.input"] = TooLarge() if len(body) > limit else BytesIO(body)
        # Granian ends a body with an empty chunk, and adds one more if it broke off,
        # was malformed or had trailers. The three look alike, so all are refused.
        return 400 if ends > 1 else 0

    def _work(self) -> None:
        while True:
            environ, protocol, call_in_loop, done = self._requests.get()
            try:
                self._answer(environ, protocol)
            except BaseException as error:
                # Granian logs it and answers 500.
                call_in_loop(done.set_exception, error)
            else:
                call_in_loop(done.set_result, None)

    def _answer(self, environ: WSGIEnvironment, protocol: Any) -> None:
        head: dict[str, Any] = {}
        parts: list[bytes] = []

        def start(status: str, headers: Any, _: object = None) -> Any:
            head.update(status=int(status[:3]), headers=headers)
            return parts.append

        answer = self._application(environ, start)
        try:
            parts.extend(answer)
        finally:
            getattr(answer, "close", bool)()
        protocol.response_bytes(**head, body=b"".join(parts))


class TooLarge(RawIOBase):
    """A body beyond the limit: reading it makes the application answer 413 itself."""

    def readinto(self, buffer: object) -> int:
        raise RequestEntityTooLarge


def environ_from(scope: Scope) -> WSGIEnvironment:
    """The environ of a request (PEP 3333), but for its body."""
    name, _, port = scope.server.rpartition(":")
    client, _, client_port = scope.client.rpartition(":")
    environ = {
        "SERVER_NAME": name.strip("[]"),
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": client.strip("[]"),
        "REMOTE_PORT": client_port,
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        # PEP 3333: bytes as latin-1. Granian has decoded them as UTF-8.
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string.encode().decode("latin-1"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": BytesIO(),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for header, value in scope.headers.items():
        if key := environ_key(header):
            environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ


@lru_cache(maxsize=256)
def environ_key(header: str) -> str | None:
    """Where a header stands in the environ; None if it must not."""
    # X_Auth_Token would pass for X-Auth-Token, which a proxy in front may strip.
    if "_" in header:
        return None
    key = header.upper().replace("-", "_")
    return key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
