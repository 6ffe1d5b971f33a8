"""The parameters of a list: page, limit, order, filter, attrs.

Source: OpenMage 20.18, and observed: a customer's addresses are always shown whole, and
yet the parameters are checked. For customers they count.
"""

from collections.abc import Iterable, Mapping, Set
from typing import Any

from dialects.current import this_request
from dialects.openmage.errors import (
    ATTRIBUTES,
    FILTERING,
    LIMIT,
    ORDERING,
    PAGING,
    Crash,
    Item,
    Refused,
)
from dialects.openmage.php import BLANKS, is_numeric, parse_query

MOST = 100
DEFAULT = 10


class Parameters:
    """What the query of the request says."""

    def __init__(self) -> None:
        query = this_request().query_string
        self.given: Mapping[str, Any] = parse_query(query) if query else {}
        """The parameters as PHP reads them."""

    def page(self) -> float:
        """The page; 1 if it is not given. Raises Refused, Crash."""
        page = self._number("page", PAGING) if "page" in self.given else 1.0
        if page < 0:
            raise Refused(PAGING)
        return page

    def limit(self) -> float:
        """How many things a page has, 10 if not given. Raises Refused, Crash."""
        limit = self._number("limit", LIMIT) if self.given.get("limit") else DEFAULT
        if limit < 0 or limit > MOST:
            raise Refused(LIMIT)
        return limit

    def order(self, known: Set[str]) -> str | None:
        """The attribute to sort by. Raises Refused for one that cannot be read."""
        if "order" not in self.given:
            return None
        order = self.given["order"]
        if not isinstance(order, str) or order not in known:
            raise Refused(ORDERING)
        return order

    def is_ascending(self) -> bool:
        """Whether the smallest comes first: only `asc` says so. Raises Crash."""
        direction = self.given.get("dir", "")
        if not isinstance(direction, str):
            raise Crash(ORDERING)
        return direction.upper() == "ASC"

    def filters(self, known: Set[str]) -> list[Mapping[Any, Any]]:
        """The conditions, each with an `attribute`. Raises Refused."""
        given = self.given.get("filter")
        if not given:
            return []
        if not isinstance(given, Mapping | list):
            raise Refused(FILTERING)
        found = list(given.values() if isinstance(given, Mapping) else given)
        for one in found:
            attribute = one.get("attribute") if isinstance(one, Mapping) else None
            if not isinstance(attribute, str) or attribute not in known:
                raise Refused(FILTERING)
        return found

    def _number(self, name: str, item: Item) -> float:
        value = self.given[name]
        if not isinstance(value, str) or not is_numeric(value):
            raise Crash(item)
        return float(value)


def shown_attributes(parameters: Parameters, allowed: Set[str]) -> Set[str]:
    """What is shown of what may be read: all, or what `attrs` names. Raises Crash."""
    if "attrs" not in parameters.given:
        return allowed
    attrs = parameters.given["attrs"]
    names: Iterable[Any]
    if isinstance(attrs, Mapping):
        names = attrs.values()
    else:
        names = attrs if isinstance(attrs, list) else str(attrs).split(",")
    texts = [name.strip(BLANKS) for name in names if isinstance(name, str)]
    named = allowed & set(texts)
    if not named:
        raise Crash(ATTRIBUTES)
    return named
