from concurrent.futures import ThreadPoolExecutor
from itertools import count
from time import sleep

import pytest

from core.pool import NoConnection, Pool


class Made:
    """A connection that knows its number."""

    def __init__(self, number):
        self.number = number
        self.is_closed = False

    def invalidate(self):
        self.is_closed = True


@pytest.fixture
def numbered():
    numbers = count(1)
    return lambda: Made(next(numbers))


def test_the_connection_that_was_used_last_is_taken_first(numbered):
    pool = Pool(numbered, 2, 0)
    one, two = pool.take(), pool.take()
    pool.give_back(one)
    pool.give_back(two)

    assert [pool.take().number, pool.take().number] == [2, 1]


def test_who_finds_none_in_time_is_told(numbered):
    pool = Pool(numbered, 1, 0.01)
    pool.take()

    with pytest.raises(NoConnection):
        pool.take()

    assert pool.in_use() == 1


def test_who_waits_gets_the_one_that_is_given_back(numbered):
    pool = Pool(numbered, 1, 5)
    held = pool.take()

    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(pool.take)
        sleep(0.05)
        pool.give_back(held)
        assert waiting.result() is held


def test_who_waits_opens_one_where_another_was_lost(numbered):
    pool = Pool(numbered, 1, 5)
    lost = pool.take()

    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(pool.take)
        sleep(0.05)
        pool.drop(lost)
        assert waiting.result().number == 2

    assert (lost.is_closed, pool.in_use()) == (True, 1)


def test_a_lost_connection_is_replaced_by_a_new_one_and_not_an_idle_one(numbered):
    pool = Pool(numbered, 3, 0)
    lost, idle = pool.take(), pool.take()
    pool.give_back(idle)

    fresh = pool.renewed(lost)

    assert (fresh.number, lost.is_closed, idle.is_closed) == (3, True, True)
    assert pool.in_use() == 1


def test_what_cannot_be_opened_takes_no_place():
    def refuse():
        raise ConnectionError

    pool = Pool(refuse, 1, 0)

    for _ in range(2):
        with pytest.raises(ConnectionError):
            pool.take()

    assert pool.in_use() == 0


def test_threads_share_fewer_connections_than_they_are(numbered):
    pool = Pool(numbered, 2, 5)

    def use(_):
        for _ in range(200):
            pool.give_back(pool.take())

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(use, range(8)))

    assert pool.in_use() == 0
    assert max(pool.take().number, pool.take().number) <= 2
