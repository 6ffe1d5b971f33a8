"""The suite's tests of customers hold a stranger's dialect to what it declares."""

from dataclasses import replace

import pytest
from hypothesis import given

from core import CustomerDraft
from dialects.base import Operation
from gateway.testing import CustomerConformance, World, customers, strategies
from gateway.testing.fixtures import world
from gateway.testing.strategies import ON_A_WORLD
from tests.gateway.toy import ToyDriver
from tests.gateway.toy_customers import DIALECT, FORGETFUL, PeopleDriver

__all__ = ["world"]

SPEAKER = (DIALECT, PeopleDriver())


class TestPeople(CustomerConformance):
    dialect = DIALECT
    driver = PeopleDriver()

    @ON_A_WORLD
    @given(draft=strategies.ordinary_customers())
    def test_what_one_writes_another_reads(
        self, world: World, draft: CustomerDraft
    ) -> None:
        crossing = customers.crossed(world, SPEAKER, SPEAKER, draft)

        assert crossing.read == crossing.written
        assert set(crossing.read) == {"first_name", "last_name", "email", "is_active"}

    def test_a_fault_is_seen(self, world: World) -> None:
        faulty = (FORGETFUL, PeopleDriver())
        held = world.add_customer(replace(customers.FULL, email="other@example.com"))

        with customers.written_through(world, faulty, customers.ORDINARY) as written:
            lost = customers.lost(written, customers.ORDINARY)

        assert lost - set(DIALECT.customer_losses) == {"first_name"}
        assert customers.written_back(faulty, held) == replace(held, first_name="?")

    def test_a_refusal_is_seen(self, world: World) -> None:
        world.add_customer(customers.ORDINARY)

        with (
            pytest.raises(AssertionError),
            customers.written_through(world, SPEAKER, customers.ORDINARY),
        ):
            pass


class WithoutRemoval(CustomerConformance):
    dialect = replace(
        DIALECT, customer_operations=frozenset(Operation) - {Operation.REMOVE}
    )
    driver = PeopleDriver()


class WithoutCustomers(CustomerConformance):
    dialect = replace(
        DIALECT,
        customer_operations=frozenset(),
        decode_customer=None,
        encode_customer=None,
        customer_losses={},
    )
    driver = ToyDriver()


def collected(suite: type[CustomerConformance]) -> set[str]:
    """The tests that are collected of a class."""
    return {name for name in dir(suite) if name[:4] == "test" and getattr(suite, name)}


def test_what_a_dialect_does_not_do_is_not_tested() -> None:
    everything = collected(CustomerConformance)

    assert collected(WithoutRemoval) == everything - {
        "test_removing_a_customer_removes_the_addresses_too"
    }
    assert collected(WithoutCustomers) == {
        "test_it_offers_what_it_declares_of_customers"
    }
    assert len(everything) == 10


def test_what_does_not_speak_of_customers_says_so_in_all_its_parts() -> None:
    WithoutCustomers().test_it_offers_what_it_declares_of_customers()
