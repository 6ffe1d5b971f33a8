"""The client of a platform that speaks Easel's API."""

from dialects.easel import DIALECT
from tests.dialects.remotes import RemoteConformance


class TestEaselRemote(RemoteConformance):
    dialect = DIALECT
    naming = "public_id"
