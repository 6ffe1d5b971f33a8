"""The gazetteer completes what an address says of places, and lists what it knows."""

import random
import string
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import repeat

import pytest

from core import (
    City,
    Condition,
    Country,
    Draft,
    Invalid,
    Listed,
    Op,
    PlaceRow,
    Problem,
    Query,
    Region,
    contained,
)
from core.tables import cities, regions

US = Country(id=1, code="US", name="United States")
CANADA = Country(id=2, code="CA", name="Canada")
OHIO = Region(id=39, code="OH", name="Ohio")
QUEBEC = Region(id=68, code="QC", name="Quebec")
FIRST_REGION, FIRST_CITY = 1_000_000, 10_000_000


@pytest.fixture
def places(open_book):
    """The places that the shop knows."""
    with open_book() as book:
        yield book.places


@pytest.fixture
def akron(places):
    """A city of Ohio."""
    found = places.cities(Query(where=[Condition("name", Op.EQ, "Akron")]))
    [listed] = [item for item in found.items if item.region == OHIO.id]
    return listed.place


def placed(completed):
    draft = completed.draft
    return draft.country, draft.region, draft.city


def test_nowhere_is_nowhere(places):
    whole = places.complete(Draft())

    assert placed(whole) == (None, None, None)
    assert whole.places[3:] == (None, None, None)


def test_places_are_completed_by_number(places, akron):
    draft = Draft(
        country=Country(id=1), region=Region(id=OHIO.id), city=City(id=akron.id)
    )

    whole = places.complete(draft)

    assert whole.draft == replace(draft, country=US, region=OHIO, city=akron)
    assert whole.places[3:] == (1, 39, akron.id)


@pytest.mark.parametrize("code", ["US", "us", "uS"])
def test_a_country_is_completed_by_its_code(code, places):
    assert placed(places.complete(Draft(country=Country(code=code))))[0] == US


@pytest.mark.parametrize(
    "region",
    [
        Region(name="Quebec"),
        Region(name="QUÉBEC"),
        Region(name=" que\u0301bec "),
        Region(name="QC"),
        Region(name="qc"),
        Region(code="QC"),
        Region(code="qc", name=""),
        Region(id=QUEBEC.id),
        Region(id=QUEBEC.id, name="something else"),
    ],
)
def test_a_region_is_completed_by_name_or_code(region, places):
    draft = Draft(country=Country(code="CA"), region=region)

    assert placed(places.complete(draft)) == (CANADA, QUEBEC, None)


@pytest.mark.parametrize("name", ["Akron", "AKRON", "Ákron", "  akron"])
def test_a_city_is_the_same_in_any_case_and_stays_as_it_was_written(
    name, places, akron
):
    draft = Draft(
        country=Country(code="US"), region=Region(name="Ohio"), city=City(name=name)
    )

    assert placed(places.complete(draft)) == (US, OHIO, City(id=akron.id, name=name))


def test_a_name_means_the_place_in_its_own_country(places):
    canadian = Draft(country=Country(code="CA"), region=Region(name="Ohio"))

    [_, region, _] = placed(places.complete(canadian))

    assert region == Region(id=FIRST_REGION, name="Ohio")


def test_free_text_is_not_judged(places):
    draft = Draft(
        country=Country(code="US"),
        region=Region(name="Middle Earth"),
        city=City(name="Hobbiton"),
    )

    assert placed(places.complete(draft)) == (
        US,
        Region(id=FIRST_REGION, name="Middle Earth"),
        City(id=FIRST_CITY, name="Hobbiton"),
    )


def test_free_text_needs_nothing_around_it(places):
    draft = Draft(region=Region(name="Somewhere"), city=City(name="Somewhere"))

    assert placed(places.complete(draft)) == (
        None,
        Region(id=FIRST_REGION, name="Somewhere"),
        City(id=FIRST_CITY, name="Somewhere"),
    )


