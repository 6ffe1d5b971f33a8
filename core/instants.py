"""Instants: aware and in UTC outside, whole microseconds in the tables."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def utcnow() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


@lru_cache(maxsize=64)
def to_microseconds(instant: datetime) -> int:
    """An aware instant as the tables keep it."""
    return (instant - EPOCH) // MICROSECOND


@lru_cache(maxsize=4096)
def from_microseconds(value: int) -> datetime:
    """The instant that a column holds."""
    return EPOCH + timedelta(microseconds=value)
