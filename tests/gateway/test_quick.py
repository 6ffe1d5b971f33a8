"""The quick parts give what Flask's and Werkzeug's own do."""

import pytest
from flask import Flask, Request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.test import EnvironBuilder

from gateway.quick import QuickMap, QuickRequest

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

    def create_url_adapter(self, request):
        return self.url_map.bound_to(request)


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


def stream_of(kind, body, most=None, **environ):
    """What is read of the body by a kind of request, or the error."""
    given = {**EnvironBuilder(method="POST", data=body).get_environ(), **environ}
    request = kind(given)
    request.max_content_length = most
    try:
        return request.get_data()
    except HTTPException as error:
        return type(error)


@pytest.mark.parametrize("most", [None, 9, 10, 11])
@pytest.mark.parametrize("ends", [{}, {"wsgi.input_terminated": True}])
@pytest.mark.parametrize("length", ["10", "4", ""])
def test_a_body_is_read_alike(most, ends, length):
    given = {**ends, "CONTENT_LENGTH": length, "most": most}
    body = b"0123456789"
    with Flask("a").app_context():
        ours, theirs = (stream_of(k, body, **given) for k in (QuickRequest, Request))

    assert ours == theirs


@pytest.mark.parametrize("endpoint", ["greet", "a.greet", "a.b.greet"])
def test_blueprints_are_named_alike(endpoint):
    environ = EnvironBuilder().get_environ()
    ours, theirs = QuickRequest(environ), Request(environ)
    ours.url_rule = theirs.url_rule = Rule("/", endpoint=endpoint)

    assert ours.blueprints == theirs.blueprints


def test_a_request_without_a_route_has_no_blueprints():
    assert QuickRequest(EnvironBuilder().get_environ()).blueprints == []
