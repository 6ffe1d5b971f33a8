"""Fills a shop: from a seed, which is a JSON file, or from a recording's fixtures.

A seed has `shop` (`hash`, `name`), and may have

* `places`: for each dialect, the rows of `core.PlaceRow` that it is to know,
* `customers`: fields of `core.Customer`, a `birth_date` as "1815-12-10", and their
  `addresses`: fields of `core.Address`, a `country` by its code, a `region` by code or
  name, a `city` by name,
* `keys`: a `dialect`, and fields of `dialects.base.Credential`; a password in plain or
  as it is stored.

Who has an `id` keeps it; what has none gets the next one.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core import (
    Address,
    City,
    Country,
    Customer,
    CustomerDraft,
    Draft,
    Gender,
    Keyring,
    Kind,
    PlaceRow,
    Region,
    Shop,
    Store,
)
from core.passwords import NOBODYS, is_hashed
from dialects.base import Credential, Fixtures

CANONICAL = "canonical"
"""The name of no dialect: a book opened for it speaks in the store's own numbers."""


class SeedError(Exception):
    """A seed or a fixtures file cannot be used; the text says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """A customer with addresses, whose customer_id is still to be filled in."""

    customer: CustomerDraft
    addresses: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Seed:
    """A shop and everything in it; places and keys lie under the dialects' names."""

    hash: str
    name: str
    places: Mapping[str, Sequence[PlaceRow]]
    people: Sequence[Person]
    keys: Mapping[str, Sequence[Credential]]


def seed_from_json(text: str, now: datetime) -> Seed:
    """The seed that a file holds; `now` dates what has no date. Raises SeedError."""
    try:
        given = json.loads(text)
        return Seed(
            hash=given["shop"]["hash"],
            name=given["shop"].get("name", ""),
            places={
                dialect: [PlaceRow(**row) for row in rows]
                for dialect, rows in given.get("places", {}).items()
            },
            people=[person(one, now) for one in given.get("customers", ())],
            keys=credentials(given.get("keys", ())),
        )
    except KeyError as error:
        raise SeedError(f"the seed lacks {error}") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise SeedError(f"the seed cannot be read: {error}") from error


def person(fields: Mapping[str, Any], now: datetime) -> Person:
    """One of a seed's customers."""
    own = {name: value for name, value in fields.items() if name != "addresses"}
    if "birth_date" in own:
        own["birth_date"] = date.fromisoformat(own["birth_date"])
    if "gender" in own:
        own["gender"] = Gender(own["gender"])
    addresses = [address_fields(one, now) for one in fields.get("addresses", ())]
    if "id" not in own:
        return Person(customer=CustomerDraft(**own), addresses=addresses)
    customer = Customer(**{"public_id": "", **own, **dates(own, now)})
    return Person(customer=customer, addresses=addresses)


def address_fields(fields: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    """The fields of an Address, if it has an id, or of a Draft."""
    made = {**fields, "street": tuple(fields.get("street", ()))}
    if "country" in made:
        made["country"] = Country(code=made["country"])
    if "region" in made:
        made["region"] = Region(name=made["region"])
    if "city" in made:
        made["city"] = City(name=made["city"])
    if "kind" in made:
        made["kind"] = Kind(made["kind"])
    if "id" not in made:
        return made
    return {"public_id": f"adr_{made['id']}", **made, **dates(made, now)}


def dates(fields: Mapping[str, Any], now: datetime) -> Mapping[str, datetime]:
    """When a thing was made and changed."""
    created = fields.get("created_at")
    updated = fields.get("updated_at", created)
    return {
        "created_at": datetime.fromisoformat(created) if created else now,
        "updated_at": datetime.fromisoformat(updated) if updated else now,
    }


def credentials(
    given: Sequence[Mapping[str, Any]],
) -> Mapping[str, Sequence[Credential]]:
    """A seed's keys, under the names of their dialects."""
    found: dict[str, list[Credential]] = {}
    for key in given:
        own = {name: value for name, value in key.items() if name != "dialect"}
        if not is_hashed(own.get("password", NOBODYS)):
            own["password"] = Keyring.hashed(own["password"])
        found.setdefault(key["dialect"], []).append(Credential(**{"token": "", **own}))
    return found


def plant(store: Store, seed: Seed, *, are_demo: bool = False) -> Shop:
    """Make the seed's shop; its keys are demo keys if told so. Raises Invalid."""
    shop = store.add_shop(seed.hash, seed.name)
    for dialect, rows in seed.places.items():
        store.import_places(shop, dialect, rows)
    with store.book(CANONICAL, shop=store.shop(seed.hash)) as book:
        for someone in seed.people:
            owner = book.add_customer(someone.customer).id
            book.add_many([drafted(a, owner) for a in someone.addresses])
    for dialect, keys in seed.keys.items():
        add_keys(store, shop, dialect, keys, are_demo=are_demo)
    return store.shop(seed.hash)


def drafted(fields: Mapping[str, Any], owner: int) -> Draft:
    """The customer's address, which keeps its ids if it has any."""
    kind = Address if "id" in fields else Draft
    return kind(**fields, customer_id=owner)


def add_keys(
    store: Store,
    shop: Shop,
    dialect: str,
    keys: Sequence[Credential],
    *,
    are_demo: bool = False,
) -> None:
    """Store the dialect's keys to the shop."""
    with store.keys() as keyring:
        # An application's own key comes before those that are bound to it.
        for key in sorted(keys, key=lambda key: bool(key.consumer)):
            keyring.add(
                dialect,
                shop,
                token=key.token,
                scope=key.scope,
                secret=key.secret,
                username=key.username,
                password=key.password,
                label=key.label,
                customer_id=key.customer_id,
                consumer_id=keyring.id_of(dialect, key.consumer),
                is_active=key.is_active,
                is_demo=are_demo,
            )


def plant_fixtures(store: Store, hash: str, dialect: str, given: Fixtures) -> Shop:
    """Make a shop that holds the fixtures, and numbers new things as they say."""
    shop = store.add_shop(hash)
    if given.places is not None:
        store.import_places(shop, dialect, given.places, only=True)
    with store.book(dialect, shop=store.shop(hash)) as book:
        book.add_customers(given.customers)
        book.remove_customers(book.add_customers(customer_fillers(given)))
        book.add_many([*given.addresses, *fillers(given)])
        book.remove_many(fillers(given))
    add_keys(store, shop, dialect, given.keys)
    return store.shop(hash)


EPOCH = datetime.fromisoformat("1970-01-01T00:00:00Z")


def customer_fillers(given: Fixtures) -> list[Customer]:
    """A customer to add and remove, so that the next one gets its recorded number."""
    last = max((customer.id for customer in given.customers), default=0)
    wanted = given.next_ids.get("customer", last + 1) - 1
    if wanted <= last:
        return []
    return [Customer(id=wanted, public_id="", created_at=EPOCH, updated_at=EPOCH)]


def fillers(given: Fixtures) -> list[Address]:
    """An address to add and remove, so that the next one gets its recorded number."""
    last = max((address.id for address in given.addresses), default=0)
    wanted = given.next_ids.get("address", last + 1) - 1
    if wanted <= last:
        return []
    return [
        Address(
            id=wanted,
            public_id=f"adr_{wanted}",
            customer_id=given.customers[0].id,
            created_at=EPOCH,
            updated_at=EPOCH,
        )
    ]
