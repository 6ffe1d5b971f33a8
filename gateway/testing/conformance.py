"""The suite that every dialect passes."""

import re
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from werkzeug.test import EnvironBuilder

from core import Draft
from dialects.base import Dialect, Operation
from gateway.testing import laws, strategies
from gateway.testing.customer_conformance import CustomerConformance
from gateway.testing.driver import Call, Driver
from gateway.testing.exchanges import Exchange, Message, read_exchanges, said
from gateway.testing.strategies import ON_A_WORLD, PURE
from gateway.testing.world import GIVEN, ORDINARY, World


class DialectConformance(CustomerConformance):
    """What is true of every dialect; a subclass says of which, and how it is spoken.

    A test that a dialect cannot pass is overridden by a strict xfail with the reason.
    The tests of customers are there for what it declares that it does with them.
    """

    dialect: ClassVar[Dialect]
    driver: ClassVar[Driver]
    exchanges: ClassVar[Path]

    @classmethod
    def pytest_generate_tests(cls, metafunc: Any) -> None:
        if "exchange" in metafunc.fixturenames:
            found = read_exchanges(cls.exchanges)
            metafunc.parametrize("exchange", found, ids=[e.name for e in found])

    def test_it_answers_as_recorded(self, world: World, exchange: Exchange) -> None:
        GIVEN[exchange.given](world)
        client = world.app.test_client()

        answers = []
        for step in exchange.steps:
            method, _, target = step.request.start.partition(" ")
            answers.append(
                client.open(
                    target,
                    method=method,
                    headers=list(step.request.headers),
                    data=step.request.body or None,
                )
            )
            world.clock.advance(1)

        recorded = [step.response for step in exchange.steps]
        assert [
            said(answer, message)
            for answer, message in zip(answers, recorded, strict=True)
        ] == [Message(m.start, list(m.headers), m.body) for m in recorded]

    def test_what_a_client_adds_the_store_holds(self, world: World) -> None:
        wire = self.wire(world.add(ORDINARY, world.stranger))

        answer = self.call(world, self.driver.add(world.customer, wire))

        [added] = [a for a in world.addresses() if a.customer_id == world.customer.id]
        assert answer.status_code < 300
        shown = laws.over_the_wire(self.dialect.encode(added))
        assert self.driver.added(answer) == self.driver.ref(shown)
        assert not self.driver.echoes or self.driver.shown(answer) == shown

    def test_what_the_store_holds_a_client_is_shown(self, world: World) -> None:
        held = world.add(ORDINARY)

        one = self.call(world, self.driver.get(world.customer, held))
        all = self.call(world, self.driver.find(world.customer))

        shown = laws.over_the_wire(self.dialect.encode(held))
        assert self.driver.shown(one) == shown
        assert self.driver.listed(all) == [shown]

    def test_a_client_is_shown_one_customers_addresses(self, world: World) -> None:
        mine = world.add(ORDINARY)
        world.add(ORDINARY, world.stranger)

        answer = self.call(world, self.driver.find(world.customer))

        assert [self.driver.ref(wire) for wire in self.driver.listed(answer)] == [
            self.driver.ref(laws.over_the_wire(self.dialect.encode(mine)))
        ]

    def test_an_update_changes_what_it_names_and_nothing_else(
        self, world: World
    ) -> None:
        held = world.add(laws.FULL)
        moved = world.add(laws.FULL, world.stranger)
        with world.book() as book:
            [renamed] = book.update_many([(moved, {"last_name": "Byron"})])
        wire = {**self.wire(held), **self.difference(moved, renamed)}
        world.clock.advance(1)

        answer = self.call(world, self.driver.update(world.customer, held, wire))

        assert answer.status_code < 300, answer.get_data(as_text=True)
        assert laws.kept(world.get(held.id)) == {
            **laws.kept(held),
            "last_name": "Byron",
        }

    def test_what_a_client_removes_is_gone(self, world: World) -> None:
        held, other = world.add(ORDINARY), world.add(ORDINARY)

        answer = self.call(world, self.driver.remove(world.customer, held))

        assert answer.status_code < 300
        assert world.addresses() == [other]

    def test_an_address_is_out_of_reach_through_another_customer(
        self, world: World
    ) -> None:
        theirs = world.add(ORDINARY, world.stranger)

        answers = [
            self.call(world, self.driver.get(world.customer, theirs)),
            self.call(
                world,
                self.driver.update(world.customer, theirs, self.wire(theirs)),
            ),
            self.call(world, self.driver.remove(world.customer, theirs)),
        ]

        assert [answer.status_code for answer in answers] == [404, 404, 404]
        assert world.get(theirs.id) == theirs

    def test_no_route_is_open(self, world: World) -> None:
        calls = [
            EnvironBuilder(path=path_of(rule.rule), method=method)
            for rule in world.app.url_map.iter_rules()
            if rule.endpoint.startswith(f"{self.dialect.blueprint.name}.")
            and rule.endpoint not in self.dialect.open_routes
            for method in sorted(rule.methods or ())
        ]

        answers = [world.app.test_client().open(call) for call in calls]

        assert {answer.status_code for answer in answers} <= {401, 403}
        assert len(answers) > 4

    @pytest.mark.parametrize(
        "call",
        [
            Call("GET", "/no/such/thing"),
            Call("PATCH", "/no/such/thing"),
            Call("BREW", "/"),
        ],
        ids=lambda call: f"{call.method} {call.path}",
    )
    def test_it_answers_for_its_whole_url_space(self, world: World, call: Call) -> None:
        answer = self.call(world, call)

        assert 400 <= answer.status_code < 500
        assert "<!doctype html>" not in answer.get_data(as_text=True).lower()

    def test_a_broken_body_is_the_clients_fault(self, world: World) -> None:
        call = self.driver.add(world.customer)

        answer = world.call(
            self.dialect,
            Call(call.method, call.path),
            self.driver.scope,
            data="{",
            content_type="application/json",
        )

        assert answer.status_code in (400, 422)

    def test_it_never_shows_its_insides(self, world: World) -> None:
        with world.app.test_request_context(self.dialect.root):
            answer = self.dialect.fail(KeyError("s3cret"))

        assert answer.status_code == 500
        assert "s3cret" not in answer.get_data(as_text=True)

    def test_a_batch_beyond_the_limit_is_refused(self, world: World) -> None:
        limit = self.dialect.batch_limit
        wire = self.wire(world.add(ORDINARY, world.stranger))
        call = self.driver.add(world.customer, *[wire] * ((limit or 1) + 1))

        answer = self.call(world, call)

        assert limit is None or answer.status_code >= 400
        assert limit is None or len(world.addresses()) == 1

    def test_it_offers_what_it_declares(self) -> None:
        assert self.dialect.operations
        assert self.dialect.operations <= set(Operation)
        assert set(self.dialect.losses) <= set(laws.CANONICAL)
        assert self.driver.scope in self.dialect.scopes

    @PURE
    @given(address=strategies.addresses())
    def test_writing_back_what_was_read_changes_nothing(self, address: Any) -> None:
        assert laws.written_back(self.dialect, self.driver, address) == address

    @ON_A_WORLD
    @given(draft=strategies.ordinary_drafts())
    def test_what_a_client_writes_it_reads_again(
        self, world: World, draft: Draft
    ) -> None:
        original = world.add(draft, world.stranger)

        written = laws.written_through(world, self.dialect, self.driver, original)

        losses = self.dialect.losses
        assert laws.kept(written, losses) == laws.kept(original, losses)

    def test_each_declared_loss_is_one(self, world: World) -> None:
        originals = [world.add(full, world.stranger) for full in laws.WITNESSES]

        written = [
            laws.written_through(world, self.dialect, self.driver, original)
            for original in originals
        ]

        pairs = list(zip(originals, written, strict=True))
        assert {
            name
            for name in laws.CANONICAL
            if any(getattr(old, name) != getattr(new, name) for old, new in pairs)
        } == set(self.dialect.losses)

    def call(self, world: World, call: Call) -> Any:
        """The answer to a client who may do everything."""
        return world.call(self.dialect, call, self.driver.scope)

    def wire(self, address: Any) -> dict[str, Any]:
        """What a client sends that was shown the address."""
        shown = laws.over_the_wire(self.dialect.encode(address))
        return dict(self.driver.as_request(shown))

    def difference(self, before: Any, after: Any) -> dict[str, Any]:
        """What a client sends otherwise of one address than of another."""
        old, new = self.wire(before), self.wire(after)
        return {name: new[name] for name in new if new[name] != old[name]}


def path_of(rule: str) -> str:
    """A path that matches a route."""
    return re.sub(r"<[^>]*>", "1", rule)
