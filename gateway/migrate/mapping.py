"""How places, customers and losses are dealt with on the way."""

import json
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from core import (
    City,
    Condition,
    Country,
    Draft,
    Invalid,
    Op,
    Query,
    Region,
    Store,
    schema,
)
from core.counters import FIRST
from core.gazetteer import Gazetteer
from dialects.remote import RemoteAddress, by_words
from gateway.migrate.content import ADDRESS, CUSTOMER, Content
from gateway.migrate.errors import MigrationError
from gateway.seed import CANONICAL

POLICIES = ("ignore", "warn", "refuse")
DEFAULT = "default"
FIELDS = (DEFAULT, *sorted({*ADDRESS, *CUSTOMER}))
"""What a policy can be of."""


@dataclass(frozen=True, kw_only=True)
class Mappings:
    """What a file of overrides says.

    `region` maps "US/Nu York" to a code or name, `city` "US/NY/NYC" to a name, and
    `customers` references of the source to those of the target. `losses` has a policy
    for fields, and under "default" for all others.
    """

    region: Mapping[str, str] = field(default_factory=dict)
    city: Mapping[str, str] = field(default_factory=dict)
    country: Mapping[str, str] = field(default_factory=dict)
    customers: Mapping[str, Any] = field(default_factory=dict)
    losses: Mapping[str, str] = field(default_factory=dict)

    def policy(self, name: str) -> str:
        """What is to be done where a field would be lost."""
        return self.losses.get(name, self.losses.get(DEFAULT, "warn"))


def read_mapping(path: Path | None, losses: Mapping[str, str]) -> Mappings:
    """The overrides of a file, in JSON or TOML, and policies. Raises MigrationError."""
    given: Any = {}
    if path is not None:
        text = path.read_text("utf-8")
        try:
            given = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
        except ValueError as error:
            raise MigrationError(f"{path} is neither JSON nor TOML: {error}") from error
    known = {"region", "city", "country", "customers", "losses"}
    if not isinstance(given, dict) or not known >= given.keys():
        raise MigrationError(f"{path} may hold: {', '.join(sorted(known))}")
    policies = {**given.pop("losses", {}), **losses}
    for name, policy in policies.items():
        if name not in FIELDS:
            raise MigrationError(
                f"there is no field {name} to lose; there are: {', '.join(FIELDS)}"
            )
        if policy not in POLICIES:
            raise MigrationError(
                f"the policy of {name} is one of {', '.join(POLICIES)}"
            )
    return Mappings(**given, losses=policies)


class Places:
    """Completes places by codes and names, in a store of its own in memory.

    `unknown` counts what no table has: it goes on as free text.
    """

    def __init__(self, mapping: Mappings) -> None:
        self.unknown: Counter[str] = Counter()
        self._mapping = mapping
        self._store = Store("sqlite://")
        schema.create(self._store.database)
        self._shop = self._store.add_shop("places")
        self._listed: dict[tuple[str, int, int], bool] = {}

    def close(self) -> None:
        """Forget them."""
        self._store.close()

    def whole(self, moved: RemoteAddress) -> RemoteAddress:
        """The address with its places by code and name, and by no number."""
        return replace(moved, draft=self.complete(moved.draft))

    def complete(self, draft: Draft) -> Draft:
        """The draft with its places named as the tables name them."""
        draft = self._overridden(draft)
        worded = by_words(draft)
        with self._store.book(CANONICAL, shop=self._shop) as book:
            try:
                found = book.places.complete(worded, 0).draft
                named = draft.region.name if draft.region else ""
                if named and found.region and not found.region.code:
                    worded = replace(worded, region=Region(name=named))
                    found = book.places.complete(worded, 0).draft
            except Invalid:
                return worded
            self._note(book.places, found)
        return unnumbered(found, draft)

    def _overridden(self, draft: Draft) -> Draft:
        """The draft as the file of overrides has it."""
        code = draft.country.code if draft.country else ""
        if code in self._mapping.country:
            code = self._mapping.country[code]
            draft = replace(draft, country=Country(code=code))
        for text in (draft.region.name, draft.region.code) if draft.region else ():
            name = self._mapping.region.get(f"{code}/{text}")
            if name is not None:
                draft = replace(draft, region=Region(name=name) if name else None)
                break
        region, city = draft.region, draft.city
        for text in (region.code, region.name) if region and city else ("",):
            key = f"{code}/{text}/{city.name}" if city else ""
            if city and key in self._mapping.city:
                return replace(draft, city=City(name=self._mapping.city[key]))
        return draft

    def _note(self, places: Gazetteer, draft: Draft) -> None:
        """Count a place that no table has, where others around it are known."""
        country, region, city = draft.country, draft.region, draft.city
        if country is None:
            self.unknown["no country"] += 1
            return
        where = f"{country.code}/"
        if region and not region.code and self._knows(places, "region", country.id, 0):
            self.unknown[f"region {where}{region.name}"] += 1
        elif region and city and self._is_own(city):
            where += f"{region.code or region.name}/"
            if self._knows(places, "city", country.id, region.id):
                self.unknown[f"city {where}{city.name}"] += 1

    def _is_own(self, place: City) -> bool:
        """Whether the tables had no such place, until it was asked for."""
        return (place.id or 0) >= FIRST["city"]

    def _knows(
        self, places: Gazetteer, kind: str, country: int | None, region: int | None
    ) -> bool:
        """Whether the tables have places of the kind in a place."""
        key = (kind, country or 0, region or 0)
        if key not in self._listed:
            around = "country" if kind == "region" else "region"
            inside = country if kind == "region" else region
            where = [
                Condition(around, Op.EQ, inside),
                Condition("id", Op.LT, FIRST[kind]),
            ]
            find = places.regions if kind == "region" else places.cities
            self._listed[key] = find(Query(where=where, limit=1)).total > 0
        return self._listed[key]


def unnumbered(found: Draft, told: Draft) -> Draft:
    """The draft without numbers; free text keeps the code that the platform told."""
    country, region, city = found.country, found.region, found.city
    code = told.region.code if told.region else ""
    return replace(
        found,
        country=country._replace(id=None) if country else None,
        region=region._replace(id=None, code=region.code or code) if region else None,
        city=city._replace(id=None) if city else None,
    )


def predicted(content: Content, losses: Mapping[str, str], own: str) -> list[str]:
    """The fields of which something will be lost, as far as that can be told before."""
    found = []
    for name in losses:
        value = content.get(name)
        if name == "street":
            lines = value or []
            value = len(lines) > 2 or any("\n" in line for line in lines)
        if name == "extras":
            value = {key: one for key, one in (value or {}).items() if key != own}
        if value:
            found.append(name)
    return found
