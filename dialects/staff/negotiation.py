"""What an answer looks like: JSON, or the same in a page for browsers.

Django REST Framework's content negotiation: the most specific entry of Accept wins,
quality values are not looked at, and JSON comes first among equals.
"""

from functools import lru_cache
from typing import NamedTuple

from werkzeug.exceptions import NotAcceptable, NotFound

from dialects.staff.headers import LONGEST, MediaType, media_type

LONGEST_HEADER = 8192
MOST_ENTRIES = 64
WIDEST_INDENT = 8


class Rendering(NamedTuple):
    """The form of an answer's body; `indent` is for JSON."""

    html: bool = False
    indent: int | None = None


COMPACT = Rendering()
MEDIA = {"json": media_type("application/json"), "api": media_type("text/html")}
OFFERED = tuple(MEDIA)
"""The formats that a view offers, but for those that offer JSON only."""


@lru_cache(maxsize=256)
def rendering(accept: str, format: str, formats: tuple[str, ...]) -> Rendering:
    """The rendering for an Accept header and a `format` parameter, of these formats.

    Raises NotFound for a format that there is not, NotAcceptable when nothing fits.
    """
    offered = {n: MEDIA[n] for n in formats if format in ("", n)}
    if not offered:
        raise NotFound
    wanted = [media_type(entry) for entry in entries(accept)]
    for precedence in (3, 2, 1, 0):
        for name, media in offered.items():
            for range in wanted:
                if specificity(range) == precedence and media.matches(range):
                    return Rendering(html=name == "api", indent=indent(range))
    raise NotAcceptable


def entries(accept: str) -> list[str]:
    """The entries that are looked at: a comma ends one, even in quotes."""
    if len(accept) > LONGEST_HEADER:
        accept = accept[: accept.rfind(",", 0, LONGEST_HEADER) + 1]
    found = [entry.strip() for entry in accept.split(",")]
    return [entry for entry in found if 0 < len(entry) <= LONGEST][:MOST_ENTRIES]


def specificity(range: MediaType) -> int:
    if range.main == "*":
        return 0
    if range.sub == "*":
        return 1
    return 2 if list(range.params) in ([], ["q"]) else 3


def indent(range: MediaType) -> int | None:
    """The width that `application/json; indent=4` asks for."""
    try:
        asked = int(range.params["indent"])
    except (KeyError, ValueError):
        return None
    return max(min(asked, WIDEST_INDENT), 0) or None
