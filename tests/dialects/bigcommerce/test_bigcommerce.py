"""BigCommerce V3 passes the suite."""

from pathlib import Path

from dialects.bigcommerce import DIALECT
from gateway.testing import DialectConformance, World
from gateway.testing.world import ORDINARY
from tests.dialects.bigcommerce.driver import BigCommerceDriver


class TestBigCommerce(DialectConformance):
    dialect = DIALECT
    driver = BigCommerceDriver()
    exchanges = Path(__file__).parent / "exchanges"

    def test_an_address_is_out_of_reach_through_another_customer(
        self, world: World
    ) -> None:
        """No path names a customer here, and a token is the whole store's."""
        theirs = world.add(ORDINARY, world.stranger)

        answer = self.call(world, self.driver.get(world.customer, theirs))

        assert self.driver.listed(answer) == []
