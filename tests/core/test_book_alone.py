"""One address added by one statement is what it would be if many were added."""

import pytest

from core import (
    Address,
    City,
    Country,
    Customer,
    Draft,
    Invalid,
    NotFound,
    OutcomeUnknown,
    Query,
    Region,
)
from core.instants import EPOCH
from core.work import Work
from tests.core.test_book import NOBODY, WHOLE
from tests.core.test_lost_connections import end, end_idle

PLACED = Draft(
    customer_id=1,
    first_name="Ada",
    street=("12 Row", "Flat 3"),
    city=City(name="akron"),
    region=Region(name="ohio"),
    country=Country(code="US"),
    extras={"test": {"a": "é"}},
)
ADDED_BOTH_WAYS = [
    Draft(customer_id=1),
    PLACED,
    Draft(customer_id=1, country=Country(code="FR"), city=City(name="Nowhere")),
    Draft(customer_id=1, default_billing=True),
    WHOLE,
]


@pytest.mark.parametrize("draft", ADDED_BOTH_WAYS)
def test_both_ways_to_add_give_the_same(draft, open_book, ada, ids):
    with open_book() as book:
        alone = book.add_alone(draft)
    with open_book() as book:
        assert book.get(alone.id) == alone
        [among_many] = book.add_many([draft])
    with open_book() as book:
        held = book.get(alone.id)

    assert among_many.id == alone.id + 1
    own = {"id": 0, "public_id": "", "default_billing": 0, "default_shipping": 0}
    assert {**vars(alone), **own} == {**vars(among_many), **own}
    # The role went to the second.
    assert held.default_billing is False


@pytest.mark.parametrize("within", ["id", "public_id"])
def test_an_address_is_added_to_the_customer_whom_the_book_is_within(
    within, open_book, ada, grace
):
    with open_book(within=getattr(grace, within)) as book:
        added = book.add_alone(PLACED)

    assert (type(added), added.id, added.customer_id) == (Address, 1, grace.id)


@pytest.mark.parametrize("nobody", NOBODY)
def test_nobody_gets_no_address_and_no_number_is_spent(nobody, open_book, ada):
    with pytest.raises(NotFound), open_book(within=nobody) as book:
        book.add_alone(PLACED)
    if isinstance(nobody, int):
        with pytest.raises(Invalid), open_book() as book:
            book.add_alone(Draft(customer_id=nobody))

    with open_book() as book:
        assert book.add_alone(PLACED).id == 1


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (Draft(customer_id=1, first_name="a\0"), "unstorable"),
        (Draft(customer_id=1, country=Country(code="XX")), "unknown"),
    ],
)
def test_what_is_wrong_is_told(wrong, code, open_book, ada):
    with pytest.raises(Invalid) as error, open_book() as book:
        book.add_alone(wrong)

    assert [problem.code for problem in error.value.problems] == [code]


def test_another_shop_s_customer_gets_nothing(open_book, other_shop, ada):
    with pytest.raises(Invalid), open_book(shop=other_shop) as book:
        book.add_alone(PLACED)

    with open_book() as book:
        assert book.find(Query()).total == 0


def test_a_dialect_with_names_calls_the_address_by_its_number(open_book, store, shop):
    with open_book() as book:
        someone = Customer(
            id=5_000_000_000, public_id="", created_at=EPOCH, updated_at=EPOCH
        )
        book.add_customers([someone])
    with open_book(within=5_000_000_000) as book:
        added = book.add_alone(PLACED)

    assert (added.id, added.customer_id) == (1, 5_000_000_000)


def test_what_was_read_before_is_of_the_same_unit(open_book, ada):
    def unit():
        with open_book() as book:
            book.customer(1)
            book.add_alone(PLACED)
            raise ValueError("undone")

    with pytest.raises(ValueError, match="undone"):
        unit()

    with open_book() as book:
        assert book.find(Query()).total == 0


def test_nothing_may_follow(open_book, ada):
    def unit():
        with open_book() as book:
            book.add_alone(Draft(customer_id=1))
            book.customer(1)

    with pytest.raises(RuntimeError):
        unit()

    with open_book() as book:
        assert book.find(Query()).total == 1


def test_the_next_number_is_above_those_that_were_imported(open_book, ada):
    imported = Address(
        **{**vars(PLACED), "country": None, "region": None, "city": None},
        id=70,
        public_id="",
        created_at=ada.created_at,
        updated_at=ada.updated_at,
    )
    with open_book() as book:
        book.add_many([imported])

    with open_book() as book:
        assert book.add_alone(PLACED).id == 71


def test_a_lost_connection_is_noticed_before(postgres, postgres_shop):
    end_idle(postgres)

    with postgres.book("test", shop=postgres_shop, within=1) as book:
        assert book.add_alone(Draft()).id == 1


def test_an_answer_that_is_lost_is_not_asked_for_again(
    postgres, postgres_shop, monkeypatch
):
    alone = Work.alone

    def ended(work):
        driver = alone(work)
        end(postgres, driver)
        return driver

    monkeypatch.setattr(Work, "alone", ended)
    with (
        pytest.raises(OutcomeUnknown),
        postgres.book("test", shop=postgres_shop, within=1) as book,
    ):
        book.add_alone(Draft())

    assert postgres.database.in_use() == 0
