"""A hot standby of PostgreSQL, for large reads.

It is read from once it has replayed all that the leader had stored when the read began.
So whatever was acknowledged before, through any gateway, is in what is read.
"""

from collections.abc import Callable
from time import monotonic, sleep
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from core.connection import Connection, Statement
from core.pool import NoConnection
from core.sql import Database
from core.work import Work

T = TypeVar("T")

WAITS = 0.05
"""How long a read waits for the standby to catch up, in seconds."""

LEFT_ALONE = {"behind": 0.5, "broken": 5.0}
"""How long a standby is not asked that was behind, or could not be asked."""

# Without synchronous_commit, what is acknowledged may not be on the disk yet.
POSITION = Statement(
    text("""
        SELECT CAST(
            CASE current_setting('synchronous_commit')
            WHEN 'off' THEN pg_current_wal_insert_lsn()
            ELSE pg_current_wal_flush_lsn() END AS text
        )
    """)
)
# NULL where it is no standby, as when it has become the leader.
REACHED = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"


class Replica:
    """The standby of a leader."""

    def __init__(self, url: str, leader: Database) -> None:
        self.database = Database(url)
        self.leader = leader
        self._resume_at = 0.0

    def unit(self, make: Callable[[Connection], T]) -> Work[T]:
        """What is made of a connection to read from, here or at the leader."""
        return ReplicaWork(self, make, "")

    def long(self) -> Work[Connection]:
        """A connection, for what is to be of one moment and takes long."""
        begin = self.leader.beginning(is_long=True)
        return ReplicaWork(self, lambda connection: connection, begin)

    def take(self) -> Any:
        """A connection to the standby once it is up to date; None if it is not."""
        if monotonic() < self._resume_at:
            return None
        position = self._position()
        raw = None
        try:
            raw = self.database.pool.take()
            if self._has_reached(raw.driver_connection, position):
                return raw
        except (self.database.error, SQLAlchemyError, NoConnection):
            self.leave_alone("broken")
            if raw is not None:
                self.database.pool.drop(raw)
                self.database.pool.drop_idle()
            return None
        self.leave_alone("behind")
        self.database.pool.give_back(raw)
        return None

    def leave_alone(self, why: str) -> None:
        """Read from the leader for a while."""
        self._resume_at = monotonic() + LEFT_ALONE[why]

    def _position(self) -> str:
        """How far the leader has come."""
        with self.leader.connection(writes=False) as connection:
            [position] = connection.one(POSITION) or [""]
        return str(position)

    def _has_reached(self, driver: Any, position: str) -> bool:
        end = monotonic() + WAITS
        while True:
            [reached] = driver.cursor().execute(REACHED, [position]).fetchone()
            if reached or reached is None or monotonic() > end:
                return bool(reached)
            sleep(0.002)


class ReplicaWork(Work[T]):
    """One that only reads: at the standby if it can, else at the leader."""

    def __init__(
        self, replica: Replica, make: Callable[[Connection], T], begin: str
    ) -> None:
        super().__init__(replica.leader, make, writes=False, begin=begin)
        self._replica = replica

    def start(self) -> Any:
        """Take a connection, and begin."""
        raw = self._replica.take()
        if raw is None:
            return super().start()
        self._raw, self._database = raw, self._replica.database
        if self._begin:
            self._start_unit()
        return raw.driver_connection

    def after(self, error: BaseException) -> Any:
        """The leader's connection, to read there what the standby did not give."""
        if self._database is self._replica.leader or self._has_begun:
            return super().after(error)
        self._replica.leave_alone("broken")
        raw, self._raw = self._raw, None
        self._database.pool.drop(raw)
        self._database = self._replica.leader
        self._raw = self._database.pool.take()
        return self._raw.driver_connection
