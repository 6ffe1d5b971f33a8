"""The formats of bodies: JSON, XML and query strings, by Accept and Content-Type.

Source: OpenMage, observed; a body is what PHP makes of it.
"""

import json
import re
from collections.abc import Callable, Iterable
from functools import cmp_to_key, lru_cache
from itertools import chain
from json.encoder import encode_basestring_ascii
from typing import Any, NamedTuple

import orjson

from dialects.openmage import php, xml

INVALID = "The request data is invalid."
UNDECODABLE = "Decoding error."
UNKNOWN_TYPE = "Server can not understand Content-Type HTTP header media type"

ACCEPTED = re.compile(r"[0-9a-z*+-]+(/[0-9a-z*+.-]+)?", re.ASCII | re.IGNORECASE)
CONTENT_TYPE = re.compile(
    r"([a-z0-9/+.-]+)(?:; *charset=(.+))?", re.ASCII | re.IGNORECASE
)
URI_CHARACTERS = re.compile(
    rb"(?:%[0-9A-Fa-f]{2}|[A-Za-z0-9_.!~*'()\[\];/?:@&=+$,-]){0,8189}\n?"
)
"""Those of RFC 2396, and brackets; PCRE gives up on more of them."""

DEEPEST = 511
"""Arrays within one another; json_decode() refuses more."""

NOT_ASCII = re.compile(r"[^\0-\x7f]+")
LARGEST, LONGEST = 2**63 - 1, 20
"""The largest whole number, and characters that one can have."""


class BadBody(Exception):
    """The body cannot be used: the message and the status to answer with.

    A status of 500 has no message; it is where the original breaks down.
    """

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message, self.status = message, status


class Format(NamedTuple):
    """A form of bodies; `render` takes lists, dicts, text, whole numbers and None."""

    name: str
    content_type: str
    render: Callable[[Any], bytes]


def _to_json(value: Any) -> bytes:
    """What json_encode() gives; what is no Unicode gives nothing."""
    try:
        encoded = orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
        if b"{}" in encoded or b'{"0":' in encoded:
            encoded = orjson.dumps(_arrays(value), option=orjson.OPT_NON_STR_KEYS)
    except TypeError:
        return b""
    if not encoded.isascii():
        encoded = NOT_ASCII.sub(_escaped, encoded.decode()).encode()
    return encoded.replace(b"/", b"\\/")


def _arrays(value: Any) -> Any:
    if isinstance(value, dict):
        return php.array({str(key): _arrays(item) for key, item in value.items()})
    return [_arrays(item) for item in value] if isinstance(value, list) else value


def _escaped(match: re.Match[str]) -> str:
    return encode_basestring_ascii(match[0])[1:-1]


def _to_query(value: Any) -> bytes:
    return php.build_query(value).encode()


JSON = Format("json", "application/json; charset=utf-8", _to_json)
QUERY = Format("query", "text/plain; charset=utf-8", _to_query)
XML = Format("xml", "application/xml; charset=utf-8", xml.rendered)

BY_TYPE = {
    "application/json": JSON,
    "application/*": JSON,
    "text/plain": QUERY,
    "text/*": QUERY,
    "text/xml": XML,
    "application/xml": XML,
    "application/xhtml+xml": XML,
}


def accepted(
    accept: str | None, *, any_format: Format = JSON, absent: Format | None = None
) -> Format | None:
    """The format that an Accept header asks for, None if there is none.

    `any_format` is for `*/*`, `absent` for a header without a value. Types are compared
    as they are written, and 0 is a quality as any other.
    """
    if not accept:
        return absent
    for media_type in _wanted(accept):
        if media_type == "*/*":
            return any_format
        if media_type in BY_TYPE:
            return BY_TYPE[media_type]
    return None


@lru_cache(maxsize=256)
def _wanted(accept: str) -> tuple[str, ...]:
    """The types, best first; the first parameter's value is the quality."""
    by_quality: dict[str, list[str]] = {}
    for entry in accept.split(","):
        media_type, *parameters = entry.split(";")
        media_type = media_type.strip(php.BLANKS)
        if ACCEPTED.fullmatch(media_type):
            parts = parameters[0].split("=") if parameters else []
            quality = parts[1] if len(parts) == 2 else "1.0"
            by_quality.setdefault(quality, []).append(media_type)
    ordered = sorted(by_quality, key=cmp_to_key(_compare), reverse=True)
    return tuple(chain.from_iterable(by_quality[quality] for quality in ordered))


def _compare(one: str, other: str) -> int:
    """PHP's comparison of texts: as numbers if both are."""
    if php.is_numeric(one) and php.is_numeric(other):
        return int(float(one) > float(other)) - int(float(one) < float(other))
    return int(one > other) - int(one < other)


def decoded(content_type: str | None, body: bytes) -> Any:
    """What the body of a request says: a dict, or a list if its first key is a number.

    An array inside is a list if its keys are 0, 1, 2 ..., and else a dict. Raises
    BadBody, also for a body that says nothing.
    """
    decode = _decoder(content_type)
    value = decode(body if body.strip(php.BLANKS.encode()) else b"")
    if not php.is_true(value):
        raise BadBody(INVALID)
    if not isinstance(value, dict | list):
        raise BadBody("", status=500)
    if isinstance(value, dict) and php.is_numeric(next(iter(value))):
        return list(value.values())
    return value


def _decoder(content_type: str | None) -> Callable[[bytes], Any]:
    if content_type is None or not php.is_true(content_type):
        raise BadBody("Content-Type header is empty")
    match = CONTENT_TYPE.fullmatch(content_type)
    if match is None:
        raise BadBody("Invalid Content-Type header")
    if match[2] and match[2].lower() != "utf-8":
        raise BadBody("UTF-8 is the only supported charset")
    if match[1] not in DECODERS:
        raise BadBody(f'{UNKNOWN_TYPE} "{match[1]}"')
    return DECODERS[match[1]]


def _from_json(body: bytes) -> Any:
    try:
        source = body.decode()
        value = DECODER.decode(source)
        if "\\u" in source:
            # Half a surrogate pair is refused.
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise BadBody(UNDECODABLE) from None
    if value is None and body != b"null":
        raise BadBody(UNDECODABLE)
    if source.count("[") + source.count("{") > DEEPEST and _depth(value) > DEEPEST:
        raise BadBody(UNDECODABLE)
    return value


def _depth(value: Any) -> int:
    """How many arrays are within one another."""
    depth, level = 0, [value]
    while arrays := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        level = [item for array in arrays for item in _items(array)]
    return depth


def _items(array: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return array if isinstance(array, list) else array.values()


def _whole(digits: str) -> int | float:
    """A number; one that 64 bits cannot hold is a float."""
    number = int(digits) if len(digits) <= LONGEST else LARGEST + 1
    return number if -LARGEST - 1 <= number <= LARGEST else float(digits)


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _from_xml(body: bytes) -> Any:
    try:
        return xml.parsed(body)
    except xml.Malformed:
        raise BadBody(UNDECODABLE) from None


def _from_query(body: bytes) -> Any:
    if not URI_CHARACTERS.fullmatch(body):
        raise BadBody("Invalid data type. Check Content-Type.")
    return php.array(php.parse_query(body))


DECODER = json.JSONDecoder(
    object_hook=php.array, parse_int=_whole, parse_constant=_refuse
)
DECODERS: dict[str, Callable[[bytes], Any]] = {
    "application/json": _from_json,
    "text/plain": _from_query,
    "application/xml": _from_xml,
    "application/xhtml+xml": _from_xml,
    "text/xml": _from_xml,
}
