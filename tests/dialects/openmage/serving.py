"""Serves a gateway over HTTP, and stands for an application that users come back to."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, request
from werkzeug.serving import WSGIRequestHandler, make_server


class Quiet(WSGIRequestHandler):
    """Serves without a line for each request."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(app: Callable[..., Any]) -> Iterator[str]:
    """The base URL of the app on a port of its own."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def listening() -> Iterator[tuple[str, list[str]]]:
    """The URL of an application's callback, and the URLs that users came back to."""
    app = Flask("application", static_folder=None)
    came: list[str] = []

    @app.get("/back")
    def back() -> str:
        came.append(request.url)
        return "<!doctype html><title>Welcome back</title><link rel=icon href=data:,>"

    with serving(app) as base_url:
        yield f"{base_url}/back", came
