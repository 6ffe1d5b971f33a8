"""What is wrong with a record: every reason, in codes.

"surplus" is a field that no record has, "type" a value of another kind of JSON,
"impossible" a number or date that nothing can have; the others are those of a book.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from core.address import TEXTS, is_storable
from core.errors import Problem
from core.places import countries_by_code
from core.records import (
    ADDRESS_DEFAULTS,
    CUSTOMER_DEFAULTS,
    GENDERS,
    KINDS,
    LARGEST,
    PLACE,
    Record,
    microseconds,
)
from core.shop import CUSTOMER_TEXTS

Check = Callable[[Any], str | None]
"""The code of what is wrong with a value, if anything is."""


def text(value: Any) -> str | None:
    if not isinstance(value, str):
        return "type"
    return None if is_storable(value) else "unstorable"


def number(value: Any) -> str | None:
    if type(value) is not int:
        return "type"
    return None if 0 < value <= LARGEST else "impossible"


def boolean(value: Any) -> str | None:
    return None if isinstance(value, bool) else "type"


def lines(value: Any) -> str | None:
    if not isinstance(value, list):
        return "type"
    return next((code for line in value if (code := text(line))), None)


def mapping(value: Any) -> str | None:
    return None if isinstance(value, dict) else "type"


def one_of(known: frozenset[str]) -> Check:
    """A check that the value is one of these."""

    def check(value: Any) -> str | None:
        if not isinstance(value, str):
            return "type"
        return None if value in known else "unknown"

    return check


def instant(value: Any) -> str | None:
    return dated(value, microseconds)


def day(value: Any) -> str | None:
    return dated(value, date.fromisoformat) if value != "" else None


def dated(value: Any, read: Callable[[str], object]) -> str | None:
    if not isinstance(value, str):
        return "type"
    try:
        read(value)
    except (TypeError, ValueError, OverflowError):
        return "impossible"
    return None


def country(value: Any) -> str | None:
    found = text(value)
    if found or not value:
        return found
    return None if value.upper() in countries_by_code() else "unknown"


COMMON: Mapping[str, Check] = {
    "id": number,
    "public_id": text,
    "extras": mapping,
    "created_at": instant,
    "updated_at": instant,
}
CUSTOMER: Mapping[str, Check] = {
    **COMMON,
    **dict.fromkeys(CUSTOMER_TEXTS, text),
    "birth_date": day,
    "gender": one_of(GENDERS),
    "is_active": boolean,
}
ADDRESS: Mapping[str, Check] = {
    **COMMON,
    **dict.fromkeys((*TEXTS, *PLACE), text),
    "country": country,
    "customer_id": number,
    "street": lines,
    "kind": one_of(KINDS),
    "default_billing": boolean,
    "default_shipping": boolean,
}


def customer_problems(record: Record, index: int) -> list[Problem]:
    """Everything that is wrong with a customer's record."""
    return found_by(CUSTOMER, CUSTOMER_DEFAULTS, record, index)


def address_problems(
    record: Record, index: int, owners: Mapping[int, int]
) -> list[Problem]:
    """Everything that is wrong with an address's record."""
    found = found_by(ADDRESS, ADDRESS_DEFAULTS, record, index)
    customer = record.get("customer_id")
    if customer is None:
        found.append(Problem("customer_id", "required", index))
    elif number(customer) is None and customer not in owners:
        found.append(Problem("customer_id", "unknown", index, {"value": customer}))
    return found


def found_by(
    checks: Mapping[str, Check], known: Record, record: Record, index: int
) -> list[Problem]:
    """What the checks find; what is None is as good as absent."""
    found = []
    for name, value in record.items():
        if name not in known:
            found.append(Problem(name, "surplus", index))
        elif value is not None and (code := checks[name](value)):
            found.append(Problem(name, code, index, {"value": value}))
    return found
