"""The places of a platform that speaks Staff's API, by its own numbers.

A place is looked for by its code or name in the platform's lists; one that has nothing
but a number has the platform's already.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from threading import Lock
from typing import Any

from core import City, Country, Draft, PlaceRow, Region, fold
from dialects.remote import Unfit, Wire

Listed = Callable[[str, Mapping[str, object]], Iterable[Wire]]
"""What lists the places of a kind, "states", narrowed by parameters."""


class RemotePlaces:
    """The platform's lists, each read when it is needed, once."""

    def __init__(self, listed: Listed) -> None:
        self._listed = listed
        self._known: dict[tuple[str, int], Mapping[str, int]] = {}
        self._lock = Lock()

    def rows(self) -> Iterator[PlaceRow]:
        """Every place, each after the one that it lies in."""
        codes: dict[int, str] = {}
        for wire in self._listed("countries", {}):
            codes[wire["id"]] = wire["code"]
            yield row("country", wire, code=wire["code"])
        around: dict[int, str] = {}
        for wire in self._listed("states", {}):
            around[wire["id"]] = codes[number(wire["country"])]
            code, country = wire.get("code") or "", around[wire["id"]]
            yield row("region", wire, code=code, country=country)
        for wire in self._listed("cities", {}):
            state = number(wire["state"])
            yield row("city", wire, country=around[state], region=state)

    def numbers(self, draft: Draft) -> Mapping[str, int]:
        """The country, state and city of a draft. Raises Unfit."""
        country, region, city = draft.country, draft.region, draft.city
        found: dict[str, int] = {}
        texts = [country.code, country.name] if country else []
        found["country"] = self._number("country", country, texts, 0)
        texts = [region.code, region.name] if region else []
        found["state"] = self._number("state", region, texts, found["country"])
        texts = [city.name] if city else []
        found["city"] = self._number("city", city, texts, found["state"])
        return found

    def _number(
        self,
        kind: str,
        place: Country | Region | City | None,
        texts: Iterable[str],
        around: int,
    ) -> int:
        said = [text for text in texts if text]
        if not said and place is not None and place.id is not None:
            return place.id
        if not said:
            raise Unfit(f"the platform requires a {kind}")
        known = self._inside(kind, around)
        for text in said:
            if fold(text) in known:
                return known[fold(text)]
        raise Unfit(f"the platform has no {kind} {said[-1]!r}{AROUND[kind]}")

    def _inside(self, kind: str, around: int) -> Mapping[str, int]:
        """The numbers of what lies in a place, by codes and names as they compare."""
        with self._lock:
            if (kind, around) not in self._known:
                found: dict[str, int] = {}
                wires = [*self._listed(PLURALS[kind], narrowed(kind, around))]
                for name in ("code", "name"):
                    for wire in wires:
                        found.setdefault(fold(wire.get(name) or ""), wire["id"])
                self._known[kind, around] = found
            return self._known[kind, around]


PLURALS = {"country": "countries", "state": "states", "city": "cities"}
PARENTS = {"state": "country_id", "city": "state_id"}
AROUND = {"country": "", "state": " in that country", "city": " in that state"}


def narrowed(kind: str, around: int) -> Mapping[str, object]:
    """The parameters for a list of what lies in a place."""
    return {PARENTS[kind]: around} if kind in PARENTS else {}


def number(place: Any) -> int:
    """The number of a place, which the older pages show as an object."""
    return int(place["id"] if isinstance(place, Mapping) else place)


def row(kind: str, wire: Wire, **more: Any) -> PlaceRow:
    return PlaceRow(kind=kind, number=wire["id"], name=wire["name"], **more)
