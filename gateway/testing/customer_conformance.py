"""The part of the suite that a dialect passes if it speaks of customers."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar, TypeVar

from hypothesis import given

from core import Customer, CustomerDraft
from dialects.base import Dialect, Operation
from gateway.testing import customers, strategies
from gateway.testing.customers import FULL, CustomerDriver, Speaker
from gateway.testing.strategies import ON_A_WORLD, PURE
from gateway.testing.world import ORDINARY, World

Test = TypeVar("Test", bound=Callable[..., None])


def needs(*operations: Operation) -> Callable[[Test], Test]:
    """Marks a test of dialects that do all of this with customers."""

    def mark(test: Test) -> Test:
        vars(test)["needs"] = frozenset(operations)
        return test

    return mark


class CustomerConformance:
    """What is true of every dialect's customers.

    The tests of what the dialect does not do are no tests of a subclass.
    """

    dialect: ClassVar[Dialect]
    driver: ClassVar[Any]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if not hasattr(cls, "dialect"):
            return
        for name, test in list(vars(CustomerConformance).items()):
            needed: frozenset[Operation] = getattr(test, "needs", frozenset())
            if not needed <= cls.dialect.customer_operations:
                setattr(cls, name, None)

    @property
    def speaker(self) -> Speaker:
        """The dialect and its client."""
        assert isinstance(self.driver, CustomerDriver)
        return self.dialect, self.driver

    def ask(self, world: World, call: Any) -> Any:
        """The answer to a client who may do everything."""
        return world.call(self.dialect, call, self.driver.scope)

    def test_it_offers_what_it_declares_of_customers(self) -> None:
        speaks = bool(self.dialect.customer_operations)

        assert self.dialect.customer_operations <= set(Operation)
        assert isinstance(self.driver, CustomerDriver) == speaks
        assert (self.dialect.decode_customer is not None) == speaks
        assert (self.dialect.encode_customer is not None) == speaks
        assert set(self.dialect.customer_losses) <= set(
            customers.CANONICAL if speaks else ()
        )

    @needs(Operation.ADD)
    def test_the_store_holds_the_customer_whom_a_client_adds(
        self, world: World
    ) -> None:
        dialect, driver = self.speaker
        original = world.add_customer(customers.ORDINARY)
        world.remove_customer(original)
        wire = customers.as_request(self.speaker, original)

        answer = self.ask(world, driver.add_customers(wire))

        assert answer.status_code < 300, answer.get_data(as_text=True)
        [*_, added] = world.customers()
        losses = dialect.customer_losses
        shown = customers.shown(dialect, added)
        assert len(world.customers()) == 3
        assert customers.kept(added, losses) == customers.kept(original, losses)
        assert driver.added_customer(answer) == driver.customer_ref(shown)
        assert not driver.echoes_customers or driver.shown_customer(answer) == shown

    @needs(Operation.GET)
    def test_a_client_is_shown_the_customer_whom_the_store_holds(
        self, world: World
    ) -> None:
        dialect, driver = self.speaker
        held = world.add_customer(customers.ORDINARY)

        answer = self.ask(world, driver.get_customer(held))

        assert driver.shown_customer(answer) == customers.shown(dialect, held)

    @needs(Operation.FIND)
    def test_a_client_is_listed_the_customers_whom_the_store_holds(
        self, world: World
    ) -> None:
        _, driver = self.speaker
        held = world.add_customer(customers.ORDINARY)

        answer = self.ask(world, driver.find_customers())

        listed = {
            driver.customer_ref(wire): driver.customer_as_request(wire)
            for wire in driver.listed_customers(answer)
        }
        assert listed == {
            self.ref(one): customers.as_request(self.speaker, one)
            for one in (world.customer, world.stranger, held)
        }

    @needs(Operation.UPDATE)
    def test_an_update_of_a_customer_changes_what_it_names_and_nothing_else(
        self, world: World
    ) -> None:
        _, driver = self.speaker
        held = world.add_customer(FULL)
        renamed = replace(held, last_name="Byron")
        wire = customers.as_request(self.speaker, renamed)
        world.clock.advance(1)

        answer = self.ask(world, driver.update_customer(held, wire))

        assert answer.status_code < 300, answer.get_data(as_text=True)
        found = world.get_customer(held.id)
        assert found == replace(renamed, updated_at=found.updated_at)
        assert found.updated_at > held.updated_at

    @needs(Operation.UPDATE)
    def test_an_update_of_a_customer_leaves_the_default_addresses(
        self, world: World
    ) -> None:
        _, driver = self.speaker
        owner = world.add_customer(FULL)
        world.add(replace(ORDINARY, default_billing=True), owner)
        held = world.get_customer(owner.id)
        wire = customers.as_request(self.speaker, replace(held, first_name="Ada"))

        self.ask(world, driver.update_customer(held, wire))

        found = world.get_customer(held.id)
        assert found.default_billing_id == held.default_billing_id is not None

    @needs(Operation.REMOVE)
    def test_removing_a_customer_removes_the_addresses_too(self, world: World) -> None:
        _, driver = self.speaker
        held = world.add_customer(customers.ORDINARY)
        world.add(ORDINARY, held)
        other = world.add(ORDINARY)

        answer = self.ask(world, driver.remove_customer(held))

        assert answer.status_code < 300, answer.get_data(as_text=True)
        assert world.customers() == [world.customer, world.stranger]
        assert world.addresses() == [other]

    @needs(Operation.GET, Operation.UPDATE)
    @PURE
    @given(customer=strategies.customers())
    def test_writing_back_a_customer_who_was_read_changes_nothing(
        self, customer: Customer
    ) -> None:
        assert customers.written_back(self.speaker, customer) == customer

    @needs(Operation.ADD)
    @ON_A_WORLD
    @given(draft=strategies.ordinary_customers())
    def test_the_customer_whom_a_client_writes_it_reads_again(
        self, world: World, draft: CustomerDraft
    ) -> None:
        losses = self.dialect.customer_losses

        with customers.written_through(world, self.speaker, draft) as written:
            assert customers.kept(written, losses) == customers.kept(draft, losses)

    @needs(Operation.ADD)
    def test_each_declared_loss_of_a_customer_is_one(self, world: World) -> None:
        with customers.written_through(world, self.speaker, FULL) as written:
            lost = customers.lost(written, FULL)

        assert lost == set(self.dialect.customer_losses)

    def ref(self, customer: Customer) -> Any:
        """The id by which a client knows the customer."""
        dialect, driver = self.speaker
        return driver.customer_ref(customers.shown(dialect, customer))
