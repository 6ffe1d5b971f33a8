"""The request at hand, what is remembered of it, and the app: Flask's proxies, sooner.

Flask's own take four calls for each attribute; these take one.
"""

from contextvars import ContextVar
from typing import Any, cast

import flask
from flask.ctx import _AppCtxGlobals as Globals
from flask.globals import _cv_app, _cv_request


def this_request() -> flask.Request:
    """The request itself, for who asks it several things."""
    return _cv_request.get().request


def these_globals() -> Globals:
    """What is remembered, itself."""
    return _cv_app.get().g


def this_app() -> flask.Flask:
    """The app itself."""
    return _cv_app.get().app


def current(context: ContextVar[Any], part: str) -> Any:
    """The part of a context, by its attributes."""
    get = context.get

    class Current:
        __slots__ = ()

        # Not `__getattr__`, which is asked after an AttributeError is made.
        def __getattribute__(self, name: str) -> Any:
            return getattr(getattr(get(), part), name)

        def __setattr__(self, name: str, value: Any) -> None:
            setattr(getattr(get(), part), name, value)

        def __contains__(self, name: str) -> bool:
            return name in getattr(get(), part)

    return Current()


request = cast(flask.Request, current(_cv_request, "request"))
g = cast("Globals", current(_cv_app, "g"))
current_app = cast(flask.Flask, current(_cv_app, "app"))
