"""What calls of a platform are made of: how they are made, answered, and fail."""

import json
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx2

Query = Sequence[tuple[str, object]]


class RemoteError(Exception):
    """A platform did not do what it was called for; `words` are its own, or the
    network's. The `status` is 0 if there was no answer."""

    def __init__(
        self, platform: str, operation: str, words: str, status: int = 0
    ) -> None:
        told = " ".join(str(part) for part in (status or "", words) if part)
        super().__init__(f"{platform}: {operation}: {told}")
        self.platform, self.operation = platform, operation
        self.words, self.status = words, status


class Denied(RemoteError):
    """The platform does not know the credential, or does not let it do this."""


class Unanswered(RemoteError):
    """A call got no answer that stands; it can be made again.

    If it `is_lost`, what it was to do may have been done; if it `is_told`, the platform
    has said when to call again.
    """

    def __init__(
        self, *told: Any, is_lost: bool = False, is_told: bool = False
    ) -> None:
        super().__init__(*told)
        self.is_lost, self.is_told = is_lost, is_told


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How platforms are called.

    An attempt takes `timeout` seconds at most. Before another there is a random wait,
    of at most `first_wait` seconds, then twice that, and so on up to `longest_wait`,
    unless the platform says how long. `transport`, `clock` and `sleep` are for tests.
    """

    timeout: float = 30.0
    attempts: int = 10
    first_wait: float = 0.5
    longest_wait: float = 60.0
    transport: httpx2.BaseTransport | None = None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """An answer; the body is what its JSON says, None where it is no JSON."""

    status: int
    headers: Mapping[str, str]
    body: Any
    text: str

    @property
    def is_success(self) -> bool:
        """Whether the platform did what it was called for."""
        return 200 <= self.status < 300


@dataclass(frozen=True, kw_only=True)
class Platform:
    """A platform as its client knows it, at the URL of its API's root.

    `sign` gives the headers of an attempt, for its method and URL, `words` what an
    answer says of an error. `slots` are how many calls of a method may be made of one
    path at a time. `stands` says whether an answer does where its status would mislead,
    else None. `secrets` are never in an error.
    """

    name: str
    url: str
    sign: Callable[[str, str], Mapping[str, str]]
    words: Callable[[Any], str]
    slots: Mapping[str, int] = field(default_factory=dict)
    stands: Callable[[Reply], bool | None] = lambda _reply: None
    secrets: Sequence[str] = ()


def read(answer: httpx2.Response) -> Reply:
    """The answer, with the JSON in its body."""
    try:
        body = json.loads(answer.content) if answer.content else None
    except (ValueError, RecursionError):
        body = None
    return Reply(
        status=answer.status_code,
        headers={name.lower(): value for name, value in answer.headers.items()},
        body=body,
        text=answer.text,
    )


def asked(query: Query) -> str:
    """The query of a URL. Everything is encoded, a blank as %20: what signs a URL, and
    what checks it, take brackets and plus signs otherwise."""
    pairs = (f"{quote(name, safe='')}={quote(str(v), safe='')}" for name, v in query)
    text = "&".join(pairs)
    return f"?{text}" if text else ""


def causes(error: BaseException | None) -> list[BaseException]:
    """The error, and what it came from."""
    found = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def is_untrusted(error: Exception) -> bool:
    """Whether the platform's certificate is not to be trusted."""
    return any(isinstance(one, ssl.SSLCertVerificationError) for one in causes(error))


def described(error: Exception) -> str:
    """What went wrong on the way, in words."""
    for cause in causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its TLS certificate is not trusted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return f"TLS failed: {cause.reason or cause}"
    if isinstance(error, httpx2.TimeoutException):
        return f"no answer in time ({type(error).__name__})"
    return f"{type(error).__name__}: {error}".rstrip(": ")
