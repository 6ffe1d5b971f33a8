"""What an error of V2 looks like: an array, with an object for each problem.

Recorded of its customers: "The field 'email' is invalid.", with the reason in
`details`, and of every path: "No credentials were supplied in the request."
"""

import json
import re
from typing import Any

from flask import Response
from werkzeug.exceptions import (
    HTTPException,
    MethodNotAllowed,
    TooManyRequests,
)
from werkzeug.exceptions import NotFound as NoRoute

from core import Busy, Forbidden, Invalid, NotFound, Problem, Unauthenticated
from dialects.bigcommerce import errors
from dialects.bigcommerce.shapes import MISSING
from dialects.bigcommerce.v2_schemas import V3_NAMES
from dialects.current import request

ROOT = re.compile(r"/stores/[^/]+/v2(?:/|$)")
NOT_FOUND = "The requested resource was not found."
NO_CREDENTIALS = "No credentials were supplied in the request."
SYNTAX = "The request body is not valid JSON."
METHOD = {
    "status": 405,
    "title": "Method Not Allowed",
    "type": errors.TYPE,
    "detail": "The requested HTTP method is invalid for this endpoint.",
}
V2_NAMES = {v3: v2 for v2, v3 in V3_NAMES.items()}
REASONS = {
    "error.expected.jsstring": "must be a string",
    "error.expected.jsobject": "must be an object",
}


def fail(error: Exception) -> Response:
    """The answer to any error, in the form of the version that was asked."""
    return fail_in_v2(error) if ROOT.match(request.path) else errors.fail(error)


def fail_in_v2(error: Exception) -> Response:
    """The answer to any error."""
    match error:
        case Unauthenticated(code="missing"):
            return told(401, NO_CREDENTIALS)
        case Unauthenticated():
            return told(401, "Unauthorized")
        case Forbidden(code=code):
            known = errors.FORBIDDEN
            return told(403, known.get(code, known["store"]))
        case NoRoute() | NotFound():
            return told(404, NOT_FOUND)
        case MethodNotAllowed():
            return answer(405, METHOD)
        case errors.BadQuery(title=title, code=int(status)):
            return told(413 if status == 413 else 400, title)
        case Invalid(problems=problems):
            return answer(400, [entry(problem) for problem in problems])
        case TooManyRequests(retry_after=int(seconds)):
            return errors.later(told(429, "Too many requests"), seconds)
        case Busy():
            return errors.later(told(503, "Service Unavailable"), 1)
        case HTTPException(code=code, name=name) if code is not None:
            return told(code, name)
    return told(500, "Internal Server Error")


def entry(problem: Problem) -> dict[str, Any]:
    """One thing that is wrong with a body."""
    if problem.code == "syntax":
        return {"status": 400, "message": SYNTAX}
    path = errors.FIELDS.get(problem.path, problem.path)
    name = V2_NAMES.get(path, path)
    if problem.code == MISSING:
        message = f"The required field '{name}' was not supplied."
        return {"status": 400, "message": message}
    reason = REASONS.get(problem.code) or errors.words(problem)
    details = {"invalid_reason": reason}
    what = f"The field '{name}'" if name else "The request body"
    return {"status": 400, "message": f"{what} is invalid.", "details": details}


def told(status: int, message: str) -> Response:
    return answer(status, [{"status": status, "message": message}])


def answer(status: int, body: Any) -> Response:
    return Response(
        json.dumps(body, separators=(",", ":"), ensure_ascii=False),
        status=status,
        content_type="application/json",
    )
