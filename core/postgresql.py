"""How PostgreSQL is spoken to: what a connection is opened with, and its failures.

Whatever a URL says itself wins, in libpq's own words: `connect_timeout=10`, or
`options=-c statement_timeout=60s`.
"""

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from select import POLLIN, poll
from typing import Any

from sqlalchemy import URL

TRANSIENT = {"40001", "40P01", "55P03"}
"""SQLSTATE: serialization failure, deadlock, lock not available (PostgreSQL, A)."""

READ_ONLY = "25006"
"""What a server says that was the leader, and has become a standby since."""

SETTINGS = {
    "statement_timeout": "20s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",
}
"""What bounds a unit of work (PostgreSQL, 20.11.1)."""

NETWORK = {
    "connect_timeout": "3",
    "keepalives_idle": "10",
    "keepalives_interval": "3",
    "keepalives_count": "3",
    "tcp_user_timeout": "15000",
}
"""What bounds the wait for a server that is gone (PostgreSQL, 34.1.2)."""

LONG = "; ".join(
    f"SET LOCAL {name} = 0"
    for name in ("statement_timeout", "idle_in_transaction_session_timeout")
)
"""What lets a unit of work take long."""

OURS = ("pool_size", "prepare_threshold", "unit_timeout")
"""What a URL may say that is not libpq's."""

UNIT_SECONDS = 25.0
"""How long a unit of work may take: longer than a server lets its last statement."""


def given(url: URL, name: str) -> str | None:
    """What the URL says of something, if anything."""
    found = url.query.get(name)
    return found if found is None or isinstance(found, str) else found[-1]


def pool_size(url: URL) -> int | None:
    """How many connections the URL lets a process have, if it says so."""
    size = given(url, "pool_size")
    return None if size is None else int(size)


def unit_seconds(url: URL) -> float | None:
    """How long a unit of work may take, if that is bounded."""
    said = given(url, "unit_timeout")
    if said is not None:
        return float(said) or None
    own = given(url, "options") or ""
    # Whoever lets a statement take long does not want it ended by us.
    return None if "statement_timeout" in own else UNIT_SECONDS


def libpq_url(url: URL) -> URL:
    """The URL without what is ours."""
    return url.difference_update_query(OURS)


def connect_arguments(url: URL) -> dict[str, Any]:
    """What the driver is given beside the URL's own arguments."""
    settings = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
    # Of a setting that is given twice the last one counts.
    own = given(url, "options")
    arguments: dict[str, Any] = {
        "options": f"{settings} {own}" if own else settings,
        **missing(NETWORK, url.query),
    }
    threshold = given(url, "prepare_threshold")
    if threshold is not None:
        # A pooler in between may not know prepared statements: "none".
        arguments["prepare_threshold"] = int(threshold) if threshold != "none" else None
    return arguments


def missing(defaults: Mapping[str, str], query: Mapping[str, Any]) -> dict[str, str]:
    return {name: value for name, value in defaults.items() if name not in query}


def is_lost(error: BaseException, driver: Any) -> bool:
    """Whether the connection on which this went wrong is of no more use."""
    return driver.closed or getattr(error, "sqlstate", None) == READ_ONLY


def is_stale(driver: Any) -> bool:
    """Whether the server has said something unasked: that it ends the connection."""
    said = poll()
    said.register(driver.fileno(), POLLIN)
    return bool(said.poll(0))


def cut(raw: Any) -> None:
    """Let who waits for an answer on a connection find that it was closed."""
    import psycopg

    driver = raw.driver_connection
    if driver is None:
        return
    with (
        suppress(OSError, psycopg.Error),
        socket.socket(fileno=os.dup(driver.fileno())) as end,
    ):
        end.shutdown(socket.SHUT_RDWR)
