"""The resources, and the checks before them in OpenMage's order.

Format, authentication, route, method, role, version, verb, body, and only then what is
asked for. So a bad token is told before an unknown path, and a broken body before an
unknown customer (OpenMage, observed).
"""

import html
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import NamedTuple
from urllib.parse import unquote

from flask import Blueprint, Response
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter, Rule

from dialects.current import these_globals, this_request
from dialects.openmage import addresses, customers
from dialects.openmage.access import OPERATIONS, require_privilege
from dialects.openmage.errors import (
    NO_METHOD,
    NO_ROUTE,
    NOT_IMPLEMENTED,
    NoFormat,
    Refused,
)
from dialects.openmage.oauth1 import authenticate
from dialects.openmage.quirks import NAME, chosen
from dialects.openmage.wire import JSON, QUERY, XML, accepted

blueprint = Blueprint(NAME, __name__)
View = Callable[..., Response]
ENDPOINT = f"{NAME}.answer"
FORMATS = {"xml": XML, "json": JSON, "text": QUERY}
VERSION = re.compile(r"[1-9][0-9]*")


class Route(NamedTuple):
    """A path, whose segments in braces are ids, and what can be done there."""

    path: str
    resource: str
    views: Mapping[str, View]

    def match(self, segments: Sequence[str]) -> list[str] | None:
        """The ids in a path; None if it is not this route's."""
        own = divided(self.path)
        if len(own) != len(segments):
            return None
        ids = []
        for name, segment in zip(own, segments, strict=True):
            if name == "{id}":
                ids.append(segment)
            elif name != segment:
                return None
        return ids


@cache
def divided(path: str) -> list[str]:
    """The segments of a path."""
    return path.split("/")


ROUTES = (
    Route(
        "customers/{id}",
        "customer",
        {
            "GET": customers.retrieve_customer,
            "PUT": customers.update_customer,
            "DELETE": customers.delete_customer,
        },
    ),
    Route(
        "customers",
        "customer",
        {
            "GET": customers.list_customers,
            "POST": customers.create_customer,
            "PUT": customers.update_customers,
        },
    ),
    Route(
        "customers/addresses/{id}",
        "customer_address",
        {
            "GET": addresses.retrieve_address,
            "PUT": addresses.update_address,
            "DELETE": addresses.delete_address,
        },
    ),
    Route(
        "customers/{id}/addresses",
        "customer_address",
        {"GET": addresses.list_addresses, "POST": addresses.create_address},
    ),
)
"""In the order in which they are tried; a view's arguments are the ids of its path."""


class Anything(BaseConverter):
    """The rest of a path, with all of its slashes."""

    regex = ".*"
    part_isolating = False


@blueprint.record
def add_rules(state: BlueprintSetupState) -> None:
    """Take every path below the root, and every method."""
    root = (state.url_prefix or "").rstrip("/")
    state.app.url_map.converters["anything"] = Anything
    for path in (root, f"{root}/<anything:path>"):
        state.app.url_map.add(Rule(path, endpoint=ENDPOINT, strict_slashes=False))
    state.app.view_functions[ENDPOINT] = answer


@blueprint.before_request
def admit() -> None:
    """The format of the answer, and then who asks: a guest has no key."""
    g = these_globals()
    g.format = accepted(
        this_request().environ.get("HTTP_ACCEPT"),
        any_format=FORMATS.get(chosen("default_format"), JSON),
        absent=FORMATS.get(chosen("missing_accept")),
    )
    if g.format is None:
        raise NoFormat
    g.key = authenticate()


def answer(path: str = "") -> Response:
    """The checks that every resource shares, and its view."""
    route, ids = routed(segments_of(path))
    method = str(this_request().environ["REQUEST_METHOD"])
    if method not in OPERATIONS:
        raise Refused(NO_METHOD)
    require_privilege(route.resource, OPERATIONS[method])
    require_version()
    view = route.views.get(method)
    if view is None:
        raise Refused(NOT_IMPLEMENTED)
    return view(*ids)


def segments_of(path: str) -> list[str]:
    """The segments of the path below the root, decoded one by one.

    A slash that is encoded divides nothing, where the server tells it.
    """
    request = this_request()
    environ = request.environ
    raw = str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or "")
    if raw and request.url_rule:
        root = str(request.url_rule).partition("/<")[0]
        below = raw.partition("?")[0].partition(root)[2] if root in raw else ""
        if below and unquote(below).strip("/") == path.strip("/"):
            path = below
    segments = path.strip("/").split("/")
    return [unquote(segment) for segment in segments] if "%" in path else segments


def routed(segments: Sequence[str]) -> tuple[Route, list[str]]:
    """The route of a path, and the ids in it. Raises Refused."""
    for route in ROUTES:
        ids = route.match(segments)
        if ids is not None:
            return route, ids
    raise Refused(NO_ROUTE)


def require_version() -> None:
    """Any positive number means version 1. Raises Refused."""
    version = this_request().environ.get("HTTP_VERSION")
    if version is not None and not VERSION.fullmatch(version):
        sent = version.encode("latin-1", "replace").decode("utf-8", "replace")
        # PHP writes the apostrophe as a decimal reference.
        shown = html.escape(sent).replace("&#x27;", "&#039;")
        raise Refused((400, f'Invalid version "{shown}" requested.'))
