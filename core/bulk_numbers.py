"""What a bulk import looks for before it stores: places, and numbers to give."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from core.address import Draft, Ref, is_storable
from core.bulk_rows import GIVEN, Rows
from core.bulk_statements import CITIES, MOVED, NAMED, Kind
from core.connection import Row, Statement
from core.counters import skip, take
from core.errors import Invalid, Problem
from core.names import OWN, claim
from core.places import City, Country, Region, fold
from core.records import PLACE, Place, Record, Written
from core.unit import Unit


@dataclass(slots=True)
class Added:
    """What became of a batch; the problems are those of the records not stored."""

    stored: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)


class Numbering(Unit):
    """A unit of work that knows the places and numbers of a batch.

    `known` are the places that other units of the same import have found, `found` those
    that this one found besides; they are good when it was left well.
    """

    def __init__(
        self, *arguments: Any, known: dict[Written, Place], **options: Any
    ) -> None:
        super().__init__(*arguments, within=None, **options)
        self._known = known
        self.found: dict[Written, Place] = {}
        self._shop: int = self._scope["shop"]
        self._instant = 0

    def _place(self, written: Written) -> Place:
        """The place that a record writes of. Raises Invalid."""
        place = self._known.get(written) or self.found.get(written)
        if place is None:
            place = self.found[written] = self._completed(written)
        return place

    def _find_cities(self, records: Iterable[Record]) -> None:
        """Look for the cities of many records at once, whose regions are known.

        Nothing is stored, as some may be bad. What is not found `_place` looks for.
        """
        if self._renamed or self._closed:
            return
        sought: dict[tuple[str, ...], set[str]] = {}
        for record in records:
            *around, town = (record.get(name) or "" for name in PLACE)
            if town and are_storable(*around, town):
                sought.setdefault(tuple(around), set()).add(town)
        for (code, region_code, region), towns in sought.items():
            told = region or region_code
            if not told or self.places.region(Country(code=code), told):
                with suppress(Invalid):
                    self._find_towns((code, region_code, region), towns)

    def _find_towns(self, around: tuple[str, str, str], towns: Iterable[str]) -> None:
        """The same in one region. Raises Invalid."""
        region = self._place((*around, ""))
        *_, region_id, country_id = region.columns
        keys = {town: fold(town) for town in towns}
        found = self._connection.all(
            CITIES,
            sought=self._connection.array([*keys.values()]),
            country=country_id or 0,
            region=region_id or 0,
            **self._scope,
        )
        numbers: dict[str, int] = dict(found)
        for town, key in keys.items():
            if key in numbers:
                columns = (town, numbers[key], *region.columns[2:])
                place = Place(columns, town + region.identity)
                self.found[*around, town] = place

    def _completed(self, written: Written) -> Place:
        code, region_code, region_name, city = written
        draft = Draft(
            country=Country(code=code) if code else None,
            region=Region(code=region_code, name=region_name)
            if region_name or region_code
            else None,
            city=City(name=city) if city else None,
        )
        whole = self.places.complete(draft).places
        country = whole.country or Country()
        region = whole.region or Region()
        town = whole.city or City()
        return Place(
            columns=(
                *(town.name, whole.city_id),
                *(region.code, region.name, whole.region_id),
                whole.country_id,
            ),
            identity="\0".join((town.name, region.name, country.code)),
        )

    def _ours(self, kind: str, numbers: Iterable[int]) -> dict[int, int]:
        """Our numbers of what the dialect knows under its own."""
        if not self._renamed:
            return {number: number for number in numbers}
        sought = sorted(numbers)
        moved = {row[0] for row in self._each(MOVED[kind], sought)}
        named = {row[0]: row[1] for row in self._each(NAMED[kind], sought)}
        return {
            **{number: number for number in sought if number not in moved},
            **named,
        }

    def _each(self, statement: Statement, sought: Sequence[Any]) -> Iterable[Row]:
        """What the statement finds for the values."""
        if not sought:
            return []
        values = self._connection.array(sought)
        return self._connection.all(statement, sought=values, **self._scope)

    def _named(self, kind: Kind, given: Rows, last: int, added: Added) -> Rows:
        """The rows with their ids and dates, but for those whose numbers are taken."""
        shop = self._shop
        most = max(filter(None, given.column("id")), default=0)
        is_own = not self._renamed and most < OWN
        if is_own and most > last:
            skip(self._connection, shop, kind.name, most)
        if is_own and not any(map(given.lacks, GIVEN)):
            return given
        rows = given.by_index()
        numbers = {n: row[1] for n, row in rows.items() if row[1] is not None}
        if numbers and not is_own:
            numbers = self._claims(kind, numbers, added)
            rows = {n: row for n, row in rows.items() if row[1] is None or n in numbers}
        fresh = len(rows) - len(numbers)
        following = iter(
            take(self._connection, shop, kind.name, fresh) if fresh else ()
        )
        now = self._instant
        new = {}
        for index, row in rows.items():
            id = numbers[index] if index in numbers else next(following)
            if id != row[1] or not row[2] or row[-1] is None:
                dates = (now, now) if row[-1] is None else row[-2:]
                public_id = row[2] or self._new_id(kind.prefix)
                row = (shop, id, public_id, *row[3:-2], *dates)
            new[index] = row
        return Rows(given.columns, new)

    def _claims(
        self, kind: Kind, wanted: Mapping[int, int], added: Added
    ) -> dict[int, int]:
        """Our numbers for things that the dialect is to know by numbers of its own."""
        claimed: dict[int, int] = {}
        given: set[Ref] = set()
        for index, number in wanted.items():
            id = claim(
                self._connection,
                kind.name,
                number,
                **self._scope,
                is_held=lambda id: self._is_held(kind.holders[0], id, given),
            )
            if id is None:
                added.problems.append(Problem("id", "taken", index))
                continue
            self._renamed = self._renamed or id != number
            given.add(id)
            claimed[index] = id
        return claimed


def are_storable(*texts: object) -> bool:
    """Whether all are texts, as a database keeps them."""
    return all(isinstance(text, str) and is_storable(text) for text in texts)
