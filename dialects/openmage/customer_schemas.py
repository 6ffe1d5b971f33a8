"""Between the wire and the canonical customer (OpenMage 20.18, and observed)."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from core import Changes, Customer, CustomerDraft, Gender
from dialects.base import Wire
from dialects.openmage.customer_attributes import (
    DEFAULTS,
    OPTIONS,
    STATIC,
    TEXTS,
    readable,
)
from dialects.openmage.php import is_numeric, is_true, text
from dialects.openmage.quirks import NAME
from dialects.openmage.schemas import is_scalar, moment, stored, with_nulls, with_own

GENDERS = {Gender.MALE: "1", Gender.FEMALE: "2"}
BY_OPTION = {int(option): gender for gender, option in GENDERS.items()}
OWN = ("website_id", "group_id")
NULLABLE = ("prefix", "suffix", "taxvat")

INTERNATIONAL = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?: \d\d:\d\d:\d\d)?", re.ASCII)


def decode(wire: Wire, onto: Customer | None) -> Changes:
    """What a body says of a customer; absent keys keep their value.

    What a client sends back as it was shown is no change, whatever it is. The body is
    taken to be valid (`customer_validation`); a customer stays on the website.
    """
    shown = {} if onto is None else encode(onto)
    said = {
        code: value
        for code, value in wire.items()
        if code not in shown or value != shown[code]
    }
    changes: dict[str, Any] = {
        TEXTS[code]: stored(value)
        for code, value in said.items()
        if code in TEXTS and is_scalar(value)
    }
    if "dob" in said:
        changes["birth_date"] = day(said["dob"])
    if "gender" in said:
        changes["gender"] = BY_OPTION[option(said["gender"])]
    # An update ignores the website, whatever is said of it.
    codes = OWN if onto is None else OWN[1:]
    own = {code: option(said[code]) for code in codes if code in said}
    if "disable_auto_group_change" in said:
        name = "disable_auto_group_change"
        own[name] = int(is_true(said[name]))
    if own:
        changes["extras"] = with_values({} if onto is None else onto.extras, own)
    return changes


def option(value: Any) -> int:
    """The option that a value means, which is known to be one."""
    return int(float(text(value)))


def day(value: Any) -> date | None:
    """The day of birth that is sent: as it is shown, or month, day, and year.

    None if it is no date. A day too many is one of the next month.
    """
    said = text(value) if is_scalar(value) else ""
    try:
        if match := INTERNATIONAL.fullmatch(said):
            return date(*map(int, match.groups()))
        month, number, year = re.findall(r"[0-9]+", said)[:3]
        century = 2000 if len(year) == 2 and int(year) < 10 else 0
        first = date(century + int(year), int(month), 1)
        days = int(number) - 1
        return first + timedelta(days=days) if days <= 30 else None
    except (ValueError, OverflowError):
        return None


def with_values(
    extras: Mapping[str, Any], values: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The extras with values of this dialect; those of every customer are left out."""
    own = {**extras.get(NAME, {}), **values}
    rest = {
        code: value for code, value in own.items() if value != DEFAULTS.get(code, None)
    }
    return with_own(extras, rest)


def with_emptied(extras: Mapping[str, Any], wire: Wire) -> Mapping[str, Any]:
    """The extras after a write: what was sent empty is null until the next write."""
    return with_nulls(extras, {code: wire[code] for code in NULLABLE if code in wire})


def own_values(customer: CustomerDraft) -> Mapping[str, Any]:
    """The values that the store has no field for."""
    kept = customer.extras.get(NAME)
    return {**DEFAULTS, **kept} if isinstance(kept, Mapping) else DEFAULTS


def shown_to_admin(customer: Customer) -> dict[str, Any]:
    """A customer as an admin is shown one."""
    names = readable("admin")
    return {name: value for name, value in encode(customer).items() if name in names}


def encode(customer: Customer) -> dict[str, Any]:
    """A customer alone, with all that there is; `created_at` has an offset (observed).

    What lies apart is left out if there is no value; null is a value that is empty.
    """
    created_at = moment(customer.created_at, "T") + "+00:00"
    return {**listed(customer), "created_at": created_at}


def listed(customer: Customer) -> dict[str, Any]:
    """A customer as a list shows one."""
    own = own_values(customer)
    shown: dict[str, Any] = {
        "entity_id": str(customer.id),
        "website_id": str(own["website_id"]),
        "email": customer.email or None,
        "group_id": str(own["group_id"]),
        "created_at": moment(customer.created_at),
        "updated_at": moment(customer.updated_at),
        "disable_auto_group_change": str(own["disable_auto_group_change"]),
    }
    birth_date, gender = customer.birth_date, customer.gender
    apart = {
        "created_in": own["created_in"],
        "firstname": customer.first_name,
        "lastname": customer.last_name,
        "confirmation": own.get("confirmation"),
        "prefix": customer.prefix,
        "suffix": customer.suffix,
        "taxvat": customer.tax_id,
        "dob": f"{birth_date.isoformat()} 00:00:00" if birth_date else "",
        "gender": GENDERS[gender] if gender else "",
    }
    nulls = own.get("nulls", ())
    for code, value in apart.items():
        if value:
            shown[code] = value
        elif code in nulls:
            shown[code] = None
    return shown


def joined(row: Mapping[str, Any], codes: Sequence[str]) -> dict[str, Any]:
    """A row of a list that was searched or sorted by values that lie apart.

    They stand before the others, and are null where there is none (observed; OpenMage).
    """
    first = {code: row.get(code) for code in (*STATIC, *codes)}
    return {**first, **row}


def is_option(code: str, value: Any) -> bool:
    """Whether a value is one of the attribute's options."""
    said = text(value)
    return is_numeric(said) and float(said) in OPTIONS[code]
