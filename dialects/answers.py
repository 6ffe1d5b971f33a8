"""Answers that go out as a dialect makes them."""

from wsgiref.types import WSGIEnvironment

from flask import Response
from werkzeug.datastructures import Headers

BODILESS = (204, 304)


class Answer(Response):
    """A body of bytes with headers that need no completing, so no Location."""

    def get_wsgi_headers(self, environ: WSGIEnvironment) -> Headers:
        """The headers as they are: their length is told since the body is set.

        The copy that this replaces checks and adds each header again.
        """
        if self.status_code < 200 or self.status_code in BODILESS:
            return super().get_wsgi_headers(environ)
        return self.headers
