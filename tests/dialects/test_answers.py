"""An answer goes out as Flask's own would."""

import pytest
from flask import Response
from werkzeug.test import EnvironBuilder, run_wsgi_app

from dialects.answers import Answer, tell


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("status", [200, 204, 304, 404])
def test_an_answer_goes_out_as_flasks_own_would(method, status):
    environ = EnvironBuilder(method=method).get_environ()
    given = (b'{"a":1}', status, [("Vary", "Accept"), ("Allow", "GET")])

    ours, theirs = (
        run_wsgi_app(make(*given, content_type="application/json"), dict(environ))
        for make in (Answer, Response)
    )

    assert (b"".join(ours[0]), ours[1], list(ours[2])) == (
        b"".join(theirs[0]),
        theirs[1],
        list(theirs[2]),
    )


def test_an_answer_is_made_of_what_flasks_own_is_made_of():
    ours, theirs = (
        made(b"{}", 201, content_type="text/plain") for made in (Answer, Response)
    )

    assert vars(ours).keys() == vars(theirs).keys()
    assert {**vars(ours), "headers": 0} == {**vars(theirs), "headers": 0}
    assert [*ours.headers] == [*theirs.headers]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\nSet-Cookie: a=b"])
def test_a_header_is_one_line(end):
    with pytest.raises(ValueError, match="one line"):
        Answer(b"", 200, [("Allow", f"GET{end}")], content_type="text/plain")


@pytest.mark.parametrize("kind", [Answer, Response])
def test_headers_are_added_after_those_that_are_there(kind):
    response = kind(b"", content_type="text/plain")
    names = [name for name, _ in response.headers]

    tell(response, [("X-One", "1"), ("X-Two", "2")])

    assert [name for name, _ in response.headers] == [*names, "X-One", "X-Two"]


@pytest.mark.parametrize("kind", [Answer, Response])
def test_an_added_header_is_one_line(kind):
    with pytest.raises(ValueError, match=r"one line|newline"):
        tell(kind(b"", content_type="text/plain"), [("X-One", "1\r\nX-Two: 2")])
