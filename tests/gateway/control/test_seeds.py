"""A seed fills a shop, says what is wrong with it, and is what an export gives."""

import json
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core import City, Country, Draft, Kind, Query, Region, Store
from core.address import TEXTS
from gateway.control import Control, Sandbox, SeedError
from gateway.seed import CANONICAL
from gateway.testing import strategies
from tests.gateway.control.calls import CALLS, SEED, call, send

YAML = """
shop: {hash: not-used, name: The test's}
customers:
  - id: 123
    first_name: Ada
    birth_date: 1815-12-10
    addresses:
      - first_name: Ada
        street: [12 Row]
        country: NO          # false in YAML 1.1
        postal_code: 01234   # a number there
keys:
  - {dialect: easel, scope: read, token: the-token-of-the-seed}
places:
  staff:
    - {kind: country, number: 900, name: Norway, code: NO}
"""


def people(store: Store, shop: Sandbox) -> object:
    """Everyone in a shop, and all addresses."""
    with store.book(CANONICAL, shop=store.shop(shop.hash), writes=False) as book:
        return (book.customers(Query()).items, book.find(Query()).items)


def test_a_seed_means_what_it_shows(
    client: FlaskClient, memory: Store, control: Control
) -> None:
    shop = control.new_shop(seed=YAML)

    with memory.book(CANONICAL, shop=memory.shop(shop.hash)) as book:
        [address] = book.find(Query()).items

    assert address.country
    assert (address.country.code, address.postal_code) == ("NO", "01234")
    assert memory.shop(shop.hash).name == "The test's"
    headers = {"Authorization": "Bearer the-token-of-the-seed"}
    listing = CALLS["easel.customers.list"]
    assert send(client, shop, "easel", listing, **headers).status_code == 200
    country = client.get("/api/locations/countries/900", headers=shop.headers("staff"))
    assert country.get_json()["name"] == "Norway"


def test_json_and_mappings_are_seeds_too(memory: Store, control: Control) -> None:
    shops = [control.new_shop(seed=seed) for seed in (SEED, json.dumps(SEED))]

    assert [len(people(memory, shop)[1]) for shop in shops] == [1, 1]  # type: ignore[index]


def test_an_export_is_a_seed_of_the_same_shop(
    client: FlaskClient, memory: Store, control: Control
) -> None:
    shop = control.new_shop(seed=YAML)
    shop.clock.freeze(datetime(2020, 2, 29, tzinfo=UTC))
    call(client, shop, "easel.customers.list")
    exported = shop.export()
    found = people(memory, shop)
    shop.delete()

    again = control.new_shop(hash=shop.hash, seed=exported)

    assert people(memory, again) == found
    assert again.export() == exported
    assert again.clock() == datetime(2020, 2, 29, tzinfo=UTC)


TEXT = strategies.texts()
ANY = st.builds(
    Draft,
    customer_id=st.just(1),
    **dict.fromkeys(TEXTS, TEXT),
    street=strategies.lines(TEXT),
    city=st.none() | strategies.words(1).map(lambda name: City(name=name)),
    region=st.none() | strategies.words(1).map(lambda name: Region(name=name)),
    country=st.sampled_from([None, Country(code="NO"), Country(code="US")]),
    kind=st.none() | st.sampled_from(Kind),
    default_billing=st.booleans(),
    default_shipping=st.booleans(),
    extras=st.dictionaries(strategies.words(1), st.dictionaries(TEXT, TEXT)),
)


@settings(
    max_examples=50, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
)
@given(st.lists(ANY, max_size=4))
def test_any_address_survives_an_export(
    memory: Store, control: Control, drafts: list[Draft]
) -> None:
    shop = control.new_shop(seed=SEED)
    with memory.book(CANONICAL, shop=memory.shop(shop.hash)) as book:
        added = book.add_many(drafts)
        book.remove_many(added[-1:])

    again = control.new_shop(seed=shop.export())

    assert people(memory, again) == people(memory, shop)
    assert again.data()["next_ids"] == shop.data()["next_ids"]
    shop.delete()
    again.delete()


@pytest.mark.parametrize(
    ("seed", "complaint"),
    [
        ("- a", "no mapping"),
        ("a: *b", "no aliases"),
        ("a: [", "neither JSON nor YAML"),
        (b"\xff", "no UTF-8"),
        ("customer: []", "customer is not known; did you mean customers?"),
        ("customers: 1", "customers is 1, and no list"),
        (
            "customers: [{first_name: A}, {frist_name: B}]",
            r"customers\[1\].frist_name is not known; did you mean first_name\?",
        ),
        (
            "customers: [{first_name: 5}]",
            r"customers\[0\].first_name is 5, and no text",
        ),
        ("customers: [{id: 0}]", r"customers\[0\].id is 0, and no number from 1"),
        ("customers: [{is_active: 1}]", "neither true nor false"),
        ("customers: [{birth_date: soon}]", "no day as"),
        ("customers: [{gender: x}]", "it can be: male, female"),
        ("customers: [{created_at: soon, id: 1}]", "no instant such as"),
        ("customers: [{created_at: 2026-01-01T00:00:00Z}]", "needs an id beside it"),
        ("customers: [{id: 1}, {id: 1}]", r"customers\[1\].id is taken: 1"),
        (
            "customers: [{addresses: [{}, {country: XX}]}]",
            r"customers\[0\].addresses\[1\].country is \"XX\", and no code",
        ),
        (
            "customers: [{addresses: [{id: 4}, {id: 4}]}]",
            r"customers\[0\].addresses\[1\].public_id is taken",
        ),
        ('customers: [{first_name: "a\\0"}]', "cannot be stored"),
        ("keys: [{dialect: esel, scope: read}]", r"keys\[0\].dialect is \"esel\""),
        ("keys: [{dialect: easel, scope: rad}]", "it can be: admin, write, read"),
        ("keys: [{dialect: easel}]", r"keys\[0\] lacks scope"),
        ("keys: [{dialect: easel, scope: read, token: used-elsewhere}]", "is taken"),
        (
            "places: {staff: [{kind: region, number: 1, name: x, country: XX}]}",
            r"places.staff\[0\].country is unknown: 'XX'",
        ),
        ("next_ids: {address: many}", "next_ids.address"),
        ("clock: {now: noon}", "clock.now"),
    ],
)
def test_a_seed_that_cannot_be_says_where_and_changes_nothing(
    memory: Store, control: Control, shop: Sandbox, seed: str | bytes, complaint: str
) -> None:
    other = control.new_shop()
    other.add_key("easel", "read", token="used-elsewhere")
    before = (people(memory, shop), shop.data())

    with pytest.raises(SeedError, match=complaint):
        shop.seed(seed)
    with pytest.raises(SeedError, match=complaint):
        control.new_shop(seed=seed)

    assert (people(memory, shop), shop.data()) == before
    assert len(control.shops()) == 2
