"""A nonce is used once, whoever uses it, and remembered for two hours.

Source: OpenMage 20.18, its nonces (kept for 120 minutes at least, of 32 characters).
"""

import stat
from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex

import pytest

from core import Store, Use, nonces, schema

TWO_HOURS = 120 * 60


@pytest.fixture
def forgotten(store, shop):
    """No nonce is known, and the clock begins anew."""
    store.forget_nonces()


@pytest.fixture
def forget_old(store, clock):
    """Forgets old nonces, as the store does now and then."""

    def forget_old():
        with store._nonces_connection() as connection:
            return nonces.forget_old(connection, clock())

    return forget_old


def test_a_nonce_is_fresh_once(store):
    nonce = token_hex(16)

    uses = [store.use_nonce(nonce, 1700000000) for _ in range(3)]

    assert uses == [Use.FRESH, Use.USED, Use.USED]


def test_a_nonce_with_another_timestamp_is_told_apart(store):
    nonce = token_hex(16)
    store.use_nonce(nonce, 1700000000)

    assert store.use_nonce(nonce, 1700000001) == Use.REUSED
    assert store.use_nonce(nonce, 1700000000) == Use.USED


def test_the_first_32_characters_tell_a_nonce_from_others(store):
    nonce = token_hex(16)
    store.use_nonce(nonce + "a", 1700000000)

    assert store.use_nonce(nonce + "b", 1700000000) == Use.USED
    assert store.use_nonce(nonce[:31], 1700000000) == Use.FRESH


@pytest.mark.parametrize("text", ["", "\0", "\ud800", "é\U0001f600", "x" * 100_000])
@pytest.mark.usefixtures("forgotten")
def test_any_text_is_a_nonce(text, store):
    uses = [store.use_nonce(text, 1) for _ in range(2)]

    assert uses == [Use.FRESH, Use.USED]


@pytest.mark.usefixtures("forgotten")
def test_a_nonce_is_remembered_for_two_hours(store, clock, forget_old):
    store.use_nonce("early", 1)
    clock.advance(TWO_HOURS)

    assert forget_old() == 0
    assert store.use_nonce("early", 1) == Use.USED


@pytest.mark.usefixtures("forgotten")
def test_older_nonces_are_forgotten(store, clock, forget_old):
    store.use_nonce("early", 1)
    clock.advance(TWO_HOURS)
    store.use_nonce("late", 1)
    clock.advance(1)

    assert forget_old() == 1
    assert store.use_nonce("early", 1) == Use.FRESH
    assert store.use_nonce("late", 1) == Use.USED


@pytest.mark.usefixtures("forgotten")
def test_some_are_forgotten_at_a_time(store, clock, forget_old, monkeypatch):
    monkeypatch.setattr("core.store.FORGETS", 0)
    for n in range(nonces.AT_ONCE + 1):
        store.use_nonce(str(n), 1)
    clock.advance(TWO_HOURS + 1)

    assert [forget_old() for _ in range(3)] == [nonces.AT_ONCE, 1, 0]


@pytest.mark.usefixtures("forgotten")
def test_the_use_of_a_nonce_forgets_old_ones_now_and_then(store, clock, monkeypatch):
    monkeypatch.setattr("core.store.FORGETS", 1)
    store.use_nonce("early", 1)
    clock.advance(TWO_HOURS + 1)

    assert store.use_nonce("early", 1) == Use.FRESH


def test_of_equal_uses_at_once_one_is_fresh(store):
    nonce = token_hex(16)

    with ThreadPoolExecutor(20) as threads:
        uses = [*threads.map(lambda _: store.use_nonce(nonce, 1), range(20))]

    assert sorted(use.value for use in uses) == ["fresh", *["used"] * 19]


def test_processes_use_each_nonce_once(url, run_workers):
    prefix = token_hex(8)

    printed = run_workers(3, "use_nonces", url, prefix)

    assert sum(int(count) for count in printed) == 200


def test_a_nonce_stays_used_when_the_unit_of_work_fails(store, shop):
    nonce = token_hex(16)
    store.use_nonce(nonce, 1)

    with pytest.raises(ValueError, match="undone"), store.keys():
        raise ValueError("undone")

    assert store.use_nonce(nonce, 1) == Use.USED


def test_a_nonce_waits_for_no_writer_and_not_for_the_disk(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/durable.db")
    schema.create(store.database)

    with ThreadPoolExecutor(1) as thread, store.keys() as keyring:
        keyring.all()
        use = thread.submit(store.use_nonce, "a", 1)
        assert use.result(timeout=5) == Use.FRESH

    assert synchronous(store.database) == 2
    assert synchronous(store._nonces) == 1
    store.close()


def test_a_nonce_stays_used_when_the_store_is_opened_again(tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"
    for use in (Use.FRESH, Use.USED):
        store = Store(url)
        assert store.use_nonce("a", 1) == use
        store.close()

    kept = tmp_path / "store.db-nonces"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_of_processes_that_begin_at_once_one_makes_the_file(tmp_path, run_workers):
    url = f"sqlite:///{tmp_path}/new.db"

    printed = run_workers(4, "use_nonces", url, "new")

    assert sum(int(count) for count in printed) == 200


def synchronous(database):
    """How a connection waits for the disk: 1 for NORMAL, 2 for FULL (SQLite)."""
    raw = database.pool.take()
    [found] = raw.driver_connection.execute("PRAGMA synchronous").fetchone()
    database.pool.give_back(raw)
    return found


def test_a_store_in_memory_knows_nonces():
    store = Store()
    schema.create(store.database)

    uses = [store.use_nonce("a", 1), store.use_nonce("a", 1), store.use_nonce("a", 2)]

    assert uses == [Use.FRESH, Use.USED, Use.REUSED]
    store.close()
