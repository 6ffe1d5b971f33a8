"""What clients can make long or many is not kept, so that memory stays flat."""

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from flask.testing import FlaskClient

from core import Condition, CustomerDraft, Op, Query, Store, schema
from core.query import SIMPLE, Shape, remembered, rounded, shape
from dialects.openmage import uris
from gateway import registry
from gateway.app import create_app
from gateway.config import Config

STAFF = {"Authorization": "Token staff-key"}


def among(count: int, first: int = 1) -> Query:
    return Query(where=[Condition("id", Op.IN, [*range(first, first + count)])])


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store()
    schema.create(store.database)
    yield store
    store.close()


@pytest.fixture
def client(store: Store) -> FlaskClient:
    """A client of Staff's."""
    shop = store.add_shop("main")
    with store.book("test", shop=shop) as book:
        book.add_customer(CustomerDraft(first_name="Ada"))
    with store.keys() as keys:
        keys.add("staff", shop, scope="staff", token="staff-key")
    [staff] = registry.load(["staff"])
    return create_app(Config(), store=store, dialects=[staff]).test_client()


def test_lists_of_many_lengths_share_a_few_statements() -> None:
    shapes = {shape(among(n)) for n in range(1, 1025)}

    assert len(shapes) == 11
    assert [rounded(n) for n in (0, 1, 2, 3, 250, 8192, 8193)] == [
        *(0, 1, 2, 4, 256, 8192, 8193)
    ]


@pytest.mark.parametrize("length", [0, 1, 2, 3, 5, 250])
def test_a_list_finds_what_is_in_it(store: Store, length: int) -> None:
    shop = store.add_shop("main")
    with store.book("test", shop=shop) as book:
        book.add_customers([CustomerDraft(first_name="A") for _ in range(6)])

        page = book.customers(among(length, first=2))

    assert [one.id for one in page.items] == [*range(2, min(2 + length, 7))]


def test_a_statement_for_long_lists_is_not_kept() -> None:
    made = count()

    @remembered(at=0)
    def make(shape: Shape) -> int:
        return next(made)

    short, long = shape(among(2)), shape(among(SIMPLE))

    assert [make(short), make(short), make(long), make(long)] == [0, 0, 1, 2]


def test_paths_are_not_kept() -> None:
    uris.normalized("http://HOST", "/")
    before = uris.normalized_origin.cache_info().currsize

    made = [uris.normalized("http://HOST", f"/{n}{'x' * 300}") for n in range(3)]

    assert made[0] == f"http://host/0{'x' * 300}"
    assert uris.normalized_origin.cache_info().currsize == before


Get = Callable[[str], int]


@pytest.fixture
def get(client: FlaskClient) -> Get:
    """The status of Staff's answer."""
    return lambda path: client.get(f"/api{path}", headers=STAFF).status_code


def test_a_search_has_a_number_of_terms_that_a_database_takes(get: Get) -> None:
    """More than 50 are refused as Django refuses a form with too many fields."""
    words = [f"w{n}" for n in range(51)]

    found = [
        get(f"{path}?search={'+'.join(terms)}")
        for path in ("/customers", "/locations/cities", "/users/permissions")
        for terms in (words[:50], words, ["a"] * 5000)
    ]

    assert found == [200, 400, 200] * 3


def test_an_order_that_repeats_itself_is_the_order(get: Get) -> None:
    order = ",".join(["id", "-id"] * 3000)

    assert get(f"/customers?ordering={order}") == 200
    assert get(f"/customers/1/addresses?ordering={order}") == 200
    assert get(f"/locations/cities?ordering={order}") == 200
