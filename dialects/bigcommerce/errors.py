"""What every error looks like: one envelope, and plain text where V3 has it."""

import json

from flask import Response
from werkzeug.exceptions import (
    HTTPException,
    MethodNotAllowed,
    NotAcceptable,
    RequestEntityTooLarge,
    TooManyRequests,
    UnsupportedMediaType,
)
from werkzeug.exceptions import NotFound as NoRoute

from core import Busy, Forbidden, Invalid, NotFound, Problem, Unauthenticated
from dialects.base import quirk
from dialects.current import request

TYPE = "https://developer.bigcommerce.com/api-docs/getting-started/api-status-codes"
NO_ROUTE = "The route is not found, check the URL"
TOKEN = {
    "missing": "X-Auth-Token header is required",
    "empty": "X-Auth-Token header should have correct format",
}
FORBIDDEN = {
    "scope": "You don't have a required scope to access the endpoint",
    "store": "Unauthorized Access. You do not have permission to make this request.",
}
SHAPE = "JSON data is missing or invalid"
VERBS = {"POST": "Create", "PUT": "Update"}
FIELDS = {
    "country": "country_code",
    "region": "state_or_province",
    "street": "address1",
    "kind": "address_type",
    "note": "notes",
}
TEXTS = {
    ("customer_id", "unknown"): "invalid customer ID",
    ("id", "unknown"): "invalid address ID",
    ("country", "unknown"): "invalid country code",
    ("region", "code"): "must be the name in full: {name}",
    # Only a shop whose places are closed has these.
    ("region", "unknown"): "invalid state or province",
    ("region", "elsewhere"): "invalid state or province",
    ("city", "unknown"): "invalid city",
    ("city", "elsewhere"): "invalid city",
}
UNSTORABLE = "contains characters that cannot be stored"


class BadQuery(HTTPException):
    """A query parameter is wrong; the title says how."""

    def __init__(self, title: str, status: int = 422) -> None:
        super().__init__(title)
        self.title = title
        self.code = status


def fail(error: Exception) -> Response:
    """The answer to any error."""
    match error:
        case Unauthenticated(code=code) if code in TOKEN:
            return text(401, TOKEN[code])
        case Unauthenticated():
            return envelope(401, "Unauthorized")
        case Forbidden(code=code):
            return envelope(403, FORBIDDEN.get(code, FORBIDDEN["store"]))
        case NoRoute() | MethodNotAllowed():
            return text(404, NO_ROUTE)
        case BadQuery(title=title, code=int(status)):
            return envelope(status, title)
        case Invalid(problems=problems):
            return invalid(problems)
        case NotFound(kind="customer", id=id):
            return invalid((Problem("customer_id", "unknown", params={"value": id}),))
        case TooManyRequests(retry_after=int(seconds)):
            return later(envelope(429, "Too many requests"), seconds)
        case Busy():
            return later(envelope(503, "Service Unavailable"), 1)
        case NotAcceptable():
            return envelope(406, "Not Acceptable")
        case RequestEntityTooLarge():
            return envelope(413, "The request payload is too large.")
        case UnsupportedMediaType():
            return envelope(415, "Unsupported Media Type")
        case HTTPException(code=code, name=name) if code is not None:
            return envelope(code, name)
    return envelope(500, "Internal Server Error")


def invalid(problems: tuple[Problem, ...]) -> Response:
    """The answer to what is wrong with a body, all of it."""
    first = problems[0]
    if first.code == "syntax":
        body = {"status": 400, "title": "Input is invalid", "type": TYPE}
        return answer(400, {**body, "detail": "Syntax error"})
    if first.code == "too-many":
        most = first.params["most"]
        return envelope(
            413,
            "The request payload is too large. The maximum items allowed in the array"
            f" is {most}.",
        )
    shape = any(problem.params.get("shape") for problem in problems)
    what = "customers" if is_about_customers() else "customer addresses"
    failed = f"{VERBS.get(request.method, 'Get')} {what} failed."
    errors: dict[str, str] = {}
    for problem in problems:
        errors.setdefault(key(problem), words(problem))
    return envelope(422, SHAPE if shape else failed, errors)


def is_about_customers() -> bool:
    """Whether the request's path is that of customers, and not of their addresses."""
    return request.path.rstrip("/").endswith("/customers")


def key(problem: Problem) -> str:
    """ "N.field", but for what was recorded without the N."""
    if "key" in problem.params:
        return str(problem.params["key"])
    path = FIELDS.get(problem.path, problem.path)
    return f"{problem.index}.{path}" if path else str(problem.index)


def words(problem: Problem) -> str:
    """The text of a problem; one that a schema found has its text for a code."""
    if problem.code == "unstorable":
        return UNSTORABLE
    known = TEXTS.get((problem.path, problem.code))
    return known.format(**problem.params) if known else problem.code


def text(status: int, words: str) -> Response:
    """Plain text, as the gateway of the service answers, or the envelope."""
    if quirk("bigcommerce", "plain_text_errors"):
        return Response(words, status=status, content_type="text/plain")
    return envelope(status, words)


def later(response: Response, seconds: int) -> Response:
    """The answer, which says when to try again; without it a client does at once."""
    response.headers["X-Retry-After"] = str(max(1, seconds))
    return response


def envelope(status: int, title: str, errors: dict[str, str] | None = None) -> Response:
    """The ErrorResponse of the reference; `errors` is there when it is empty, too."""
    body = {"status": status, "title": title, "type": TYPE, "errors": errors or {}}
    return answer(status, body)


def answer(status: int, body: dict[str, object]) -> Response:
    return Response(
        json.dumps(body, separators=(",", ":"), ensure_ascii=False),
        status=status,
        content_type="application/json",
    )
