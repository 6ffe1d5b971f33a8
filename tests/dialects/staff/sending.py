"""Sends a recorded request to an app, byte for byte and in process."""

import io
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import Flask
from werkzeug.test import run_wsgi_app

from gateway.compare import Answer, joined
from gateway.recording import Request

HOST = "www.example.com"
UNPREFIXED = {"CONTENT_TYPE", "CONTENT_LENGTH"}


def send(app: Flask, request: Request) -> Answer:
    """What the app answers to exactly this request."""
    body, status, headers = run_wsgi_app(app, environ(request))
    return Answer(
        status=int(status.split()[0]),
        headers=joined(list(headers.items())),
        body=b"".join(body),
    )


def environ(request: Request) -> dict[str, Any]:
    """The request as a WSGI server hands it over (PEP 3333)."""
    path, _, query = request.path.partition("?")
    made: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": HOST,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": HOST,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body or b""),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if request.body is not None:
        made["CONTENT_LENGTH"] = str(len(request.body))
    return {**made, **headers(request)}


def headers(request: Request) -> dict[str, str]:
    """Equal names are joined, but for Content-Type, of which the first one counts.

    Servers drop a name with an underscore, which would pass for one with a hyphen.
    """
    found: dict[str, str] = {}
    for name, value in request.headers:
        key = name.upper().replace("-", "_")
        if "_" in name or (key in UNPREFIXED and key in found):
            continue
        key = key if key in UNPREFIXED else f"HTTP_{key}"
        value = value.strip()
        found[key] = f"{found[key]},{value}" if key in found else value
    return found
