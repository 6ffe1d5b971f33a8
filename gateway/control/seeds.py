"""Fills a shop with a seed, and writes a shop as the seed that makes it again."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from core import Address, Customer, Invalid, PlaceRow, Query, Shop, Store
from dialects.base import Credential, Dialect
from gateway.control.seed_forms import read, require
from gateway.seed import (
    CANONICAL,
    Person,
    SeedError,
    add_keys,
    credentials,
    drafted,
    person,
)

DATED = frozenset({"created_at", "updated_at", "birth_date"})
OWN = {"customer", "address"}
ROLES = ("default_billing_id", "default_shipping_id")
"""What the addresses of a customer say themselves."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """What a seed says is in a shop; a `name` or an instant may be left open."""

    name: str | None
    places: Mapping[str, Sequence[PlaceRow]]
    own_places: Sequence[PlaceRow]
    people: Sequence[Person]
    keys: Mapping[str, Sequence[Credential]]
    next_ids: Mapping[str, int]
    now: datetime | None
    is_frozen: bool


def contents(
    text: str | bytes | Mapping[str, Any],
    dialects: Mapping[str, Dialect],
    now: datetime,
) -> Contents:
    """What a seed says, in JSON, YAML or as a mapping. Raises SeedError."""
    given = read(text)
    require(given, dialects)
    clock = given.get("clock", {})
    shown = datetime.fromisoformat(clock["now"]) if "now" in clock else None
    return Contents(
        name=given.get("shop", {}).get("name"),
        places={
            dialect: [PlaceRow(**row) for row in rows]
            for dialect, rows in given.get("places", {}).items()
        },
        own_places=[PlaceRow(**row) for row in given.get("own_places", ())],
        people=[person(one, shown or now) for one in given.get("customers", ())],
        keys={
            name: [complete(dialects[name], key) for key in found]
            for name, found in credentials(given.get("keys", ())).items()
        },
        next_ids=given.get("next_ids", {}),
        now=shown,
        is_frozen=clock.get("is_frozen", False),
    )


def complete(dialect: Dialect, key: Credential) -> Credential:
    """The key with a token, and a secret where clients sign."""
    token = key.token or secrets.token_hex(dialect.token_bytes)
    signs = dialect.consumer_scope and not key.username
    secret = key.secret or (secrets.token_hex(16) if signs else "")
    return replace(key, token=token, secret=secret)


def fill(store: Store, shop: Shop, seed: Contents) -> None:
    """Put what the seed says into an empty shop. Raises SeedError."""
    try:
        store.add_own_places(shop, seed.own_places)
    except Invalid as invalid:
        raise told("own_places", invalid) from None
    for dialect, rows in seed.places.items():
        try:
            store.import_places(shop, dialect, rows)
        except Invalid as invalid:
            raise told(f"places.{dialect}", invalid) from None
    with store.book(CANONICAL, shop=store.shop(shop.hash)) as book:
        for n, someone in enumerate(seed.people):
            at = f"customers[{n}]"
            try:
                owner = book.add_customer(someone.customer).id
                at = f"{at}.addresses"
                book.add_many([drafted(one, owner) for one in someone.addresses])
            except Invalid as invalid:
                raise told(at, invalid) from None
    store.number_from(
        shop, {kind: n for kind, n in seed.next_ids.items() if kind in OWN}
    )
    for dialect, keys in seed.keys.items():
        try:
            add_keys(store, store.shop(shop.hash), dialect, keys)
        except Invalid as invalid:
            problem = invalid.problems[0]
            raise SeedError(
                f"keys: a {problem.path} of {dialect} is {problem.code}; keys are of"
                " one shop each, and one without a token gets a new one"
            ) from None


def told(path: str, invalid: Invalid) -> SeedError:
    """The first problem of those that the core finds."""
    problem = invalid.problems[0]
    is_item = path.endswith("addresses") or "places" in path
    at = f"{path}[{problem.index}]" if is_item else path
    value = problem.params.get("value")
    shown = "" if value is None else f": {value!r}"
    return SeedError(f"{at}.{problem.path} is {problem.code}{shown}")


def exported(
    store: Store, shop: Shop, seed: Contents | None, *, clock: Mapping[str, Any]
) -> dict[str, Any]:
    """The shop as a seed. Its keys are those that its own seed gave it."""
    with store.book(CANONICAL, shop=shop, writes=False) as book:
        customers = book.customers(Query(order=["id"])).items
        addresses = book.find(Query(order=["id"])).items
    of_customer: dict[int, dict[str, list[Any]]] = {}
    for address in addresses:
        theirs = of_customer.setdefault(address.customer_id, {"addresses": []})
        theirs["addresses"].append(plain_address(address))
    held = store.snapshot(shop)
    found = {
        "shop": {"hash": shop.hash, **({"name": shop.name} if shop.name else {})},
        "places": {
            dialect: [plain(row, PlaceRow) for row in rows]
            for dialect, rows in (seed.places if seed else {}).items()
        },
        "own_places": [plain(row, PlaceRow) for row in held.own_places],
        "customers": [
            {**plain_customer(one), **of_customer.get(one.id, {})} for one in customers
        ],
        "keys": [
            {"dialect": dialect, **plain(key, Credential)}
            for dialect, keys in (seed.keys if seed else {}).items()
            for key in keys
        ],
        "next_ids": {kind: held.next_ids[kind] for kind in sorted(OWN)},
        "clock": clock,
    }
    return {name: value for name, value in found.items() if value}


def plain_customer(customer: Customer) -> dict[str, Any]:
    """A customer as a seed has them, without addresses."""
    return plain(customer, Customer, *ROLES)


def plain_address(address: Address) -> dict[str, Any]:
    """An address as a seed has it."""
    found = plain(address, Address, "customer_id", "city", "region", "country")
    if address.country:
        found["country"] = address.country.code
    if address.region:
        found["region"] = address.region.name or address.region.code
    if address.city:
        found["city"] = address.city.name
    return found


def plain(thing: Any, kind: type, *without: str) -> dict[str, Any]:
    """The fields that say something, in types that JSON has."""
    found = {}
    for field in fields(kind):
        value = getattr(thing, field.name)
        if field.name in without or value in (None, "", (), {}):
            continue
        if value == field.default and field.name != "id":
            continue
        if field.name in DATED:
            value = value.isoformat().replace("+00:00", "Z")
        elif isinstance(value, tuple):
            value = list(value)
        elif isinstance(value, str):
            value = str(value.value if hasattr(value, "value") else value)
        found[field.name] = value
    return found
