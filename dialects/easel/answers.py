"""Answers as bytes."""

from typing import Any

import orjson
from flask import Response


def answer(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status=status, mimetype="application/json")
