"""Places and customers on their way: by tables, by a file of overrides, or told."""

from pathlib import Path

import pytest

from core import City, Country, Draft, PlaceRow, Query, Region
from gateway.migrate import (
    Ledger,
    Mappings,
    MigrationError,
    Options,
    Places,
    read_mapping,
    rehearse,
)
from tests.dialects.remotes import person, sample
from tests.gateway.migrate.moving import (
    Serve,
    certify,
    fill,
    move,
    new_store,
    platform,
    store_end,
    unexplained,
    verdicts,
)

GERMANY = PlaceRow(kind="country", number=49, name="Germany", code="DE")
STATES = PlaceRow(kind="country", number=50, name="United States", code="US")
BERLIN = {
    "country": Country(code="DE"),
    "region": Region(name="Berlin"),
    "city": City(name="Berlin"),
}
FILE = """
[country]
UK = "GB"
[region]
"US/Nu York" = "NY"
[city]
"US/NY/NYC" = "New York City"
[customers]
1 = 7
[losses]
default = "ignore"
note = "refuse"
"""


def wrong(**said: object) -> Draft:
    """An address in New York, as it is not written."""
    return Draft(
        **{
            "country": Country(code="US"),
            "region": Region(name="New York"),
            "city": City(name="New York City"),
            **said,
        }
    )


def test_a_file_says_which_places_and_customers_are_meant(tmp_path: Path) -> None:
    file = tmp_path / "overrides.toml"
    file.write_text(FILE)

    found = read_mapping(file, {"fax": "warn"})
    places = Places(found)
    region = places.complete(wrong(region=Region(name="Nu York"))).region
    city = places.complete(wrong(region=Region(code="NY"), city=City(name="NYC"))).city
    country = places.complete(Draft(country=Country(code="UK"))).country
    places.close()

    assert found.customers == {"1": 7}
    assert [found.policy(name) for name in ("note", "fax", "phone")] == [
        "refuse",
        "warn",
        "ignore",
    ]
    assert region == Region(code="NY", name="New York")
    assert city == City(name="New York City")
    assert country is not None
    assert country.code == "GB"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "neither JSON nor TOML"),
        ('{"town": {}}', "may hold: city, country, customers, losses, region"),
        ('{"losses": {"fax": "maybe"}}', "the policy of fax is one of ignore, warn"),
        (
            '{"losses": {"nte": "refuse"}}',
            "there is no field nte to lose; there are: default",
        ),
    ],
)
def test_a_file_that_cannot_be_is_told(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "overrides.json"
    file.write_text(text)

    with pytest.raises(MigrationError, match=reason):
        read_mapping(file, {})


def test_a_customer_goes_where_the_file_says(serve: Serve) -> None:
    old, store, ledger = serve("staff"), new_store(), Ledger(None)
    [ada] = old.add_customers(person(1))
    old.add([sample(1, customer_id=ada.id)])
    with store.book("suite", shop=store.shop("main")) as book:
        grace = book.add_customer(person(2))
    mappings = Mappings(customers={str(ada.id): grace.public_id})

    move(platform(old), store_end(store), ledger, Options(mappings=mappings))

    with store.book("suite", shop=store.shop("main"), within=grace.id) as book:
        assert book.find(Query()).total == 1
    assert ledger.counts()["customers"] == {"duplicate": 1}


def test_a_plan_reads_once_and_counts_the_places_of_no_table(serve: Serve) -> None:
    old, new = serve("bigcommerce"), serve("openmage")
    [ada] = old.add_customers(person(1))
    told = (
        {"city": City(name="Nowhere")},
        {"city": City(name="Nowhere")},
        {"region": Region(name="Nu York")},
    )
    old.add([sample(n, customer_id=ada.id, **one) for n, one in enumerate(told)])
    source = platform(old)

    plan = rehearse(source, platform(new), Options())

    assert plan["unknown_places"] == {
        "city US/NY/Nowhere": 2,
        "region US/Nu York": 1,
    }
    assert source.calls == 2
    assert plan["counts"]["address"] == {"normalised": 2, "refused": 1}


def test_a_table_of_numbers_tells_easels_countries(serve: Serve) -> None:
    """To it, in a rehearsal of that, and into the store for its clients."""
    old, new, store = serve("easel"), serve("easel"), new_store()
    for one in (old, new):
        one.store.import_places(one.shop, "easel", [GERMANY, STATES])
    [ada] = old.add_customers(person(1))
    old.add([sample(1, customer_id=ada.id, **BERLIN), sample(2, customer_id=ada.id)])
    source, target, ledger = platform(old), platform(new), Ledger(None)
    for end in (source, target):
        end.take_places([GERMANY, STATES])

    plan = rehearse(source, target, Options())
    move(source, target, ledger)

    assert plan["counts"]["address"] == {"identical": 2}
    assert verdicts(certify(source, target, ledger)) == {"identical"}
    middle = store_end(store, "easel")
    middle.take_places(source.place_rows)
    move(source, middle, Ledger(None))
    with store.book("easel", shop=store.shop("main")) as book:
        found = book.find(Query(order=("id",))).items
    assert [one.country.id for one in found if one.country] == [49, 50]


def test_a_table_that_cannot_be_is_told() -> None:
    middle = store_end(new_store(), "easel")

    with pytest.raises(MigrationError, match="the table of places cannot be: number"):
        middle.take_places([GERMANY, GERMANY])


@pytest.mark.parametrize("is_new", [False, True])
def test_an_id_that_is_taken_is_refused_or_replaced(serve: Serve, is_new: bool) -> None:
    old, store, ledger = serve("staff"), new_store(), Ledger(None)
    old.add_customers(person(1), person(2))
    with store.book("suite", shop=store.shop("main")) as book:
        book.add_customer(person(9))
    target = store_end(store, "staff", new_ids=is_new)

    move(platform(old), target, ledger)

    states = {"done": 2} if is_new else {"done": 1, "refused": 1}
    assert ledger.counts()["customers"] == states
    told = [one["problem"] for one in ledger.problems()]
    assert told == ([] if is_new else ["id is taken: 1"])
    assert unexplained(certify(platform(old), target, ledger)) == []


def test_a_limited_run_goes_on_where_it_ended(serve: Serve) -> None:
    old, store, ledger = serve("staff"), new_store(), Ledger(None)
    fill(old)
    done: list[int] = []
    target = store_end(store, "staff")

    move(platform(old), target, ledger, Options(limit=2, progress=done.append))
    move(platform(old), target, ledger)

    assert done[-1] == 2
    assert ledger.counts()["customers"] == {"done": 3}
