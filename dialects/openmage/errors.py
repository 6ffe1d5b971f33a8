"""What every error looks like: a list, `messages.error`, in the accepted format.

The status is the code of the last item, or 500 if that is 0 (OpenMage, observed).
"""

from collections.abc import Sequence

from flask import Response
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from core import Busy, Invalid, NotFound, Problem, Unauthenticated
from dialects.current import g
from dialects.openmage.quirks import chosen
from dialects.openmage.wire import XML, Format

HTML = "text/html; charset=UTF-8"
"""The type of an answer that names none: PHP's default."""

Item = tuple[int, str]

NO_ROUTE = (404, "Request does not match any route.")
NO_METHOD = (400, "Invalid request method")
NO_RESOURCE = (404, "Resource not found.")
DENIED = (403, "Access denied")
NOT_IMPLEMENTED = (405, "Resource method not implemented yet.")
NOT_SUPPORTED = (403, "Resource does not support method.")
NO_DATA = (400, "The request data is invalid.")
UNDECODABLE = (400, "Decoding error.")
IS_DEFAULT = (
    400,
    "Address is default for customer so is not allowed to be deleted",
)
PAGING = (400, "Resource collection paging error.")
LIMIT = (400, "The paging limit exceeds the allowed number.")
ORDERING = (400, "Resource collection ordering error.")
FILTERING = (400, "Resource collection filtering error.")
ATTRIBUTES = (400, "Resource collection including additional attributes error.")
INTERNAL = (500, "Resource internal error.")
NO_EMAIL = (500, "Customer email is required")
EMAIL_EXISTS = (500, "This customer email already exists")
NO_ID = (0, "id is not specified")
UNHANDLED = (500, "Unhandled simple errors.")
UNAVAILABLE = "Service temporary unavailable"
"""What is answered when there is no format to answer in."""

TEXTS = {
    "required": '"{label}" is a required value.',
    "short": '"{label}" length must be equal or greater than 1 characters.',
    "long": '"{label}" length must be equal or less than 255 characters.',
    "email": '"{label}" is not a valid email address.',
    "date": '"{label}" is not a valid date.',
    "option": 'Invalid value "{value}" for {path}',
    "type": "Invalid value type for {path}",
    "unstorable": '"{path}" contains characters that cannot be stored.',
}
CHOSEN = {
    ("country_id", "required"): "country_required_text",
    ("country_id", "type"): "country_type_text",
    ("country_id", "number"): "country_number_text",
    ("country_id", "length"): "country_length_text",
    ("country_id", "unknown"): "country_unknown_text",
    ("region", "required"): "region_required_text",
    ("region", "empty"): "region_empty_text",
    ("region", "type"): "region_type_text",
    ("region", "invalid"): "region_invalid_text",
    ("region", "unknown"): "region_unknown_text",
}
"""The quirks that say the text."""

OF_PLACES = {"country": "country_unknown_text", "region": "region_unknown_text"}
"""What the core finds wrong where a shop's places are its own."""


class Refused(HTTPException):
    """A request is refused for these reasons; the last one gives the status."""

    def __init__(self, *items: Item) -> None:
        super().__init__(items[-1][1])
        self.items = items
        self.code = items[-1][0] or 500


class Crash(HTTPException):
    """The request ends the program that is imitated: 500, and nothing more.

    Where crashes are not wanted, the item is the answer.
    """

    code = 500

    def __init__(self, item: Item) -> None:
        super().__init__(item[1])
        self.item = item


class NoFormat(HTTPException):
    """The Accept header names no format."""

    code = 500


def fail(error: Exception) -> Response:
    """The answer to any error."""
    match error:
        case NoFormat():
            return Response(UNAVAILABLE, status=500, content_type=HTML)
        case Refused(items=items):
            return answer(items)
        case Crash(item=item):
            return bare_500() if chosen("crashes") else answer([item])
        case Unauthenticated(code=problem):
            return answer([(401, problem)])
        case NotFound():
            return answer([NO_RESOURCE])
        case Invalid(problems=problems):
            return answer([*map(item_of, problems), *closing()])
        case RequestEntityTooLarge():
            return answer([UNDECODABLE])
        case Busy():
            response = answer([INTERNAL])
            response.headers["Retry-After"] = "1"
            return response
        case HTTPException(code=int(code), name=name):
            return answer([(code, name)])
    return answer([INTERNAL])


def item_of(problem: Problem) -> Item:
    """A problem in words."""
    place = OF_PLACES.get(problem.path)
    setting = CHOSEN.get((problem.path, problem.code), place)
    text = chosen(setting) if setting else TEXTS.get(problem.code, problem.code)
    params = {"value": "", "path": problem.path, **problem.params}
    return 400, text.replace("{value}", str(params["value"])).replace(
        "{label}", str(params.get("label", problem.path))
    ).replace("{path}", problem.path)


def closing() -> Sequence[Item]:
    """The item after what is wrong with a body."""
    text = chosen("closing_error")
    return [(400, text)] if text else []


def answer(items: Sequence[Item]) -> Response:
    """The errors, in the format that the client accepts."""
    shown: Format = g.get("format") or XML
    body = {"messages": {"error": [{"code": c, "message": m} for c, m in items]}}
    return Response(
        shown.render(body),
        status=items[-1][0] or 500,
        content_type=shown.content_type,
    )


def bare_500() -> Response:
    return Response(b"", status=500, content_type=HTML)
