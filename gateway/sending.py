"""Sends recorded requests byte for byte."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from urllib.parse import urlsplit

from gateway.compare import Answer, joined
from gateway.recording import Request

HOST = "www.example.com"
"""The Host of a request whose recording does not say it."""

FRAMING = {"content-length", "transfer-encoding"}
SECONDS = 30.0


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


def sent_url(base_url: str, request: Request) -> str:
    """The URL that the request's bytes name."""
    url = urlsplit(base_url)
    given = {name.lower(): value for name, value in request.headers}
    prefix = url.path.rstrip("/")
    return f"{url.scheme}://{given.get('host', HOST)}{prefix}{request.path}"
