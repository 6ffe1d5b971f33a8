"""The query string, and the pages of a list: LimitOffsetPagination."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

from werkzeug.exceptions import BadRequest, NotFound

from dialects.current import request

Arguments = Sequence[tuple[str, str]]

MOST_FIELDS = 1000
"""More parameters, or form fields, are refused (Django's default)."""

PAGE_SIZE = 10
FURTHEST = 2**62
"""No list is longer; what asks for more than this gets all there is."""

SAFE_IN_PATH = "/:@&+$,-_.!~*'()"


class Window(NamedTuple):
    """Which part of a list is asked for, in numbers of any size."""

    limit: int
    offset: int


def arguments(query: bytes) -> Arguments:
    """The query's parameters in order, blank ones too; bad UTF-8 becomes U+FFFD."""
    return pairs(query) if query else []


def pairs(encoded: bytes, charset: str = "utf-8") -> Arguments:
    """The pairs of a query string or a form. Raises BadRequest if they are too many."""
    try:
        text = encoded.decode(charset)
    except UnicodeDecodeError:
        text = encoded.decode("latin-1")
    try:
        return parse_qsl(
            text, keep_blank_values=True, encoding=charset, max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise BadRequest from None


def number(text: str) -> int:
    """An id in a path: whatever Python takes for an integer. Raises NotFound."""
    try:
        return int(text)
    except ValueError:
        raise NotFound from None


def window(arguments: Arguments) -> Window:
    """The page asked for; what is no number, or too small, is the default."""
    given = dict(arguments)
    limit = integer(given.get("limit", ""), least=1, default=PAGE_SIZE)
    return Window(limit, integer(given.get("offset", ""), least=0, default=0))


def integer(text: str, *, least: int, default: int) -> int:
    try:
        value = int(text)
    except ValueError:
        return default
    return value if value >= least else default


def envelope(
    results: list[dict[str, Any]], total: int, shown: Window, arguments: Arguments
) -> dict[str, Any]:
    """A page of a list, with links to those beside it."""
    ahead = shown.offset + shown.limit
    behind = shown.offset - shown.limit
    return {
        "count": total,
        "next": link(arguments, shown.limit, ahead) if ahead < total else None,
        "previous": link(arguments, shown.limit, max(behind, 0))
        if shown.offset
        else None,
        "results": results,
    }


def link(arguments: Arguments, limit: int, offset: int) -> str:
    """This list from `offset` on, under the host that the client called."""
    query: dict[str, list[str]] = {}
    for name, value in arguments:
        query.setdefault(name, []).append(value)
    query["limit"] = [str(limit)]
    query["offset"] = [str(offset)]
    if not offset:
        del query["offset"]
    host = request.environ.get("HTTP_HOST") or request.host
    path = quote(request.root_path + request.path, safe=SAFE_IN_PATH)
    sorted_query = urlencode(sorted(query.items()), doseq=True)
    return f"{request.scheme}://{host}{path}?{sorted_query}"
