"""Recorded exchanges: a file of JSON lines, `{id, note, setup?, request, response}`.

* A request is `{method, path, headers, body}`. The body is text, null for none, or is
  given as `body_base64`; a header with a list of values is sent once for each.
* `setup` is a list of requests to send before it.
* A response is `{status, headers, body}`; `body_cut` says that the body is not whole.
"""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.compare import Answer, Headers, joined


class RecordingError(Exception):
    """A recording cannot be read; the text says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A request as recorded; header values stand for bytes, one character each."""

    method: str
    path: str
    headers: Headers
    body: bytes | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """A request, what went before it, and how it was answered."""

    id: str
    setup: Sequence[Request]
    request: Request
    answer: Answer


def exchanges_from(path: Path) -> Iterator[Exchange]:
    """The recorded exchanges of a file. Raises RecordingError."""
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            yield exchange(json.loads(line))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            text = f"{path}, line {number}, is no recorded exchange: {error!r}"
            raise RecordingError(text) from error


def exchange(given: Mapping[str, Any]) -> Exchange:
    recorded = given["response"]
    body = None if recorded.get("body_cut") else body_of(recorded) or b""
    return Exchange(
        id=str(given["id"]),
        setup=[request(one) for one in given.get("setup") or ()],
        request=request(given["request"]),
        answer=Answer(
            status=recorded["status"], headers=joined(header_list(recorded)), body=body
        ),
    )


def request(given: Mapping[str, Any]) -> Request:
    return Request(
        method=given["method"],
        path=given["path"],
        headers=header_list(given),
        body=body_of(given),
    )


def header_list(given: Mapping[str, Any]) -> Headers:
    """The headers in order; one that has a list of values comes several times."""
    return [
        (name, str(value))
        for name, several in (given.get("headers") or {}).items()
        for value in (several if isinstance(several, list) else [several])
    ]


def body_of(given: Mapping[str, Any]) -> bytes | None:
    if given.get("body_base64") is not None:
        return base64.b64decode(given["body_base64"])
    body = given.get("body")
    return None if body is None else str(body).encode()
