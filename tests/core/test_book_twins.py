"""A book tells what says the same as a draft."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import repeat

import pytest

from core import City, Country, Draft, Invalid, NotFound, Problem, Query, Region

DRAFT = Draft(
    customer_id=1,
    first_name="Ada",
    street=("12 Row",),
    city=City(name="Akron"),
    region=Region(name="OH"),
    country=Country(code="US"),
)


@pytest.fixture
def known(open_book, grace):
    """An address of Ada's."""
    with open_book() as book:
        [known] = book.add_many([DRAFT])
    return known


def test_of_nothing_there_are_no_twins(open_book, known):
    with open_book() as book:
        assert book.twins([]) == []


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"region": Region(name="Ohio")},
        {"region": Region(id=39)},
        {"note": "another", "fax": "1", "default_billing": True},
    ],
)
def test_what_says_the_same_is_a_twin(changes, open_book, known):
    with open_book() as book:
        assert book.twins([replace(DRAFT, **changes)]) == [known]


@pytest.mark.parametrize(
    "changes",
    [
        {"customer_id": 2},
        {"first_name": "ada"},
        {"street": ("12 Row", "B")},
        {"city": City(name="akron")},
        {"region": None},
    ],
)
def test_what_says_something_else_is_none(changes, open_book, known):
    with open_book() as book:
        assert book.twins([replace(DRAFT, **changes)]) == [None]


def test_an_earlier_draft_is_a_twin(open_book, known):
    new = replace(DRAFT, first_name="Eve")

    with open_book() as book:
        [first, second, third] = book.twins([new, DRAFT, new])

    assert (first, second) == (None, known)
    assert third.first_name == "Eve"


def test_an_address_is_not_its_own_twin(open_book, known):
    with open_book() as book:
        [twin] = book.add_many([DRAFT])

        assert book.twins([known]) == [twin]
        assert book.twins([twin]) == [known]


def test_within_a_customer_twins_are_theirs_whatever_the_draft_says(open_book, known):
    drafts = [replace(DRAFT, customer_id=0), replace(DRAFT, customer_id=2)]

    with open_book(within=1) as book:
        assert book.twins(drafts[:1]) == [known]
        assert book.twins(drafts[1:]) == [known]
    with open_book(within=2) as book:
        assert book.twins([DRAFT]) == [None]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"note": "\0"}, Problem("note", "unstorable")),
        ({"first_name": "\ud800"}, Problem("first_name", "unstorable")),
        ({"city": City(name="\ud800")}, Problem("city", "unstorable")),
        ({"customer_id": 9}, Problem("customer_id", "unknown", 0, {"value": 9})),
        ({"country": Country(id=0)}, Problem("country", "unknown", 0, {"value": 0})),
    ],
)
def test_what_cannot_be_stored_has_no_twin(changes, problem, open_book, known):
    with pytest.raises(Invalid) as error, open_book() as book:
        book.twins([replace(DRAFT, **changes)])

    assert error.value.problems == (problem,)


def test_within_an_unknown_customer_there_are_no_twins(open_book, known):
    with pytest.raises(NotFound), open_book(within=9) as book:
        book.twins([DRAFT])


def add_unless_known(open_book, draft):
    with open_book() as book:
        if book.twins([draft]) == [None]:
            book.add_many([draft])


def test_eight_writers_who_look_for_twins_store_one_address(open_book, ada):
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(add_unless_known, repeat(open_book, 40), repeat(DRAFT)))

    with open_book() as book:
        assert book.find(Query()).total == 1
