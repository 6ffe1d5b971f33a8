"""A stranger's dialect is found, mounted and held to the same suite as ours."""

from importlib.metadata import EntryPoint
from pathlib import Path

from gateway import registry
from gateway.testing import DialectConformance
from gateway.testing.fixtures import world
from tests.gateway.toy import ToyDriver

__all__ = ["world"]

POINT = EntryPoint("toy", "tests.gateway.toy:DIALECT", registry.GROUP)
[FOUND] = registry.load(found=[POINT])


class TestToy(DialectConformance):
    dialect = FOUND
    driver = ToyDriver()
    exchanges = Path(__file__).parent / "exchanges"
