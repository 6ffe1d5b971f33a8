"""A platform's own numbers of places win over the default ones."""

from dataclasses import replace

import pytest

from core import City, Country, Draft, Invalid, PlaceRow, Problem, Query, Region
from core.tables import cities, names, regions

US = PlaceRow(kind="country", number=9, code="us", name="United States")
OHIO = PlaceRow(kind="region", number=7, name="Ohio", country="US")
AKRON = PlaceRow(kind="city", number=5, name="Akron", country="US", region=7)
HOBBITON = PlaceRow(kind="city", number=6, name="Hobbiton", country="US", region=7)
SHIRE = PlaceRow(kind="region", number=8, code="SH", name="Shire", country="US")


@pytest.fixture
def import_rows(store, shop):
    """Imports rows for the dialect "test"."""

    def import_rows(*rows, **options):
        store.import_places(store.shop(shop.hash), "test", rows, **options)

    return import_rows


@pytest.fixture
def known(open_book):
    """The name of what the dialect knows under a number."""

    def known(kind, number, dialect="test"):
        with open_book(dialect, writes=False) as book:
            place = book.places.known(kind, number)
        return place and place.name

    return known


def test_a_place_that_the_store_has_gets_the_number(import_rows, known, rows):
    import_rows(US, OHIO, AKRON)

    assert known("country", 9) == "United States"
    assert known("region", 7) == "Ohio"
    assert known("city", 5) == "Akron"
    assert rows(cities) + rows(regions) == []


def test_a_displaced_place_gets_the_number_that_became_free(import_rows, known):
    default = known("region", 7)

    import_rows(US, OHIO)

    assert known("region", 39) == default
    assert (known("country", 1), known("country", 9)) == (
        known("country", 9, "other"),
        "United States",
    )


def test_every_country_still_has_one_number(import_rows, open_book):
    import_rows(US, PlaceRow(kind="country", number=1, code="CA", name="Canada"))

    with open_book() as book:
        page = book.places.countries(Query())
    assert [item.place.id for item in page.items] == list(range(1, 250))
    assert len({item.place.code for item in page.items}) == 249


def test_an_address_shows_the_dialect_s_numbers(import_rows, open_book, ada):
    import_rows(US, OHIO, AKRON)
    draft = Draft(customer_id=1, country=Country(id=9), region=Region(id=7))

    with open_book() as book:
        [added] = book.add_many([draft])
        found = book.get(added.id)

    assert (found, found.country, found.region) == (
        added,
        Country(id=9, code="US", name="United States"),
        Region(id=7, code="OH", name="Ohio"),
    )


def test_another_dialect_keeps_the_default_numbers(import_rows, open_book, ada):
    import_rows(US, OHIO)
    with open_book() as book:
        [added] = book.add_many([Draft(customer_id=1, country=Country(id=9))])

    with open_book("other") as book:
        found = book.get(added.id)

    assert found.country == Country(id=1, code="US", name="United States")


def test_addresses_written_before_show_the_new_numbers(import_rows, open_book, ada):
    with open_book() as book:
        book.add_many([Draft(customer_id=1, country=Country(code="US"))])

    import_rows(US)

    with open_book() as book:
        assert book.get(1).country.id == 9


def test_a_place_that_the_store_lacks_becomes_the_shop_s_own(
    import_rows, known, open_book, other_shop
):
    import_rows(HOBBITON, OHIO, SHIRE)

    assert (known("city", 6), known("region", 8)) == ("Hobbiton", "Shire")
    with open_book(shop=other_shop) as book:
        assert book.places.known("city", 10_000_000) is None


def test_an_own_region_goes_by_its_code(import_rows, open_book):
    import_rows(SHIRE)

    with open_book() as book:
        found = book.places.region(Country(code="US"), "sh")

    assert found == Region(id=8, code="SH", name="Shire")


def test_a_second_import_changes_numbers_and_adds_no_place(import_rows, known, rows):
    import_rows(OHIO, HOBBITON)
    import_rows(
        PlaceRow(kind="city", number=60, name="Hobbiton", country="US", region=7)
    )

    assert known("city", 60) == "Hobbiton"
    assert len(rows(cities)) == 1


def test_rows_come_in_any_order(import_rows, known):
    import_rows(HOBBITON, AKRON, OHIO, US)

    assert (known("city", 6), known("city", 5)) == ("Hobbiton", "Akron")


def test_importing_nothing_but_only_that_leaves_nothing(import_rows, open_book):
    import_rows(only=True)

    with open_book() as book:
        assert book.places.countries(Query()).total == 0


def test_two_dialects_may_both_be_closed(store, shop):
    store.import_places(shop, "one", [US], only=True)
    store.import_places(shop, "two", [US], only=True)

    now = store.shop(shop.hash)
    assert (now.closed, now.renamed) == ({"one", "two"}, {"one", "two"})


@pytest.mark.parametrize(
    ("rows_", "problem"),
    [
        (
            [US, PlaceRow(kind="planet", number=1, name="Mars")],
            Problem("kind", "unknown", 1, {"value": "planet"}),
        ),
        (
            [PlaceRow(kind="country", number=1, code="XX", name="?")],
            Problem("country", "unknown", 0, {"value": "XX"}),
        ),
        (
            [PlaceRow(kind="region", number=1, name="Ohio")],
            Problem("country", "unknown", 0, {"value": ""}),
        ),
        (
            [replace(HOBBITON, region=9999)],
            Problem("region", "unknown", 0, {"value": 9999}),
        ),
        (
            [
                PlaceRow(kind="city", number=1, name="A", country="CA", region=7),
                OHIO,
            ],
            Problem("region", "unknown", 0, {"value": 7}),
        ),
        (
            [US, OHIO, PlaceRow(kind="region", number=7, name="Iowa", country="US")],
            Problem("number", "taken", 2, {"value": 7}),
        ),
        (
            [OHIO, PlaceRow(kind="region", number=8, name="OHIO", country="US")],
            Problem("name", "taken", 1, {"value": "OHIO"}),
        ),
        (
            [US, PlaceRow(kind="country", number=8, code="US", name="America")],
            Problem("name", "taken", 1, {"value": "America"}),
        ),
    ],
)
def test_an_import_that_cannot_be_does_nothing(
    rows_, problem, import_rows, store, shop, rows
):
    with pytest.raises(Invalid) as error:
        import_rows(*rows_, only=True)

    assert error.value.problems == (problem,)
    assert rows(names) + rows(cities) + rows(regions) == []
    assert store.shop(shop.hash) == shop


@pytest.mark.parametrize("number", [0, -1, 2**63])
def test_a_place_has_a_number_from_one_on(number, import_rows):
    with pytest.raises(Invalid) as error:
        import_rows(PlaceRow(kind="country", number=number, code="US", name="US"))

    assert error.value.problems == (
        Problem("number", "impossible", 0, {"value": number}),
    )


def test_a_city_may_lie_in_no_region(import_rows, open_book):
    import_rows(PlaceRow(kind="city", number=3, name="Nowhere", country="US"))

    with open_book() as book:
        whole = book.places.complete(
            Draft(country=Country(code="US"), city=City(name="nowhere"))
        )
    assert whole.draft.city == City(id=3, name="nowhere")
