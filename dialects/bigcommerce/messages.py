"""Bodies as they come in, and the envelopes that go out."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from flask import Response

from core import Invalid, Problem
from dialects.answers import Answer
from dialects.base import Wire
from dialects.bigcommerce.shapes import ARRAY
from dialects.current import request


def parsed() -> Any:
    """The body of the request. Raises Invalid for what is no JSON."""
    try:
        return orjson.loads(request.get_data())
    except orjson.JSONDecodeError as error:
        raise Invalid([Problem("", "syntax")]) from error


def items(most: int) -> list[Any]:
    """The items of a request. Raises Invalid for what is no array of few enough."""
    found = parsed()
    if not isinstance(found, list):
        raise Invalid([Problem("", ARRAY, params={"shape": True, "key": ""})])
    if len(found) > most:
        raise Invalid([Problem("", "too-many", params={"most": most})])
    return found


def envelope(data: Sequence[Wire], meta: Mapping[str, Any]) -> Response:
    """Every successful answer that says something."""
    return Answer(
        orjson.dumps({"data": data, "meta": meta}), content_type="application/json"
    )


def nothing() -> Response:
    """The answer that says nothing: it has no content type either."""
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response
