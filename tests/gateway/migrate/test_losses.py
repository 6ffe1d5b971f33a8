"""Store -> A -> store -> B -> store: what is lost is what is declared, and no more."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import Draft, Store
from gateway.migrate import Ledger
from gateway.migrate.content import compare, content_of
from tests.dialects.remotes import person, sample
from tests.gateway.migrate.moving import (
    NAMES,
    Serve,
    move,
    new_store,
    places,
    platform,
    store_end,
)

TEXT = st.text("abcXYZ éß", min_size=1, max_size=8).map(str.strip).filter(bool)
DRAFTS = st.builds(
    lambda n, **more: sample(n, **more),
    st.integers(1, 99),
    company=TEXT,
    prefix=TEXT,
    note=TEXT,
    fax=st.just("5550100"),
    street=st.lists(TEXT, min_size=1, max_size=3).map(tuple),
)


def stored(draft: Draft) -> Store:
    """A store with one customer, who has this address."""
    store = new_store()
    with store.book("suite", shop=store.shop("main")) as book:
        owner = book.add_customer(person(1))
        book.add_many([replace(draft, customer_id=owner.id)])
    return store


def only_address(store: Store) -> Draft:
    """The one address in a store, its places without numbers."""
    end = store_end(store)
    [address] = end.addresses_of([one.ref for one in end.customers()])
    return places().whole(address).draft


PAIRS = [(first, second) for second, first in combinations(NAMES, 2)]
"""Easel comes after OpenMage: it has no telephone, without which that takes no address.

The other way round makes no difference to any other pair.
"""


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_only_what_is_declared_is_lost(serve: Serve, first: str, second: str) -> None:
    servers = serve(first), serve(second)

    @settings(
        max_examples=3, suppress_health_check=[HealthCheck.too_slow], derandomize=True
    )
    @given(DRAFTS)
    def goes_round(draft: Draft) -> None:
        store = stored(draft)
        for server in servers:
            with server.book() as book:
                book.remove_customers(server.customers())
            move(store_end(store), platform(server), Ledger(None))
            store = new_store()
            move(platform(server), store_end(store, server.dialect.name), Ledger(None))
        before = places().complete(draft)
        found = compare(content_of(before), content_of(only_address(store)), ())
        declared = {name for one in servers for name in one.dialect.losses}
        lost = {one.field for one in found if not one.rule}
        assert lost <= declared
        silent = declared - {"street", "extras", "kind"}
        said = content_of(only_address(store)).keys()
        assert silent & said <= {"default_billing", "default_shipping"}

    goes_round()


@pytest.mark.parametrize("name", NAMES)
def test_moving_back_restores_what_the_platform_did_not_hold(
    serve: Serve, name: str
) -> None:
    server = serve(name)
    store = stored(sample(1, street=("a", "b", "c")))
    before = only_address(store)

    move(store_end(store), platform(server), Ledger(None))
    ledger = Ledger(None)
    move(platform(server), store_end(store, name), ledger)

    assert only_address(store) == before
    assert ledger.counts() == {
        "customers": {"duplicate": 1},
        "addresses": {"duplicate": 1},
    }
