"""A draft, with the places that it names made whole."""

from typing import NamedTuple

from core.address import Draft, altered, identity_in
from core.places import City, Country, Region


class Whole(NamedTuple):
    """Whole places of an address, with our numbers of them for the tables."""

    country: Country | None
    region: Region | None
    city: City | None
    country_id: int | None
    region_id: int | None
    city_id: int | None


class Completed(NamedTuple):
    """A draft, and its whole places."""

    given: Draft
    places: Whole

    @property
    def draft(self) -> Draft:
        """The draft, with whole places."""
        return self.draft_of(self.given.customer_id)

    @property
    def identity(self) -> tuple[str, ...]:
        """What makes it the same address to its customer."""
        country, region, city, *_ = self.places
        return identity_in(self.given, city, region, country)

    def draft_of(self, customer_id: int) -> Draft:
        """The draft, with whole places, as one of this customer's."""
        country, region, city, *_ = self.places
        return altered(
            self.given,
            customer_id=customer_id,
            country=country,
            region=region,
            city=city,
        )
