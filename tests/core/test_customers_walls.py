"""A book holds its shop's customers, and within a customer that one alone."""

from dataclasses import replace

import pytest

from core import Condition, CustomerDraft, Draft, Forbidden, NotFound, Op, Query


@pytest.fixture(params=["id", "public_id"])
def within(request, ada, grace):
    """Grace, by either of her names."""
    return getattr(grace, request.param)


@pytest.fixture
def neighbour(open_book, other_shop):
    """A customer of the other shop, who has number 1 there."""
    with open_book(shop=other_shop) as book:
        return book.add_customer(CustomerDraft(first_name="N", email="n@example.com"))


@pytest.mark.parametrize("writes", [True, False])
def test_a_customer_s_book_holds_that_customer_alone(
    writes, within, open_book, ada, grace
):
    with open_book(within=within, writes=writes) as book:
        page = book.customers(Query())
        first = book.customers(Query(limit=1, order=("-first_name",)))
        mine = [book.customer(2), book.customer(grace.public_id)]

    assert (page.items, page.total) == ([grace], 1)
    assert (first.items, first.total) == ([grace], 1)
    assert mine == [grace, grace]


@pytest.mark.parametrize("writes", [True, False])
def test_others_are_not_found_in_a_customer_s_book(writes, within, open_book, ada):
    with open_book(within=within, writes=writes) as book:
        for ref in (1, ada.public_id, 3, "cus_none"):
            with pytest.raises(NotFound) as error:
                book.customer(ref)
            assert (error.value.kind, error.value.id) == ("customer", ref)


def test_others_match_nothing_in_a_customer_s_book(within, open_book):
    with open_book(within=within, writes=False) as book:
        page = book.customers(Query(where=[Condition("id", Op.EQ, 1)]))

    assert (page.items, page.total) == ([], 0)


@pytest.mark.parametrize("within", [9, 2**63, "cus_none", "\0"])
def test_the_book_of_nobody_holds_nobody(within, open_book, ada):
    with open_book(within=within, writes=False) as book:
        page = book.customers(Query())
        with pytest.raises(NotFound):
            book.customer(1)

    assert (page.items, page.total) == ([], 0)


def test_a_customer_s_book_changes_that_customer(within, open_book, grace):
    with open_book(within=within) as book:
        [updated] = book.update_customers([(book.customer(2), {"note": "n"})])

    with open_book(writes=False) as book:
        assert book.customer(2) == updated == replace(grace, note="n")


def test_a_customer_s_book_changes_no_other(within, open_book, ada):
    with pytest.raises(NotFound), open_book(within=within) as book:
        book.update_customers([(ada, {"note": "n"})])

    with open_book(writes=False) as book:
        assert book.customer(1) == ada


def test_a_customer_s_book_makes_and_removes_no_customers(
    within, open_book, ada, grace
):
    for_nothing = [
        lambda book: book.add_customer(CustomerDraft()),
        lambda book: book.add_customers([]),
        lambda book: book.remove_customers([grace]),
        lambda book: book.remove_customers([ada]),
    ]

    for work in for_nothing:
        with pytest.raises(Forbidden) as error, open_book(within=within) as book:
            work(book)
        assert error.value.code == "within"

    with open_book(writes=False) as book:
        assert book.customers(Query()).items == [ada, grace]


def test_a_customer_s_book_tells_that_an_email_is_taken(within, open_book, ada):
    with open_book() as book:
        book.update_customers([(ada, {"email": "ada@example.com"})])

    with open_book(within=within) as book:
        found = book.with_email(["ADA@example.com"])

    assert found == {"ADA@example.com": [1]}


def test_another_shop_s_customers_are_out_of_reach(
    open_book, other_shop, ada, neighbour
):
    with open_book() as book:
        assert book.customers(Query()).items == [ada]
        assert book.with_email(["n@example.com"]) == {"n@example.com": []}
        book.update_customers([(book.customer(1), {"note": "n"})])
        book.add_many([Draft(customer_id=1)])
        book.remove_customers([book.customer(1)])

    with open_book(shop=other_shop) as book:
        assert book.customers(Query()).items == [neighbour]
        assert book.customer(1) == neighbour
