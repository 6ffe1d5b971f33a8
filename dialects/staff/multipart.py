"""multipart/form-data as Django reads it: what is cut off or odd is passed over."""

import re
from collections.abc import Iterator

from werkzeug.exceptions import BadRequest

from core import Invalid, Problem
from dialects.staff.headers import parameters
from dialects.staff.queries import MOST_FIELDS

BOUNDARY = re.compile(r"[ -~]{0,200}[!-~]")
LINE_END = re.compile(rb"\r?\n\Z")


class InMemoryUploadedFile:
    """A file where text belongs; errors call it by this name, which is Django's."""


Part = tuple[str, str | InMemoryUploadedFile]


def parts(body: bytes, content_type: str, charset: str) -> list[Part]:
    """The fields in order, then the files. Raises Invalid, BadRequest for too many."""
    pieces = split(body, boundary(content_type))
    found = [part for piece in pieces for part in read(piece, charset)]
    if len(found) > MOST_FIELDS:
        raise BadRequest
    return sorted(found, key=lambda part: not isinstance(part[1], str))


def boundary(content_type: str) -> bytes:
    if not content_type.isascii():
        reason = f"Invalid non-ASCII Content-Type in multipart: {content_type}"
        raise Invalid([Problem("", "multipart", params={"reason": reason})])
    named = parameters(content_type)[1].get("boundary")
    if not named or not BOUNDARY.fullmatch(named):
        reason = f"Invalid boundary in multipart: {named}"
        raise Invalid([Problem("", "multipart", params={"reason": reason})])
    return b"--" + named.encode()


def split(body: bytes, boundary: bytes) -> Iterator[bytes]:
    *ended, last = body.split(boundary)
    yield from (LINE_END.sub(b"", piece) for piece in ended)
    yield last


def read(piece: bytes, charset: str) -> Iterator[Part]:
    """The field or file in a piece, if it is one."""
    head, found, content = piece.partition(b"\r\n\r\n")
    disposition = dispositions(head) if found else {}
    name = disposition.get("name", "").strip()
    if not name:
        return
    if "filename" not in disposition:
        yield name, content.decode(charset, "replace")
    elif disposition["filename"]:
        yield name, InMemoryUploadedFile()


def dispositions(head: bytes) -> dict[str, str]:
    """The parameters of the Content-Disposition line."""
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-disposition":
            return parameters(value.strip())[1]
    return {}
