"""A connection that PostgreSQL ends fails no request that can be done again."""

import psycopg
import pytest

from core import Busy, CustomerDraft, OutcomeUnknown, Query, Store, Use, retrying
from core.sql import Database


def end(store, driver):
    """Close a connection at the server's end, as a restart does."""
    url = store.database.url.set(drivername="postgresql").render_as_string(False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(%s, 5000)", [driver.info.backend_pid]
        )


def end_idle(store):
    """Close the store's only connection while nobody uses it."""
    raw = store.database.pool.take()
    end(store, raw.driver_connection)
    store.database.pool.give_back(raw)


def customers(store, shop):
    with store.book("test", shop=shop, writes=False) as book:
        return book.customers(Query()).total


@pytest.mark.parametrize("writes", [True, False])
def test_a_unit_begins_on_a_new_connection(writes, postgres, postgres_shop):
    end_idle(postgres)

    with postgres.book("test", shop=postgres_shop, writes=writes) as book:
        assert book.customer(1).id == 1

    assert postgres.database.in_use() == 0


def test_a_nonce_is_still_fresh(postgres, postgres_shop):
    end_idle(postgres)

    assert postgres.use_nonce(postgres_shop.hash, 1) == Use.FRESH


def test_what_is_read_is_read_again(postgres, postgres_shop):
    with postgres.book("test", shop=postgres_shop, writes=False) as book:
        before = book.customer(1)
        end(postgres, book._connection._raw)
        again = book.customer(1)

    assert again == before
    assert postgres.database.in_use() == 0


def test_what_is_to_be_of_one_moment_is_not_read_again(postgres, postgres_shop):
    def read():
        with postgres.extract("test", shop=postgres_shop) as extract:
            extract.counts()
            end(postgres, extract._connection._raw)
            extract.counts()

    with pytest.raises(psycopg.OperationalError):
        read()

    assert postgres.database.in_use() == 0


def test_a_unit_that_has_begun_is_done_again_once(postgres, postgres_shop):
    attempts = []

    def unit():
        with postgres.book("test", shop=postgres_shop) as book:
            book.add_customer(CustomerDraft())
            attempts.append(1)
            if len(attempts) == 1:
                end(postgres, book._connection._raw)
            book.add_customer(CustomerDraft())

    retrying(unit)

    assert (len(attempts), customers(postgres, postgres_shop)) == (2, 4)
    assert postgres.database.in_use() == 0


def test_a_commit_without_an_answer_is_not_done_again(postgres, postgres_shop):
    attempts = []

    def unit():
        with postgres.book("test", shop=postgres_shop) as book:
            book.add_customer(CustomerDraft())
            attempts.append(1)
            end(postgres, book._connection._raw)

    with pytest.raises(OutcomeUnknown):
        retrying(unit)

    assert (len(attempts), customers(postgres, postgres_shop)) == (1, 2)
    assert postgres.database.in_use() == 0


def test_a_leader_that_became_a_standby_is_left(postgres, postgres_shop):
    raw = postgres.database.pool.take()
    raw.driver_connection.execute("SET default_transaction_read_only = on")
    postgres.database.pool.give_back(raw)

    def unit():
        with postgres.book("test", shop=postgres_shop) as book:
            book.add_customer(CustomerDraft())

    with pytest.raises(Busy):
        unit()
    unit()

    assert customers(postgres, postgres_shop) == 3


def test_a_database_that_is_read_only_is_not_asked_for_ever(postgresql, postgres_shop):
    store = Store(f"{postgresql}&options=-c%20default_transaction_read_only%3Don")

    def unit():
        with store.book("test", shop=postgres_shop) as book:
            book.add_customer(CustomerDraft())

    with pytest.raises(Busy):
        retrying(unit)

    store.close()


def shown(database, *names):
    with database.connection(writes=False) as connection:
        for name in names:
            connection.execute("SELECT 1")
            cursor = connection._raw.execute(f"SHOW {name}")
            yield cursor.fetchone()[0]


NAMES = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


def test_no_statement_and_no_lock_is_waited_for_for_ever(postgresql):
    database = Database(postgresql)

    assert [*shown(database, *NAMES)] == ["20s", "5s", "30s"]
    database.close()


def test_a_url_has_the_last_word(postgresql):
    options = "-c%20statement_timeout%3D1s%20-c%20lock_timeout%3D0"
    more = f"options={options}&connect_timeout=9&pool_size=1&prepare_threshold=none"
    database = Database(f"{postgresql}&{more}")

    assert [*shown(database, *NAMES)] == ["1s", "0", "30s"]
    raw = database.pool.take()
    parameters = raw.driver_connection.info.get_parameters()
    assert parameters["connect_timeout"] == "9"
    assert parameters["tcp_user_timeout"] == "15000"
    assert raw.driver_connection.prepare_threshold is None
    database.pool.give_back(raw)
    database.close()


def test_what_takes_long_is_let(postgresql, postgres_shop):
    impatient = Store(f"{postgresql}&options=-c%20statement_timeout%3D50ms")

    with impatient.database.connection(writes=True, is_long=True) as connection:
        connection.execute("SELECT pg_sleep(0.1)")
    with (
        pytest.raises(psycopg.errors.QueryCanceled),
        impatient.database.connection(writes=True) as connection,
    ):
        connection.execute("SELECT pg_sleep(0.1)")

    impatient.close()


def test_of_several_hosts_the_one_that_writes_is_found(postgres, postgres_shop):
    folder = postgres.database.url.query["host"]
    hosts = f"host=127.0.0.1:1&host={folder}:5432&target_session_attrs=read-write"
    store = Store(f"postgresql+psycopg://postgres@/postgres?{hosts}")

    assert customers(store, postgres_shop) == 2
    store.close()
