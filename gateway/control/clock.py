"""A shop's own time, public ids and nonces: what a test can repeat."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Lock

from core import Use
from core.instants import utcnow

NONCE_LENGTH = 32
"""How many characters of a nonce tell it from others."""

MOST_NONCES = 50_000
"""How many a shop remembers; the platform forgets them by their age."""


class ClockError(ValueError):
    """A clock cannot be set so; the text says why."""


class Clock:
    """A shop's clock: the real time, until it is set, advanced or frozen."""

    def __init__(self, real: Callable[[], datetime] = utcnow) -> None:
        self._real = real
        self._shift = timedelta()
        self._frozen: datetime | None = None

    def __call__(self) -> datetime:
        return self._frozen or self._real() + self._shift

    @property
    def is_frozen(self) -> bool:
        """Whether it stands still."""
        return self._frozen is not None

    @property
    def is_real(self) -> bool:
        """Whether it shows the real time."""
        return self._frozen is None and not self._shift

    def set(self, instant: datetime) -> datetime:
        """Show this instant; the clock goes on, or stands, as before."""
        if instant.tzinfo is None:
            raise ClockError(f"{instant.isoformat()} has no offset from UTC")
        if not 1970 < instant.year < 3000:
            raise ClockError(f"{instant.isoformat()} is not from 1971 to 2999")
        instant = instant.astimezone(UTC)
        if self._frozen is None:
            self._shift = instant - self._real()
        else:
            self._frozen = instant
        return self()

    def advance(self, seconds: float) -> datetime:
        """Let this time pass, or take it back if it is negative."""
        try:
            return self.set(self() + timedelta(seconds=seconds))
        except OverflowError:
            raise ClockError(f"{seconds} seconds are too many") from None

    def freeze(self, instant: datetime | None = None) -> datetime:
        """Stand still, at this instant if it is given."""
        self._frozen = self()
        return self.set(instant) if instant else self._frozen

    def release(self) -> datetime:
        """Show the real time again."""
        self._shift, self._frozen = timedelta(), None
        return self()

    def state(self) -> tuple[timedelta, datetime | None]:
        """What `restore` takes."""
        return self._shift, self._frozen

    def restore(self, state: tuple[timedelta, datetime | None]) -> None:
        """Be as when the state was taken."""
        self._shift, self._frozen = state


class PublicIds:
    """Public ids in the order of asking: "adr_00000000000000000001"."""

    def __init__(self) -> None:
        self.last = 0
        self._lock = Lock()

    def __call__(self, prefix: str) -> str:
        with self._lock:
            self.last += 1
            return f"{prefix}_{self.last:020d}"


class Nonces:
    """The nonces of one shop, each used once."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}
        self._lock = Lock()

    def use(self, nonce: str, timestamp: int) -> Use:
        """What this use of the nonce is."""
        with self._lock:
            first = self._used.setdefault(nonce[:NONCE_LENGTH], -1)
            if first == -1:
                self._used[nonce[:NONCE_LENGTH]] = timestamp
                if len(self._used) > MOST_NONCES:
                    del self._used[next(iter(self._used))]
                return Use.FRESH
            return Use.USED if first == timestamp else Use.REUSED

    def clear(self) -> None:
        """Let every nonce be fresh again."""
        self._used.clear()


def elapsed_ms(since: float) -> float:
    """The milliseconds since a time of `time.perf_counter`."""
    return round((time.perf_counter() - since) * 1000, 3)
