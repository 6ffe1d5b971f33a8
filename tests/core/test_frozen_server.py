"""A PostgreSQL server that stands still: its connections stay open, and say nothing."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from time import monotonic

import pytest

from core import Busy, CustomerDraft, OutcomeUnknown, Query, Store
from core.watch import Watch

BOUND = 4
"""Seconds: what is allowed, a second until somebody looks, and leeway."""


@pytest.fixture
def hasty(postgresql: str) -> Iterator[Store]:
    """A store whose units of work may take a second."""
    store = Store(f"{postgresql}&unit_timeout=1")
    yield store
    store.close()


@pytest.fixture
def freeze() -> Iterator:
    """Lets the server's process of a connection stand still, until the test ends."""
    with ExitStack() as stack:

        def freeze(driver):
            pid = driver.info.backend_pid
            os.kill(pid, signal.SIGSTOP)
            stack.callback(os.kill, pid, signal.SIGCONT)

        yield freeze


def freeze_idle(store, freeze):
    raw = store.database.pool.take()
    freeze(raw.driver_connection)
    store.database.pool.give_back(raw)


@pytest.mark.parametrize("writes", [True, False])
def test_a_unit_of_work_goes_on_where_something_answers(
    writes, hasty, postgres_shop, freeze
):
    freeze_idle(hasty, freeze)
    began = monotonic()

    with hasty.book("test", shop=postgres_shop, writes=writes) as book:
        assert book.customers(Query()).total == 2

    assert monotonic() - began < BOUND
    assert hasty.database.in_use() == 0


def test_a_unit_that_has_begun_is_to_be_done_again(hasty, postgres_shop, freeze):
    def unit():
        with hasty.book("test", shop=postgres_shop) as book:
            book.customer(1)
            freeze(book._connection._raw)
            book.add_customer(CustomerDraft())

    began = monotonic()

    with pytest.raises(Busy):
        unit()

    assert monotonic() - began < BOUND
    assert hasty.database.in_use() == 0


def test_a_commit_without_an_answer_is_not_repeated(hasty, postgres_shop, freeze):
    def unit():
        with hasty.book("test", shop=postgres_shop) as book:
            book.add_customer(CustomerDraft())
            freeze(book._connection._raw)

    with pytest.raises(OutcomeUnknown):
        unit()


def test_what_takes_long_is_let(hasty):
    with hasty.database.connection(writes=True, is_long=True) as connection:
        connection.execute("SELECT pg_sleep(2.5)")


def test_the_url_says_how_long_a_unit_may_take(postgresql):
    longer = "options=-c%20statement_timeout%3D60s"
    said = {
        "": 25,
        "&unit_timeout=7.5": 7.5,
        "&unit_timeout=0": None,
        f"&{longer}": None,
        f"&{longer}&unit_timeout=65": 65,
    }

    found = {more: watched(Store(f"{postgresql}{more}")) for more in said}

    assert found == said


def watched(store):
    watch = store.database.pool._watch
    store.close()
    return watch and watch._seconds


def test_only_what_is_in_use_for_too_long_is_cut():
    cut = []
    watch = Watch(0, cut.append)
    watch._is_on = True
    for raw in ("in use", "given back"):
        watch.begin(raw)
    watch.finish("given back")

    watch.look()
    watch.look()

    assert cut == ["in use"]
