"""Easel passes the suite."""

from pathlib import Path

from core import Country, Draft, Region
from dialects.easel import DIALECT
from dialects.remote import as_address
from gateway.testing import DialectConformance
from tests.dialects.easel.driver import EaselDriver


class TestEasel(DialectConformance):
    dialect = DIALECT
    driver = EaselDriver()
    exchanges = Path(__file__).parent / "exchanges"


def test_a_region_without_a_code_is_shown_by_its_name() -> None:
    """The page's `state` is text; another dialect may have named the region first."""
    draft = Draft(country=Country(code="GB"), region=Region(name="Kent"))

    assert DIALECT.encode(as_address(draft))["state"] == "Kent"
