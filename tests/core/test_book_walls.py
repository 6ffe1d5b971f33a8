"""A book holds what is its shop's, and within a customer what is the customer's."""

import pytest

from core import CustomerDraft, Draft, NotFound, Query
from core.tables import addresses


@pytest.fixture
def neighbour(open_book, other_shop):
    """A customer of the other shop, who has number 1 there, and address 1."""
    with open_book(shop=other_shop) as book:
        customer = book.add_customer(CustomerDraft(first_name="Neighbour"))
        book.add_many([Draft(customer_id=customer.id, note="the neighbour's")])
    return customer


@pytest.fixture
def two_addresses(open_book, ada, grace):
    """One of Ada's and one of Grace's."""
    with open_book() as book:
        return book.add_many([Draft(customer_id=ada.id), Draft(customer_id=grace.id)])


def test_numbers_are_a_shop_s_own(open_book, address, neighbour, other_shop):
    with open_book() as ours:
        here = ours.get(1)
    with open_book(shop=other_shop) as theirs:
        there = theirs.get(1)

    assert (here, there.note) == (address, "the neighbour's")


@pytest.mark.parametrize("writes", [True, False])
def test_another_shop_s_public_id_names_nothing(
    writes, open_book, address, other_shop, neighbour
):
    with open_book(shop=other_shop, writes=writes) as book:
        with pytest.raises(NotFound):
            book.get(address.public_id)
        with pytest.raises(NotFound):
            book.customer("cus_00000000000000000001")


def test_what_a_shop_finds_is_its_own(open_book, two_addresses, neighbour, ada, grace):
    with open_book() as book:
        assert book.find(Query()).items == two_addresses
        assert book.customers(Query()).items == [ada, grace]


def test_an_address_of_another_shop_is_neither_changed_nor_removed(
    open_book, address, neighbour, other_shop, rows
):
    with open_book(shop=other_shop) as book:
        theirs = book.get(1)
        before = rows(addresses)

    with open_book(shop=other_shop) as book:
        [changed] = book.update_many([(theirs, {"note": "changed"})])
        book.remove_many([changed])

    assert rows(addresses, other_shop) == []
    assert rows(addresses) == before


@pytest.mark.parametrize("writes", [True, False])
def test_within_a_customer_the_others_addresses_do_not_exist(
    writes, open_book, two_addresses, ada, grace
):
    mine, stranger_s = two_addresses

    with open_book(within=ada.id, writes=writes) as book:
        assert book.get(mine.id) == mine
        assert book.get(mine.public_id) == mine
        assert book.find(Query()).items == [mine]
        for ref in (stranger_s.id, stranger_s.public_id):
            with pytest.raises(NotFound) as error:
                book.get(ref)
            assert (error.value.kind, error.value.id) == ("address", ref)


def test_a_customer_may_be_named_by_public_id(open_book, two_addresses, grace):
    with open_book(within=grace.public_id) as book:
        page = book.find(Query())

    assert (page.items, page.total) == (two_addresses[1:], 1)


def test_within_a_customer_a_draft_is_theirs_whatever_it_says(
    open_book, two_addresses, ada, grace
):
    with open_book(within=grace.id) as book:
        [added] = book.add_many([Draft(customer_id=ada.id)])

    assert added.customer_id == grace.id
    with open_book(within=grace.id) as book:
        assert book.find(Query()).items == [two_addresses[1], added]


@pytest.mark.parametrize("within", [99, 0, 2**63, "cus_9", "\0", "\ud800"])
def test_within_an_unknown_customer_nothing_is_done(within, open_book, address):
    with open_book(within=within) as book:
        for do in (
            lambda: book.get(1),
            lambda: book.find(Query()),
            lambda: book.add_many([Draft()]),
        ):
            with pytest.raises(NotFound) as error:
                do()
            assert (error.value.kind, error.value.id) == ("customer", within)


def test_a_customer_without_addresses_is_known_all_the_same(open_book, ada):
    with open_book(within=ada.id) as book:
        page = book.find(Query())

    assert (page.items, page.total) == ([], 0)
