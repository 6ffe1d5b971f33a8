"""The quick parts give what Flask's and Werkzeug's own do."""

from io import BytesIO

import flask
import pytest
from flask import (
    Blueprint,
    Flask,
    Request,
    Response,
    abort,
    after_this_request,
    current_app,
    g,
    request,
)
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.test import EnvironBuilder, run_wsgi_app

from gateway.quick import QuickFlask, QuickRequest
from gateway.routing import QuickMap, QuickRule

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


class Plain(Flask):
    # Werkzeug's own compiles a rule by way of an AST, which Python 3.11.2 may break.
    url_rule_class = QuickRule


class Quick(Plain):
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

    assert bound(Quick("a"), environ) == bound(Plain("a"), environ)


@pytest.mark.parametrize("name", ["SCRIPT_NAME", "PATH_INFO", "QUERY_STRING"])
def test_what_a_server_leaves_out_is_empty(name):
    environ = EnvironBuilder().get_environ()
    del environ[name]
    ours, theirs = bound(Quick("a"), environ), bound(Plain("a"), environ)

    assert {k: v or "" for k, v in ours.items()} == {
        k: v or "" for k, v in theirs.items()
    }


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("changes", CHANGES)
@pytest.mark.parametrize("shallow", [False, True])
def test_a_request_is_made_alike(changes, host, shallow):
    environ = {**EnvironBuilder().get_environ(), "HTTP_HOST": host, **changes}
    ours, theirs = (
        kind(dict(environ), shallow=shallow) for kind in (QuickRequest, Request)
    )

    assert ours.environ.pop("werkzeug.request", ours) is ours
    assert theirs.environ.pop("werkzeug.request", theirs) is theirs
    assert [*ours.headers] == [*theirs.headers]
    assert {**vars(ours), "headers": 0} == {**vars(theirs), "headers": 0}


RULES = [
    ("/", ["GET"], {}),
    ("/a/<x>", ["GET", "PUT"], {}),
    ("/a/<int:x>", ["GET"], {}),
    ("/a/new", ["GET"], {}),
    ("/a/new/<x>/z", ["GET"], {}),
    ("/a/<x>/<y>", ["POST"], {"strict_slashes": False}),
    ("/a/<x>-<int:y>/b", ["GET"], {}),
    ("/a//b", ["GET"], {}),
    ("/a/<x>/c/", ["GET"], {}),
    ("/page/", ["GET"], {"defaults": {"x": 1}}),
    ("/page/<int:x>", ["GET"], {}),
    ("/old/<x>", ["GET"], {"alias": True}),
    ("/all/<path:x>", ["GET"], {}),
    ("/all/<path:x>/end/", ["GET"], {}),
    ("/live", None, {"websocket": True}),
]
PATHS = [
    *("/", "", "//", "/a", "/a/", "/a/5", "/a/new", "/a/newer", "/a/%", "/a/5/"),
    *("/a/new/5", "/a/new/5/z", "/a/new/z", "/a/5/6", "/a/5/6/", "/a/5-6/b", "/a//b"),
    *("/a/5/c", "/a/5/c/", "/page/", "/page/1", "/page/2", "/old/5", "/live"),
    *("/all/a", "/all/a/b", "/all/a/end", "/all/a/end/", "/all/", "/none"),
]


def routed(kind, path, method, merges):
    """The route that a kind of map finds, or the error."""
    rules = [
        QuickRule(text, endpoint=text.replace("old", "a"), methods=methods, **options)
        for text, methods, options in RULES
    ]
    found = kind(rules, merge_slashes=merges).bind(
        "shop.example", default_method=method
    )
    try:
        return found.match(path)
    except HTTPException as error:
        return repr(error), getattr(error, "valid_methods", None)


@pytest.mark.parametrize("merges", [True, False])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
@pytest.mark.parametrize("path", PATHS)
def test_a_route_is_found_alike(path, method, merges):
    ours, theirs = (routed(kind, path, method, merges) for kind in (QuickMap, Map))

    assert ours == theirs


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
    with Plain("a").app_context():
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


def hooked(kind, fails):
    """An app with a hook of each kind at each level, which tell what they are; the
    one that is to fail does."""
    app, told = kind("a", static_folder=None), []
    outer, inner = Blueprint("outer", "outer"), Blueprint("inner", "inner")

    def hook(name, answer=lambda *given: None):
        def run(*given):
            told.append((name, [str(g) for g in given if not isinstance(g, Response)]))
            if name == fails:
                raise ValueError(name)
            return answer(*given)

        return run

    def marked(name):
        def mark(response):
            response.headers.add("X-Marked", name)
            return response

        return mark

    for level, on in (("app", app), ("outer", outer), ("inner", inner)):
        on.url_value_preprocessor(hook(f"{level} takes"))
        on.before_request(hook(f"{level} before"))
        on.after_request(hook(f"{level} after", marked(level)))
        on.teardown_request(hook(f"{level} ends"))
    app.teardown_appcontext(hook("app is gone"))

    @inner.route("/<number>", methods=["GET", "POST"])
    def show(number):
        told.append((current_app.name, [request.path, number, *g]))
        after_this_request(hook("after this", marked("this")))
        if fails == "early":
            abort(418)
        return hook("view", lambda: f"{number}{request.files or ''}")()

    @app.errorhandler(ValueError)
    def fail(error):
        if fails == "app after":
            raise error
        return hook("handler", lambda _: ("failed", 400))(error)

    outer.register_blueprint(inner, url_prefix="/in")
    app.register_blueprint(outer, url_prefix="/out")
    return app, told


def answered(kind, fails, path, **request):
    app, told = hooked(kind, fails)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.logger.disabled = True
    environ = EnvironBuilder(path, **request).get_environ()
    body, status, headers = run_wsgi_app(app, environ)
    with pytest.raises(RuntimeError):
        assert flask.request.method
    return b"".join(body), status, [*headers], told


LEVELS = ("app", "outer", "inner")
FAILING = [
    "",
    "view",
    "early",
    *(f"{level} {hook}" for level in LEVELS for hook in ("takes", "before", "after")),
]


@pytest.mark.parametrize("fails", FAILING)
@pytest.mark.parametrize("path", ["/out/in/5", "/out/in/", "/none"])
def test_hooks_and_handlers_run_alike(fails, path):
    ours, theirs = (answered(kind, fails, path) for kind in (QuickFlask, Plain))

    assert ours == theirs


@pytest.mark.parametrize("level", LEVELS)
def test_a_hook_that_fails_at_the_end_is_told_alike(level):
    for kind in (QuickFlask, Plain):
        with pytest.raises(ValueError, match="ends"):
            answered(kind, f"{level} ends", "/out/in/5")


def test_a_file_that_was_sent_is_closed():
    app, _ = hooked(QuickFlask, "")
    held = []
    app.after_request(lambda response: held.append(request.files["a"]) or response)

    @app.post("/")
    def take():
        return request.files["a"].read()

    sent = {"a": (BytesIO(b"text"), "a.txt")}
    answer = app.test_client().post("/", data=sent, buffered=True)

    assert answer.data == b"text"
    assert held[0].stream.closed


def test_a_client_can_look_at_the_request_that_it_made():
    app, _ = hooked(QuickFlask, "")
    with app.test_client() as client:
        client.get("/out/in/5")

        assert request.view_args == {"number": "5"}
