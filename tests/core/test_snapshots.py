"""A snapshot holds all that a shop does, and brings it back, there or elsewhere."""

import pytest

from core import (
    City,
    Country,
    Customer,
    CustomerDraft,
    Draft,
    Invalid,
    PlaceRow,
    Query,
    Region,
    Shop,
    Store,
)
from tests.conftest import OpenBook


def held(open_book: OpenBook, shop: Shop) -> object:
    """Everyone in a shop, and all addresses."""
    with open_book(shop=shop) as book:
        return book.customers(Query()).items, book.find(Query()).items


@pytest.fixture
def furnished(store: Store, shop: Shop, ada: Customer, open_book: OpenBook) -> Shop:
    """The shop, with an address in places of its own, and two keys."""
    store.import_places(
        shop, "test", [PlaceRow(kind="country", number=9, name="US", code="US")]
    )
    with open_book() as book:
        draft = Draft(
            customer_id=ada.id,
            country=Country(code="US"),
            region=Region(name="Nowhere"),
            city=City(name="Nil"),
        )
        book.add_many([draft])
    with store.keys() as keys:
        keys.add("test", shop, scope="consumer", token="c" * 8 + shop.hash, secret="s")
        id = keys.id_of("test", "c" * 8 + shop.hash)
        keys.add("test", shop, scope="all", token="t" * 8 + shop.hash, consumer_id=id)
    return store.shop(shop.hash)


def test_a_shop_is_brought_back(
    store: Store, furnished: Shop, open_book: OpenBook
) -> None:
    before = held(open_book, furnished)
    snapshot = store.snapshot(furnished)
    with open_book() as book:
        book.remove_customers(book.customers(Query()).items)
        book.add_customer(CustomerDraft(first_name="Grace"))
    with store.keys() as keys:
        [first, *_] = keys.all(furnished.hash)
        keys.revoke(first.id)

    store.restore(furnished, snapshot)

    assert held(open_book, furnished) == before
    assert store.shop(furnished.hash) == furnished
    key = store.key("test", "t" * 8 + furnished.hash)
    consumer = store.key("test", "c" * 8 + furnished.hash)
    assert key
    assert consumer
    assert (key.consumer_id, consumer.secret) == (consumer.id, "s")
    assert store.snapshot(furnished) == snapshot


def test_numbers_go_on_from_where_they_were(
    store: Store, furnished: Shop, open_book: OpenBook
) -> None:
    snapshot = store.snapshot(furnished)
    with open_book() as book:
        first = book.add_customer(CustomerDraft()).id
    store.restore(furnished, snapshot)

    with open_book() as book:
        again = book.add_customer(CustomerDraft()).id

    assert again == first == snapshot.next_ids["customer"]


def test_another_shop_can_hold_the_same(
    store: Store, furnished: Shop, other_shop: Shop, open_book: OpenBook
) -> None:
    with store.keys() as keys:
        keys.add("test", other_shop, scope="all", token="o" * 8 + other_shop.hash)

    store.restore(other_shop, store.snapshot(furnished), keeps_keys=True)

    other = store.shop(other_shop.hash)
    assert held(open_book, other) == held(open_book, furnished)
    assert (other.renamed, other.name) == (furnished.renamed, furnished.name)
    with store.keys() as keys:
        assert len(keys.all(other.hash)) == 1
        assert len(keys.all(furnished.hash)) == 2


def test_a_shops_own_places_are_told_and_taken(
    store: Store, furnished: Shop, other_shop: Shop, open_book: OpenBook
) -> None:
    places = store.snapshot(furnished).own_places

    store.add_own_places(other_shop, places)

    assert [(place.kind, place.name, place.country) for place in places] == [
        ("region", "Nowhere", "US"),
        ("city", "Nil", "US"),
    ]
    assert store.snapshot(other_shop).own_places == places
    with open_book(shop=store.shop(other_shop.hash)) as book:
        customer = book.add_customer(CustomerDraft())
        draft = Draft(
            customer_id=customer.id,
            country=Country(code="US"),
            region=Region(name="Nowhere"),
            city=City(name="Nil"),
        )
        [address] = book.add_many([draft])
    assert address.city
    assert address.city.id == places[1].number


@pytest.mark.parametrize(
    ("row", "path", "code"),
    [
        ({"kind": "country", "number": 10**6}, "kind", "unknown"),
        ({"kind": "region", "number": 5}, "number", "impossible"),
        ({"kind": "city", "number": 2**63}, "number", "impossible"),
        ({"kind": "city", "number": 10**7, "country": "XX"}, "country", "unknown"),
    ],
)
def test_a_place_that_no_shop_has_is_refused(
    store: Store, shop: Shop, row: dict[str, object], path: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        store.add_own_places(shop, [PlaceRow(name="x", **row)])  # type: ignore[arg-type]

    [problem] = refused.value.problems
    assert (problem.path, problem.code) == (path, code)


def test_a_number_is_given_once(store: Store, shop: Shop) -> None:
    row = PlaceRow(kind="region", number=10**6, name="x")

    with pytest.raises(Invalid) as refused:
        store.add_own_places(shop, [row, row])

    assert [problem.code for problem in refused.value.problems] == ["taken"]
    assert store.snapshot(shop).own_places == []


def test_new_things_are_numbered_from_where_they_are_told(
    store: Store, shop: Shop, open_book: OpenBook
) -> None:
    store.number_from(shop, {"customer": 50})

    with open_book() as book:
        assert book.add_customer(CustomerDraft()).id == 50
