"""Customers are found by what they are, and counted, alike on both databases."""

from datetime import date, timedelta

import pytest

from core import (
    Condition,
    Customer,
    CustomerDraft,
    Draft,
    Gender,
    Op,
    Query,
    contained,
    email_key,
)
from core.connection import Connection

HIGH, LOW = 10**30, -(10**30)
BORN = date(1815, 12, 10)


@pytest.fixture
def five(open_book, shop, clock):
    """Five customers, a minute apart from each other."""
    drafts = [
        CustomerDraft(first_name="Ada", email="Ada@Example.com", birth_date=BORN),
        CustomerDraft(first_name="Bob", last_name="Moran", is_active=False),
        CustomerDraft(first_name="Cyd", company="100% _\\", gender=Gender.FEMALE),
        CustomerDraft(first_name="dan", email="ada@example.com", phone="0330"),
        CustomerDraft(first_name="\xc9va", birth_date=date(1990, 1, 2), tax_id="T"),
    ]
    added = []
    for draft in drafts:
        with open_book() as book:
            added.append(book.add_customer(draft))
        clock.advance(60)
    with open_book() as book:
        book.add_many([Draft(customer_id=2, default_billing=True)])
    return added


@pytest.fixture
def found(open_book, five):
    """The numbers of what a query finds, and the total."""

    def found(*where, writes=False, **query):
        with open_book(writes=writes) as book:
            page = book.customers(Query(where=where, **query))
        return [customer.id for customer in page.items], page.total

    return found


@pytest.mark.parametrize("writes", [True, False])
@pytest.mark.parametrize(
    ("field", "op", "value", "numbers"),
    [
        ("id", Op.EQ, 3, [3]),
        ("id", Op.IN, [5, 1, 1, 99, HIGH, LOW], [1, 5]),
        ("id", Op.IN, [], []),
        ("id", Op.GT, LOW, [1, 2, 3, 4, 5]),
        ("public_id", Op.EQ, "cus_00000000000000000003", [3]),
        ("first_name", Op.EQ, "ada", []),
        ("first_name", Op.CONTAINS, "D", [1, 3, 4]),
        ("first_name", Op.IN, ["\xc9va", "Bob"], [2, 5]),
        ("name", Op.EQ, "Bob Moran", [2]),
        ("name", Op.CONTAINS, "b m", [2]),
        ("email", Op.EQ, "ada@example.com", [4]),
        ("email", Op.EQ, "\0", []),
        ("email", Op.CONTAINS, contained("_"), []),
        ("email_key", Op.EQ, email_key("ADA@example.COM"), [1, 4]),
        ("email_key", Op.IN, [email_key("ADA@example.COM"), "x"], [1, 4]),
        ("email_key", Op.EQ, "", [2, 3, 5]),
        ("company", Op.CONTAINS, contained("% _\\"), [3]),
        ("phone", Op.EQ, "330", []),
        ("tax_id", Op.EQ, "T", [5]),
        ("birth_date", Op.EQ, BORN, [1]),
        ("birth_date", Op.LT, date(1990, 1, 2), [1]),
        ("birth_date", Op.GE, BORN, [1, 5]),
        ("birth_date", Op.IN, [BORN, date(1990, 1, 2)], [1, 5]),
        ("birth_date", Op.CONTAINS, "1815", [1]),
        ("gender", Op.EQ, Gender.FEMALE, [3]),
        ("gender", Op.EQ, "", [1, 2, 4, 5]),
        ("is_active", Op.EQ, False, [2]),
        ("is_active", Op.EQ, True, [1, 3, 4, 5]),
        ("is_active", Op.NE, True, [2]),
        ("default_billing_id", Op.EQ, 1, [2]),
        (("email", "first_name"), Op.CONTAINS, "ADA", [1, 4]),
    ],
)
def test_customers_are_found_by_what_they_are(field, op, value, numbers, writes, found):
    assert found(Condition(field, op, value), writes=writes) == (
        numbers,
        len(numbers),
    )


@pytest.mark.parametrize("field", ["created_at", "updated_at"])
def test_customers_are_found_by_their_history(field, found, five):
    third = five[2].created_at

    assert found(Condition(field, Op.LT, third)) == ([1, 2], 2)
    assert found(
        Condition(field, Op.GE, third),
        Condition(field, Op.LT, third + timedelta(minutes=1)),
    ) == ([3], 1)


@pytest.mark.parametrize(
    ("order", "numbers"),
    [
        ((), [1, 2, 3, 4, 5]),
        (("-id",), [5, 4, 3, 2, 1]),
        (("last_name", "-created_at"), [5, 4, 3, 1, 2]),
        (("birth_date",), [2, 3, 4, 1, 5]),
        (("-birth_date",), [5, 1, 4, 3, 2]),
        (("-default_billing_id",), [2, 5, 4, 3, 1]),
        (("is_active",), [2, 1, 3, 4, 5]),
        (("email_key",), [2, 3, 5, 1, 4]),
    ],
)
def test_customers_come_in_the_order_that_is_asked_for(order, numbers, found):
    assert found(order=order) == (numbers, 5)


@pytest.mark.parametrize("writes", [True, False])
@pytest.mark.parametrize(
    ("offset", "limit", "numbers"),
    [
        (0, 2, [5, 4]),
        (2, 2, [3, 2]),
        (4, 2, [1]),
        (5, 2, []),
        (10**30, 2, []),
        (0, 0, []),
        (0, 5, [5, 4, 3, 2, 1]),
        (1, 10**30, [4, 3, 2, 1]),
        (3, None, [2, 1]),
    ],
)
def test_pages_have_exact_totals(offset, limit, numbers, writes, found):
    page = found(order=("-id",), offset=offset, limit=limit, writes=writes)

    assert page == (numbers, 5)


def test_a_filtered_page_has_the_total_of_what_matches(found):
    active = Condition("is_active", Op.EQ, True)

    assert found(active, limit=1, offset=1) == ([3], 4)
    assert found(active, limit=1, offset=9) == ([], 4)


@pytest.fixture
def queries(monkeypatch):
    """The statements that are run, one after the other."""
    run, seen = Connection._run, []

    def noted(self, statement, values):
        seen.append(statement)
        return run(self, statement, values)

    monkeypatch.setattr(Connection, "_run", noted)
    return seen


def test_a_customer_is_one_query(queries, open_book, five):
    queries.clear()

    with open_book(writes=False) as book:
        queries.clear()
        book.customer(1)

    assert len(queries) == 1


@pytest.mark.parametrize(("limit", "count"), [(None, 1), (6, 1), (5, 2), (2, 2)])
def test_a_page_that_is_not_full_is_one_query(limit, count, queries, open_book, five):
    with open_book(writes=False) as book:
        queries.clear()
        book.customers(Query(limit=limit))

    assert len(queries) == count


@pytest.mark.parametrize("number", [1, 700, 5 * 10**9])
def test_what_is_renamed_is_found_by_its_name(number, open_book, five, clock):
    brought = Customer(
        id=number + 6,
        public_id="cus_brought",
        email="Brought@example.com",
        created_at=clock(),
        updated_at=clock(),
    )
    with open_book() as book:
        book.add_customer(brought)

    with open_book(writes=False) as book:
        found = book.customers(Query(where=[Condition("id", Op.IN, [number + 6, 1])]))
        last = book.customers(Query(order=("-id",), limit=1))
        below = book.customers(Query(where=[Condition("id", Op.LT, number + 6)]))

    assert [customer.id for customer in found.items] == [1, number + 6]
    assert list(last.items) == [brought]
    assert below.total == 5
