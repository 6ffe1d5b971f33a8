"""What `intercept` is tried with: a stand-in for the gateway, and clients to run."""

import json
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.gateway.cli import run

__all__ = ["HOST", "REQUESTS", "TUNNEL", "Python", "gateway", "home", "python"]

HOST = "api.example.com"
Python = Callable[..., str]

REQUESTS = """
import json, os, requests
"""
# What a client does that has no library: a tunnel through the proxy, and TLS in it.
TUNNEL = """
import http.client, json, os, ssl, sys
proxy = os.environ["HTTPS_PROXY"].removeprefix("http://")

def tunnel(host, port=443, **options):
    connection = http.client.HTTPSConnection(proxy, timeout=20, **options)
    connection.set_tunnel(host, port)
    return connection

def answer(connection):
    response = connection.getresponse()
    return response.status, response.read().decode()
"""


class Echo(BaseHTTPRequestHandler):
    """Answers with what it was asked, or with the body as it came."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.body()
        if self.path != "/echo":
            body = json.dumps(
                {
                    "request": self.requestline,
                    "headers": self.headers.items(),
                    "body": body.decode(),
                    "port": self.client_address[1],
                }
            ).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_POST = do_PUT = do_HEAD = do_GET

    def do_DELETE(self) -> None:
        self.body()
        self.send_response(204)
        self.end_headers()

    def body(self) -> bytes:
        if self.headers["Transfer-Encoding"] != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"] or 0))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    daemon_threads = False


@pytest.fixture
def gateway() -> Iterator[str]:
    """The URL of something that answers as the gateway would."""
    with Server(("127.0.0.1", 0), Echo) as server:
        thread = Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def python(home: Path, gateway: str, capfd: pytest.CaptureFixture[str]) -> Python:
    """Runs a program for which `gateway` stands in; gives what it printed."""

    def python(program: str, *hosts: str) -> str:
        names = [f"--host={host}" for host in hosts or [HOST]]
        command = ("--", sys.executable, "-c", program)
        result = run("intercept", *names, "--gateway", gateway, *command)
        printed, errors = capfd.readouterr()
        assert (result.exit_code, result.output, errors) == (0, "", "")
        return printed

    return python
