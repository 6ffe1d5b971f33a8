"""Query parameters and pages (source: V3 reference, and the general page on them)."""

from functools import lru_cache
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from core import Condition, Op, Page, Query
from dialects.base import quirk
from dialects.bigcommerce.errors import BadQuery
from dialects.bigcommerce.shapes import INT32
from dialects.current import request

NUMBERS = {"id:in": "id", "customer_id:in": "customer_id"}
FILTERS = {**NUMBERS, "company:in": "company", "name:in": "name"}
"""The filters of the list, and what they are of."""

DEFAULT_LIMIT = 50
MOST = 250
PAGING = ("page", "limit", "after", "before")

Given = dict[str, list[str]]
Pairs = tuple[tuple[str, str], ...]


def pairs() -> Pairs:
    """The query's names and values; an empty name counts, as in `?&page=2`."""
    return pairs_of(request.query_string)


# The filters and the links of one request ask for them.
@lru_cache(maxsize=64)
def pairs_of(query_string: bytes) -> Pairs:
    text = query_string.decode(errors="replace").rstrip("&")
    parts = [part.partition("=") for part in text.split("&")] if text else []
    return tuple(
        [(unquote_plus(name), unquote_plus(value)) for name, _, value in parts]
    )


def parameters(*known: str) -> Given:
    """The query's parameters, a list of values each. Raises BadQuery for others.

    A client that is given an array sends `id:in[]=1&id:in[]=2`.
    """
    given: Given = {}
    unknown = {}
    for name, value in pairs():
        plain = name.removesuffix("[]")
        if plain in known:
            given.setdefault(plain, []).append(value)
        else:
            unknown[name] = value
    if unknown:
        names = ", ".join(unknown)
        raise BadQuery(f"The filter(s): {names} are not valid filter parameter(s).")
    return given


def query(given: Given) -> Query:
    """What the list is asked for. Raises BadQuery."""
    limit, page = page_size(given), positive(given, "page", 1)
    where = [
        Condition(field, Op.IN, members(given, name))
        for name, field in FILTERS.items()
        if name in given
    ]
    return Query(where=where, order=["id"], offset=(page - 1) * limit, limit=limit)


def page_size(given: Given) -> int:
    """The limit that is asked for, within what there is. Raises BadQuery."""
    limit = positive(given, "limit", DEFAULT_LIMIT)
    if limit > MOST and quirk("bigcommerce", "refuse_large_limit"):
        raise BadQuery(f"The limit parameter exceeded the maximum of {MOST}.", 413)
    return min(limit, MOST)


def members(given: Given, name: str) -> list[Any]:
    """The members of a list; an empty one asks for nothing, not for everything."""
    return numbers(given, name) if name in NUMBERS else texts(given, name)


def texts(given: Given, name: str) -> list[str]:
    """The members of a list, each once, but for empty ones."""
    found = [one for value in given.get(name, ()) for one in value.split(",") if one]
    return list(dict.fromkeys(found))


def numbers(given: Given, name: str) -> list[int]:
    """The members of a list of numbers. Raises BadQuery."""
    return list(dict.fromkeys(integer(name, one) for one in texts(given, name)))


def positive(given: Given, name: str, default: int) -> int:
    """A number from 1 up. Raises BadQuery."""
    if name not in given:
        return default
    number = integer(name, given[name][-1])
    if number < 1:
        raise BadQuery(f'Query parameter "{name}" value must be at least 1.')
    return number


def integer(name: str, value: str) -> int:
    """An integer of 32 bits. Raises BadQuery."""
    digits = value.strip().removeprefix("-")
    if digits.isascii() and digits.isdigit() and len(digits) < 11:
        number = int(value)
        if INT32["minimum"] <= number <= INT32["maximum"]:
            return number
    raise BadQuery(
        f'Query parameter "{name}" value must be integer. For input string: "{value}".'
    )


def includes_form_fields(given: Given) -> bool:
    """Whether form fields are asked for. Raises BadQuery for anything else."""
    return bool(includes(given, "formfields"))


def includes(given: Given, *known: str) -> frozenset[str]:
    """What is asked for besides. Raises BadQuery for what is not known."""
    asked = texts(given, "include")
    unknown = [one for one in asked if one not in known]
    if unknown:
        names = ", ".join(unknown)
        raise BadQuery(f"The include(s): {names} are not valid include parameter(s).")
    return frozenset(asked)


def pagination(sought: Query, found: Page[Any]) -> dict[str, Any]:
    """The `meta.pagination` of a page, which links to its neighbours."""
    limit = sought.limit or DEFAULT_LIMIT
    page = sought.offset // limit + 1
    pages = max(1, -(-found.total // limit))
    start = link(limit)
    links = {"current": f"{start}&page={page}"}
    if page > 1:
        links = {"previous": f"{start}&page={page - 1}", **links}
    if page < pages:
        links["next"] = f"{start}&page={page + 1}"
    return {
        "total": found.total,
        "count": len(found.items),
        "per_page": limit,
        "current_page": page,
        "total_pages": pages,
        "links": links,
    }


def link(limit: int, **where: Any) -> str:
    """A query string that keeps the filters, and says where to go on."""
    kept = [
        (name, value)
        for name, value in pairs()
        if name.removesuffix("[]") not in PAGING
    ]
    said = [*kept, ("limit", limit), *where.items()]
    return "?" + "&".join([f"{named(n)}={escaped(str(value))}" for n, value in said])


def escaped(text: str) -> str:
    """A value as a query has it."""
    return text if text.isalnum() and text.isascii() else quote_plus(text)


named = lru_cache(maxsize=64)(escaped)
"""A name as a query has it; there are few."""
