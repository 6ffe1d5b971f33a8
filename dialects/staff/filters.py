"""The parameters that narrow and sort a list: django-filter's and the framework's own.

They narrow what one address or place is sought in, too, as in the original.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from werkzeug.exceptions import BadRequest

from core import Condition, Invalid, Op, Problem, contained
from dialects.staff.queries import FURTHEST, Arguments

Filter = Callable[[str], Sequence[Condition]]
"""The conditions that a parameter's value stands for. Raises Refused."""

MOST = Decimal("1e50")
NOTHING = Condition("id", Op.IN, ())

# DATE_INPUT_FORMATS of Django's "en" locale.
DATES = (
    "%Y-%m-%d",
    "%m/%d/%Y",
    "%m/%d/%y",
    *(
        f"{order}{comma} %Y"
        for month in ("%b", "%B")
        for order in (f"{month} %d", f"%d {month}")
        for comma in ("", ",")
    ),
)
BOOLEANS = {"1": True, "0": False, "true": True, "false": False}

MOST_TERMS = 50
"""Each is sought in every field; a database refuses some hundreds of them."""

PHRASE = r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'"""
WORD = re.compile(rf"[^\s'\"]*(?:(?:{PHRASE})[^\s'\"]*)+|\S+")


class Refused(Exception):
    """A parameter's value is wrong; the problem has no name yet."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class Listing(NamedTuple):
    """What a list can be narrowed and sorted by, in this API's words.

    `constant` are the names of what is the same in all of it.
    """

    filters: Mapping[str, Filter]
    search: tuple[str, ...]
    ordering: Mapping[str, str]
    default_order: tuple[str, ...]
    constant: tuple[str, ...] = ()

    def where(self, arguments: Arguments) -> list[Condition]:
        """What must hold. Raises Invalid for all parameters that are wrong."""
        if not arguments:
            return []
        given = dict(arguments)
        conditions: list[Condition] = []
        problems = []
        for name, narrow in self.filters.items():
            try:
                conditions += narrow(given[name]) if given.get(name) else ()
            except Refused as refused:
                problems.append(Problem(name, refused.code, params=refused.params))
        if problems:
            raise Invalid(problems)
        sought = map(contained, terms(given.get("search", "")))
        return [*conditions, *(Condition(self.search, Op.CONTAINS, t) for t in sought)]

    def order(self, arguments: Arguments) -> tuple[str, ...]:
        """How to sort; unknown names are passed over."""
        if not arguments:
            return self.default_order
        asked = [
            term.strip() for term in dict(arguments).get("ordering", "").split(",")
        ]
        found = firsts(term for term in map(self._ordered, asked) if term)
        sorts = found or any(t.removeprefix("-") in self.constant for t in asked)
        return (*found, "id") if sorts else self.default_order

    def _ordered(self, term: str) -> str:
        term = term.strip()
        name = term.removeprefix("-")
        sign = "-" if name != term else ""
        return sign + self.ordering[name] if name in self.ordering else ""


def firsts(order: Iterable[str]) -> list[str]:
    """The order without what comes again, and so decides nothing."""
    by_field: dict[str, str] = {}
    for term in order:
        by_field.setdefault(term.removeprefix("-"), term)
    return [*by_field.values()]


def exactly(field: str) -> Filter:
    return lambda text: [Condition(field, Op.EQ, number(text))]


def at_least(field: str) -> Filter:
    return lambda text: [Condition(field, Op.GE, number(text))]


def at_most(field: str) -> Filter:
    return lambda text: [Condition(field, Op.LE, number(text))]


def among(field: str) -> Filter:
    """One of several numbers; blanks between commas are none of them."""

    def narrow(text: str) -> list[Condition]:
        numbers = [number(part) for part in text.split(",") if part]
        return [Condition(field, Op.IN, tuple(dict.fromkeys(numbers)))]

    return narrow


def present(field: str) -> Filter:
    """Whether a text is there at all; what is no boolean narrows nothing."""

    def narrow(text: str) -> list[Condition]:
        wanted = BOOLEANS.get(text.lower())
        if wanted is None:
            return []
        return [Condition(field, Op.NE if wanted else Op.EQ, "")]

    return narrow


def flag(field: str) -> Filter:
    """Whether it is so; what is no boolean narrows nothing."""

    def narrow(text: str) -> list[Condition]:
        wanted = BOOLEANS.get(text.lower())
        return [] if wanted is None else [Condition(field, Op.EQ, wanted)]

    return narrow


def always(truth: bool) -> Filter:
    """What is so, or is not so, of everything."""

    def narrow(text: str) -> list[Condition]:
        wanted = BOOLEANS.get(text.lower())
        return [NOTHING] if wanted is (not truth) else []

    return narrow


def equals(field: str) -> Filter:
    """A text as it is."""

    def narrow(text: str) -> list[Condition]:
        if "\0" in text:
            raise Refused("nul")
        wanted = text.strip()
        return [Condition(field, Op.EQ, wanted)] if wanted else []

    return narrow


def nothing(read: Callable[[str], object]) -> Filter:
    """What is true of nothing, if the value can be read at all."""

    def narrow(text: str) -> list[Condition]:
        read(text)
        return [NOTHING]

    return narrow


def on(field: str) -> Filter:
    return lambda text: [*since(field)(text), *until(field)(text)]


def since(field: str) -> Filter:
    return lambda text: [Condition(field, Op.GE, instant(text, time.min))]


def until(field: str) -> Filter:
    return lambda text: [Condition(field, Op.LE, instant(text, time.max))]


def number(text: str) -> int:
    """A number without its fraction, kept within what the store can hold."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise Refused("number") from None
    if not value.is_finite():
        raise Refused("number")
    if value > MOST:
        raise Refused("most", most="1e+50")
    return int(max(min(value, Decimal(FURTHEST)), Decimal(-FURTHEST)))


def instant(text: str, at: time) -> datetime:
    return datetime.combine(day(text.strip()), at, UTC)


def day(text: str) -> date:
    for form in DATES:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    raise Refused("date")


def terms(text: str) -> list[str]:
    """A search's terms: words, and phrases in quotes. Raises Invalid for U+0000.

    Raises BadRequest, as for a form with too many fields, when there are too many.
    """
    if not text:
        return []
    if "\0" in text:
        raise Invalid([Problem("search", "nul")])
    found = []
    for term in WORD.findall(text):
        term = term.strip(",")
        if term[:1] in ("'", '"') and term[0] == term[-1]:
            found.append(unquoted(term))
        else:
            found += [part.strip() for part in term.split(",") if part]
    found = [*dict.fromkeys(found)]
    if len(found) > MOST_TERMS:
        raise BadRequest
    return found


def unquoted(phrase: str) -> str:
    quote = phrase[0]
    return phrase[1:-1].replace(f"\\{quote}", quote).replace("\\\\", "\\")
