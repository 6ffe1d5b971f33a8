"""Answers as bytes."""

from typing import Any

import orjson
from flask import Response

from dialects.answers import Answer


def answer(body: Any, status: int = 200) -> Response:
    return Answer(orjson.dumps(body), status, content_type="application/json")
