"""The demo shop is what the documented pages show."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from core import (
    Address,
    City,
    Country,
    Gender,
    Keyring,
    Kind,
    NotFound,
    Query,
    Region,
    Store,
    schema,
)
from core.passwords import is_password
from dialects.base import Credential
from gateway.demo import create_demo, demo_keys, find_demo
from gateway.seed import CANONICAL, SeedError, plant, seed_from_json
from tests.gateway.cli import home, run

__all__ = ["home"]

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FIRST_REGION, FIRST_CITY = 1_000_000, 10_000_000
US = Country(id=1, code="US", name="United States")


@pytest.fixture
def empty() -> Iterator[Store]:
    store = Store(secret_key="test")
    schema.create(store.database)
    yield store
    store.close()


@pytest.fixture
def demo(empty: Store) -> Store:
    create_demo(empty)
    return empty


def address(store: Store, id: int, dialect: str = CANONICAL) -> Address:
    with store.book(dialect, shop=store.shop("demo"), writes=False) as book:
        return book.get(id)


def test_the_address_of_the_public_ids_page_is_there(demo: Store) -> None:
    found = address(demo, 456)

    assert found == Address(
        id=456,
        public_id="adr_def456",
        customer_id=123,
        first_name="John",
        last_name="Doe",
        street=("123 Main St", "Apt 4B"),
        city=City(id=FIRST_CITY + 1, name="New York"),
        region=Region(id=38, code="NY", name="New York"),
        country=US,
        postal_code="10001",
        created_at=datetime(2023, 1, 1, 10, tzinfo=UTC),
        updated_at=datetime(2023, 1, 1, 10, 15, tzinfo=UTC),
    )


def test_the_address_of_the_xml_page_is_there(demo: Store) -> None:
    found = address(demo, 2)

    assert found.region == Region(id=FIRST_REGION, name="Palau")
    assert (found.prefix, found.suffix, found.tax_id) == ("Dr.", "Jr.", "123456789")
    assert found.street == (
        "2356 Jody Road Philadelphia",
        "844 Jefferson Street; 4510 Willis Avenue",
    )
    assert (found.default_billing, found.default_shipping) == (True, True)
    assert not address(demo, 7).default_billing


def test_the_address_of_the_batch_page_is_there(demo: Store) -> None:
    found = address(demo, 11)

    assert found.kind is Kind.RESIDENTIAL
    assert found.region == Region(id=39, code="OH", name="Ohio")
    assert found.street == ("111 E West Street", "654")
    assert [*found.extras.values()] == [
        {"form_fields": [{"name": "test", "value": "test"}]}
    ]


def test_places_have_the_numbers_of_the_numbered_page(demo: Store) -> None:
    found = address(demo, 789, "staff")

    assert found.region == Region(id=6, code="CA", name="California")
    assert found.city == City(id=26, name="Los Angeles")


def test_the_customers_are_those_of_the_pages(demo: Store) -> None:
    with demo.book(CANONICAL, shop=demo.shop("demo"), writes=False) as book:
        found = [(one.id, one.first_name) for one in book.customers(Query()).items]

    assert found == [
        (1, "John"),
        (11, "John"),
        (123, "John"),
        (124, "Jane"),
        (125, "No"),
    ]


def test_every_demo_key_is_for_this_machine_only(demo: Store) -> None:
    with demo.keys() as keyring:
        keys = keyring.all("demo")

    assert all(key.is_demo for key in keys)
    assert len(keys) == sum(len(some) for some in demo_keys().values())


def test_the_token_of_a_customer_opens_that_customer_and_has_its_secret(
    demo: Store,
) -> None:
    key = demo.key("openmage", "b" + "1".rjust(31, "0"))

    assert key
    assert (key.scope, key.customer_id) == ("customer", 1)
    assert key.secret == "b" + "2".rjust(31, "0")


def test_the_tokens_are_bound_to_the_demo_application(demo: Store) -> None:
    application, admin, customer = (
        demo.key("openmage", letter + "1".rjust(31, "0")) for letter in "cab"
    )

    assert application
    assert admin
    assert customer
    assert application.scope == "consumer"
    assert admin.consumer_id == customer.consumer_id == application.id


@pytest.mark.parametrize(
    ("name", "password", "scope", "customer"),
    [
        ("admin", "demo-admin", "admin", None),
        ("john.doe@example.com", "demo-john", "customer", 1),
    ],
)
def test_a_demo_user_signs_in(
    demo: Store, name: str, password: str, scope: str, customer: int | None
) -> None:
    user = Keyring.user(demo.keys, "openmage", name, password)

    assert user
    assert (user.scope, user.customer_id, user.is_demo) == (scope, customer, True)


def test_a_demo_that_is_there_is_left_alone(demo: Store) -> None:
    shop = demo.shop("demo")
    with demo.book(CANONICAL, shop=shop) as book:
        book.remove_many([book.get(456)])

    made = create_demo(demo)

    assert made is False
    with pytest.raises(NotFound):
        address(demo, 456)


def test_a_demo_that_is_reset_is_as_new(demo: Store) -> None:
    shop = demo.shop("demo")
    with demo.book(CANONICAL, shop=shop) as book:
        before = book.get(456)
        book.remove_many([before])

    made = create_demo(demo, reset=True)

    assert made is True
    assert address(demo, 456) == before


def test_a_store_without_the_demo_has_none(empty: Store) -> None:
    assert find_demo(empty) is None


def test_a_seed_may_leave_out_ids_and_dates(empty: Store) -> None:
    ada = {"first_name": "Ada", "addresses": [{"street": ["1 High St"]}]}
    seed = seed_from_json(json.dumps({"shop": {"hash": "a"}, "customers": [ada]}), NOW)

    shop = plant(empty, seed)

    with empty.book(CANONICAL, shop=shop, writes=False) as book:
        [found] = book.find(Query()).items
    assert (found.id, found.customer_id, found.street) == (1, 1, ("1 High St",))


def test_a_key_of_a_seed_may_name_a_later_one_as_its_application(empty: Store) -> None:
    keys = [
        {"dialect": "toy", "token": "t", "scope": "all", "consumer": "c"},
        {"dialect": "toy", "token": "c", "scope": "consumer"},
    ]
    seed = seed_from_json(json.dumps({"shop": {"hash": "a"}, "keys": keys}), NOW)

    plant(empty, seed)

    token, application = empty.key("toy", "t"), empty.key("toy", "c")
    assert token
    assert application
    assert token.consumer_id == application.id


@pytest.mark.parametrize("names", [{}, {"id": 7, "public_id": "cus_ada"}])
def test_a_customer_of_a_seed_may_say_everything(
    names: dict[str, object], empty: Store
) -> None:
    said = {
        "first_name": "Ada",
        "company": "Engines",
        "is_active": False,
        "extras": {"toy": {"group": 3}},
    }
    ada = {**said, **names, "birth_date": "1815-12-10", "gender": "female"}

    text = json.dumps({"shop": {"hash": "a"}, "customers": [ada]})
    shop = plant(empty, seed_from_json(text, NOW))

    with empty.book(CANONICAL, shop=shop, writes=False) as book:
        [found] = book.customers(Query()).items
    assert {name: getattr(found, name) for name in said | names} == {**said, **names}
    assert (found.birth_date, found.gender) == (date(1815, 12, 10), Gender.FEMALE)


def test_a_password_of_a_seed_is_plain_or_as_it_is_stored() -> None:
    stored = Keyring.hashed("password")
    keys = [
        {"dialect": "toy", "scope": "all", "username": "a", "password": "password"},
        {"dialect": "toy", "scope": "all", "username": "b", "password": stored},
    ]

    seed = seed_from_json(json.dumps({"shop": {"hash": "a"}, "keys": keys}), NOW)

    plain, kept = (key.password for key in seed.keys["toy"])
    assert is_password("password", plain)
    assert kept == stored


def test_the_keys_of_a_seed_stand_under_their_dialects() -> None:
    keys = [{"dialect": "toy", "token": "t", "scope": "all"}]

    seed = seed_from_json(json.dumps({"shop": {"hash": "a"}, "keys": keys}), NOW)

    assert seed.keys == {"toy": [Credential(token="t", scope="all")]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read"),
        ("{}", "lacks 'shop'"),
        ('{"shop": {"hash": "a"}, "customers": [{"nam": 1}]}', "'nam'"),
        ('{"shop": {"hash": "a"}, "places": {"toy": [{}]}}', "missing"),
    ],
)
def test_a_seed_that_cannot_be_used_says_why(text: str, said: str) -> None:
    with pytest.raises(SeedError, match=said):
        seed_from_json(text, NOW)


def test_the_command_makes_the_demo_in_a_database_of_its_own(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADDRESS_GATEWAY_DATABASE_URL", "sqlite:///real.db")

    first, second = run("demo", "--json"), run("demo", "--json")
    reset = run("demo", "--reset", "--json")

    said = [json.loads(result.stdout) for result in (first, second, reset)]
    assert [one["is_new"] for one in said] == [True, False, True]
    assert said[0]["database"] == "sqlite:///var/demo.db"
    assert (home / "var" / "secret.key").exists()
    assert not (home / "real.db").exists()
