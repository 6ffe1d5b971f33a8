"""What is wrong with a customer, in the order of the form (source: OpenMage 20.18)."""

import re
from collections.abc import Iterator
from typing import Any

from core import Customer, Problem
from dialects.base import Wire
from dialects.openmage.customer_attributes import FORM, Attribute
from dialects.openmage.customer_schemas import day, encode, is_option
from dialects.openmage.errors import NO_DATA, Crash
from dialects.openmage.php import is_true, text
from dialects.openmage.schemas import BLANKS, LONGEST, is_scalar
from dialects.openmage.validation import is_nothing

EMAIL = re.compile(r".+@\S+\.\S+", re.ASCII)


def problems_of(wire: Wire, onto: Customer | None) -> list[Problem]:
    """All that is wrong with a body for a new or a known customer. Raises Crash.

    What is sent back as it was shown is sound: another dialect may have stored it. A
    customer stays on the website, whatever a body says of it.
    """
    shown = {} if onto is None else encode(onto)
    found: list[Problem] = []
    for attribute in FORM:
        code = attribute.code
        if onto is not None and (code not in wire or code == "website_id"):
            continue
        value = wire.get(code)
        if is_nothing(value) or value != shown.get(code):
            found += attribute_problems(attribute, value, is_sent=code in wire)
    return found


def attribute_problems(
    attribute: Attribute, value: Any, *, is_sent: bool
) -> Iterator[Problem]:
    """What is wrong with one attribute."""
    params = {"label": attribute.label, "value": text(value)}
    if attribute.check == "option":
        code = option_problem(attribute, value, is_sent=is_sent)
    elif attribute.required and is_scalar(value) and text(value) == "":
        code = "required"
    elif attribute.check == "date":
        code = date_problem(value)
    else:
        code = text_problem(attribute, value)
    if code:
        yield Problem(attribute.code, code, params=params)


def option_problem(attribute: Attribute, value: Any, *, is_sent: bool) -> str:
    """One option has to be chosen; an empty one is none, even if none is required."""
    if attribute.required and is_nothing(value):
        return "required"
    if not is_sent or (is_scalar(value) and is_option(attribute.code, value)):
        return ""
    return "option" if is_scalar(value) else "type"


def date_problem(value: Any) -> str:
    """A date may be left empty; an array ends the program."""
    if not is_true(value):
        return ""
    if not is_scalar(value):
        raise Crash(NO_DATA)
    return "" if day(value) else "date"


def text_problem(attribute: Attribute, value: Any) -> str:
    """How long a text is, and whether it is an e-mail; an array passes for a text."""
    if not is_true(value) and not (attribute.required and attribute.limited):
        return ""
    if attribute.check == "email":
        is_email = is_scalar(value) and EMAIL.fullmatch(text(value))
        return "" if is_email else "email"
    if not attribute.limited or not is_scalar(value):
        return ""
    length = len(text(value).strip(BLANKS))
    if length > LONGEST:
        return "long"
    return "short" if attribute.required and length < 1 else ""
