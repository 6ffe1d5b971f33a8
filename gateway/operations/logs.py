"""The log, as text or as JSON: a line a request, and what goes wrong.

No line has a body, a header, a path, the value of a query's parameter or a key in it.
"""

import json
import logging
import os
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from random import getrandbits
from typing import Any

import orjson
from flask import has_request_context, request

from gateway.app import place_of

REQUEST_ID = "gateway.request_id"
"""Where a request's id stands in its environ."""

SANE = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}", re.ASCII)
"""An id that a log can show: a UUID, a trace id, what proxies make."""

NAME = re.compile(r"[^\w.:\[\]-]", re.ASCII)
MOST_NAMES, LONGEST_NAME = 20, 40


def request_id(given: str | None) -> str:
    """The id that a client or proxy gave the request, if it is sane; else a new one."""
    if given and SANE.fullmatch(given):
        return given
    return f"{getrandbits(64):016x}"


def query_names(query: str) -> list[str]:
    """The names of a query's parameters, which a log may show; values it may not."""
    if not query:
        return []
    # What has no "=" may be a value as well: a token, or a name of that shape.
    names = [part.partition("=") for part in query.split("&", MOST_NAMES)[:MOST_NAMES]]
    return [NAME.sub("?", name[:LONGEST_NAME]) for name, equals, _ in names if equals]


def now() -> str:
    """The time, as the log has it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def line(fields: Mapping[str, Any], form: str) -> bytes:
    """A line of the log, in JSON or as words."""
    if form == "json":
        return orjson.dumps(fields) + b"\n"
    words = (f"{name}={shown(value)}" for name, value in fields.items())
    return " ".join(words).encode() + b"\n"


def shown(value: Any) -> str:
    """A value in a line of text: quoted if it would look like several."""
    text = ",".join(value) if isinstance(value, list) else str(value)
    return text if re.fullmatch(r"[^\s\"=]+", text) else json.dumps(text)


def write(data: bytes) -> None:
    """Write a line to stderr at once, so that no worker's is inside of another's."""
    os.write(2, data)


class Formatter(logging.Formatter):
    """What modules log, as JSON: an error by its class and place, without its text."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        fields: dict[str, Any] = {
            "time": now(),
            "level": record.levelname.lower(),
            "event": record.getMessage().splitlines()[0] if record.msg else "",
            "logger": record.name,
            "pid": os.getpid(),
        }
        if has_request_context() and REQUEST_ID in request.environ:
            fields["request_id"] = request.environ[REQUEST_ID]
        for name in ("error", "place"):
            if name in record.__dict__:
                fields[name] = record.__dict__[name]
        if record.exc_info and record.exc_info[1]:
            error = record.exc_info[1]
            fields |= {"error": type(error).__name__, "place": place_of(error)}
        return json.dumps(fields)


def to_json() -> None:
    """Let all that modules of this process log be JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Formatter())
    logging.getLogger().handlers = [handler]
