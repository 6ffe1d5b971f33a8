"""An SQLite file that could not be written for a while."""

import sqlite3

import pytest
from sqlalchemy import event

from core import retrying
from core.sql import Database


def test_a_connection_that_can_only_read_is_replaced(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/store.db")
    kept = [database.pool.take() for _ in range(2)]
    for raw in kept:
        database.pool.give_back(raw)
    # As SQLite has a connection that was opened while the file could not be written.
    kept[1].driver_connection.execute("PRAGMA query_only = ON")

    with database.connection(writes=True) as connection:
        connection.execute("CREATE TABLE things (id INTEGER)")

    assert database.pool.in_use() == 0
    assert database.pool.take() is not kept[1]
    assert database.pool.take() is kept[0]


def test_a_unit_on_a_file_that_can_only_be_read_fails_at_once(tmp_path, monkeypatch):
    database = Database(f"sqlite:///{tmp_path}/store.db")
    event.listen(
        database.engine,
        "connect",
        lambda raw, _record: raw.execute("PRAGMA query_only = ON"),
    )
    attempts = []

    def unit():
        attempts.append(1)
        with database.connection(writes=True) as connection:
            connection.execute("CREATE TABLE things (id INTEGER)")

    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        retrying(unit)

    assert (len(attempts), database.pool.in_use()) == (1, 0)
