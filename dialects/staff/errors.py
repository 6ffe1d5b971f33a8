"""What every error looks like.

The texts are Django REST Framework's (exceptions.py, fields.py, relations.py) and
django-filter's, but for the two on geography, which are from the customer's own page
of the documentation: "State must belong to the specified country, and city must belong
to the specified state".
"""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response
from werkzeug import exceptions as http

from core import (
    AddressError,
    Busy,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    Unauthenticated,
)
from dialects.current import current_app, request
from dialects.staff.auth import admit
from dialects.staff.responses import respond, respond_bare

UNAUTHENTICATED = {
    "missing": "Authentication credentials were not provided.",
    "empty": "Invalid token header. No credentials provided.",
    "spaces": "Invalid token header. Token string should not contain spaces.",
    "characters": (
        "Invalid token header. Token string should not contain invalid characters."
    ),
    "unknown": "Invalid token.",
    "inactive": "User inactive or deleted.",
}
FORBIDDEN = "You do not have permission to perform this action."
NO_MATCH = "No {} matches the given query."
MODELS = {
    "customer": "Customer",
    "address": "CustomerAddress",
    "country": "Country",
    "region": "State",
    "city": "City",
}
NOT_FOUND = "Not found."
METHOD = 'Method "{}" not allowed.'
# "409: Conflict — customer with this email already exists" (Create Customer)
CONFLICT = "customer with this email already exists."
NOT_ACCEPTABLE = "Could not satisfy the request Accept header."
MEDIA_TYPE = 'Unsupported media type "{}" in request.'
BUSY = "Service temporarily unavailable, try again later."
# The JSON forms of Django's own two pages (rest_framework/exceptions.py).
BAD_REQUEST = {"error": "Bad Request (400)"}
SERVER_ERROR = {"error": "Server Error (500)"}

BODY = {
    "syntax": "JSON parse error - {reason}",
    "multipart": "Multipart form parse error - {reason}",
    "charset": 'Unsupported charset "{charset}" in request Content-Type header.',
}
"""What is wrong with a body as a whole."""

FIELD = {
    "empty": "No data provided",
    "shape": "Invalid data. Expected a dictionary, but got {received}.",
    "required": "This field is required.",
    "blank": "This field may not be blank.",
    "null": "This field may not be null.",
    "unknown": 'Invalid pk "{value}" - object does not exist.',
    "type": "Incorrect type. Expected pk value, received {received}.",
    "string": "Not a valid string.",
    "length": "Ensure this field has no more than {most} characters.",
    "nul": "Null characters are not allowed.",
    "surrogate": "Surrogate characters are not allowed: U+{code:X}.",
    "boolean": "Must be a valid boolean.",
    "email": "Enter a valid email address.",
    "choice": '"{value}" is not a valid choice.',
    "format": ("Date has wrong format. Use one of these formats instead: YYYY-MM-DD."),
    "number": "Enter a number.",
    "most": "Ensure this value is less than or equal to {most}.",
    "date": "Enter a valid date.",
    "credentials": "Unable to log in with provided credentials.",
}
"""What is wrong with one field, or one parameter of a list."""

ELSEWHERE = {
    "region": "State must belong to the specified country.",
    "city": "City must belong to the specified state.",
}
NAMES = {
    "": "non_field_errors",
    "default_shipping": "default",
    "region": "state",
    "street": "address",
    "national_id": "national_code",
    "phone": "mobile_number",
    "note": "text",
}
"""What this API calls a canonical field, where the names differ."""


def fail(error: Exception) -> Response:
    """The answer to any error."""
    if isinstance(error, http.MethodNotAllowed) and request.url_rule is None:
        route_as(error.valid_methods)
        error = refused() or error
    if request.url_rule is None:
        return respond_bare(*outside(error))
    match error:
        case Unauthenticated(code=code):
            body = {"detail": UNAUTHENTICATED[code]}
            challenge = {"WWW-Authenticate": "Token"}
            return respond(body, 401, headers=challenge)
        case Invalid(problems=problems):
            return respond(invalid(problems), 400)
        case http.TooManyRequests(retry_after=int(seconds)):
            return throttled(seconds)
        case AddressError() | http.HTTPException():
            status, detail = refusal(error)
            if detail:
                return respond({"detail": detail}, status)
    return respond_bare(*outside(error))


def throttled(retry_after: int) -> Response:
    """ "Expected available in 1 second." has its own plural."""
    unit = "second" if retry_after == 1 else "seconds"
    detail = f"Request was throttled. Expected available in {retry_after} {unit}."
    headers = {"Retry-After": str(retry_after)}
    return respond({"detail": detail}, 429, headers=headers)


def route_as(methods: Iterable[str] | None) -> None:
    """Let the request be for the route that has its path, but not its verb."""
    adapter = current_app.create_url_adapter(request)
    if adapter is not None and methods:
        method = min(methods)
        request.url_rule, _ = adapter.match(method=method, return_rule=True)


def refused() -> Exception | None:
    """Why the caller of a wrong verb may not know that it is wrong, if so."""
    try:
        admit()
    except (AddressError, http.HTTPException) as refusal:
        return refusal
    return None


def refusal(error: Exception) -> tuple[int, str]:
    """The status and the sentence of an error that is told in one."""
    match error:
        case Forbidden():
            return 403, FORBIDDEN
        case NotFound(kind=kind) if kind in MODELS:
            return 404, NO_MATCH.format(MODELS[kind])
        case NotFound() | http.NotFound():
            return 404, NOT_FOUND
        case http.MethodNotAllowed():
            return 405, METHOD.format(request.method)
        case http.NotAcceptable():
            return 406, NOT_ACCEPTABLE
        case http.Conflict():
            return 409, CONFLICT
        case http.UnsupportedMediaType():
            return 415, MEDIA_TYPE.format(request.environ.get("CONTENT_TYPE", ""))
        case Busy():
            return 503, BUSY
    return 500, ""


def outside(error: Exception) -> tuple[dict[str, str], int]:
    """What Django answers around the framework, or the framework's own JSON for it."""
    match error:
        case http.NotFound():
            return {"detail": NOT_FOUND}, 404
        case http.HTTPException(code=code) if code is not None and code < 500:
            return BAD_REQUEST, 400
    return SERVER_ERROR, 500


def invalid(problems: Sequence[Problem]) -> Any:
    """Every problem under the name of its field, or the one that the body has."""
    first = problems[0]
    if first.code in BODY:
        return {"detail": BODY[first.code].format_map(first.params)}
    # SearchFilter validates a lone value, so that its errors have no name.
    if first.path == "search":
        return [FIELD[problem.code] for problem in problems]
    told: dict[str, list[str]] = {}
    for problem in problems:
        name = NAMES.get(problem.path, problem.path)
        told.setdefault(name, []).append(words(problem))
    return told


def words(problem: Problem) -> str:
    if problem.code == "elsewhere":
        return ELSEWHERE[problem.path]
    return FIELD[problem.code].format_map(problem.params)