def test_new_text_gets_one_number(places):
    texts = ["Hobbiton", "hobbiton", "HÓBBITON ", "Bree", "Hobbiton"]

    found = [placed(places.complete(Draft(city=City(name=text))))[2] for text in texts]

    assert [city.id - FIRST_CITY for city in found] == [0, 0, 0, 1, 0]
    assert [city.name for city in found] == texts


def test_a_region_in_free_text_stays_as_it_was_written(places):
    texts = ["Middle Earth", "MIDDLE EARTH", "middle éarth"]

    found = [
        placed(places.complete(Draft(region=Region(name=text))))[1] for text in texts
    ]

    assert found == [Region(id=FIRST_REGION, name=text) for text in texts]


def test_one_name_in_two_regions_is_two_cities(places):
    one = Draft(country=Country(code="US"), city=City(name="Hobbiton"))
    other = replace(one, region=Region(name="Ohio"))

    found = [placed(places.complete(draft))[2].id for draft in (one, other, one)]

    assert found == [FIRST_CITY, FIRST_CITY + 1, FIRST_CITY]


def test_a_new_place_is_known_by_its_number_from_then_on(places):
    country = Country(code="US")
    [_, region, city] = placed(
        places.complete(
            Draft(country=country, region=Region(name="Q"), city=City(name="Z"))
        )
    )

    numbers = Draft(country=country, region=Region(id=region.id), city=City(id=city.id))

    assert placed(places.complete(numbers)) == (US, region, city)


def test_two_regions_without_codes_are_not_taken_for_each_other(places):
    one = Draft(country=Country(code="US"), region=Region(name="Q"))
    nameless = replace(one, region=Region(name="R"))

    found = [placed(places.complete(draft))[1].name for draft in (one, nameless)]

    assert found == ["Q", "R"]


def test_a_place_without_number_code_or_name_is_no_place(places, rows):
    draft = Draft(country=Country(code="US"), region=Region(), city=City())

    whole = places.complete(draft)

    assert placed(whole) == (US, None, None)
    assert whole.places[4:] == (None, None)


def test_a_name_of_any_length_is_kept(places):
    # Not to be compressed: PostgreSQL's indexes hold 2704 bytes of a row.
    letters = random.Random(1).choices(string.printable.strip(), k=20_000)
    long = City(name="".join(letters))

    found = [placed(places.complete(Draft(city=long)))[2] for _ in range(2)]

    assert found == [City(id=FIRST_CITY, name=long.name)] * 2


@pytest.mark.parametrize(
    ("draft", "problems"),
    [
        (
            Draft(country=Country(code="XX")),
            [("country", "unknown", Country(code="XX"))],
        ),
        (Draft(country=Country(code="")), [("country", "unknown", Country())]),
        (Draft(country=Country(id=0)), [("country", "unknown", 0)]),
        (Draft(country=Country(id=250)), [("country", "unknown", 250)]),
        (Draft(country=Country(id=2**63)), [("country", "unknown", 2**63)]),
        (Draft(region=Region(id=-1)), [("region", "unknown", -1)]),
        (Draft(city=City(id=10**30)), [("city", "unknown", 10**30)]),
        (
            Draft(country=Country(id=999), region=Region(id=9999), city=City(id=99999)),
            [
                ("country", "unknown", 999),
                ("region", "unknown", 9999),
                ("city", "unknown", 99999),
            ],
        ),
    ],
)
def test_every_unknown_place_is_told_at_once(draft, problems, places):
    with pytest.raises(Invalid) as error:
        places.complete(draft, 7)

    assert error.value.problems == tuple(
        Problem(path, code, 7, {"value": value}) for path, code, value in problems
    )


