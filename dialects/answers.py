"""Answers that go out as a dialect makes them."""

from collections.abc import Iterable
from functools import lru_cache
from wsgiref.types import StartResponse, WSGIEnvironment

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
        # What Werkzeug sets, too, but for what it looks for in the headers.
        self.headers = Sound(
            [
                *headers,
                ("Content-Type", content_type),
                ("Content-Length", str(len(body))),
            ]
        )
        self._status, self._status_code = status_line(status)
        self.response = [body]
        self.direct_passthrough = False
        self._on_close = []

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """What a server sends: the body in one piece, where there is one."""
        is_head = environ["REQUEST_METHOD"] == "HEAD"
        if is_head or self._is_bodiless() or self._on_close:
            return super().__call__(environ, start_response)
        start_response(self._status, [*self.headers])
        return self.iter_encoded()

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        """The headers as they are, where there is a body."""
        if self._is_bodiless():
            return super().get_wsgi_headers(environ)
        return self.headers

    def _is_bodiless(self) -> bool:
        return self.status_code < 200 or self.status_code in BODILESS


@lru_cache(maxsize=256)
def status_line(status: int) -> tuple[str, int]:
    """A status as it is sent, and its number."""
    made = Response(status=status)
    return made.status, made.status_code


class Sound(Headers):
    """Headers whose values are texts, of one line each."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        require_lines(pairs)
        self._list = pairs

    def tell(self, pairs: list[tuple[str, str]]) -> None:
        """Add headers that are not among these. Raises ValueError as above."""
        require_lines(pairs)
        self._list += pairs


def require_lines(pairs: list[tuple[str, str]]) -> None:
    text = "".join([value for _, value in pairs])
    if "\n" in text or "\r" in text:
        raise ValueError("a header is one line")


def tell(response: Response, pairs: list[tuple[str, str]]) -> None:
    """Add headers that the response has not. Raises ValueError for several lines."""
    if isinstance(response.headers, Sound):
        response.headers.tell(pairs)
    else:
        response.headers.extend(pairs)
