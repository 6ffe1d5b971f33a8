"""The client of a platform that speaks OpenMage's API."""

from dialects.openmage import DIALECT
from tests.dialects.remotes import RemoteConformance


class TestOpenMageRemote(RemoteConformance):
    dialect = DIALECT
