"""The form of a seed, checked before use: every error names the bad value's path.

The form is that of `gateway.seed`. Besides it has, for a shop to be as it was exported,
`own_places` (regions and cities that were written as free text, with their numbers),
`next_ids` (of "customer", "address" and "public"), and a `clock`: `now` if it was set,
and whether it `is_frozen`. Its hash is not used: a shop keeps its own.
"""

import json
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from core import Gender, Kind, countries_by_code
from core.address import TEXTS, is_storable
from core.shop import CUSTOMER_TEXTS
from dialects.base import Dialect
from gateway.seed import SeedError

NUMBERED = ("customer", "address", "public")

Check = Callable[[Any, str], None]
"""Raises SeedError for a value that cannot stand at the path."""


def read(text: str | bytes | Mapping[str, Any]) -> Mapping[str, Any]:
    """What a seed in JSON or YAML says. Raises SeedError."""
    found = text
    if isinstance(found, bytes):
        found = decoded(found)
    if isinstance(found, str):
        found = parsed(found)
    if not isinstance(found, Mapping):
        raise SeedError("the seed is no mapping: it has customers, keys, places, …")
    return found


def decoded(text: bytes) -> str:
    """The text of a file. Raises SeedError."""
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise SeedError(f"the seed is no UTF-8: {error.reason}") from None


def parsed(text: str) -> Any:
    """What a text in JSON or YAML says. Raises SeedError."""
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            pass
    import yaml

    from gateway.control.plain_yaml import Loader

    try:
        return yaml.load(text, Loader) or {}
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise SeedError(f"the seed is neither JSON nor YAML: {error}") from None


def require(given: Mapping[str, Any], dialects: Mapping[str, Dialect]) -> None:
    """Raise SeedError for the first value that is wrong."""
    key = {
        **dict.fromkeys(
            ("token", "secret", "username", "password", "label", "consumer"), a_text
        ),
        "dialect": one_of(dialects),
        "scope": a_text,
        "customer_id": a_number,
        "is_active": a_flag,
    }
    place = {
        **dict.fromkeys(("name", "code", "country"), a_text),
        "kind": one_of(("country", "region", "city")),
        "number": a_number,
        "region": a_number,
    }
    seed: Mapping[str, Check] = {
        "shop": an_object({"hash": a_text, "name": a_text}),
        "customers": a_list(with_history(an_object(CUSTOMER))),
        "keys": a_list(an_object(key, needs=("dialect", "scope"))),
        "places": an_object(
            {
                name: a_list(an_object(place, needs=("kind", "number", "name")))
                for name in dialects
            }
        ),
        "own_places": a_list(an_object(place, needs=("kind", "number", "name"))),
        "next_ids": an_object(
            dict.fromkeys(("customer", "address", "public"), a_number)
        ),
        "clock": an_object({"now": an_instant, "is_frozen": a_flag}),
    }
    an_object(seed)(given, "")
    for n, one in enumerate(given.get("keys", ())):
        scopes = dialects[one["dialect"]].scopes
        one_of(scopes)(one["scope"], f"keys[{n}].scope")


def a_text(value: Any, path: str) -> None:
    if not isinstance(value, str):
        hint = "; put it in quotes" if isinstance(value, int | float) else ""
        raise SeedError(f"{path} is {shown(value)}, and no text{hint}")
    if not is_storable(value):
        raise SeedError(f"{path} has characters that cannot be stored")


def a_number(value: Any, path: str) -> None:
    if type(value) is not int or not 0 < value < 2**63:
        raise SeedError(f"{path} is {shown(value)}, and no number from 1 to 2**63 - 1")


def a_flag(value: Any, path: str) -> None:
    if not isinstance(value, bool):
        raise SeedError(f"{path} is {shown(value)}, and neither true nor false")


def an_instant(value: Any, path: str) -> None:
    try:
        is_aware = datetime.fromisoformat(value).tzinfo is not None
    except (TypeError, ValueError):
        is_aware = False
    if not is_aware:
        example = '"2026-01-31T12:00:00Z"'
        raise SeedError(f"{path} is {shown(value)}, and no instant such as {example}")


def a_day(value: Any, path: str) -> None:
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        example = '"1815-12-10"'
        raise SeedError(f"{path} is {shown(value)}, and no day as {example}") from None


def a_country(value: Any, path: str) -> None:
    a_text(value, path)
    if value.upper() not in countries_by_code():
        raise SeedError(f"{path} is {shown(value)}, and no code of ISO 3166-1")


def anything(value: Any, path: str) -> None:
    if not isinstance(value, Mapping):
        raise SeedError(f"{path} is {shown(value)}, and no mapping")


def one_of(known: Collection[str]) -> Check:
    def check(value: Any, path: str) -> None:
        if value not in known:
            there_are = ", ".join(known)
            raise SeedError(f"{path} is {shown(value)}; it can be: {there_are}")

    return check


def a_list(check: Check) -> Check:
    def checks(value: Any, path: str) -> None:
        if not isinstance(value, list | tuple):
            raise SeedError(f"{path} is {shown(value)}, and no list")
        for n, item in enumerate(value):
            check(item, f"{path}[{n}]")

    return checks


def an_object(known: Mapping[str, Check], needs: Collection[str] = ()) -> Check:
    def check(value: Any, path: str) -> None:
        if not isinstance(value, Mapping):
            raise SeedError(f"{path} is {shown(value)}, and no mapping")
        for name, item in value.items():
            at = f"{path}.{name}".lstrip(".")
            if name not in known:
                near = get_close_matches(str(name), known, n=1)
                meant = f"; did you mean {near[0]}?" if near else ""
                there_are = ", ".join(known)
                raise SeedError(f"{at} is not known{meant} It can be: {there_are}")
            known[name](item, at)
        for name in needs:
            if name not in value:
                raise SeedError(f"{path} lacks {name}")

    return check


def shown(value: Any) -> str:
    """A value for an error: not all of a long one."""
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."


def with_history(check: Check) -> Check:
    """The check of what keeps its ids and dates, but only if it has its number."""

    def checks(value: Any, path: str) -> None:
        check(value, path)
        dated = [name for name in HISTORY if name in value and name != "extras"]
        if "id" not in value and dated:
            raise SeedError(f"{path}.{dated[0]} needs an id beside it")

    return checks


HISTORY: Mapping[str, Check] = {
    "id": a_number,
    "public_id": a_text,
    "created_at": an_instant,
    "updated_at": an_instant,
    "extras": anything,
}
ADDRESS: Mapping[str, Check] = {
    **HISTORY,
    **dict.fromkeys((*TEXTS, "city", "region"), a_text),
    "street": a_list(a_text),
    "country": a_country,
    "kind": one_of([*Kind]),
    "default_billing": a_flag,
    "default_shipping": a_flag,
}
CUSTOMER: Mapping[str, Check] = {
    **HISTORY,
    **dict.fromkeys(CUSTOMER_TEXTS, a_text),
    "birth_date": a_day,
    "gender": one_of([*Gender]),
    "is_active": a_flag,
    "addresses": a_list(with_history(an_object(ADDRESS))),
}
