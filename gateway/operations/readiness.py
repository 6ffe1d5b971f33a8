"""Whether a server can answer: its workers live, and its database is as it must be."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from pathlib import Path
from threading import Lock

from core import Store, schema
from gateway.operations.board import Board

HANGS = 30.0
"""Seconds without a sign of life after which a worker is said to hang."""

SILENT = 5.0
"""Seconds without a sign of life after which a worker is not counted on."""

PATIENCE = 3.0
"""Seconds that the database has to answer."""

KEPT = 1.0
"""Seconds for which an answer holds: a probe is no load."""


class Health:
    """What /healthz and /readyz tell: "" if all is well, or else one plain line.

    `database` tells the same of the database.
    """

    def __init__(self, board: Board, database: Callable[[], str]) -> None:
        self._board, self._database = board, database
        self._lock, self._pool = Lock(), ThreadPoolExecutor(1)
        self._asked: Future[str] | None = None
        self._found, self._until = "", 0.0

    def liveness(self) -> str:
        """Why the server should be started anew. A worker that ended is replaced."""
        workers = self._board.workers()
        if workers and all(one.silent_seconds > HANGS for one in workers):
            return "every worker hangs"
        return ""

    def readiness(self) -> str:
        """Why the server should get no request now."""
        if self._board.is_stopping():
            return "the server is stopping"
        if not any(one.silent_seconds < SILENT for one in self._board.workers()):
            return "no worker answers yet"
        with self._lock:
            if time.monotonic() >= self._until:
                self._found = self._ask()
                self._until = time.monotonic() + KEPT
            return self._found

    def _ask(self) -> str:
        if self._asked is None:
            self._asked = self._pool.submit(self._database)
        try:
            found = self._asked.result(PATIENCE)
        except Late:
            return f"the database does not answer within {PATIENCE:.0f} seconds"
        self._asked = None
        return found


def database_problem(url: str) -> str:
    """Why the database cannot be worked on, without its name or any secret."""
    try:
        return problem_of(url)
    except Exception as error:
        return f"the database cannot be reached ({type(error).__name__})"


def problem_of(url: str) -> str:
    """Why the database cannot be worked on. Raises what its driver does."""
    store = Store(url)
    database = store.database
    try:
        if database.is_sqlite and not database.is_file:
            return ""
        # To look for it would make an empty file.
        if database.is_file and not Path(database.url.database or "").exists():
            return "the database's file is not there"
        with database.connection(writes=False) as connection:
            connection.execute("SELECT 1")
        found = schema.revision(database)
    finally:
        store.close()
    if found == schema.HEAD:
        return ""
    has = f"at revision {found}" if found else "not made"
    return f"the schema is {has}, not {schema.HEAD}: run `address-gateway db upgrade`"
