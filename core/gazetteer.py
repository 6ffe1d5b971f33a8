"""The places that a shop knows: to look up, to list, and to complete references."""

from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

from core.address import Draft
from core.completed import Completed, Whole, completed
from core.connection import Connection, Row, Statement
from core.counters import FIRST, take
from core.errors import Invalid, Problem
from core.lookups import Known, add_place, by_number, by_text, listing, listing_total
from core.names import FIND_THEIRS
from core.places import City, Country, Region, countries_by_code, countries_by_id, fold
from core.query import Page, Query, paging, shape, values
from core.trusted import Trusted

T = TypeVar("T")


class Listed(NamedTuple, Generic[T]):
    """A place, with the dialect's numbers of what it lies in."""

    place: T
    country: int | None = None
    region: int | None = None


Places = Trusted[tuple[Any, ...], Known | Whole | Region]


class Gazetteer:
    """The places of one shop, in the numbers of one dialect.

    A closed shop knows only the places that were named for the dialect, and its own.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        shop: int,
        dialect: str,
        renamed: bool,
        closed: bool,
        trusted: Places | None = None,
    ) -> None:
        self._trusted = Trusted() if trusted is None else trusted
        self._connection = connection
        self._renamed = renamed
        self._closed = closed
        self._scope: dict[str, Any] = {"shop": shop, "dialect": dialect}

    def countries(self, query: Query) -> Page[Listed[Country]]:
        """The countries that match; fields are id, code and name."""
        return self._find(
            "country", query, lambda r: Listed(Country(id=r[0], code=r[1], name=r[2]))
        )

    def regions(self, query: Query) -> Page[Listed[Region]]:
        """The regions that match; fields are also country."""
        return self._find(
            "region",
            query,
            lambda r: Listed(Region(id=r[0], code=r[1], name=r[2]), country=r[3]),
        )

    def cities(self, query: Query) -> Page[Listed[City]]:
        """The cities that match; fields are also country and region."""
        return self._find(
            "city",
            query,
            lambda r: Listed(City(id=r[0], name=r[2]), country=r[3], region=r[4]),
        )

    def region(self, country: Country, text: str) -> Region | None:
        """The region of the country with this name or code, in any case."""
        sought = ("region", *self._scope.values(), country, text)
        trusted = self._trusted.get(sought)
        if isinstance(trusted, Region):
            return trusted
        around = self._reference("country", country)
        found = self.named("region", text, around.id, 0) if around else None
        region = self._place(Region, "region", found)
        if found and region and is_shared("region", found.id):
            self._trusted.put(sought, region)
        return region

    def complete(self, draft: Draft, index: int = 0) -> Completed:
        """The draft with its places whole; free text that is new gets a number.

        Raises Invalid: "unknown" for each number or code that means nothing, else
        "elsewhere" for the first place that does not lie in the one around it.
        """
        sought = (*self._scope.values(), draft.country, draft.region, draft.city)
        whole = self._trusted.get(sought)
        if not isinstance(whole, Whole):
            whole = self._whole(draft, index)
            if is_shared("region", whole.region_id) and is_shared(
                "city", whole.city_id
            ):
                self._trusted.put(sought, whole)
        return completed(draft, whole)

    def _whole(self, draft: Draft, index: int) -> Whole:
        """The whole places of the draft. Raises Invalid."""
        known: dict[str, Known | None] = {}
        problems = []
        for kind in ("country", "region", "city"):
            place: Country | Region | City | None = getattr(draft, kind)
            if isinstance(place, Country) or (place and place.id is not None):
                known[kind] = self._reference(kind, place)
                if known[kind] is None:
                    value = {"value": place.id if place.id is not None else place}
                    problems.append(Problem(kind, "unknown", index, value))
        if problems:
            raise Invalid(problems)
        country = known.get("country")
        region = self._inside("region", draft.region, known, index, country)
        city = self._inside("city", draft.city, known, index, country, region)
        return Whole(
            country=self._place(Country, "country", country),
            region=self._region(draft.region, region),
            city=self._city(draft.city, city),
            country_id=country.id if country else None,
            region_id=region.id if region else None,
            city_id=city.id if city else None,
        )

    def _inside(
        self,
        kind: str,
        place: Region | City | None,
        known: dict[str, Known | None],
        index: int,
        country: Known | None,
        region: Known | None = None,
    ) -> Known | None:
        """The place, known to lie in the country and region, or free text there."""
        around = (country.id if country else 0, region.id if region else 0)
        found = known.get(kind)
        if found is not None:
            if (found.country_id, found.region_id) != around:
                raise Invalid([Problem(kind, "elsewhere", index)])
            return found
        text = written(place)
        if not text:
            return None
        return self.named(kind, text, *around) or self._intern(kind, text, *around)

    def _reference(self, kind: str, place: Country | Region | City) -> Known | None:
        """The place that a number or a country's code refers to."""
        if place.id is not None:
            return self.known(kind, place.id)
        code = getattr(place, "code", "")
        country = countries_by_code().get(code.upper())
        if country is None or country.id is None:
            return None
        if self._closed and not self._knows_ours(kind, country.id):
            return None
        return Known(country.id, country.code, country.name)

    def known(self, kind: str, number: int) -> Known | None:
        """The place that the dialect knows by this number."""
        if not -(2**63) <= number < 2**63:
            return None
        if kind == "country" and not (self._renamed or self._closed):
            country = countries_by_id().get(number)
            return Known(number, country.code, country.name) if country else None
        statement = by_number(kind, self._renamed, self._closed)
        return self._sought(kind, statement, number=number)

    def _knows_ours(self, kind: str, number: int) -> bool:
        statement = by_number(kind, False, self._closed)
        return bool(self._connection.one(statement, number=number, **self._scope))

    def named(self, kind: str, text: str, country: int, region: int) -> Known | None:
        """The place of this name, or region's code, in our numbers of what it is in."""
        around = {"country": country, "region": region}
        statement = by_text(kind, self._closed)
        return self._sought(kind, statement, key=fold(text), **around)

    def _sought(self, kind: str, statement: Statement, **values: Any) -> Known | None:
        """The place that the statement finds, unless it was found a moment ago."""
        sought = (statement, *self._scope.values(), *values.values())
        trusted = self._trusted.get(sought)
        if isinstance(trusted, Known):
            return trusted
        row = self._connection.one(statement, **values, **self._scope)
        if row is None:
            return None
        known = Known(*row)
        if is_shared(kind, known.id):
            self._trusted.put(sought, known)
        return known

    def _intern(self, kind: str, text: str, country: int, region: int) -> Known:
        """A new place of the shop's own, unless another writer was first."""
        shop = self._scope["shop"]
        # Whoever takes a number makes the others wait, so the second look is final.
        [number] = take(self._connection, shop, kind)
        found = self.named(kind, text, country, region)
        if found:
            return found
        add_place(
            self._connection,
            kind,
            shop,
            Known(number, "", text, country, region),
        )
        return Known(number, "", text, country, region)

    def _place(
        self, make: Callable[..., T], kind: str, known: Known | None
    ) -> T | None:
        if known is None:
            return None
        number = self._number(kind, known.id)
        return make(id=number, code=known.code, name=known.name)

    def _region(self, region: Region | None, known: Known | None) -> Region | None:
        if known is None or known.code:
            return self._place(Region, "region", known)
        return self._place(
            Region, "region", known._replace(name=written(region) or known.name)
        )

    def _city(self, city: City | None, known: Known | None) -> City | None:
        if known is None:
            return None
        return City(id=self._number("city", known.id), name=written(city) or known.name)

    def _number(self, kind: str, ours: int) -> int:
        if not self._renamed:
            return ours
        [number] = self._connection.one(
            FIND_THEIRS[kind], number=ours, **self._scope
        ) or [ours]
        return int(number)

    def _find(
        self, kind: str, query: Query, listed: Callable[[Row], Listed[T]]
    ) -> Page[Listed[T]]:
        flags = (self._renamed, self._closed)
        found = {**self._scope, **values(query)}
        rows = self._connection.all(
            listing(kind, *flags, shape(query), tuple(query.order)),
            **paging(query),
            **found,
        )
        total = self._connection.one(listing_total(kind, *flags, shape(query)), **found)
        return Page(items=[listed(row) for row in rows], total=total[0] if total else 0)


def is_shared(kind: str, number: int | None) -> bool:
    """Whether a place, if it is one, is there for every shop and remains.

    One of a shop's own may be gone when this unit of work is undone.
    """
    return number is None or kind == "country" or number < FIRST[kind]


def written(place: Region | City | None) -> str:
    """What an address says in words of a place."""
    return (place.name or getattr(place, "code", "")) if place else ""
