"""The body of a request, in the types and charsets that the original takes."""

import codecs
import io
import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from werkzeug.exceptions import UnsupportedMediaType

from core import Invalid, Problem
from dialects.base import Wire
from dialects.current import this_request
from dialects.staff.headers import LONGEST, MediaType, media_type
from dialects.staff.multipart import parts
from dialects.staff.queries import pairs

PARSERS = {
    "json": media_type("application/json"),
    "form": media_type("application/x-www-form-urlencoded"),
    "multipart": media_type("multipart/form-data"),
}
PARSED = ("json", "form", "multipart")
FORM_FIRST = ("form", "multipart", "json")

OF_HOSTS = frozenset({"idna", "punycode"})
"""Codecs for names of hosts: the time they take grows with the square of the text."""


class Form(NamedTuple):
    """What a form says otherwise than JSON: which field is a box, which are dates."""

    box: str
    dates: Sequence[str] = ()


ADDRESS = Form(box="default")


def read(
    *, whole: bool, form: Form = ADDRESS, parsers: tuple[str, ...] = PARSED
) -> Wire:
    """What the body says; no body at all says nothing, whatever its type.

    `whole` is true if a form that leaves a box unchecked says so. Of the types that a
    wildcard means, the first counts. Raises Invalid, UnsupportedMediaType.
    """
    request = this_request()
    body = request.get_data()
    if not body:
        return {}
    content_type = request.environ.get("CONTENT_TYPE", "")
    parser, charset = form_of(content_type, parsers)
    if parser == "json":
        return mapping(parsed(body, charset))
    if parser == "form":
        return filled(pairs(body, charset), form, whole=whole)
    return filled(parts(body, content_type, charset), form, whole=whole)


@lru_cache(maxsize=256)
def form_of(content_type: str, parsers: tuple[str, ...]) -> tuple[str, str]:
    """Which of the parsers is meant, and the charset. Raises as `read`."""
    given = media_type(content_type)
    if len(content_type) <= LONGEST:
        for parser in parsers:
            if PARSERS[parser].matches(given):
                return parser, charset_of(given)
    raise UnsupportedMediaType


def charset_of(given: MediaType) -> str:
    """The charset of a content type; one that nobody knows is passed over."""
    charset = given.params.get("charset", "utf-8")
    try:
        codec = codecs.lookup(charset)
    except (LookupError, ValueError):
        return "utf-8"
    try:
        if codec.name in OF_HOSTS:
            raise LookupError
        "".encode(charset)
    except (LookupError, UnicodeError):
        problem = Problem("", "charset", params={"charset": charset})
        raise Invalid([problem]) from None
    return charset


def parsed(body: bytes, charset: str) -> Any:
    """The JSON value. A character that is cut off at the very end is dropped."""
    try:
        text = text_of(body, charset)
        return DECODER.decode(text) if text[:1] != BOM else json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = {"reason": str(error)}
        raise Invalid([Problem("", "syntax", params=reason)]) from None


def text_of(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset)
    except UnicodeDecodeError:
        return codecs.getreader(charset)(io.BytesIO(body)).read()


def refuse(constant: str) -> None:
    raise ValueError(f"Out of range float values are not JSON compliant: {constant!r}")


DECODER = json.JSONDecoder(parse_constant=refuse)
BOM = "\ufeff"
"""What no JSON begins with; only `loads` says so."""


def mapping(value: Any) -> Wire:
    if isinstance(value, dict):
        return value
    if value is None:
        raise Invalid([Problem("", "empty")])
    received = {"received": type(value).__name__}
    raise Invalid([Problem("", "shape", params=received)])


def filled(pairs: Sequence[tuple[str, Any]], form: Form, *, whole: bool) -> Wire:
    """A form as the JSON that would say the same: the last of equal names counts.

    A browser does not send an unchecked box, so its absence is a "no"; a blank one is
    passed over. A blank date is null.
    """
    said = dict(pairs)
    if said.get(form.box) == "":
        del said[form.box]
    elif whole:
        said.setdefault(form.box, False)
    return {**said, **{name: None for name in form.dates if said.get(name) == ""}}
