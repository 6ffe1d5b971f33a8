"""Customers of a shop."""

from dataclasses import replace

import pytest

from core import (
    Condition,
    CustomerDraft,
    Draft,
    Invalid,
    NotFound,
    Op,
    Problem,
    Query,
    contained,
)

EMMY = CustomerDraft(
    first_name="Emmy", last_name="Noether", email="emmy@example.com", phone="0800 1"
)
FIELDS = ["first_name", "last_name", "email", "phone"]


def test_an_added_customer_has_names_and_a_history(open_book, shop, clock):
    with open_book() as book:
        added = book.add_customer(EMMY)

    assert (added.id, added.public_id) == (1, "cus_00000000000000000001")
    assert (added.created_at, added.updated_at) == (clock(), clock())
    assert [getattr(added, f) for f in FIELDS] == [getattr(EMMY, f) for f in FIELDS]


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
@pytest.mark.parametrize("name", FIELDS)
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


@pytest.mark.parametrize(
    ("query", "names", "total"),
    [
        (Query(), ["Ada", "Grace", "Emmy"], 3),
        (Query(order=("-id",), limit=2), ["Emmy", "Grace"], 3),
        (Query(order=("first_name",)), ["Ada", "Emmy", "Grace"], 3),
        (Query(order=("-default_billing_id",)), ["Emmy", "Grace", "Ada"], 3),
        (Query(offset=2), ["Emmy"], 3),
        (Query(offset=7), [], 3),
        (Query(offset=10**30), [], 3),
        (Query(where=[Condition("email", Op.EQ, EMMY.email)]), ["Emmy"], 1),
        (Query(where=[Condition("id", Op.IN, [1, 2])]), ["Ada", "Grace"], 2),
        (Query(where=[Condition("email", Op.EQ, "\0")]), [], 0),
        (
            Query(where=[Condition(tuple(FIELDS), Op.CONTAINS, "A")]),
            ["Ada", "Grace", "Emmy"],
            3,
        ),
        (
            Query(where=[Condition("email", Op.CONTAINS, contained("_"))]),
            [],
            0,
        ),
    ],
)
def test_customers_are_found(query, names, total, open_book, grace):
    with open_book() as book:
        book.add_customer(EMMY)

    with open_book(writes=False) as book:
        page = book.customers(query)

    assert ([c.first_name for c in page.items], page.total) == (names, total)
