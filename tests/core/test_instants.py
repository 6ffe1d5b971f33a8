"""Instants are kept exactly, whatever zone they are told in."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from core.instants import from_microseconds, to_microseconds, utcnow


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_comes_back_as_it_went(instant):
    assert from_microseconds(to_microseconds(instant)) == instant


@given(st.integers(-(10**15), 10**15))
def test_a_number_of_microseconds_comes_back_as_it_went(value):
    assert to_microseconds(from_microseconds(value)) == value


def test_an_instant_of_another_zone_comes_back_in_utc():
    tehran = timezone(timedelta(hours=3, minutes=30))

    instant = from_microseconds(
        to_microseconds(datetime(2026, 1, 1, 3, 30, tzinfo=tehran))
    )

    assert instant.isoformat() == "2026-01-01T00:00:00+00:00"


def test_now_is_in_utc():
    assert utcnow().tzinfo is UTC
