"""Another run moves what changed, and overwrites nothing that others changed."""

from dataclasses import replace
from typing import Any

import pytest

from core import Ref
from dialects.remote import RemoteAddress
from gateway.migrate import Ledger, MigrationError, Options, StoreEnd
from tests.dialects.remotes import person, sample
from tests.gateway.migrate.moving import (
    certify,
    move,
    new_store,
    store_end,
    undo,
    unexplained,
    verdicts,
)


class Pair:
    """A store with one customer's two addresses, moved to another; of each end the
    customer and both addresses."""

    def __init__(self) -> None:
        self.ledger = Ledger(None)
        self.source, self.target = shop(), new_end()
        self.run()

    def run(self, **options: Any) -> None:
        """Move what there is to move."""
        move(self.source, self.target, self.ledger, Options(**options))

    def counts(self) -> dict[str, int]:
        """The states of the addresses."""
        return self.ledger.counts()["addresses"]

    def certificate(self) -> Any:
        return certify(self.source, self.target, self.ledger)


def new_end() -> StoreEnd:
    """An empty shop."""
    return store_end(new_store())


def shop() -> StoreEnd:
    """A shop with a customer and two addresses."""
    store = new_store()
    with store.book("suite", shop=store.shop("main")) as book:
        owner = book.add_customer(person(1))
        book.add_many([sample(n, customer_id=owner.id) for n in (1, 2)])
    return store_end(store)


def owner(end: StoreEnd) -> Ref:
    [found] = end.customers()
    return found.ref


def addresses(end: StoreEnd) -> list[RemoteAddress]:
    return [*end.addresses_of([owner(end)])]


def companies(end: StoreEnd) -> list[str]:
    return [one.draft.company for one in addresses(end)]


def change(end: StoreEnd, n: int, **said: Any) -> None:
    """Change an address of the one customer."""
    end.update_address(owner(end), addresses(end)[n].ref, said)


@pytest.fixture
def moved() -> Pair:
    return Pair()


def test_what_changed_at_the_source_is_changed_at_the_target(moved: Pair) -> None:
    change(moved.source, 0, company="New")
    moved.source.update_customer(owner(moved.source), {"last_name": "Newman"})

    moved.run()

    assert companies(moved.target) == companies(moved.source)
    assert verdicts(moved.certificate()) == {"identical"}


@pytest.mark.parametrize(
    ("conflicts", "companies_there", "states"),
    [
        ("tell", ["Theirs", "Theirs too"], {"conflict": 2}),
        ("source", ["Ours", 'A & B <C> "D" /'], {"done": 2}),
        ("target", ["Theirs", "Theirs too"], {"duplicate": 2}),
    ],
)
def test_what_changed_at_the_target_is_dealt_with_as_told(
    moved: Pair, conflicts: str, companies_there: list[str], states: dict[str, int]
) -> None:
    """One changed at both ends, the other at the target alone."""
    change(moved.source, 0, company="Ours")
    change(moved.target, 0, company="Theirs")
    change(moved.target, 1, company="Theirs too")

    moved.run(conflicts=conflicts)
    moved.run(conflicts=conflicts)

    assert companies(moved.target) == companies_there
    assert moved.counts() == states
    assert len(unexplained(moved.certificate())) == states.get("conflict", 0)


def test_a_conflict_stops_the_run_if_told_so(moved: Pair) -> None:
    change(moved.target, 0, company="Theirs")

    with pytest.raises(MigrationError, match="changed at the target; look at it"):
        moved.run(conflicts="stop")

    assert moved.counts() == {"done": 1, "conflict": 1}


def test_a_conflict_that_is_settled_by_hand_is_none_any_more(moved: Pair) -> None:
    change(moved.source, 0, company="Ours")
    change(moved.target, 0, company="Theirs")
    moved.run()
    change(moved.target, 0, company="Ours")

    moved.run()

    assert moved.counts() == {"done": 2}
    assert verdicts(moved.certificate()) == {"identical"}


@pytest.mark.parametrize("is_done", [False, True])
def test_a_change_that_was_cut_off_is_gone_on_with(moved: Pair, is_done: bool) -> None:
    """Whether the call had been made or not; there is no conflict."""
    [first, _] = addresses(moved.source)
    change(moved.source, 0, company="New")
    moved.ledger.put_address(owner(moved.source), first.ref, state="updating")
    change(moved.target, 0, company="New" if is_done else first.draft.company)

    moved.run(is_resumed=True)

    assert companies(moved.target) == companies(moved.source)
    assert moved.counts() == {"done": 2}


