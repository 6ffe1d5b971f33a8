"""When a platform may be called: what it tells one caller holds for all."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Lock

from dialects.remote.calls import Manner

LONGEST = 900.0
"""The longest that a platform's word to wait is followed, in seconds."""


class Pace:
    """The time from which on one platform may be called."""

    def __init__(self, manner: Manner) -> None:
        self._clock, self._sleep = manner.clock, manner.sleep
        self._resume_at = manner.clock()
        self._lock = Lock()

    def wait(self) -> None:
        """Come back when the platform may be called."""
        while (seconds := self._resume_at - self._clock()) > 0:
            self._sleep(seconds)

    def hold(self, seconds: float) -> None:
        """Let nobody call for so long."""
        with self._lock:
            until = self._clock() + min(seconds, LONGEST)
            self._resume_at = max(self._resume_at, until)

    def heed(self, status: int, headers: Mapping[str, str]) -> bool:
        """Whether an answer says how long to wait, which is then done.

        `X-Retry-After` is in seconds, and so may `Retry-After` be (RFC 9110, 10.2.3);
        when the quota is used up, the next window counts.
        """
        told = [
            seconds(headers[name])
            for name in ("x-retry-after", "retry-after")
            if name in headers and status in (429, 503)
        ]
        if number(headers.get("x-rate-limit-requests-left")) == 0:
            reset_ms = number(headers.get("x-rate-limit-time-reset-ms"))
            told.append(None if reset_ms is None else reset_ms / 1000)
        known = [wait for wait in told if wait is not None]
        if known:
            self.hold(max(known))
        return bool(known)


def number(text: str | None) -> int | None:
    """The number in a header, if there is one."""
    try:
        return int(text or "")
    except ValueError:
        return None


def seconds(text: str) -> float | None:
    """How long a header says to wait: seconds, or a date."""
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
