"""The request at hand, what is remembered of it, and the app: Flask's proxies, sooner.

Flask's own take four calls for each attribute; these take one.
"""

from collections.abc import Callable
from typing import Any, cast

import flask
from flask.ctx import _AppCtxGlobals as Globals


def current(proxy: Any) -> Any:
    """What the proxy stands for, by its attributes."""
    find = proxy._get_current_object

    class Current:
        __slots__ = ()

        # Not `__getattr__`, which is asked after an AttributeError is made.
        def __getattribute__(self, name: str) -> Any:
            return getattr(find(), name)

        def __setattr__(self, name: str, value: Any) -> None:
            setattr(find(), name, value)

        def __contains__(self, name: str) -> bool:
            return name in find()

    return Current()


this_request = cast(
    "Callable[[], flask.Request]",
    flask.request._get_current_object,  # type: ignore[attr-defined]
)
"""The request itself, for who asks it several things."""
these_globals = cast(
    "Callable[[], Globals]",
    flask.g._get_current_object,
)
"""What is remembered, itself."""

request = cast(flask.Request, current(flask.request))
g = cast("Globals", current(flask.g))
current_app = cast(flask.Flask, current(flask.current_app))
