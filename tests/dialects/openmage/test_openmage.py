"""OpenMage passes the suite."""

from pathlib import Path

import pytest

from dialects.openmage import DIALECT
from dialects.openmage.routes import ROUTES
from gateway.testing import DialectConformance, World
from gateway.testing.driver import Call
from gateway.testing.world import ORDINARY
from tests.dialects.openmage.driver import OpenMageDriver, customers_key

METHODS = ("GET", "POST", "PUT", "DELETE")


class TestOpenMage(DialectConformance):
    dialect = DIALECT
    driver = OpenMageDriver()
    exchanges = Path(__file__).parent / "exchanges"

    def test_an_address_is_out_of_reach_through_another_customer(
        self, world: World
    ) -> None:
        """An admin's token reaches every address, a customer's only the customer's."""
        theirs = world.add(ORDINARY, world.stranger)
        headers = customers_key(world, world.customer)
        calls = [
            self.driver.get(world.customer, theirs),
            self.driver.update(world.customer, theirs, self.wire(theirs)),
            self.driver.remove(world.customer, theirs),
            self.driver.find(world.stranger),
            self.driver.add(world.stranger, self.wire(theirs)),
        ]

        answers = [
            world.app.test_client().open(
                DIALECT.root + call.path,
                method=call.method,
                json=call.json,
                headers=headers,
            )
            for call in calls
        ]

        assert [answer.status_code for answer in answers] == [404] * 5
        assert world.addresses() == [theirs]

    def test_no_route_is_open(self, world: World) -> None:
        """One rule takes every path, so the routes are asked for by their table."""
        calls = [
            Call(method, "/" + route.path.replace("{id}", "1"))
            for route in ROUTES
            for method in METHODS
        ]

        answers = [world.call(DIALECT, call) for call in calls]

        assert {answer.status_code for answer in answers} == {403}

    @pytest.mark.parametrize("scope", ["customer", "consumer", "no-role"])
    def test_a_key_that_names_nobody_opens_nothing(
        self, world: World, scope: str
    ) -> None:
        held = world.add(ORDINARY)

        answer = world.call(DIALECT, self.driver.get(world.customer, held), scope)

        assert answer.status_code in (401, 403, 500)
        assert b"Lovelace" not in answer.get_data()
