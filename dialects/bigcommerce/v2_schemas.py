"""Between the V2 wire and the canonical address (source: V2 reference, schemas).

It is V3's address under other names, with the country in words. The reference of V2 has
no limits, so those of V3 hold.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from core import Address, Changes, Invalid, Problem, countries_by_code, fold
from dialects.base import Wire
from dialects.bigcommerce import schemas
from dialects.bigcommerce.shapes import OBJECT

V3_NAMES = {
    "first_name": "first_name",
    "last_name": "last_name",
    "company": "company",
    "street_1": "address1",
    "street_2": "address2",
    "city": "city",
    "state": "state_or_province",
    "zip": "postal_code",
    "country": "country_code",
    "phone": "phone",
    "address_type": "address_type",
}
NO_COUNTRY = "must be the full name of a country"


POST = "dialects.bigcommerce.forms:V2_POST"
PUT = "dialects.bigcommerce.forms:V2_PUT"


def decode(wire: Any, onto: Address | None) -> Changes:
    """What a body says of an address; absent keys keep their value.

    What a client sends back as it was shown is no change. Raises Invalid with every
    problem, under the names of V3.
    """
    if not isinstance(wire, dict):
        raise Invalid([Problem("", OBJECT)])
    shown = {} if onto is None else encode(onto)
    sent = {
        V3_NAMES[name]: value
        for name, value in schemas.unlike(shown, wire).items()
        if name in V3_NAMES
    }
    said, problems = schemas.load(PUT if onto else POST, sent)
    named, wrong = with_code(said)
    problems += wrong
    if problems:
        raise Invalid(problems)
    item = {**(schemas.encode(onto) if onto else {}), **named}
    return schemas.changes(item, named.keys(), onto)


def with_code(said: Wire) -> tuple[dict[str, Any], list[Problem]]:
    """What a body says, with the country's code for its name.

    "Cannot be null. As a workaround for addresses that include no state/province
    string, pass a space as the state value."
    """
    named = dict(said)
    if "state_or_province" in named:
        named["state_or_province"] = named["state_or_province"].strip()
    if "country_code" not in named:
        return named, []
    code = codes_by_name().get(fold(named["country_code"]))
    if code is None:
        return named, [Problem("country_code", NO_COUNTRY)]
    return {**named, "country_code": code}, []


@cache
def codes_by_name() -> Mapping[str, str]:
    """The codes of countries under their names in any case, the store's and V3's."""
    names = {code: one.name for code, one in countries_by_code().items()}
    return {
        fold(name): code
        for known in (names, schemas.COUNTRY_NAMES)
        for code, name in known.items()
    }


def encode(address: Address) -> dict[str, Any]:
    """An address as every answer shows it."""
    shown = schemas.encode(address)
    return {
        "id": shown["id"],
        "customer_id": shown["customer_id"],
        "first_name": shown["first_name"],
        "last_name": shown["last_name"],
        "company": shown["company"],
        "street_1": shown["address1"],
        "street_2": shown["address2"],
        "city": shown["city"],
        "state": shown["state_or_province"],
        "zip": shown["postal_code"],
        "country": shown["country"],
        "country_iso2": shown["country_code"],
        "phone": shown["phone"],
        "address_type": shown["address_type"],
    }
