"""The process that answers on the operations' port, and its parent's side of it."""

import os
import shutil
import signal
import sys
from collections.abc import Iterable
from functools import partial
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import mkdtemp
from threading import Event, Thread
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.serving import WSGIRequestHandler, make_server

from gateway.operations.board import Board
from gateway.operations.metrics import Exposition
from gateway.operations.readiness import Health, database_problem
from gateway.parents import wait_for_end

TEXT = "text/plain; charset=utf-8"


class Operations:
    """A server's operations port: made before its workers are, and ended after them."""

    def __init__(self, *, host: str, port: int, database_url: str) -> None:
        self.board = Board(Path(mkdtemp(prefix="address-gateway-server-")))
        self._arguments = (os.getpid(), str(self.board.directory), host, port)
        self._database_url = database_url
        self._ends = Event()
        self._process: BaseProcess | None = None

    def start(self) -> None:
        """Answer from now on, also if the process that does is killed."""
        self._process = self._started()
        Thread(target=self._keep, daemon=True).start()

    def stopping(self) -> None:
        """Tell that the server is not ready any more."""
        self.board.stop()

    def end(self) -> None:
        """Answer no more, and leave nothing behind."""
        self._ends.set()
        if self._process:
            self._process.kill()
            self._process.join()
        shutil.rmtree(self.board.directory, ignore_errors=True)

    def _keep(self) -> None:
        while self._process and not self._ends.is_set():
            self._process.join()
            if not self._ends.wait(1):
                self._process = self._started()

    def _started(self) -> BaseProcess:
        # A fork has all modules already, and this process no thread of its own yet.
        process = get_context("fork").Process(
            target=serve, args=(*self._arguments, self._database_url), daemon=True
        )
        process.start()
        return process


class Quiet(WSGIRequestHandler):
    """Answers without a line in the log, and without names of programs."""

    timeout = 10

    def version_string(self) -> str:
        """What the Server header says."""
        return "address-gateway"

    def log(self, type: str, message: str, *args: object) -> None:
        """Only what goes wrong is said."""
        if type == "error":
            sys.stderr.write(f"operations: {message % args}\n")


def serve(parent: int, directory: str, host: str, port: int, url: str) -> None:
    """Answer on the port until the parent ends."""
    # Who stops a group of processes stops this one last.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    Thread(target=end_with, args=(parent, directory), daemon=True).start()
    board = Board(Path(directory))
    health = Health(board, partial(database_problem, url))
    exposition = Exposition(board, health.readiness)
    application = answering(health, exposition)
    make_server(
        host, port, application, threaded=True, request_handler=Quiet
    ).serve_forever()


def end_with(parent: int, directory: str) -> None:
    """End when the parent does, which had no chance to clean up if it was killed."""
    wait_for_end(parent)
    shutil.rmtree(directory, ignore_errors=True)
    os._exit(0)


def answering(health: Health, exposition: Exposition) -> WSGIApplication:
    """The three pages."""
    from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

    def probe(problem: str) -> tuple[str, str, bytes]:
        status = "503 Service Unavailable" if problem else "200 OK"
        return status, TEXT, f"{problem or 'ok'}\n".encode()

    def page(path: str) -> tuple[str, str, bytes]:
        if path == "/healthz":
            return probe(health.liveness())
        if path == "/readyz":
            return probe(health.readiness())
        if path == "/metrics":
            return "200 OK", CONTENT_TYPE_PLAIN_0_0_4, exposition.text()
        return "404 Not Found", TEXT, b"/healthz, /readyz and /metrics are here\n"

    def application(
        environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        status, kind, body = "405 Method Not Allowed", TEXT, b"only GET is allowed\n"
        if environ["REQUEST_METHOD"] in ("GET", "HEAD"):
            status, kind, body = page(environ["PATH_INFO"])
        headers = [("Content-Type", kind), ("Content-Length", str(len(body)))]
        start_response(status, [*headers, ("Cache-Control", "no-store")])
        return [body]

    return application
