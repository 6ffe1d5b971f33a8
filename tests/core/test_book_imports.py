"""An address that comes from elsewhere keeps its ids and its history."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core import (
    Address,
    Customer,
    CustomerDraft,
    Draft,
    Invalid,
    NotFound,
    Problem,
    Query,
)

MOVED_IN = Address(
    customer_id=1,
    id=700,
    public_id="adr_from_elsewhere",
    note="imported",
    default_billing=True,
    created_at=datetime(2019, 5, 1, 12, 30, 0, 123456, tzinfo=UTC),
    updated_at=datetime(2020, 6, 2, tzinfo=UTC),
)
EMMY = Customer(
    id=500,
    public_id="cus_from_elsewhere",
    first_name="Emmy",
    created_at=MOVED_IN.created_at,
    updated_at=MOVED_IN.updated_at,
)
BIG = [10**9, 2**31, 5 * 10**9, 2**63 - 1]


def another(**changes):
    return replace(MOVED_IN, **{"public_id": "adr_another", **changes})


def test_an_imported_address_keeps_ids_and_history(open_book, ada):
    with open_book() as book:
        added = book.add_many([MOVED_IN])

    assert added == [MOVED_IN]
    with open_book() as book:
        assert book.get(700) == book.get("adr_from_elsewhere") == MOVED_IN


def test_the_next_number_follows_an_imported_one(open_book, ada):
    with open_book() as book:
        book.add_many([MOVED_IN])

    with open_book() as book:
        [added] = book.add_many([Draft(customer_id=ada.id)])

    assert added.id == 701


def test_an_imported_number_below_the_next_one_does_not_turn_it_back(open_book, ada):
    with open_book() as book:
        book.add_many([MOVED_IN])
        book.add_many([another(id=3)])

    with open_book() as book:
        [added] = book.add_many([Draft(customer_id=ada.id)])

    assert added.id == 701


def test_a_batch_may_mix_new_and_imported_addresses(open_book, ada):
    new = Draft(customer_id=ada.id)

    with open_book() as book:
        added = book.add_many([new, another(id=1), new, MOVED_IN, new])

    assert [address.id for address in added] == [701, 1, 702, 700, 703]
    with open_book() as book:
        assert [book.get(a.id) for a in added] == added


@pytest.mark.parametrize("number", [1, 700, *BIG])
def test_an_id_that_something_has_is_taken(number, open_book, address):
    with open_book() as book:
        book.add_many([another(id=number)] * (number != 1))

    with pytest.raises(Invalid) as error, open_book() as book:
        book.add_many([Draft(customer_id=1), replace(MOVED_IN, id=number)])

    assert error.value.problems == (Problem("id", "taken", 1, {"value": number}),)


def test_a_public_id_that_something_has_is_taken(open_book, address):
    with pytest.raises(Invalid) as error, open_book() as book:
        book.add_many([another(public_id=address.public_id)])

    assert error.value.problems == (Problem("public_id", "taken", 0),)


@pytest.mark.parametrize("number", [700, *BIG])
def test_two_of_one_batch_cannot_have_one_id(number, open_book, ada):
    with pytest.raises(Invalid) as error, open_book() as book:
        book.add_many([replace(MOVED_IN, id=number), another(id=number)])

    assert error.value.problems == (Problem("id", "taken", 1, {"value": number}),)
    with open_book() as book:
        assert book.find(Query()).items == []


def test_two_of_one_batch_cannot_have_one_public_id(open_book, ada):
    with pytest.raises(Invalid) as error, open_book() as book:
        book.add_many([MOVED_IN, replace(MOVED_IN, id=701)])

    assert error.value.problems == (Problem("public_id", "taken", 1),)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", 2**63),
        ("id", -(2**63) - 1),
        ("public_id", "\0"),
        ("public_id", "\ud800"),
    ],
)
def test_ids_that_no_database_keeps_are_refused(name, value, open_book, ada):
    with pytest.raises(Invalid) as error, open_book() as book:
        book.add_many([replace(MOVED_IN, **{name: value})])

    assert error.value.problems == (Problem(name, "unstorable", 0),)


def test_what_has_no_public_id_gets_one(open_book, ada):
    with open_book() as book:
        added = book.add_many([another(public_id=""), another(id=701, public_id="")])

    assert [a.public_id for a in added] == [
        "adr_00000000000000000002",
        "adr_00000000000000000003",
    ]


@pytest.mark.parametrize("number", BIG)
def test_a_big_number_is_a_name_and_the_next_number_stays_small(number, open_book, ada):
    with open_book() as book:
        added = book.add_many([replace(MOVED_IN, id=number)])

    with open_book() as book:
        [next_one] = book.add_many([Draft(customer_id=ada.id)])
        assert book.get(number) == replace(MOVED_IN, id=number)
        assert book.customer(ada.id).default_billing_id == number
        found = book.find(Query()).items
    assert next_one.id == 2
    assert found == [next_one, *added]


def test_a_big_number_is_a_name_in_its_own_dialect_only(open_book, ada):
    with open_book() as book:
        book.add_many([another(id=5 * 10**9)])

    with open_book("other") as book:
        assert book.get(1) == another(id=1)
        with pytest.raises(NotFound):
            book.get(5 * 10**9)


def test_a_thing_with_a_name_is_not_reached_by_our_number(open_book, ada):
    with open_book() as book:
        book.add_many([another(id=5 * 10**9)])

    with open_book() as book, pytest.raises(NotFound):
        book.get(1)


def test_a_thing_with_a_name_is_changed_and_removed_by_it(open_book, ada):
    with open_book() as book:
        book.add_many([replace(MOVED_IN, id=5 * 10**9), Draft(customer_id=ada.id)])

    with open_book() as book:
        old = book.get(5 * 10**9)
        [updated] = book.update_many([(old, {"note": "new", "default_billing": False})])
    with open_book() as book:
        assert book.get(5 * 10**9) == updated
        assert book.customer(ada.id).default_billing_id is None
        book.remove_many([updated])
    with open_book() as book:
        assert [address.id for address in book.find(Query()).items] == [2]


def test_an_imported_customer_keeps_ids_and_history(open_book, shop):
    with open_book() as book:
        added = book.add_customer(EMMY)

    assert added == EMMY
    with open_book() as book:
        assert book.customer(500) == book.customer("cus_from_elsewhere") == EMMY


@pytest.mark.parametrize("number", [500, *BIG])
def test_an_imported_customer_has_addresses(number, open_book, shop):
    emmy = replace(EMMY, id=number)
    with open_book() as book:
        book.add_customer(emmy)

    with open_book() as book:
        added = book.add_many([another(customer_id=number), Draft(customer_id=number)])

    with open_book(within=number) as book:
        assert book.find(Query()).items == added
        assert book.customer(number) == replace(emmy, default_billing_id=700)
    assert [a.customer_id for a in added] == [number, number]


@pytest.mark.parametrize("number", [500, *BIG])
def test_a_customer_s_id_that_another_has_is_taken(number, open_book, shop):
    with open_book() as book:
        book.add_customer(replace(EMMY, id=number))

    with pytest.raises(Invalid) as error, open_book() as book:
        book.add_customer(replace(EMMY, id=number, public_id="cus_other"))

    assert error.value.problems == (Problem("id", "taken", 0, {"value": number}),)


def test_a_customer_s_public_id_that_another_has_is_taken(open_book, ada):
    with pytest.raises(Invalid) as error, open_book() as book:
        book.add_customer(replace(EMMY, public_id=ada.public_id))

    assert error.value.problems == (Problem("public_id", "taken", 0),)


def test_the_next_customer_follows_an_imported_one(open_book, shop):
    with open_book() as book:
        book.add_customer(EMMY)
        added = book.add_customer(CustomerDraft())

    assert added.id == 501


def test_two_dialects_may_bring_the_same_big_number(open_book, ada):
    number = 5 * 10**9
    with open_book() as book:
        book.add_many([replace(MOVED_IN, id=number)])

    with open_book("other") as book:
        book.add_many([another(id=number)])

    with open_book() as mine:
        assert mine.get(number).public_id == "adr_from_elsewhere"
    with open_book("other") as theirs:
        assert theirs.get(number).public_id == "adr_another"