@pytest.mark.parametrize(
    ("draft", "path"),
    [
        (Draft(country=Country(code="CA"), region=Region(id=39)), "region"),
        (Draft(region=Region(id=39)), "region"),
        (Draft(country=Country(code="US"), city=City(id=1)), "city"),
        (
            Draft(country=Country(id=1), region=Region(id=39), city=City(id=1)),
            "city",
        ),
        (
            Draft(country=Country(id=2), region=Region(id=39), city=City(id=1)),
            "region",
        ),
    ],
)
def test_the_first_place_that_lies_elsewhere_is_told(draft, path, places):
    with pytest.raises(Invalid) as error:
        places.complete(draft, 7)

    assert error.value.problems == (Problem(path, "elsewhere", 7),)


def test_unknown_comes_before_elsewhere(places):
    draft = Draft(country=Country(id=2), region=Region(id=39), city=City(id=2**40))

    with pytest.raises(Invalid) as error:
        places.complete(draft)

    assert error.value.problems == (Problem("city", "unknown", 0, {"value": 2**40}),)


@pytest.mark.parametrize(
    ("text", "region"),
    [("ohio", OHIO), ("oh", OHIO), ("Ontario", None), ("", None), ("Q", None)],
)
def test_a_region_is_looked_up_and_never_made(text, region, places, rows):
    assert places.region(Country(code="US"), text) == region
    assert rows(regions) == []


def test_no_region_is_found_in_an_unknown_country(places):
    assert places.region(Country(code="XX"), "Ohio") is None


def complete_once(store, shop, name):
    """The number that a book of its own gives to a city."""
    with store.book("test", shop=shop) as book:
        draft = Draft(
            country=Country(code="US"), region=Region(name="Q"), city=City(name=name)
        )
        city = book.places.complete(draft).draft.city
    return city.id


def test_eight_writers_of_one_new_name_make_one_place(store, shop, rows):
    with ThreadPoolExecutor(8) as threads:
        found = list(
            threads.map(complete_once, repeat(store, 40), repeat(shop), repeat("Bree"))
        )

    assert len(set(found)) == 1
    assert [row["name"] for row in rows(regions)] == ["Q"]
    assert [row["name"] for row in rows(cities)] == ["Bree"]


def test_eight_writers_of_new_names_make_a_place_each(store, shop, rows):
    names = [f"Town {n}" for n in range(40)]

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(complete_once, repeat(store, 40), repeat(shop), names))

    assert len(set(found)) == 40
    assert sorted((row["id"], row["name"]) for row in rows(cities)) == sorted(
        zip(found, names, strict=True)
    )


def named(text):
    return [Condition("name", Op.EQ, text)]


def test_countries_are_listed(places):
    page = places.countries(Query(limit=2))

    assert (page.items, page.total) == ([Listed(US), Listed(CANADA)], 249)


def test_a_country_is_listed_with_code_and_name(places):
    page = places.countries(Query(where=named("Canada")))

    assert (page.items, page.total) == ([Listed(CANADA)], 1)


def test_a_region_is_listed_with_its_country(places):
    page = places.regions(Query(where=[Condition("code", Op.EQ, "OH")], limit=9))

    assert Listed(OHIO, country=1) in page.items


def test_a_city_is_listed_with_its_country_and_region(places, akron):
    page = places.cities(Query(where=[Condition("id", Op.EQ, akron.id)]))

    assert (page.items, page.total) == ([Listed(akron, country=1, region=39)], 1)


def test_a_place_of_nowhere_is_listed_without_what_is_around(places):
    places.complete(Draft(city=City(name="Hobbiton")))

    page = places.cities(Query(where=named("Hobbiton")))

    assert page.items == [Listed(City(id=FIRST_CITY, name="Hobbiton"))]


@pytest.mark.parametrize(
    ("query", "numbers", "total"),
    [
        (Query(limit=3), [1, 2, 3], 57),
        (Query(offset=55), [56, 57], 57),
        (Query(offset=99), [], 57),
        (Query(order=("-id",), limit=2), [57, 56], 57),
        (Query(order=("name",), limit=2), [2, 1], 57),
        (Query(order=("country", "-name"), limit=1), [57], 57),
    ],
)
def test_listings_have_order_pages_and_totals(query, numbers, total, places):
    us = Condition("country", Op.EQ, 1)

    page = places.regions(replace(query, where=[us]))

    assert ([item.place.id for item in page.items], page.total) == (numbers, total)


