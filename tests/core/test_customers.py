"""Customers of a shop."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime

import pytest

from core import (
    Customer,
    CustomerDraft,
    Draft,
    Gender,
    Invalid,
    NotFound,
    Problem,
    Query,
)

EMMY = CustomerDraft(
    first_name="Emmy",
    middle_name="Amalie",
    last_name="Noether",
    prefix="Prof.",
    suffix="PhD",
    email="Emmy@Example.com",
    phone="0800 1",
    company="Erlangen",
    note="Rings",
    tax_id="DE1",
    national_id="N1",
    birth_date=date(1882, 3, 23),
    gender=Gender.FEMALE,
    is_active=False,
    extras={"test": {"group": 3, "\0": [None, "\ud800"]}},
)
TEXTS = [f.name for f in fields(CustomerDraft) if f.type in ("str", str)]
FIELDS = [f.name for f in fields(CustomerDraft)]


def test_an_added_customer_has_names_and_a_history(open_book, shop, clock):
    with open_book() as book:
        added = book.add_customer(EMMY)

    assert (added.id, added.public_id) == (1, "cus_00000000000000000001")
    assert (added.created_at, added.updated_at) == (clock(), clock())
    assert [getattr(added, f) for f in FIELDS] == [getattr(EMMY, f) for f in FIELDS]
    with open_book(writes=False) as book:
        assert book.customer(1) == added


def test_a_customer_may_say_nothing(open_book, shop):
    with open_book() as book:
        added = book.add_customer(CustomerDraft())

    with open_book(writes=False) as book:
        assert book.customer(1) == added
    assert (added.birth_date, added.gender, added.is_active) == (None, None, True)


def test_a_batch_of_customers_is_stored_in_its_order(open_book, ada):
    drafts = [CustomerDraft(first_name=name) for name in "cab"]

    with open_book() as book:
        added = book.add_customers(drafts)

    assert [(one.id, one.first_name) for one in added] == [(2, "c"), (3, "a"), (4, "b")]
    with open_book(writes=False) as book:
        assert book.customers(Query()).items == [ada, *added]


def test_of_a_batch_with_problems_nothing_is_stored(open_book, shop):
    bad = [EMMY, replace(EMMY, email="\0"), EMMY, replace(EMMY, note="\0", phone="\0")]

    with pytest.raises(Invalid) as error, open_book() as book:
        book.add_customers(bad)

    assert error.value.problems == (
        Problem("email", "unstorable", 1),
        Problem("phone", "unstorable", 3),
        Problem("note", "unstorable", 3),
    )
    with open_book(writes=False) as book:
        assert book.customers(Query()).total == 0


def test_a_batch_may_mix_new_and_imported_customers(open_book, ada):
    then = datetime(2019, 5, 1, tzinfo=UTC)
    old = Customer(id=7, public_id="cus_old", created_at=then, updated_at=then)
    big = replace(old, id=5 * 10**9, public_id="", is_active=False)

    with open_book() as book:
        added = book.add_customers([CustomerDraft(), old, CustomerDraft(), big])

    assert [customer.id for customer in added] == [9, 7, 10, 5 * 10**9]
    assert added[1] == old
    assert added[3] == replace(big, public_id="cus_00000000000000000004")
    with open_book(writes=False) as book:
        assert [book.customer(one.id) for one in added] == added


def test_two_of_a_batch_cannot_have_one_id(open_book, ada):
    then = datetime(2019, 5, 1, tzinfo=UTC)
    old = Customer(id=7, public_id="cus_old", created_at=then, updated_at=then)

    with pytest.raises(Invalid) as error, open_book() as book:
        book.add_customers([old, old])

    assert error.value.problems == (
        Problem("public_id", "taken", 1),
        Problem("id", "taken", 1, {"value": 7}),
    )


def test_the_roles_of_an_imported_customer_come_with_the_addresses(open_book, shop):
    then = datetime(2019, 5, 1, tzinfo=UTC)
    old = Customer(
        id=7,
        public_id="cus_old",
        default_billing_id=1,
        created_at=then,
        updated_at=then,
    )

    with open_book() as book:
        added = book.add_customer(old)

    assert added == replace(old, default_billing_id=None)


def test_a_customer_goes_by_number_and_by_public_id(open_book, ada, grace):
    with open_book() as book:
        found = [book.customer(1), book.customer(grace.public_id)]

    assert found == [ada, grace]


@pytest.mark.parametrize(
    "ref", [0, 3, -1, 2**63, -(2**63) - 1, 10**40, "", "1", "cus_9", "\0", "\ud800"]
)
def test_an_unknown_customer_is_not_found(ref, open_book, grace):
    with open_book(writes=False) as book, pytest.raises(NotFound) as error:
        book.customer(ref)

    assert (error.value.kind, error.value.id) == ("customer", ref)


@pytest.mark.parametrize("text", ["a\0", "\ud800"])
@pytest.mark.parametrize("name", TEXTS)
def test_text_that_one_database_cannot_keep_is_refused_by_both(
    name, text, open_book, shop
):
    with pytest.raises(Invalid) as error, open_book() as book:
        book.add_customer(replace(EMMY, **{name: text}))

    assert error.value.problems == (Problem(name, "unstorable"),)


def test_customers_are_counted_apart_from_addresses(open_book, ada, address):
    with open_book() as book:
        book.add_many([Draft(customer_id=1)] * 5)
        added = book.add_customer(EMMY)

    assert added.id == 2


def test_a_customer_knows_the_default_addresses(open_book, ada):
    with open_book() as book:
        book.add_many(
            [
                Draft(customer_id=1, default_billing=True),
                Draft(customer_id=1, default_shipping=True),
            ]
        )

    with open_book() as book:
        found = book.customer(1)

    assert found == replace(ada, default_billing_id=1, default_shipping_id=2)
