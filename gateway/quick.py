"""Parts of Flask and Werkzeug that do the same sooner, for what requests are like."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from io import BytesIO
from typing import IO, Any, cast
from wsgiref.types import StartResponse, WSGIEnvironment

import flask
from flask import Flask, Response
from flask.ctx import AppContext, RequestContext
from flask.globals import _cv_app, _cv_request
from flask.sessions import NullSession
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import EnvironHeaders
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter
from werkzeug.utils import cached_property
from werkzeug.wsgi import _get_server

from gateway.routing import QuickMap, QuickRule, decoded


class QuickRequest(flask.Request):
    """A request that takes a body which is there already as it is."""

    def __init__(
        self,
        environ: WSGIEnvironment,
        populate_request: bool = True,
        shallow: bool = False,
    ) -> None:
        # What Werkzeug sets, too.
        get = environ.get
        self.environ, self.shallow = environ, shallow
        self.method = get("REQUEST_METHOD", "GET").upper()
        self.scheme = get("wsgi.url_scheme", "http")
        self.server = _get_server(environ)
        self.root_path = decoded(get("SCRIPT_NAME") or "").rstrip("/")
        self.path = "/" + decoded(get("PATH_INFO") or "").lstrip("/")
        self.query_string = get("QUERY_STRING", "").encode("latin1")
        self.headers = EnvironHeaders(environ)
        self.remote_addr = get("REMOTE_ADDR")
        if populate_request and not shallow:
            environ["werkzeug.request"] = self

    @cached_property
    def stream(self) -> IO[bytes]:
        """The body, which can be read once. Raises RequestEntityTooLarge."""
        body = self.environ["wsgi.input"]
        most = self._max_content_length
        if most is None:
            # As `max_content_length` does it, by two proxies.
            most = _cv_app.get().app.config["MAX_CONTENT_LENGTH"]
        is_whole = type(body) is BytesIO and "wsgi.input_terminated" in self.environ
        if is_whole and (most is None or body.getbuffer().nbytes <= most):
            return cast("IO[bytes]", body)
        return super().stream

    @property
    def blueprints(self) -> list[str]:
        """The names of the blueprint and of those that it is in."""
        return blueprints_of(self.url_rule.endpoint) if self.url_rule else []


@lru_cache(maxsize=1024)
def blueprints_of(endpoint: str) -> list[str]:
    """The names of the blueprints of an endpoint, the innermost first."""
    names = endpoint.split(".")[:-1]
    return [".".join(names[:n]) for n in range(len(names), 0, -1)]


NO_SESSION = NullSession()
PRESERVES = "werkzeug.debug.preserve_context"


class QuickFlask(Flask):
    """Flask without what an API has no use for: signals, sessions and coroutines.

    Hooks run as Flask runs them. Its own way to them takes a third of a small request:
    each time it asks proxies for the request, and signals for who listens.
    """

    url_rule_class = QuickRule
    url_map_class = QuickMap
    request_class = QuickRequest

    def wsgi_app(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """The answer to a request, in contexts that are gone with it."""
        if PRESERVES in environ:
            return super().wsgi_app(environ, start_response)
        context = self.request_context(environ)
        of_app, of_request = _cv_app.set(AppContext(self)), _cv_request.set(context)
        error: Exception | None = None
        try:
            try:
                if context.url_adapter is not None:
                    context.match_request()
                response = self.full_dispatch_request()
            except Exception as failure:
                error = failure
                response = self.handle_exception(failure)
            return response(environ, start_response)
        finally:
            try:
                self.do_teardown_request(error)
                self.do_teardown_appcontext(error)
            finally:
                _cv_request.reset(of_request)
                _cv_app.reset(of_app)
                # They hold each other, and would stay until they are collected.
                environ["werkzeug.request"] = None

    def request_context(self, environ: WSGIEnvironment) -> RequestContext:
        """The context of a request, which has no session."""
        return RequestContext(self, environ, session=NO_SESSION)

    def create_url_adapter(self, request: flask.Request | None) -> MapAdapter | None:
        """What finds the route of a request, on any host."""
        if request is None or not isinstance(self.url_map, QuickMap):
            return super().create_url_adapter(request)
        return self.url_map.bound_to(request)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """No view is a coroutine; to find that out anew takes time in each request."""
        return func

    def dispatch_request(self) -> ResponseReturnValue:
        """What the view answers, or what Flask does where there is none."""
        request = _cv_request.get().request
        rule = request.url_rule
        if rule is None or getattr(rule, "provide_automatic_options", False):
            return super().dispatch_request()
        view = self.view_functions[rule.endpoint]
        return cast("ResponseReturnValue", view(**(request.view_args or {})))

    def finalize_request(
        self, rv: ResponseReturnValue | HTTPException, from_error_handler: bool = False
    ) -> Response:
        """The answer, after the hooks that follow a view."""
        if from_error_handler:
            return super().finalize_request(rv, from_error_handler)
        return self.process_response(self.make_response(rv))

    def full_dispatch_request(self) -> Response:
        """What the hooks and the view answer, or the handler of an error."""
        self._got_first_request = True
        try:
            answer = self.preprocess_request()
            if answer is None:
                answer = self.dispatch_request()
        except Exception as error:
            answer = self.handle_user_exception(error)
        return self.finalize_request(answer)

    def preprocess_request(self) -> ResponseReturnValue | None:
        """What a hook before the view answers, if one does."""
        request = _cv_request.get().request
        names = (None, *reversed(request.blueprints))
        for name in names:
            for take in self.url_value_preprocessors.get(name, ()):
                take(request.endpoint, request.view_args)
        for name in names:
            for look in self.before_request_funcs.get(name, ()):
                answer = look()
                if answer is not None:
                    return cast("ResponseReturnValue", answer)
        return None

    def process_response(self, response: Response) -> Response:
        """What the hooks after the view make of its answer."""
        context = _cv_request.get()
        changes: list[Callable[[Any], Any]] = [*context._after_request_functions]
        for name in (*context.request.blueprints, None):
            changes += reversed(self.after_request_funcs.get(name, ()))
        for change in changes:
            response = change(response)
        return response

    def do_teardown_request(self, exc: BaseException | None = None) -> None:
        """Run the hooks at the end of a request, and close the files it sent."""
        request = _cv_request.get().request
        for name in (*request.blueprints, None):
            for end in reversed(self.teardown_request_funcs.get(name, ())):
                end(exc)
        if "files" in vars(request):
            request.close()

    def do_teardown_appcontext(self, exc: BaseException | None = None) -> None:
        """Run the hooks at the end of an app's context."""
        for end in reversed(self.teardown_appcontext_funcs):
            end(exc)
