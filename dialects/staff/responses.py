"""Answers as bytes, with the headers that every one of them has."""

import html
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson
from flask import Response

from dialects.answers import Answer
from dialects.current import current_app, these_globals, this_request
from dialects.staff.negotiation import COMPACT, OFFERED, Rendering

Headers = Sequence[tuple[str, str]]

# The middleware of a new Django project sets these on everything.
SECURITY = (
    ("X-Frame-Options", "DENY"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)
VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title></head>
<body><pre>{body}</pre></body>
</html>
"""


def respond(
    body: Any,
    status: int = 200,
    *,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer of a known route, in the form that was negotiated."""
    remembered, rule = these_globals(), this_request().url_rule
    chosen: Rendering = remembered.get("rendering", COMPACT)
    varies = len(remembered.get("formats", OFFERED)) > 1
    fixed = [
        *known_headers(rule.rule if rule else None, chosen.html, varies),
        *(headers.items() if headers else ()),
    ]
    if chosen.html:
        # A page has something to show, so 204 becomes 200.
        status = 200 if status == 204 else status
        return Answer(page(body).encode(), status, fixed, content_type=HTML)
    if status == 204:
        return without_type(Response(status=204, headers=fixed))
    return Answer(
        dumped(body, chosen.indent), status, fixed, content_type="application/json"
    )


def respond_bare(body: Any, status: int) -> Response:
    """The answer where no route is known, or something broke: always compact JSON."""
    return Answer(dumped(body), status, SECURITY, content_type="application/json")


HTML = "text/html; charset=utf-8"


@lru_cache(maxsize=256)
def known_headers(rule: str | None, is_page: bool, varies: bool) -> Headers:
    """What every answer of the route tells; it `varies` if it has several forms."""
    depends = (("Vary", "Accept, Cookie" if is_page else "Accept"),) if varies else ()
    return (*depends, ("Allow", ", ".join(verbs_of(rule))), *SECURITY)


def verbs_of(path: str | None) -> list[str]:
    """The methods of every route with this path."""
    rules = current_app.url_map.iter_rules()
    methods = {m for rule in rules if rule.rule == path for m in rule.methods or ()}
    return [verb for verb in VERBS if verb in methods]


def dumped(body: Any, indent: int | None = None) -> bytes:
    """JSON that is also JavaScript: the two line separators are escaped."""
    try:
        if indent is None:
            data = orjson.dumps(body)
        else:
            data = json.dumps(body, indent=indent, ensure_ascii=False).encode()
    except (TypeError, UnicodeEncodeError):
        # A client's lone surrogate, quoted in an error, can only be told escaped.
        separators = (",", ":") if indent is None else None
        data = json.dumps(body, indent=indent, separators=separators).encode()
    if b"\xe2\x80" in data:
        data = data.replace(b"\xe2\x80\xa8", rb"\u2028")
        data = data.replace(b"\xe2\x80\xa9", rb"\u2029")
    return data


def page(body: Any) -> str:
    text = "" if body is None else dumped(body, 4).decode()
    return PAGE.format(title=html.escape(this_request().path), body=html.escape(text))


def without_type(response: Response) -> Response:
    del response.headers["Content-Type"]
    return response
