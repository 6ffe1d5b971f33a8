"""Large reads come from a hot standby, and never miss what was stored before."""

import os
import subprocess
import tempfile
import time
from pathlib import Path
from secrets import token_hex

import psycopg
import pytest
from sqlalchemy import text

from core import CustomerDraft, Query, Store, schema
from core.connection import Statement

IS_STANDBY = Statement(text("SELECT pg_is_in_recovery()"))


def plain(url):
    return url.replace("+psycopg", "")


@pytest.fixture(scope="module")
def standby(postgresql):
    """The URL of a standby of the server, and what runs programs of PostgreSQL."""
    with psycopg.connect(plain(postgresql)) as connection:
        pid = connection.info.backend_pid
        programs = Path(os.readlink(f"/proc/{pid}/exe")).parent
        sockets = connection.info.host
    owner = Path(sockets).stat()

    def run(program, *arguments):
        subprocess.run(
            [programs / program, *arguments],
            check=True,
            user=owner.st_uid if os.geteuid() == 0 else None,
            group=owner.st_gid if os.geteuid() == 0 else None,
            stdout=subprocess.DEVNULL,
            timeout=60,
        )

    with tempfile.TemporaryDirectory(prefix="gateway-") as folder:
        os.chmod(folder, 0o777)
        data = f"{folder}/data"
        source = ("-h", sockets, "-U", "postgres", "--checkpoint=fast")
        run("pg_basebackup", *source, "-D", data, "-R")
        control = ("-w", "-D", data, "-l", f"{folder}/log")
        run("pg_ctl", *control, "-o", f'-h "" -k {folder}', "start")
        yield f"postgresql+psycopg://postgres@/postgres?host={folder}", run, control
        run("pg_ctl", *control, "-m", "immediate", "stop")


@pytest.fixture(scope="module")
def leader(postgresql):
    """The URL of the server, where a commit waits for its log, as by default."""
    return f"{postgresql}&options=-c%20synchronous_commit%3Don"


@pytest.fixture
def writer(leader):
    """A gateway's store that knows of no standby."""
    store = Store(leader)
    schema.upgrade(store.database)
    yield store
    store.close()


@pytest.fixture
def shop(writer):
    """A shop with two customers."""
    shop = writer.add_shop(token_hex(8))
    for _ in range(2):
        add(writer, shop)
    return shop


@pytest.fixture
def reader(standby, leader, shop):
    """A gateway's store that knows of the standby, which has caught up."""
    store = Store(leader, replica_url=standby[0])
    # It may be seconds behind after the tables were made.
    eventually(lambda: read(store, shop)[1])
    yield store
    store.close()


def eventually(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def read(store, shop):
    """How many customers there are, and whether the standby told."""
    with store.book("", shop=shop, writes=False, large=True) as book:
        total = book.customers(Query(limit=1)).total
        [is_standby] = book._connection.one(IS_STANDBY)
    return total, is_standby


def add(store, shop):
    with store.book("", shop=shop) as book:
        book.add_customer(CustomerDraft())


def replay(standby, what):
    with psycopg.connect(plain(standby[0]), autocommit=True) as connection:
        connection.execute(f"SELECT pg_wal_replay_{what}()")


def test_a_large_read_comes_from_the_standby(reader, shop):
    assert read(reader, shop) == (2, True)


def test_other_reads_and_writes_are_the_leader_s(reader, shop):
    with reader.book("", shop=shop, writes=False) as book:
        reading = book._connection.one(IS_STANDBY)
    with reader.book("", shop=shop, large=True) as book:
        writing = book._connection.one(IS_STANDBY)

    assert (reading, writing) == ((False,), (False,))


def test_what_another_process_just_stored_is_read(reader, writer, shop):
    found = []
    for _ in range(100):
        add(writer, shop)
        found.append(read(reader, shop))

    assert [total for total, _ in found] == list(range(3, 103))
    assert any(is_standby for _, is_standby in found)


def test_a_standby_that_is_behind_is_not_read_from(reader, standby, writer, shop):
    replay(standby, "pause")
    add(writer, shop)
    behind = read(reader, shop)
    replay(standby, "resume")
    eventually(lambda: read(reader, shop)[1])

    assert behind == (3, False)
    assert read(reader, shop) == (3, True)


def test_an_export_comes_from_the_standby(reader, shop):
    with reader.extract("", shop=shop) as extract:
        is_standby = extract._connection.one(IS_STANDBY)
        counts = extract.counts()

    assert (is_standby, counts) == ((True,), {"customers": 2, "addresses": 0})


def test_a_standby_that_ends_in_the_midst_is_left(reader, standby, shop):
    with reader.book("", shop=shop, writes=False, large=True) as book:
        before = book._connection.one(IS_STANDBY)
        pid = book._connection._raw.info.backend_pid
        with psycopg.connect(plain(standby[0]), autocommit=True) as connection:
            connection.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        after = book._connection.one(IS_STANDBY)

    assert (before, after) == ((True,), (False,))
    assert reader.database.in_use() == 0


def test_without_its_standby_the_leader_tells_all(leader, shop):
    store = Store(leader, replica_url="postgresql+psycopg://u@/a?host=127.0.0.1:1")

    assert [read(store, shop) for _ in range(2)] == [(2, False)] * 2
    store.close()


def test_a_leader_is_no_standby(leader, shop):
    store = Store(leader, replica_url=leader)

    assert read(store, shop) == (2, False)
    store.close()
