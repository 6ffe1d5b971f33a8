"""Staff passes the suite."""

from pathlib import Path

from dialects.staff import DIALECT
from gateway.testing import DialectConformance
from tests.dialects.staff.driver import StaffDriver


class TestStaff(DialectConformance):
    dialect = DIALECT
    driver = StaffDriver()
    exchanges = Path(__file__).parent / "exchanges"
