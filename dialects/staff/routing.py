"""The blueprint, and how a view is put on it."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response
from werkzeug.routing import BaseConverter

from dialects.staff.auth import admit

View = Callable[..., Response]

blueprint = Blueprint("staff", __name__)
blueprint.before_request(admit)


class Id(BaseConverter):
    """A part of a path that may be an id: a dot never is in one."""

    regex = "[^/.]+"


@blueprint.record
def _learn_ids(state: Any) -> None:
    state.app.url_map.converters["staff_id"] = Id


def route(rule: str, *methods: str) -> Callable[[View], View]:
    """Serve the path with and without a slash at its end; a write is not redirected."""

    def serve(view: View) -> View:
        for path in (rule, f"{rule}/"):
            blueprint.add_url_rule(path, view_func=view, methods=methods)
        return view

    return serve
