"""A query finds what it says, in the order it says, alike on both databases."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from core import City, Condition, Country, Draft, Kind, Op, Query, contained

FIRST = datetime(2026, 1, 1, 12, tzinfo=UTC)
HIGH, LOW = 10**30, -(10**30)


@pytest.fixture
def six(open_book, ada, grace, clock):
    """Six addresses, a minute apart from each other."""
    drafts = [
        Draft(customer_id=1, first_name="Ada", note="b", default_billing=True),
        Draft(customer_id=2, first_name="Bob", note="a", kind=Kind.COMMERCIAL),
        Draft(customer_id=1, first_name="Cyd", note="b", city=City(name="Akron")),
        Draft(
            customer_id=1,
            first_name="dan",
            note="a",
            phone="0330",
            country=Country(code="US"),
        ),
        Draft(customer_id=2, first_name="Éva", note="100% _\\", street=("1 Row", "B")),
        Draft(customer_id=2, first_name="", note="a", country=Country(code="CA")),
    ]
    added = []
    for draft in drafts:
        with open_book() as book:
            added += book.add_many([draft])
        clock.advance(60)
    return added


@pytest.fixture
def found(open_book, six):
    """The numbers of what a query finds, and the total."""

    def found(*where, writes=False, **query):
        with open_book(writes=writes) as book:
            page = book.find(Query(where=where, **query))
        return [address.id for address in page.items], page.total

    return found


@pytest.mark.parametrize(
    ("field", "op", "value", "numbers"),
    [
        ("id", Op.EQ, 3, [3]),
        ("id", Op.NE, 3, [1, 2, 4, 5, 6]),
        ("id", Op.LT, 3, [1, 2]),
        ("id", Op.LE, 3, [1, 2, 3]),
        ("id", Op.GT, 3, [4, 5, 6]),
        ("id", Op.GE, 3, [3, 4, 5, 6]),
        ("id", Op.IN, [6, 1, 1, 99], [1, 6]),
        ("id", Op.IN, (3,), [3]),
        ("id", Op.IN, [], []),
        ("customer_id", Op.EQ, 2, [2, 5, 6]),
        ("first_name", Op.EQ, "Ada", [1]),
        ("first_name", Op.EQ, "ada", []),
        ("first_name", Op.EQ, "", [6]),
        ("first_name", Op.EQ, "1", []),
        ("phone", Op.EQ, "0330", [4]),
        ("phone", Op.IN, ["330", "0330"], [4]),
        ("phone", Op.EQ, "330", []),
        ("first_name", Op.IN, ["Éva", "Bob"], [2, 5]),
        ("first_name", Op.NE, "Ada", [2, 3, 4, 5, 6]),
        ("first_name", Op.LT, "Bob", [1, 6]),
        ("public_id", Op.EQ, "adr_00000000000000000003", [1]),
        ("kind", Op.EQ, Kind.COMMERCIAL, [2]),
        ("kind", Op.EQ, "", [1, 3, 4, 5, 6]),
        ("default_billing", Op.EQ, True, [1]),
        ("default_shipping", Op.EQ, False, [1, 2, 3, 4, 5, 6]),
        ("country", Op.EQ, 1, [4]),
        ("country", Op.IN, [1, 2], [4, 6]),
        ("city_name", Op.EQ, "Akron", [3]),
        ("street", Op.CONTAINS, "row", [5]),
        ("created_at", Op.EQ, FIRST, [1]),
        ("created_at", Op.GT, FIRST + timedelta(minutes=4), [6]),
        ("created_at", Op.LE, FIRST + timedelta(seconds=61), [1, 2]),
        ("updated_at", Op.LT, FIRST, []),
    ],
)
def test_a_condition_compares(field, op, value, numbers, found):
    assert found(Condition(field, op, value)) == (numbers, len(numbers))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("ad", [1]),
        ("DA", [1, 4]),
        ("", [1, 2, 3, 4, 5, 6]),
        ("va", [5]),
        ("É", [5]),
        ("x", []),
    ],
)
def test_contains_ignores_the_case_of_ascii(text, numbers, found):
    assert found(Condition("first_name", Op.CONTAINS, text)) == (numbers, len(numbers))


@pytest.mark.parametrize("text", ["100%", "% _", "_\\", "\\", "%", "_", "100% _\\"])
def test_contained_wildcards_stand_for_themselves(text, found):
    assert found(Condition("note", Op.CONTAINS, contained(text))) == ([5], 1)


@pytest.mark.parametrize("text", ["1%\\\\", "0__\\_", "%"])
def test_wildcards_that_are_not_escaped_match(text, found):
    ids, _ = found(Condition("note", Op.CONTAINS, text))

    assert 5 in ids


def test_the_second_of_another_zone_is_the_same_instant(found):
    tehran = FIRST.astimezone(timezone(timedelta(hours=3, minutes=30)))

    assert found(Condition("created_at", Op.EQ, tehran)) == ([1], 1)


def test_a_number_contains_its_digits(found):
    assert found(Condition("id", Op.CONTAINS, "3")) == ([3], 1)


def test_of_several_fields_one_must_do(found):
    either = Condition(("first_name", "note", "city_name"), Op.CONTAINS, "a")

    assert found(either) == ([1, 2, 3, 4, 5, 6], 6)
    assert found(replace(either, op=Op.EQ)) == ([2, 4, 6], 3)


def test_fields_of_several_types_may_be_searched_together(found):
    assert found(Condition(("customer_id", "id"), Op.EQ, 2)) == ([2, 5, 6], 3)
    assert found(Condition(("id", "note"), Op.CONTAINS, "1")) == ([1, 5], 2)


def test_all_conditions_must_hold(found):
    where = [Condition("customer_id", Op.EQ, 2), Condition("note", Op.EQ, "a")]

    assert found(*where) == ([2, 6], 2)


def test_a_field_may_have_two_conditions(found):
    where = [Condition("id", Op.GT, 2), Condition("id", Op.LT, 5)]

    assert found(*where) == ([3, 4], 2)


@pytest.mark.parametrize(
    ("op", "value", "numbers"),
    [
        (Op.EQ, HIGH, []),
        (Op.EQ, 2**63, []),
        (Op.NE, HIGH, [1, 2, 3, 4, 5, 6]),
        (Op.IN, [LOW, 2, HIGH], [2]),
        (Op.LT, HIGH, [1, 2, 3, 4, 5, 6]),
        (Op.GT, HIGH, []),
        (Op.GE, LOW, [1, 2, 3, 4, 5, 6]),
    ],
)
def test_a_number_that_no_database_has_compares_all_the_same(op, value, numbers, found):
    assert found(Condition("id", op, value)) == (numbers, len(numbers))


@pytest.mark.parametrize("text", ["\0", "A\0da", "\ud800"])
@pytest.mark.parametrize("op", [Op.EQ, Op.CONTAINS])
def test_no_text_is_or_contains_what_cannot_be_stored(op, text, found):
    assert found(Condition("first_name", op, text)) == ([], 0)


def test_what_cannot_be_stored_may_be_among_what_is_sought(found):
    assert found(Condition("first_name", Op.IN, ["\0", "Bob", "\ud800"])) == ([2], 1)


@pytest.mark.parametrize(
    ("order", "numbers"),
    [
        ((), [1, 2, 3, 4, 5, 6]),
        (("id",), [1, 2, 3, 4, 5, 6]),
        (("-id",), [6, 5, 4, 3, 2, 1]),
        (("customer_id",), [1, 3, 4, 2, 5, 6]),
        (("-customer_id",), [6, 5, 2, 4, 3, 1]),
        (("customer_id", "-id"), [4, 3, 1, 6, 5, 2]),
        (("-customer_id", "id"), [2, 5, 6, 1, 3, 4]),
        (("note", "-customer_id"), [5, 6, 2, 4, 3, 1]),
        (("-created_at",), [6, 5, 4, 3, 2, 1]),
        (("first_name",), [6, 1, 2, 3, 4, 5]),
        (("country",), [1, 2, 3, 5, 4, 6]),
        (("-country",), [6, 4, 5, 3, 2, 1]),
    ],
)
def test_what_is_equal_in_order_comes_by_id(order, numbers, found):
    assert found(order=order) == (numbers, 6)


@pytest.mark.parametrize("writes", [True, False])
@pytest.mark.parametrize(
    ("offset", "limit", "numbers"),
    [
        (0, None, [1, 2, 3, 4, 5, 6]),
        (0, 2, [1, 2]),
        (4, 2, [5, 6]),
        (5, 2, [6]),
        (6, 2, []),
        (99, 2, []),
        (3, None, [4, 5, 6]),
        (99, None, []),
        (0, 0, []),
        (0, 6, [1, 2, 3, 4, 5, 6]),
        (0, 7, [1, 2, 3, 4, 5, 6]),
        (HIGH, 2, []),
        (0, HIGH, [1, 2, 3, 4, 5, 6]),
        (2**63 - 1, 2**63 - 1, []),
    ],
)
def test_a_page_knows_how_many_there_are_in_all(offset, limit, numbers, writes, found):
    assert found(offset=offset, limit=limit, writes=writes) == (numbers, 6)


def test_the_total_counts_what_matches(found):
    two = Condition("customer_id", Op.EQ, 2)

    assert found(two, offset=1, limit=1) == ([5], 3)
    assert found(two, offset=9, limit=1) == ([], 3)


def test_one_query_may_be_asked_with_many_values(found):
    answers = [found(Condition("id", Op.EQ, n)) for n in [1, 70_000, 2**40] * 8]

    # psycopg prepares a statement that is repeated, for the types of its first values.
    assert answers == [([1], 1), ([], 0), ([], 0)] * 8


def test_an_unknown_field_is_a_bug(open_book, six):
    with open_book() as book, pytest.raises(KeyError):
        book.find(Query(where=[Condition("state", Op.EQ, 1)]))
