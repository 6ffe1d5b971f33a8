"""Recorded exchanges: one file, one fact, readable as a terminal session.

    # A key that is not known is refused.
    # source: documented, "Authentication", read 2026-11
    # given: one-address

    > GET /api/v1/customers/cus_x/addresses
    > Authorization: Bearer nope

    < 401
    < Content-Type: application/json
    <
    < {"error":"Invalid API key","code":"INVALID_API_KEY"}

Several exchanges in one file run in order. `source:` begins with "documented",
"recorded" (from a real server) or "inferred" (with the reason).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from werkzeug.test import TestResponse

KINDS = ("documented", "recorded", "inferred")


class UnreadableExchange(Exception):
    """A file of exchanges is not as it should be; the text says where and how."""


@dataclass(frozen=True, slots=True)
class Message:
    """A request or a response: its first line, headers in order, and body."""

    start: str
    headers: Sequence[tuple[str, str]]
    body: str


@dataclass(frozen=True, slots=True)
class Step:
    """A request and what was answered."""

    request: Message
    response: Message


@dataclass(frozen=True, slots=True)
class Exchange:
    """One fact: where it comes from, what stood in the store, and what was said."""

    name: str
    source: str
    given: str
    steps: Sequence[Step]


def read_exchanges(folder: Path) -> list[Exchange]:
    """The exchanges in a folder, in the order of their names."""
    return [read_exchange(path) for path in sorted(folder.rglob("*.http"))]


def read_exchange(path: Path) -> Exchange:
    """The exchange in a file. Raises UnreadableExchange."""
    lines = path.read_text("utf-8").splitlines()
    notes = dict(
        line[2:].split(": ", 1) for line in lines if line[:2] == "# " and ": " in line
    )
    source = notes.get("source", "")
    if not source.startswith(KINDS):
        kinds = ", ".join(KINDS)
        raise UnreadableExchange(f"{path.name}: `source:` must begin with {kinds}")
    messages = list(read_messages(path.name, lines))
    requests, responses = messages[::2], messages[1::2]
    if not messages or len(requests) != len(responses):
        raise UnreadableExchange(f"{path.name}: requests and responses do not pair up")
    steps = [Step(*pair) for pair in zip(requests, responses, strict=True)]
    return Exchange(path.stem, source, notes.get("given", "empty"), steps)


def read_messages(name: str, lines: Sequence[str]) -> Iterator[Message]:
    """The blocks of lines that begin with `>` and `<`, in turn."""
    blocks: list[tuple[str, list[str]]] = []
    for number, line in enumerate(lines, 1):
        mark = line[:1]
        if mark in ("", "#"):
            continue
        if mark not in "<>" or line[1:2] not in ("", " "):
            raise UnreadableExchange(f"{name}:{number}: expected `> `, `< ` or `# `")
        if not blocks or blocks[-1][0] != mark:
            blocks.append((mark, []))
        blocks[-1][1].append(line[2:])
    for number, (mark, block) in enumerate(blocks):
        if mark != "><"[number % 2]:
            raise UnreadableExchange(
                f"{name}: a request must be followed by a response"
            )
        end = block.index("") if "" in block else len(block)
        headers = [tuple(header.split(": ", 1)) for header in block[1:end]]
        yield Message(block[0], headers, "\n".join(block[end + 1 :]))  # type: ignore[arg-type]


def said(response: TestResponse, recorded: Message) -> Message:
    """What a response says, of what was recorded: its other headers are left out."""
    headers = [
        (name, response.headers.get(name, "(absent)")) for name, _ in recorded.headers
    ]
    body = response.get_data(as_text=True)
    return Message(str(response.status_code), headers, body)
