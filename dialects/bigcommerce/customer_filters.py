"""What the list of customers can be asked for (source: V3 reference, Customers).

A date is an instant to the second, as dates are shown, or a day; one without an offset
is in UTC.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from core import Condition, Customer, Op, contained, email_key
from dialects.bigcommerce.cursors import Cursor, read_cursor
from dialects.bigcommerce.customer_schemas import OWN
from dialects.bigcommerce.errors import BadQuery
from dialects.bigcommerce.filters import (
    Given,
    includes,
    numbers,
    page_size,
    positive,
    texts,
)
from dialects.bigcommerce.schemas import NAME

TEXTS = {"company:in": "company", "phone:in": "phone", "name:in": "name"}
DATES = {"date_created": "created_at", "date_modified": "updated_at"}
DATE_FILTERS = tuple(f"{name}{end}" for name in DATES for end in ("", ":min", ":max"))
SORTED_BY = {**DATES, "last_name": "last_name"}
SORTS = tuple(f"{name}:{way}" for name in SORTED_BY for way in ("asc", "desc"))
GROUP = "customer_group_id"
NUMBERS = ("id:in", f"{GROUP}:in")
LISTS = (
    *NUMBERS,
    *TEXTS,
    "name:like",
    "email:in",
    "registration_ip_address:in",
)
INCLUDES = (
    "addresses",
    "storecredit",
    "attributes",
    "formfields",
    "shopper_profile_id",
    "segment_ids",
)
KNOWN = (
    *("page", "limit", "after", "before", "include", "sort"),
    *LISTS,
    *DATE_FILTERS,
)


class Sought(NamedTuple):
    """What a list is asked for.

    The conditions narrow it down, and what `keeps` judges decides. It begins after a
    cursor, or ends before one, or is a page.
    """

    where: list[Condition]
    order: str
    limit: int
    page: int
    includes: frozenset[str]
    parts: list[str]
    groups: list[int] | None
    after: Cursor | None = None
    before: Cursor | None = None

    @property
    def is_judged(self) -> bool:
        """Whether the conditions do not say it all."""
        return len(self.parts) > 1 or self.groups is not None

    def keeps(self, customer: Customer) -> bool:
        """Whether a customer, of whom the conditions are true, is sought."""
        name = folded(f"{customer.first_name} {customer.last_name}")
        if self.parts and not any(folded(part) in name for part in self.parts):
            return False
        return self.groups is None or group_of(customer) in self.groups


def sought(given: Given) -> Sought:
    """What the list is asked for. Raises BadQuery."""
    parts = texts(given, "name:like")
    groups = numbers(given, f"{GROUP}:in") if f"{GROUP}:in" in given else None
    order = order_of(given)
    after, before = (
        read_cursor(name, given[name][-1], order) if name in given else None
        for name in ("after", "before")
    )
    return Sought(
        where=[*named(given, parts, groups), *dated(given)],
        order=order,
        limit=page_size(given),
        page=positive(given, "page", 1),
        includes=includes(given, *INCLUDES),
        parts=parts,
        groups=groups,
        after=after,
        before=before,
    )


def named(given: Given, parts: list[str], groups: list[int] | None) -> list[Condition]:
    """The conditions that are lists; an empty list asks for nothing.

    "If the customer was created using the API, then registration address is blank."
    """
    where = [
        Condition(field, Op.IN, texts(given, name))
        for name, field in TEXTS.items()
        if name in given
    ]
    if "id:in" in given:
        where.append(Condition("id", Op.IN, numbers(given, "id:in")))
    if "email:in" in given:
        keys = {email_key(email) for email in texts(given, "email:in")}
        where.append(Condition("email_key", Op.IN, sorted(keys)))
    if "registration_ip_address:in" in given or ("name:like" in given and not parts):
        where.append(Condition("id", Op.IN, []))
    if len(parts) == 1:
        where.append(Condition("name", Op.CONTAINS, contained(parts[0])))
    if groups is not None and OWN[GROUP] not in groups:
        where.append(Condition("extras", Op.CONTAINS, contained(f'"{GROUP}":')))
    return where


def dated(given: Given) -> list[Condition]:
    """The conditions that are dates. Raises BadQuery."""
    where = []
    for name in DATE_FILTERS:
        if name not in given:
            continue
        plain, _, end = name.partition(":")
        first, last = span(name, given[name][-1])
        if end != "max":
            where.append(Condition(DATES[plain], Op.GE, first))
        if end == "max":
            last = first + timedelta(seconds=1)
        if end != "min":
            where.append(Condition(DATES[plain], Op.LT, last))
    return where


def span(name: str, value: str) -> tuple[datetime, datetime]:
    """The second or the day that a date means, and its end. Raises BadQuery."""
    # A plus sign that was not encoded arrives as a blank.
    text = value.strip().replace(" ", "+") if "T" in value else value.strip()
    try:
        if len(text) <= len("2024-05-14"):
            day = datetime.combine(date.fromisoformat(text), time(), UTC)
            return day, day + timedelta(days=1)
        instant = datetime.fromisoformat(text).replace(microsecond=0)
        aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
        first = aware.astimezone(UTC)
        return first, first + timedelta(seconds=1)
    except (ValueError, OverflowError) as error:
        raise BadQuery(
            f'Query parameter "{name}" value must be a date. For input string:'
            f' "{value}".'
        ) from error


def folded(text: str) -> bytes:
    """The text without the case of ASCII letters, as the store compares parts."""
    return text.encode(errors="replace").lower()


def order_of(given: Given) -> str:
    """The order of the list, by id unless asked for. Raises BadQuery."""
    if "sort" not in given:
        return "id"
    wanted = given["sort"][-1]
    if wanted not in SORTS:
        raise BadQuery(
            f'Query parameter "sort" value must be one of: {", ".join(SORTS)}.'
        )
    name, _, way = wanted.partition(":")
    return ("-" if way == "desc" else "") + SORTED_BY[name]


def group_of(customer: Customer) -> int:
    """The group that was written, or that of all."""
    own = customer.extras.get(NAME, {})
    return int(own.get(GROUP, OWN[GROUP]))
