"""A unit of work commits or rolls back, and gives its connection back."""

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Integer, bindparam, column, insert, literal, select

from core import Busy, Draft, Store, retrying
from core.connection import Statement
from core.sql import Database
from core.tables import counters


@pytest.fixture
def database(store):
    return store.database


@pytest.fixture
def add(shop):
    """Puts a counter into the shop, which must not have it."""
    statement = Statement(insert(counters))

    def add(connection, kind, last=1):
        connection.run(statement, shop_id=shop.id, kind=kind, last=last)

    return add


@pytest.fixture
def kinds(rows):
    """The counters that were put into the shop."""

    def kinds():
        new = {row["kind"] for row in rows(counters)}
        return new - {"customer", "address", "region", "city"}

    return kinds


def test_what_a_unit_wrote_is_committed(database, add, kinds):
    with database.connection(writes=True) as connection:
        add(connection, "a")

    assert kinds() == {"a"}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_what_a_failing_unit_wrote_is_rolled_back(error, database, add, kinds):
    def failing_unit():
        with database.connection(writes=True) as connection:
            add(connection, "a")
            raise error

    with pytest.raises(error):
        failing_unit()

    assert kinds() == set()


def test_an_error_of_the_database_rolls_all_back(database, add, kinds):
    def failing_unit():
        with database.connection(writes=True) as connection:
            add(connection, "a")
            add(connection, "a")

    with pytest.raises(Exception, match=r"(?i)unique"):
        failing_unit()

    assert kinds() == set()


def test_a_writer_s_rows_are_not_seen_before_it_commits(database, add, kinds):
    with database.connection(writes=True) as connection:
        add(connection, "a")
        before = kinds()

    assert (before, kinds()) == (set(), {"a"})


@pytest.mark.parametrize("writes", [True, False])
def test_failing_units_give_their_connections_back(writes, database):
    wrong = Statement(select(column("nothing")).select_from(counters))

    def failing_unit(_):
        with database.connection(writes=writes) as connection:
            connection.one(wrong)

    with ThreadPoolExecutor(8) as threads:
        errors = [threads.submit(failing_unit, n).exception() for n in range(60)]

    assert None not in errors
    assert database.in_use() == 0


def test_several_rows_are_written_at_once(database, shop, kinds):
    statement = Statement(insert(counters))
    rows = [{"shop_id": shop.id, "kind": k, "last": 0} for k in "abc"]

    with database.connection(writes=True) as connection:
        connection.many(statement, [])
        connection.many(statement, rows[:1])
        connection.many(statement, rows[1:])

    assert kinds() == {"a", "b", "c"}


def test_a_statement_brings_the_values_that_are_written_in_it(database):
    first = bindparam("first", type_=Integer)
    statement = Statement(select(first + 40, literal("text"), literal(2, Integer)))

    with database.connection(writes=False) as connection:
        found = [connection.one(statement, first=n) for n in (2, 3)]

    assert found == [(42, "text", 2), (43, "text", 2)]


def test_a_statement_is_compiled_once_for_each_kind_of_database(store):
    in_memory = Store()
    statement = Statement(select(bindparam("a", type_=Integer)))

    one, _ = statement.bind(store.database.engine, {"a": 1})
    again, _ = statement.bind(store.database.engine, {"a": 2})
    other = statement.bind(in_memory.database.engine, {"a": 3})

    assert one is again
    assert other == ("SELECT ? AS anon_1", [3])
    in_memory.close()


def test_a_repeated_statement_takes_values_of_any_size(database):
    # psycopg tells the server int2, int4 or int8, and prepares what is repeated.
    statement = Statement(select(bindparam("a") + literal(0)))
    typed = Statement(select(counters.c.last).where(counters.c.last == bindparam("a")))
    sizes = [1, 2**20, 2**40, 2**60] * 8

    with database.connection(writes=False) as connection:
        sums = [connection.one(statement, a=a)[0] for a in sizes]
        found = [connection.one(typed, a=-a) for a in sizes]

    assert (sums, found) == (sizes, [None] * 32)


HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def locked_database(tmp_path):
    """A SQLite file that another process writes to, and our side of it."""
    path = str(tmp_path / "locked.db")
    database = Database(f"sqlite:///{path}")
    with database.connection(writes=True) as connection:
        connection.execute("SELECT 1")
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    holder.stdout.readline()
    with database.connection(writes=False) as connection:
        connection.execute("PRAGMA busy_timeout = 50")
    yield database, holder
    holder.communicate()
    database.close()


def test_a_locked_file_is_busy(locked_database):
    database, _ = locked_database

    with pytest.raises(Busy), database.connection(writes=True) as connection:
        connection.one(Statement(select(literal(1))))

    assert database.in_use() == 0


def test_a_locked_file_can_be_read(locked_database):
    database, _ = locked_database

    with database.connection(writes=False) as connection:
        assert connection.one(Statement(select(literal(1)))) == (1,)


def test_a_file_is_written_to_when_the_other_writer_is_gone(locked_database):
    database, holder = locked_database
    holder.communicate()

    with database.connection(writes=True) as connection:
        assert connection.one(Statement(select(literal(1)))) == (1,)


@pytest.mark.parametrize(("durable", "synchronous"), [(True, 2), (False, 1)])
def test_a_file_is_opened_as_the_store_relies_on(durable, synchronous, tmp_path):
    database = Database(f"sqlite:///{tmp_path}/file.db", durable=durable)
    raw = database.engine.raw_connection()

    settings = {
        name: raw.driver_connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    }

    raw.close()
    database.close()
    assert settings == {
        "journal_mode": "wal",
        "synchronous": synchronous,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }


def lock_both(store, shop, first, second, barrier):
    """Lock one customer, and the other when everyone has locked one."""
    try:
        with store.book("test", shop=shop) as book:
            book.lock(first)
            barrier.wait(10)
            book.lock(second)
    except Busy:
        return "busy"
    return "done"


def test_of_a_deadlock_one_is_busy_and_the_other_done(postgres, postgres_shop):
    barrier = Barrier(2)

    with ThreadPoolExecutor(2) as threads:
        ends = [
            threads.submit(lock_both, postgres, postgres_shop, one, other, barrier)
            for one, other in ((1, 2), (2, 1))
        ]

    assert sorted(end.result() for end in ends) == ["busy", "done"]
    assert postgres.database.in_use() == 0


def test_locks_are_taken_in_one_order(postgres, postgres_shop):
    def lock(refs):
        def unit():
            with postgres.book("test", shop=postgres_shop) as book:
                book.lock(*refs)

        for _ in range(30):
            unit()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lock, [(1, 2), (2, 1), (1, 2), (2, 1)]))


def test_a_lock_that_is_not_had_in_time_is_busy(postgres, postgres_shop, postgresql):
    impatient = Store(f"{postgresql}&options=-c%20lock_timeout%3D50ms")

    with postgres.book("test", shop=postgres_shop) as book:
        book.lock(1)
        with (
            pytest.raises(Busy),
            impatient.book("test", shop=postgres_shop) as other,
        ):
            other.lock(1)

    impatient.close()


def test_a_reader_of_sqlite_sees_no_half_of_a_unit(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/file.db")
    with database.connection(writes=True) as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.execute("INSERT INTO t VALUES (1)")
        with (
            pytest.raises(sqlite3.OperationalError, match="no such table"),
            database.connection(writes=False) as reader,
        ):
            reader.execute("SELECT * FROM t")

    database.close()


def test_work_is_done_again_while_the_store_is_busy():
    attempts = iter([Busy, Busy, Busy, None])

    def work():
        error = next(attempts)
        if error:
            raise error
        return "done"

    assert retrying(work) == "done"


def test_a_store_that_stays_busy_is_busy_in_the_end():
    attempts = []

    def work():
        attempts.append(1)
        raise Busy

    with pytest.raises(Busy):
        retrying(work)

    assert len(attempts) == 6


def test_another_error_is_not_tried_again():
    attempts = []

    def work():
        attempts.append(1)
        raise ValueError("something else")

    with pytest.raises(ValueError, match="something else"):
        retrying(work)

    assert attempts == [1]


def test_a_unit_that_was_busy_leaves_nothing_when_it_is_done_again(open_book, ada):
    attempts = iter([True, False])

    def work():
        with open_book() as book:
            [added] = book.add_many([Draft(customer_id=1)])
            if next(attempts):
                raise Busy
        return added.id

    assert retrying(work) == 1
