"""The client of a platform that speaks BigCommerce's API."""

from dialects.bigcommerce import DIALECT
from tests.dialects.remotes import RemoteConformance


class TestBigCommerceRemote(RemoteConformance):
    dialect = DIALECT
