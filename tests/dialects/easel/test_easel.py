"""Easel passes the suite."""

from pathlib import Path

from dialects.easel import DIALECT
from gateway.testing import DialectConformance
from tests.dialects.easel.driver import EaselDriver


class TestEasel(DialectConformance):
    dialect = DIALECT
    driver = EaselDriver()
    exchanges = Path(__file__).parent / "exchanges"
