"""The client of a platform that speaks Staff's API."""

from dialects.staff import DIALECT
from tests.dialects.remotes import RemoteConformance


class TestStaffRemote(RemoteConformance):
    dialect = DIALECT
