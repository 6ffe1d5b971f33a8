"""What every dialect is tested with: ours and strangers' alike.

A test module of a dialect is a subclass of `DialectConformance` with a `Driver`, which
says how a client of the API spells things, and a folder of recorded exchanges. Where
the API speaks of customers, the driver is a `CustomerDriver` too. Import the fixtures
of `gateway.testing.fixtures` in a `conftest.py`.
"""

from gateway.testing.conformance import DialectConformance
from gateway.testing.customer_conformance import CustomerConformance
from gateway.testing.customers import CustomerDriver
from gateway.testing.driver import Call, Driver, NestedDriver
from gateway.testing.exchanges import Exchange, Step, read_exchanges
from gateway.testing.world import Clock, CountedIds, World

__all__ = [
    "Call",
    "Clock",
    "CountedIds",
    "CustomerConformance",
    "CustomerDriver",
    "DialectConformance",
    "Driver",
    "Exchange",
    "NestedDriver",
    "Step",
    "World",
    "read_exchanges",
]
