"""What no input may bring about: an error that nobody expected, a leak, a long wait."""

import json
import logging
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from io import BytesIO, StringIO
from pathlib import Path
from urllib.parse import unquote_to_bytes
from wsgiref.types import WSGIApplication
from xml.parsers import expat

from benchmarks.fuzz_inputs import Input

SLOW = 2.0
"""Seconds of the processor, so that a neighbour's work does not count."""

PATHS = (str(Path(__file__).parents[1]), sys.prefix, tempfile.gettempdir())
LEAKS = {
    "a trace": re.compile(
        rb"Traceback|File \"|\.py\b|site-packages|<frame|0x7f[0-9a-f]"
    ),
    "SQL": re.compile(rb"sqlite|sqlalchemy|psycopg|SELECT [a-z_]+|INSERT INTO|UNIQUE"),
    "a path": re.compile("|".join(map(re.escape, PATHS)).encode()),
    "a file": re.compile(rb"root:[^:\n]*:0:0:"),
    "the framework's own page": re.compile(rb"<!doctype html>\n<html lang=en>"),
    "a password": re.compile(rb"scrypt\$"),
    "a stored secret": re.compile(rb"gAAAAA[\w-]"),
}
# A nonce that is used again at another time: what OpenMage tells, observed.
OBSERVED = re.compile(rb"INSERT INTO `oauth_nonce`")
NAMED = re.compile(rb"[^{}\[\]<>]+")
MASK = re.compile(rb"\d+|\"[^\"]{25,}\"")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `error` is what the application raised or logged, if anything."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes
    error: str
    seconds: float

    @property
    def kind(self) -> bytes:
        """What answers that look alike share: of an error, its words."""
        shown = self.body[:120] if self.status >= 400 else NAMED.sub(b"", self.body)
        return b"%d %s" % (self.status, MASK.sub(b"#", shown)[:120])


class Errors(logging.Handler):
    """Keeps what an application logs as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(record.getMessage())


class Target(AbstractContextManager["Target"]):
    """A WSGI application that is called in process, as a server would."""

    def __init__(self, app: WSGIApplication, logger: logging.Logger) -> None:
        self._app, self._errors = app, Errors()
        logger.addHandler(self._errors)
        self._logger, self._propagates = logger, logger.propagate
        logger.propagate = False

    def __exit__(self, *_: object) -> None:
        """Leave the logger as it was: the next application has the same."""
        self._logger.removeHandler(self._errors)
        self._logger.propagate = self._propagates

    def answer(self, made: Input) -> Answer:
        head: list[tuple[int, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], _: object = None):
            head.append((int(status[:3]), headers))
            return lambda data: None

        self._errors.told.clear()
        begun = time.process_time()
        try:
            parts = self._app(environ_of(made), start)
            body = b"".join(parts)
            getattr(parts, "close", bool)()
        except Exception as error:
            return Answer(0, (), b"", f"raised {error!r}", 0)
        took = time.process_time() - begun
        [(status, headers)] = head[-1:]
        return Answer(status, headers, body, "; ".join(self._errors.told), took)


def environ_of(made: Input) -> dict[str, object]:
    """The environ of an input (PEP 3333), as `gateway.bridge` makes it."""
    path, _, query = made.target.partition("?")
    environ: dict[str, object] = {
        "REQUEST_METHOD": made.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query.encode("utf-8", "surrogatepass").decode("latin-1"),
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(made.body),
        "wsgi.input_terminated": True,
        "wsgi.errors": StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if made.body:
        environ["CONTENT_LENGTH"] = str(len(made.body))
    for name, value in made.headers:
        key = name.upper().replace("-", "_")
        if key == "CONTENT_LENGTH":
            continue  # A server has judged it before.
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
    return environ


def faults(made: Input, answer: Answer, secrets: Sequence[bytes]) -> list[str]:
    """What is wrong with an answer; what the input said itself is no leak."""
    if answer.error:
        return [f"unexpected: {answer.error}"]
    found = [f"slow: {answer.seconds:.1f} s"] if answer.seconds > SLOW else []
    head = "\n".join(map(": ".join, answer.headers)).encode("latin-1", "replace")
    said = head + b"\n" + OBSERVED.sub(b"", answer.body)
    for name, pattern in LEAKS.items():
        leak = pattern.search(said)
        if leak and leak[0] not in sent(made):
            found.append(f"leaks {name}: {leak[0]!r}")
    found += [
        f"leaks a credential: {one!r}"
        for one in secrets
        if one in said and one not in sent(made)
    ]
    if any("\n" in value or "\r" in value for _, value in answer.headers):
        found.append("splits a header")
    return [*found, *unreadable(answer, made.method)]


def sent(made: Input) -> bytes:
    """All that an input says, as it stands and decoded."""
    text = "\n".join((made.target, *map(": ".join, made.headers)))
    raw = text.encode("utf-8", "surrogatepass") + b"\n" + made.body
    plain = raw.replace(b"\\\\", b"\\").replace(b'\\"', b'"').replace(b"\\/", b"/")
    return raw + unquote_to_bytes(raw) + plain


def unreadable(answer: Answer, method: str) -> list[str]:
    """Whether a client could not read the answer by what it says it is."""
    kind = dict(answer.headers).get("Content-Type", "")
    if method == "HEAD" or not answer.body or answer.status in (204, 304):
        return []
    try:
        if "json" in kind:
            json.loads(answer.body)
        elif "xml" in kind:
            expat.ParserCreate().Parse(answer.body, True)
    except (ValueError, expat.ExpatError) as error:
        return [f"is no {kind}: {error}"]
    return []
