"""A customer has at most one default address for each role."""

from dataclasses import replace

import pytest

from core import Draft, Query

BOTH = {"default_billing": True, "default_shipping": True}
NEITHER = {"default_billing": False, "default_shipping": False}


@pytest.fixture
def state(open_book):
    """Tells which addresses are default, and what the customer says of it."""

    def state(customer=1):
        with open_book() as book:
            owner = book.customer(customer)
            found = [a for a in book.find(Query()).items if a.customer_id == customer]
        return {
            "billing": [a.id for a in found if a.default_billing],
            "shipping": [a.id for a in found if a.default_shipping],
            "customer": (owner.default_billing_id, owner.default_shipping_id),
        }

    return state


@pytest.fixture
def three(open_book, ada):
    """Three addresses; the first is the default for both roles."""
    drafts = [Draft(customer_id=ada.id, note=note) for note in "abc"]
    with open_book() as book:
        return book.add_many([replace(drafts[0], **BOTH), *drafts[1:]])


def test_nothing_is_default_unless_told_so(address, state):
    assert state() == {"billing": [], "shipping": [], "customer": (None, None)}


def test_an_address_may_be_added_as_the_default(three, state):
    assert state() == {"billing": [1], "shipping": [1], "customer": (1, 1)}


def test_a_later_default_takes_the_role(three, state, open_book):
    with open_book() as book:
        book.add_many([Draft(customer_id=1, default_billing=True)])

    assert state() == {"billing": [4], "shipping": [1], "customer": (4, 1)}


def test_an_update_moves_a_role(three, state, open_book):
    with open_book() as book:
        [updated] = book.update_many([(book.get(2), {"default_shipping": True})])

    assert updated == replace(three[1], default_shipping=True)
    assert state() == {"billing": [1], "shipping": [2], "customer": (1, 2)}


def test_an_update_clears_a_role(three, state, open_book):
    with open_book() as book:
        [updated] = book.update_many([(book.get(1), {"default_billing": False})])

    assert updated == replace(three[0], default_billing=False)
    assert state() == {"billing": [], "shipping": [1], "customer": (None, 1)}


def test_clearing_a_role_takes_it_from_no_other(three, state, open_book):
    with open_book() as book:
        book.update_many([(book.get(2), NEITHER)])

    assert state() == {"billing": [1], "shipping": [1], "customer": (1, 1)}


def test_an_update_of_something_else_keeps_the_roles(three, state, open_book):
    with open_book() as book:
        book.update_many([(book.get(n), {"note": "new"}) for n in (1, 2)])

    assert state() == {"billing": [1], "shipping": [1], "customer": (1, 1)}


def test_a_removed_address_loses_its_roles(three, state, open_book):
    with open_book() as book:
        book.remove_many([book.get(1)])

    assert state() == {"billing": [], "shipping": [], "customer": (None, None)}


def test_a_removed_address_takes_no_role_from_another(three, state, open_book):
    with open_book() as book:
        old = book.get(1)
        book.update_many([(book.get(2), BOTH)])
        book.remove_many([old])

    assert state() == {"billing": [2], "shipping": [2], "customer": (2, 2)}


def test_in_an_added_batch_the_last_claim_counts(state, open_book, ada):
    drafts = [Draft(customer_id=1, **BOTH), Draft(customer_id=1, default_billing=True)]

    with open_book() as book:
        added = book.add_many([*drafts, Draft(customer_id=1)])

    assert [(a.default_billing, a.default_shipping) for a in added] == [
        (False, True),
        (True, False),
        (False, False),
    ]
    assert state() == {"billing": [2], "shipping": [1], "customer": (2, 1)}


def test_in_an_updated_batch_the_last_claim_counts(three, state, open_book):
    with open_book() as book:
        found = [book.get(n) for n in (3, 2)]
        updated = book.update_many([(a, BOTH) for a in found])

    assert updated == [three[2], replace(three[1], **BOTH)]
    assert state() == {"billing": [2], "shipping": [2], "customer": (2, 2)}


def test_a_batch_may_hand_a_role_over(three, state, open_book):
    with open_book() as book:
        one, two = book.get(1), book.get(2)
        updated = book.update_many([(two, BOTH), (one, NEITHER)])

    assert updated == [replace(three[1], **BOTH), replace(three[0], **NEITHER)]
    assert state() == {"billing": [2], "shipping": [2], "customer": (2, 2)}


def test_each_customer_has_defaults_of_their_own(three, state, open_book, grace):
    with open_book() as book:
        book.add_many([Draft(customer_id=grace.id, **BOTH)])

    assert state(1) == {"billing": [1], "shipping": [1], "customer": (1, 1)}
    assert state(2) == {"billing": [4], "shipping": [4], "customer": (4, 4)}


def test_a_read_only_book_knows_the_defaults(three, open_book):
    with open_book(writes=False) as book:
        found = list(book.find(Query()).items)

    assert found == three
