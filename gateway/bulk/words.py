"""Why a record is rejected, in words."""

from collections.abc import Callable, Iterable
from typing import Any

from core import Problem
from gateway.bulk.columns import BOOLEANS, COLUMNS, NUMBERS

Word = Callable[[str, Any], str]


def known(kind: str) -> str:
    return ", ".join(COLUMNS[kind])


def wrong_type(name: str, value: Any) -> str:
    """What the field should be."""
    if name in NUMBERS:
        wanted = "a whole number"
    elif name in BOOLEANS:
        wanted = "true or false"
    else:
        wanted = {"street": "a list of texts", "extras": "an object"}.get(name, "text")
    return f"{name} is not {wanted}: {value!r}"


def impossible(name: str, value: Any) -> str:
    if name in NUMBERS:
        return f"{name} is not a number from 1 to 9223372036854775807: {value!r}"
    wanted = "a date" if name == "birth_date" else "a date and time with its zone"
    return f"{name} is not {wanted} as ISO 8601 writes it: {value!r}"


WORDS: dict[str, Word] = {
    "surplus": lambda name, _: f"{name} is no field",
    "type": wrong_type,
    "impossible": impossible,
    "unstorable": lambda name, _: f"{name} has a character that no database keeps",
    "required": lambda name, _: f"{name} is missing",
    "taken": lambda name, _: f"{name} is taken by another that says something else",
    "kept": lambda name, _: f"{name} cannot change",
    "elsewhere": lambda name, _: f"{name} does not lie in the place around it",
}


def unknown(name: str, value: Any) -> str:
    if name == "customer_id":
        return f"there is no customer {value!r}; customers come before their addresses"
    allowed = {
        "kind": "residential or commercial",
        "gender": "male or female",
        "country": "a code of ISO 3166-1, of two letters",
    }
    return f"{name} {value!r} is not known; it is {allowed.get(name, 'another')}"


def reasons(problems: Iterable[Problem], kind: str) -> list[str]:
    """The problems of one record; the last reason names what it may have."""
    found = []
    for problem in problems:
        word = WORDS.get(problem.code, unknown)
        found.append(word(problem.path, problem.params.get("value")))
    if any(problem.code == "surplus" for problem in problems):
        found.append(f"the fields of {kind} are: {known(kind)}")
    return found
