"""Werkzeug's routing, sooner, for what routes and requests are like."""

import re
from collections.abc import Callable, MutableMapping, Sequence
from functools import cache, lru_cache
from typing import Any

from werkzeug.routing import Map, MapAdapter, Rule, ValidationError
from werkzeug.routing.matcher import State, StateMachineMatcher
from werkzeug.sansio.utils import get_host
from werkzeug.wrappers import Request


class QuickRule(Rule):
    """A rule that learns how to build its URL when one is wanted.

    Werkzeug writes and compiles two functions for each rule at once, which takes longer
    than all else that makes the app; few URLs are ever built.
    """

    def _compile_builder(
        self, append_unknown: bool = True
    ) -> Callable[..., tuple[str, str]]:
        make = cache(super()._compile_builder)

        def build(rule: Rule, **values: Any) -> tuple[str, str]:
            return make(append_unknown)(rule, **values)

        return build


Route = tuple[Rule, MutableMapping[str, Any]]
"""A rule, and what stands in a path for its variables."""


class QuickMatcher(StateMachineMatcher):
    """Finds most routes in half of the time, and the others as Werkzeug does.

    Werkzeug tries a fixed part before the variable ones, and these in their order, each
    with all that may follow. A way on which nothing fails is therefore the one that it
    finds.
    """

    def match(self, domain: str, path: str, method: str, websocket: bool) -> Route:
        """The route. Raises as Werkzeug's."""
        found = None if websocket else self._straight(domain, path, method)
        return found or super().match(domain, path, method, websocket)

    def _straight(self, domain: str, path: str, method: str) -> Route | None:
        """The route, if there is one at the end of the first way."""
        state = self._root
        values: list[str] = []
        parts = [domain, *path.split("/")]
        for n, part in enumerate(parts):
            if part in state.static:
                state = state.static[part]
                continue
            for variable, following in state.dynamic:
                match, names = matching(variable.content)
                found = match("/".join(parts[n:]) if variable.final else part)
                if found:
                    state = following
                    values += [found[name] for name in names]
                    break
            else:
                return None
            if variable.final:
                break
        return route_at(state, values, method)


@lru_cache(maxsize=1024)
def matching(content: str) -> tuple[Callable[[str], re.Match[str] | None], list[str]]:
    """What matches a part of a path, and the names of its variables, in order."""
    pattern = re.compile(content)
    return pattern.match, [n for n in pattern.groupindex if n.startswith("__werkzeug_")]


def route_at(state: State, values: Sequence[str], method: str) -> Route | None:
    """The route that ends here, if it takes the method and the values."""
    for rule in state.rules:
        if rule.methods is None or method in rule.methods:
            break
    else:
        return None
    if rule.websocket or rule.alias or rule.defaults:
        return None
    said = {}
    for name, value in zip(rule._converters, values, strict=True):
        try:
            said[name] = rule._converters[name].to_python(value)
        except ValidationError:
            return None
    return rule, said


class QuickMap(Map):
    """A URL map that finds out once what the name of a host comes to."""

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self._matcher = QuickMatcher(self.merge_slashes)
        for rule in self.iter_rules():
            self._matcher.add(rule)
        self._remap = True

    def bound_to(self, request: Request) -> MapAdapter:
        """What finds the request's route, in a fifth of `bind_to_environ`'s time."""
        environ = request.environ
        if "HTTP_UPGRADE" in environ:
            return self.bind_to_environ(environ, subdomain="")
        scheme = environ["wsgi.url_scheme"]
        return MapAdapter(
            self,
            server_name(scheme, environ.get("HTTP_HOST"), request.server),
            decoded(environ.get("SCRIPT_NAME", "")),
            "",
            scheme,
            decoded(environ.get("PATH_INFO", "/")),
            environ["REQUEST_METHOD"],
            decoded(environ.get("QUERY_STRING", "")),
        )


@lru_cache(maxsize=256)
def server_name(
    scheme: str, header: str | None, server: tuple[str, int | None] | None
) -> str:
    """What a map is bound to by a header `Host`. Raises BadHost."""
    return Map().bind(get_host(scheme, header, server)).server_name


def decoded(text: str) -> str:
    """A text of the environ (PEP 3333), which are bytes as latin-1."""
    return text if text.isascii() else text.encode("latin-1").decode(errors="replace")
