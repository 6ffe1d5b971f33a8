"""Answers that go out as a dialect makes them."""

from collections.abc import Iterable
from wsgiref.types import WSGIEnvironment

from flask import Response
from werkzeug.datastructures import Headers

BODILESS = (204, 304)


class Answer(Response):
    """A body of bytes with headers that need no completing, so no Location.

    Werkzeug checks and completes each when it is given, and again when it is sent,
    which takes longer than to write a body. Raises ValueError for one of several lines.
    """

    def __init__(
        self,
        body: bytes,
        status: int = 200,
        headers: Iterable[tuple[str, str]] = (),
        *,
        content_type: str,
    ) -> None:
        sound = Sound(
            [
                *headers,
                ("Content-Type", content_type),
                ("Content-Length", str(len(body))),
            ]
        )
        super().__init__([body], status, sound)

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        """The headers as they are, where there is a body."""
        if self.status_code < 200 or self.status_code in BODILESS:
            return super().get_wsgi_headers(environ)
        return self.headers


class Sound(Headers):
    """Headers whose values are texts, of one line each."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        text = "".join([value for _, value in pairs])
        if "\n" in text or "\r" in text:
            raise ValueError("a header is one line")
        self._list = pairs
