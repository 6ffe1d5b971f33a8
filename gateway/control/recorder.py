"""Follows a request through the app: whose it is, what strikes it, what is kept of it.

It is put around an app by `install`; an app without it has no trace of it.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, Any
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import EnvironHeaders

from core import Key
from dialects.base import Dialect
from dialects.notes import RECORDER
from gateway.app import owners
from gateway.control.clock import elapsed_ms
from gateway.control.faults import DROP, RESET, Struck
from gateway.control.hints import Hints
from gateway.control.journal import LONGEST_BODY, Journal
from gateway.control.redaction import Redactor
from gateway.control.unread import Watched, unread

if TYPE_CHECKING:
    from gateway.control.sandboxes import Sandbox

Bytes = Iterable[bytes]
WORD = re.compile(r"[\w-]{8,}", re.ASCII)
SandboxOf = Callable[[int], "Sandbox | None"]


class Record:
    """What is known of a request that is being answered."""

    def __init__(self, environ: WSGIEnvironment, sandbox_of: SandboxOf) -> None:
        self.environ = environ
        self.read: set[str] = set()
        self.sandbox: Sandbox | None = None
        self.struck = Struck()
        self.drops = False
        self.fault = ""
        self.notes: dict[str, Any] = {}
        self.quirks: dict[str, Any] = {}
        self.started = time.perf_counter()
        self.body = body_of(environ)
        self._sandbox_of = sandbox_of

    def note(self, name: str, value: Any) -> None:
        """Remember a cause; the first key that is found says whose request it is."""
        if name != "key":
            self.notes[name] = value() if callable(value) else value
        elif isinstance(value, Key) and self.sandbox is None:
            self.sandbox = self._sandbox_of(value.shop.id)

    def asked(self, name: str, value: Any) -> None:
        """Remember a quirk that was asked for."""
        self.quirks[name] = value


class Trickle:
    """An answer that comes a few bytes at a time."""

    def __init__(self, answer: Bytes, options: Mapping[str, int]) -> None:
        self._answer, self._options = answer, options

    def __iter__(self) -> Iterator[bytes]:
        size = self._options["bytes"]
        for chunk in self._answer:
            for start in range(0, len(chunk), size):
                time.sleep(self._options["milliseconds"] / 1000)
                yield chunk[start : start + size]

    def close(self) -> None:
        """Let the app know that the answer is over."""
        close(self._answer)


class Recorder:
    """The hooks in one app."""

    def __init__(
        self,
        app: Flask,
        *,
        sandbox_of: SandboxOf,
        sandbox_at: Callable[[str], "Sandbox | None"],
        sandbox_with: Callable[[str], "Sandbox | None"],
        strays: Journal,
        hints: Hints,
    ) -> None:
        self._app, self._sandbox_of = app, sandbox_of
        self._sandbox_at, self._sandbox_with = sandbox_at, sandbox_with
        self._strays, self._hints = strays, hints
        mounted: dict[str, Dialect] = {**app.extensions["dialects"]}
        for dialect in [*mounted.values()]:
            mounted |= dict.fromkeys(dialect.others, dialect)
        self._owner = owners(mounted)
        self._application = app.wsgi_app
        self._dispatch = app.dispatch_request

    def install(self) -> None:
        """Follow every request from now on."""
        self._app.wsgi_app = self.answer  # type: ignore[method-assign]
        self._app.dispatch_request = self.dispatch  # type: ignore[method-assign]
        # The first is called last: it sees what all others made of the answer.
        self._app.after_request_funcs.setdefault(None, []).insert(0, self.keep)

    def remove(self) -> None:
        """Follow no request any more."""
        self._app.wsgi_app = self._application  # type: ignore[method-assign]
        self._app.dispatch_request = self._dispatch  # type: ignore[method-assign]
        self._app.after_request_funcs[None].remove(self.keep)

    def answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Bytes:
        """The app as the server calls it. Raises ConnectionResetError for a drop."""
        record = Record(environ, self._sandbox_of)
        token = RECORDER.set(record)
        try:
            found = self._application(Watched(environ, record.read), start_response)
        finally:
            RECORDER.reset(token)
        if record.drops:
            close(found)
            raise ConnectionResetError(f"the fault {record.fault} dropped the answer")
        if record.struck.trickle:
            return Trickle(found, record.struck.trickle)
        return found

    def dispatch(self) -> ResponseReturnValue:
        """The view's answer, or that of a fault that strikes the request."""
        record = RECORDER.get()
        dialect = self._owner(request.path)
        name = operation_of(dialect)
        if not isinstance(record, Record) or not (record.sandbox and dialect and name):
            return self._dispatch()
        record.struck = record.sandbox.faults.strike(dialect.name, name)
        record.fault = ", ".join(record.struck.names)
        try:
            return self._struck(record, record.sandbox)
        finally:
            # To sleep for no time gives the processor to another, for milliseconds.
            if record.struck.milliseconds:
                time.sleep(record.struck.milliseconds / 1000)

    def _struck(self, record: Record, sandbox: "Sandbox") -> ResponseReturnValue:
        rule = record.struck.rule
        if rule is None:
            return self._dispatch()
        if not rule.is_late:
            if rule.fault == RESET:
                record.drops = True
                return Response(status=502)
            assert rule.declared
            return rule.declared.bring(**rule.options)
        is_done = False
        try:
            answer = self._app.make_response(self._dispatch())
            is_done = answer.status_code < 400
        finally:
            if not is_done:
                sandbox.faults.spare(rule)
                kept = [name for name in record.struck.names if name != rule.fault]
                record.fault = ", ".join(kept)
        if is_done and rule.fault == DROP:
            record.drops = True
        elif is_done:
            assert rule.declared
            return rule.declared.bring(**rule.options)
        return answer

    def keep(self, response: Response) -> Response:
        """Write the request and its answer into the journal of whom it was for."""
        record = RECORDER.get()
        if not isinstance(record, Record):
            return response
        dialect = self._owner(request.path)
        if dialect is None and response.status_code == 404:
            response.set_data(self._hints.nowhere(request))
        elif response.status_code in (401, 403, 404):
            self._hints.tell(dialect, request, record, response.status_code)
        found = self._concerned(record)
        for sandbox in found:
            self._write(sandbox.journal, sandbox.redactor, record, dialect, response)
        if not found:
            self._write(self._strays, Redactor(), record, dialect, response)
        return response

    def _concerned(self, record: Record) -> Sequence["Sandbox"]:
        """The shop whose key it was, and the one that the path names.

        Where there is neither, the one whose token is in a header, whatever it is for.
        """
        addressed = self._sandbox_at(request.path)
        found = {one.hash: one for one in (record.sandbox, addressed) if one}
        if len(found) > 1 and record.sandbox:
            record.note("shop", f"the key is of the shop {record.sandbox.hash}")
        for value in () if found else EnvironHeaders(record.environ).values():
            for word in WORD.findall(value):
                sandbox = self._sandbox_with(word)
                if sandbox:
                    return [sandbox]
        return [*found.values()]

    def _write(
        self,
        journal: Journal,
        redactor: Redactor,
        record: Record,
        dialect: Dialect | None,
        response: Response,
    ) -> None:
        clock = record.sandbox.clock() if record.sandbox else None
        sent = EnvironHeaders(record.environ)
        query = request.query_string.decode("latin-1")
        name = operation_of(dialect)
        journal.add(
            at=clock.isoformat() if clock else "",
            dialect=dialect.name if dialect else "",
            operation=f"{dialect.name}.{name or 'unrouted'}" if dialect else "",
            method=request.method,
            path=redactor.path(f"{request.path}?{query}" if query else request.path),
            request_headers=redactor.headers(sent),
            request_body=kept_body(redactor, sent.get("Content-Type"), record.body),
            status=response.status_code,
            response_headers=redactor.headers(response.headers),
            response_body=kept_body(
                redactor, response.content_type, response.get_data()
            ),
            milliseconds=elapsed_ms(record.started),
            fault=record.fault,
            unread=redactor.value(unread(dialect, name, record)),
            quirks=dict(record.quirks),
            notes=redactor.value(record.notes),
        )


def operation_of(dialect: Dialect | None) -> str:
    """The operation that the request is for; "" if it is for none that is known."""
    if dialect is None or request.url_rule is None:
        return ""
    if dialect.rehearsal is None:
        return (request.endpoint or "").rpartition(".")[2]
    return dialect.rehearsal().operation()


def kept_body(redactor: Redactor, content_type: str | None, body: bytes | None) -> str:
    """A body as the journal keeps it."""
    if body is None or len(body) > LONGEST_BODY:
        return "<too long to be kept>"
    return redactor.body(content_type or "", body)


def body_of(environ: WSGIEnvironment) -> bytes | None:
    """The body of a request, which stays to be read; None for one too long."""
    stream = environ["wsgi.input"]
    if isinstance(stream, BytesIO):
        return stream.getvalue()
    length = 0
    with suppress(ValueError):
        length = int(environ.get("CONTENT_LENGTH") or 0)
    if not 0 <= length <= LONGEST_BODY:
        return None
    body: bytes = stream.read(length) if length else b""
    if length:
        environ["wsgi.input"] = BytesIO(body)
    return body


def close(answer: Bytes) -> None:
    """Let the app know that its answer is over."""
    getattr(answer, "close", bool)()
