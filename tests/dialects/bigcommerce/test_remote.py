"""The client of a platform that speaks BigCommerce's API."""

from dialects.bigcommerce import DIALECT
from tests.dialects.remotes import RemoteConformance


class TestBigCommerceRemote(RemoteConformance):
    dialect = DIALECT
    # It sends few requests, as it sends arrays.
    seeds = 30