@pytest.mark.parametrize(
    ("conflicts", "left", "states"),
    [
        ("tell", 1, {"done": 1, "conflict": 1}),
        ("source", 2, {"done": 2}),
        ("target", 1, {"done": 1, "dropped": 1}),
    ],
)
def test_what_is_gone_at_the_target_is_dealt_with_as_told(
    moved: Pair, conflicts: str, left: int, states: dict[str, int]
) -> None:
    [first, _] = addresses(moved.target)
    moved.target.remove_addresses(owner(moved.target), [first.ref])

    moved.run(conflicts=conflicts)

    assert len(addresses(moved.target)) == left
    assert moved.counts() == states
    assert len(unexplained(moved.certificate())) == states.get("conflict", 0)


@pytest.mark.parametrize(
    ("conflicts", "deletes", "left", "states"),
    [
        ("tell", False, 2, {"done": 1, "conflict": 1}),
        ("tell", True, 1, {"done": 1, "removed": 1}),
        ("source", False, 2, {"done": 1, "conflict": 1}),
        ("target", False, 2, {"done": 1, "dropped": 1}),
    ],
)
def test_what_is_gone_at_the_source_is_dealt_with_as_told(
    moved: Pair, conflicts: str, deletes: bool, left: int, states: dict[str, int]
) -> None:
    [first, _] = addresses(moved.source)
    moved.source.remove_addresses(owner(moved.source), [first.ref])

    moved.run(conflicts=conflicts, deletes=deletes)

    assert len(addresses(moved.target)) == left
    assert moved.counts() == states


@pytest.mark.parametrize("conflicts", ["tell", "source"])
def test_a_customer_who_is_gone_at_an_end_is_told_or_moved_again(
    moved: Pair, conflicts: str
) -> None:
    moved.target.remove_customer(owner(moved.target))

    moved.run(conflicts=conflicts)

    is_again = conflicts == "source"
    assert len([*moved.target.customers()]) == int(is_again)
    assert moved.counts() == {"done": 2}
    assert (verdicts(moved.certificate()) == {"identical"}) is is_again
    moved.source.remove_customer(owner(moved.source))
    moved.run()
    told = [one["problem"] for one in moved.ledger.problems()]
    assert told == ["it is gone at the source"] * is_again


def test_a_customer_who_changed_at_both_ends_is_a_conflict(moved: Pair) -> None:
    moved.source.update_customer(owner(moved.source), {"last_name": "Ours"})
    moved.target.update_customer(owner(moved.target), {"last_name": "Theirs"})

    moved.run()

    [there] = moved.target.customers()
    assert there.customer.last_name == "Theirs"
    [conflict] = unexplained(moved.certificate())
    assert (conflict.kind, conflict.words) == ("customer", "it changed at both ends")


def test_what_was_merged_follows_its_source_and_a_rollback_gives_it_back() -> None:
    """What else the target's own one says stays; so it does when all is undone."""
    source, target, ledger = shop(), shop(), Ledger(None)
    before = addresses(target)
    target.update_customer(owner(target), {"note": "theirs"})
    move(source, target, ledger)
    assert ledger.counts()["addresses"] == {"duplicate": 2}
    change(source, 1, company="New")
    source.update_customer(owner(source), {"last_name": "Newman"})

    move(source, target, ledger)

    [there] = target.customers()
    assert (there.customer.last_name, there.customer.note) == ("Newman", "theirs")
    assert companies(target) == companies(source)
    undone = undo(target, ledger)
    assert (undone.removed["addresses"], undone.restored, undone.left) == (0, 2, [])
    assert [one.draft for one in addresses(target)] == [one.draft for one in before]
    [there] = target.customers()
    assert there.customer == replace(person(1), note="theirs")


def test_a_rollback_leaves_what_was_changed_after_the_run() -> None:
    source, target, ledger = shop(), shop(), Ledger(None)
    move(source, target, ledger)
    change(source, 0, company="New")
    move(source, target, ledger)
    change(target, 0, note="later")

    undone = undo(target, ledger)

    assert (undone.restored, len(undone.left)) == (0, 1)
    assert companies(target)[0] == "New"
