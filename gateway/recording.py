"""Recorded exchanges: a file of JSON lines, `{id, request, response, ...}`.

* A request is `{method, path, query?, headers, body, auth?}`. The body is text, null
  for none, or is given as `body_base64` or `body_b64`; a header with a list of values
  comes once for each.
* A response is `{status, headers, body}`; `body_cut` says that the body is not whole.
* `setup` is a list of requests to send before the request.
* `auth` says how the request was signed: it is signed anew. It may stand in the request
  or beside it.
* `reset_before`, true unless given: the server held its fixtures just before. Else the
  exchange builds on the one in the line above.
* `config` names how the server was configured.
* `answered_by` names the part of the server that answered.
"""

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.compare import Answer, Headers, joined

DEFAULT = "default"
"""The configuration of an exchange that names none."""


class RecordingError(Exception):
    """A recording cannot be read; the text says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """A request as recorded; header values stand for bytes, one character each."""

    method: str
    path: str
    headers: Headers
    body: bytes | None
    auth: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Exchange:
    """A request, what went before it, and how it was answered."""

    id: str
    setup: Sequence[Request]
    request: Request
    answer: Answer
    is_fresh: bool = True
    config: str = DEFAULT
    answered_by: str = ""


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
        request=request({"auth": given.get("auth"), **given["request"]}),
        answer=Answer(
            status=recorded["status"], headers=joined(header_list(recorded)), body=body
        ),
        is_fresh=given.get("reset_before", True),
        config=given.get("config", DEFAULT),
        answered_by=given.get("answered_by", ""),
    )


def request(given: Mapping[str, Any]) -> Request:
    query = given.get("query")
    auth = given.get("auth")
    return Request(
        method=given["method"],
        path=f"{given['path']}?{query}" if query else given["path"],
        headers=header_list(given),
        body=body_of(given),
        auth=None if auth is None else dict(auth),
    )


def header_list(given: Mapping[str, Any]) -> Headers:
    """The headers in order; one that has a list of values comes several times."""
    return [
        (name, str(value))
        for name, several in (given.get("headers") or {}).items()
        for value in (several if isinstance(several, list) else [several])
    ]


def body_of(given: Mapping[str, Any]) -> bytes | None:
    for name in ("body_base64", "body_b64"):
        if given.get(name) is not None:
            return base64.b64decode(given[name])
    body = given.get("body")
    return None if body is None else str(body).encode()
