"""A draft, with the places that it names made whole."""

from typing import NamedTuple

from core.address import Draft, altered, fingerprint_of, identity_in
from core.places import City, Country, Region


class Whole(NamedTuple):
    """Whole places of an address, with our numbers of them for the tables."""

    country: Country | None
    region: Region | None
    city: City | None
    country_id: int | None
    region_id: int | None
    city_id: int | None

    @property
    def numbers(self) -> tuple[int | None, ...]:
        """Our numbers of the country, the region and the city."""
        return self[3:]


class Completed(NamedTuple):
    """A draft, its whole places, and what makes it the same address to its customer."""

    given: Draft
    places: Whole
    identity: tuple[str, ...]
    fingerprint: int

    @property
    def draft(self) -> Draft:
        """The draft, with whole places."""
        return self.draft_of(self.given.customer_id)

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


def completed(draft: Draft, places: Whole) -> Completed:
    """The draft in these places."""
    identity = identity_in(draft, places.city, places.region, places.country)
    return Completed(draft, places, identity, fingerprint_of(identity))