def test_a_listing_is_narrowed_by_text(places):
    where = [
        Condition("country", Op.EQ, 1),
        Condition(("name", "code"), Op.CONTAINS, contained("NEW ")),
    ]

    page = places.regions(Query(where=where, order=("name",)))

    assert [item.place.code for item in page.items] == ["NH", "NJ", "NM", "NY"]
    assert page.total == 4


def test_a_listing_holds_no_other_shop_s_places(open_book, other_shop):
    with open_book() as book:
        book.places.complete(Draft(city=City(name="Hobbiton")))

    with open_book(shop=other_shop) as book:
        page = book.places.cities(Query(where=named("Hobbiton")))
        unknown = book.places.known("city", FIRST_CITY)

    assert (page.items, page.total, unknown) == ([], 0, None)


# A platform's own numbers: Canada under 1, Ohio under 7, Akron under 5.
ROWS = [
    PlaceRow(kind="country", number=1, code="CA", name="Canada"),
    PlaceRow(kind="country", number=9, code="US", name="United States"),
    PlaceRow(kind="region", number=7, name="Ohio", country="US"),
    PlaceRow(kind="city", number=5, name="Akron", country="US", region=7),
]


@pytest.fixture
def closed(store, shop, open_book):
    """The places of a dialect that knows only what was imported."""
    store.import_places(shop, "test", ROWS, only=True)
    with open_book() as book:
        yield book.places


def numbers(page):
    return [item.place.id for item in page.items], page.total


def test_a_closed_shop_lists_what_was_named(closed):
    assert numbers(closed.countries(Query())) == ([1, 9], 2)
    assert numbers(closed.regions(Query())) == ([7], 1)
    assert numbers(closed.cities(Query())) == ([5], 1)


def test_what_is_around_is_listed_in_the_dialect_s_numbers(closed):
    [city] = closed.cities(Query(where=[Condition("region", Op.EQ, 7)])).items
    [region] = closed.regions(Query(where=[Condition("country", Op.EQ, 9)])).items

    assert city == Listed(City(id=5, name="Akron"), country=9, region=7)
    assert region == Listed(Region(id=7, code="OH", name="Ohio"), country=9)


def test_a_closed_shop_completes_what_was_named(closed):
    draft = Draft(country=Country(code="us"), region=Region(id=7), city=City(id=5))

    assert placed(closed.complete(draft)) == (
        Country(id=9, code="US", name="United States"),
        Region(id=7, code="OH", name="Ohio"),
        City(id=5, name="Akron"),
    )


@pytest.mark.parametrize(
    "place",
    [
        Country(code="DE"),
        Country(id=3),
        Country(id=2),
        Region(id=39),
        Region(id=1),
        City(id=1),
    ],
)
def test_a_closed_shop_knows_nothing_else(place, closed):
    kind = type(place).__name__.lower()

    with pytest.raises(Invalid) as error:
        closed.complete(Draft(**{kind: place}))

    assert [(p.path, p.code) for p in error.value.problems] == [(kind, "unknown")]


def test_a_closed_shop_knows_the_numbers_that_it_gives(closed):
    places = {"country": Country(code="US"), "region": Region(name="Texas")}
    [country, region, city] = placed(
        closed.complete(Draft(**places, city=City(name="Austin")))
    )

    again = closed.complete(
        Draft(
            country=Country(id=country.id),
            region=Region(id=region.id),
            city=City(id=city.id),
        )
    )

    assert placed(again) == (country, region, city)


def test_a_shop_is_closed_for_the_dialect_only(closed, store, shop, open_book):
    with open_book("other", writes=False) as book:
        assert book.places.countries(Query()).total == 249
        assert book.places.known("region", 39) is not None
