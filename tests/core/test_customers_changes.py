"""Customers are changed and removed."""

from dataclasses import fields, replace
from datetime import date

import pytest

from core import (
    Condition,
    Customer,
    CustomerDraft,
    Draft,
    Gender,
    Invalid,
    NotFound,
    Op,
    Problem,
    Query,
)
from core.tables import addresses, customers, names

CHANGES = {
    "first_name": "Emmy",
    "middle_name": "Amalie",
    "last_name": "Noether",
    "prefix": "Prof.",
    "suffix": "PhD",
    "email": "Emmy@Example.com",
    "phone": "0800 1",
    "company": "Erlangen",
    "note": "Rings",
    "tax_id": "DE1",
    "national_id": "N1",
    "birth_date": date(1882, 3, 23),
    "gender": Gender.FEMALE,
    "is_active": False,
    "extras": {"test": {"group": 3}},
}


def test_every_field_of_a_draft_is_among_the_changes():
    assert list(CHANGES) == [field.name for field in fields(CustomerDraft)]


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_changes_what_it_names_and_the_time(name, open_book, grace, clock):
    clock.advance(5)

    with open_book() as book:
        [updated] = book.update_customers([(grace, {name: CHANGES[name]})])

    assert updated == replace(grace, **{name: CHANGES[name]}, updated_at=clock())
    with open_book(writes=False) as book:
        assert book.customer(2) == updated
        assert book.customer(1).updated_at == grace.created_at


def test_what_is_emptied_is_empty(open_book, shop):
    with open_book() as book:
        full = book.add_customer(CustomerDraft(**CHANGES))
        empty = {
            f.name: getattr(CustomerDraft(), f.name) for f in fields(CustomerDraft)
        }
        [emptied] = book.update_customers([(full, empty)])

    with open_book(writes=False) as book:
        assert book.customer(full.id) == emptied == replace(full, **empty)


def test_changes_that_name_nothing_move_the_time_alone(open_book, ada, clock):
    clock.advance(5)

    with open_book() as book:
        [updated] = book.update_customers([(ada, {})])

    assert updated == replace(ada, updated_at=clock())


def test_a_change_of_several_is_all_or_none(open_book, ada, grace):
    with pytest.raises(Invalid) as error, open_book() as book:
        book.update_customers([(ada, {"note": "n"}), (grace, {"email": "\ud800"})])

    assert error.value.problems == (Problem("email", "unstorable", 1),)
    with open_book(writes=False) as book:
        assert book.customers(Query()).items == [ada, grace]


@pytest.mark.parametrize(
    "name", ["id", "public_id", "created_at", "default_billing_id"]
)
def test_no_change_may_name_an_id_or_the_beginning(name, open_book, ada):
    with pytest.raises(TypeError), open_book() as book:
        book.update_customers([(ada, {name: getattr(ada, name)})])


def test_a_change_leaves_the_default_addresses(open_book, ada):
    with open_book() as book:
        book.add_many([Draft(customer_id=1, default_billing=True)])
        mine = book.customer(1)
        [updated] = book.update_customers([(mine, {"note": "n"})])

    assert updated.default_billing_id == 1
    with open_book(writes=False) as book:
        assert book.customer(1) == updated


def test_one_who_was_removed_is_not_found_when_changed(open_book, ada):
    with open_book() as book:
        book.remove_customers([ada])

    with pytest.raises(NotFound) as error, open_book() as book:
        book.update_customers([(ada, {"note": "n"})])

    assert (error.value.kind, error.value.id) == ("customer", 1)


def test_a_changed_email_is_looked_for_in_its_new_form(open_book, ada, grace):
    with open_book() as book:
        book.update_customers([(ada, {"email": "New@Example.com"})])
        found = book.with_email(["new@example.com"])

    assert found == {"new@example.com": [1]}


def test_a_removed_customer_is_gone_with_the_addresses(open_book, ada, grace, rows):
    with open_book() as book:
        book.add_many([Draft(customer_id=1, default_billing=True)] * 2)
        [kept] = book.add_many([Draft(customer_id=2, default_shipping=True)])

    with open_book() as book:
        book.remove_customers([book.customer(1)])

    with open_book(writes=False) as book:
        assert [one.id for one in book.customers(Query()).items] == [2]
        assert book.find(Query()).items == [kept]
        with pytest.raises(NotFound):
            book.customer(1)
    assert [row["id"] for row in rows(customers)] == [2]
    assert [row["id"] for row in rows(addresses)] == [3]


def test_several_are_removed_at_once(open_book, ada, grace):
    with open_book() as book:
        book.remove_customers([grace, ada])

    with open_book(writes=False) as book:
        assert book.customers(Query()).total == 0


def test_a_removed_number_is_not_given_again(open_book, ada):
    with open_book() as book:
        book.remove_customers([ada])
        added = book.add_customer(CustomerDraft())

    assert added.id == 2


@pytest.mark.parametrize("number", [700, 5 * 10**9])
def test_a_customer_with_a_name_is_changed_and_removed_by_it(
    number, open_book, ada, clock
):
    brought = Customer(
        id=number, public_id="cus_brought", created_at=clock(), updated_at=clock()
    )
    with open_book() as book:
        book.add_customer(brought)
        book.add_many([Draft(customer_id=number)])

    with open_book() as book:
        mine = book.customer(number)
        [updated] = book.update_customers([(mine, {"email": "b@example.com"})])
        assert book.with_email(["B@example.com"]) == {"B@example.com": [number]}
    with open_book() as book:
        assert book.customer(number) == updated
        book.remove_customers([updated])
    with open_book(writes=False) as book:
        assert book.customers(Query()).items == [ada]
        assert book.find(Query()).total == 0


def test_what_was_removed_can_be_brought_again(open_book, ada, clock, rows):
    number = 5 * 10**9
    brought = Customer(
        id=number, public_id="cus_brought", created_at=clock(), updated_at=clock()
    )
    for _ in range(2):
        with open_book() as book:
            book.remove_customers([book.add_customer(brought)])

    with open_book() as book:
        book.add_customer(brought)

    with open_book() as book:
        where = [Condition("id", Op.EQ, number)]
        assert book.customers(Query(where=where)).items == [brought]
    assert len([row for row in rows(names) if row["kind"] == "customer"]) == 2
