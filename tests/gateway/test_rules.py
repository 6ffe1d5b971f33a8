"""A quick map gives what Werkzeug's own does."""

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import EnvironBuilder

from gateway.rules import QuickMap

HOSTS = [
    "localhost",
    "Shop.Example:8080",
    "müller.example",
    "[::1]:80",
    "a..b",
    "x" * 70,
]
CHANGES = [
    {},
    {"SCRIPT_NAME": "/é".encode().decode("latin-1")},
    {"PATH_INFO": "//a//\xff"},
    {"QUERY_STRING": "a=\xc3\xa9&b"},
    {"wsgi.url_scheme": "https"},
    {"REQUEST_METHOD": "PATCH"},
    {"HTTP_UPGRADE": "websocket", "HTTP_CONNECTION": "Upgrade"},
]


class Quick(Flask):
    url_map_class = QuickMap


def bound(app, environ):
    """What the app's map is bound to by a request, or the error."""
    request = app.request_class(dict(environ))
    try:
        adapter = app.create_url_adapter(request)
    except HTTPException as error:
        return type(error)
    return {name: value for name, value in vars(adapter).items() if name != "map"}


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("changes", CHANGES)
def test_a_request_is_bound_alike(changes, host):
    environ = {**EnvironBuilder().get_environ(), "HTTP_HOST": host, **changes}

    assert bound(Quick("a"), environ) == bound(Flask("a"), environ)


@pytest.mark.parametrize("name", ["SCRIPT_NAME", "PATH_INFO", "QUERY_STRING"])
def test_what_a_server_leaves_out_is_empty(name):
    environ = EnvironBuilder().get_environ()
    del environ[name]
    ours, theirs = bound(Quick("a"), environ), bound(Flask("a"), environ)

    assert {k: v or "" for k, v in ours.items()} == {
        k: v or "" for k, v in theirs.items()
    }
