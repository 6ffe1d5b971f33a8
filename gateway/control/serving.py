"""The control side of a served gateway: in the one worker, on a port of its own."""

import asyncio
import os
import socket
from concurrent.futures import TimeoutError as Late
from contextlib import suppress
from threading import Thread
from typing import Any
from wsgiref.types import WSGIApplication, WSGIEnvironment

from flask import Flask
from werkzeug.serving import make_server

from gateway import registry
from gateway.app import create_app, open_store
from gateway.bridge import Bridge
from gateway.config import Config
from gateway.control import Control
from gateway.control.api import create_api
from gateway.control.quiet import RST, Quiet
from gateway.control.recorder import Trickle
from gateway.operations.observing import Observed


def app_from_environ() -> Flask:
    """The app as the environment configures it, and its control side on its port."""
    config = Config.from_environ(os.environ)
    assert config.control
    dialects = registry.load(config.dialects)
    app = create_app(config, store=open_store(config), dialects=dialects)
    control = Control(
        app.extensions["store"], dialects, app, origin=config.control.origin
    )
    api = create_api(control, config.control.token)
    serve_api(api, config.control.host, config.control.port)
    return app


def serve_api(api: WSGIApplication, host: str, port: int) -> None:
    """Serve the control side in threads of this process, as long as it lives."""
    server = make_server(host, port, api, threaded=True, request_handler=Quiet)
    Thread(target=server.serve_forever, daemon=True).start()


class FaultyBridge(Bridge):
    """A bridge over which answers can come slowly, or not at all."""

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        self._loop = asyncio.get_running_loop()
        await super().__rsgi__(scope, protocol)

    def _answer(self, environ: WSGIEnvironment, protocol: Any) -> None:
        head: dict[str, Any] = {}

        def start(status: str, headers: Any, _: object = None) -> Any:
            head.update(status=int(status[:3]), headers=headers)
            return [].append

        try:
            answer = self._application(environ, start)
            if isinstance(answer, Trickle):
                self._trickle(answer, head, protocol)
                return
            try:
                body = b"".join(answer)
            finally:
                getattr(answer, "close", bool)()
        except ConnectionResetError:
            reset(environ["REMOTE_ADDR"], environ["REMOTE_PORT"])
            self._wait(protocol.client_disconnect())
        else:
            protocol.response_bytes(**head, body=body)

    def _trickle(self, answer: Trickle, head: Any, protocol: Any) -> None:
        transport = protocol.response_stream(**head)
        try:
            for chunk in answer:
                self._wait(transport.send_bytes(chunk))
        finally:
            answer.close()

    def _wait(self, awaitable: Any) -> None:
        async def wait() -> None:
            await awaitable

        with suppress(Late):
            asyncio.run_coroutine_threadsafe(wait(), self._loop).result(timeout=5)


class ObservedFaultyBridge(Observed, FaultyBridge):
    """A bridge with faults, whose requests are counted or logged."""


def reset(host: str, port: str) -> None:
    """Reset this process's connection with the client, if it is found.

    The server closes a connection whose client sends no more, and so resets it.
    """
    for name in os.listdir("/dev/fd"):
        try:
            found = socket.socket(fileno=os.dup(int(name)))
        except OSError:
            continue
        with found, suppress(OSError):
            if found.getpeername()[:2] == (host, int(port)):
                found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)
                found.shutdown(socket.SHUT_RD)
