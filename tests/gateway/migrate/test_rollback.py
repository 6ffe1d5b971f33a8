"""A rollback leaves the target as it would be if no run had been."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.migrate import Ledger, Options, Rollback, StoreEnd
from tests.dialects.remotes import person, sample
from tests.gateway.migrate.breaking import Broken, breaking
from tests.gateway.migrate.moving import (
    NAMES,
    Serve,
    certify,
    fill,
    move,
    new_store,
    places,
    platform,
    store_end,
    undo,
    unexplained,
)

SHARED, FOREIGN, OURS = (0, 1), 2, 3
"""Addresses: at both ends before, at the target only, and moved there."""

edits = st.tuples(
    st.sampled_from(["source", "target"]),
    st.sampled_from([*SHARED, FOREIGN, OURS, "owner"]),
    st.sampled_from(["note", "company", "gone"]),
    st.integers(0, 2),
)
runs = st.tuples(
    st.just("run"),
    st.sampled_from(["tell", "source", "target"]),
    st.integers(0, 4),
    st.booleans(),
)
"""A run with these conflicts, that breaks at a write, before or after it is done."""


def shop(*numbers: int) -> StoreEnd:
    """A shop with a customer who has these addresses."""
    store = new_store()
    with store.book("suite", shop=store.shop("main")) as book:
        owner = book.add_customer(person(1))
        book.add_many([sample(n, customer_id=owner.id) for n in numbers])
    return store_end(store)


def held(end: StoreEnd) -> dict[Any, tuple[str, str]]:
    """What the customer and the addresses say in the fields that are edited."""
    [owner] = end.customers()
    found: dict[Any, tuple[str, str]] = {
        "owner": (owner.customer.note, owner.customer.company)
    }
    for one in end.addresses_of([owner.ref]):
        number = int(one.draft.street[0].split()[0])
        found[number] = one.draft.note, one.draft.company
    return found


def edit(end: StoreEnd, what: Any, field: str, word: str) -> bool:
    """Edit something at an end, or remove an address; whether it is there."""
    [owner] = end.customers()
    if what == "owner":
        end.update_customer(owner.ref, {"note" if field == "gone" else field: word})
        return True
    for one in end.addresses_of([owner.ref]):
        if one.draft.street[0].split()[0] == str(what):
            if field == "gone":
                end.remove_addresses(owner.ref, [one.ref])
                return False
            end.update_address(owner.ref, one.ref, {field: word})
            return True
    return False


@settings(max_examples=25, deadline=None)
@given(steps=st.lists(st.one_of(edits, runs), min_size=4, max_size=14))
def test_what_others_wrote_is_all_that_is_left(steps: list[Any]) -> None:
    """The shadow is a target that was never moved to. What a run made is gone, unless
    others edited it; anything else that is not as in the shadow is told."""
    source, ledger = shop(*SHARED, OURS), Ledger(None)
    target, shadow = shop(*SHARED, FOREIGN), shop(*SHARED, FOREIGN)
    move(source, target, ledger)
    edited = set()
    for step in steps:
        if step[0] == "run":
            _, conflicts, at, is_late = step
            broken = breaking(target, at, is_late=is_late)
            with suppress(Broken):
                move(source, broken, ledger, Options(conflicts=conflicts))
            continue
        end, what, field, word = step
        if end == "source":
            edit(source, what, field, f"ours {word}")
        else:
            is_there = edit(target, what, field, f"theirs {word}")
            (edited.add if is_there else edited.discard)(what)
            edit(shadow, what, field, f"theirs {word}")

    undone = undo(target, ledger)

    there, wanted = held(target), held(shadow)
    for what in {*SHARED, OURS} - wanted.keys():
        assert (what in there) is (what in edited)
    told = " ".join(undone.left)
    for what in wanted:
        is_told = str(reference(target, what)) in told
        assert there[what] == wanted[what] or (is_told and what in edited)
    again = undo(target, ledger)
    assert (again.removed["addresses"], again.restored) == (0, 0)
    assert (held(target), again.left) == (there, undone.left)


def reference(end: StoreEnd, what: Any) -> Any:
    [owner] = end.customers()
    if what == "owner":
        return owner.ref
    found = end.addresses_of([owner.ref])
    return next(one.ref for one in found if one.draft.street[0].startswith(f"{what} "))


def met() -> tuple[StoreEnd, StoreEnd, Ledger]:
    """Two shops after a run, each of which was edited since."""
    source, target, ledger = shop(*SHARED, OURS), shop(*SHARED, FOREIGN), Ledger(None)
    move(source, target, ledger)
    for what in ("owner", *SHARED, OURS):
        edit(source, what, "note", "ours")
    for what in ("owner", 0, OURS):
        edit(target, what, "company", "theirs")
    return source, target, ledger


def wanted() -> dict[Any, tuple[str, str]]:
    """What is left of them: what others wrote, and what they wrote to."""
    found = held(shop(*SHARED, FOREIGN, OURS))
    return {
        what: (note, "theirs" if what in ("owner", 0, OURS) else company)
        for what, (note, company) in found.items()
    }


@pytest.mark.parametrize("is_resumed", [True, False])
@pytest.mark.parametrize("is_late", [False, True])
def test_it_follows_a_run_that_was_cut_off_at_any_write(
    is_late: bool, is_resumed: bool
) -> None:
    """Whether that was gone on with or not; with what it had overwritten by then."""
    options = Options(conflicts="source")
    for at in count(1):
        source, target, ledger = met()
        broken = breaking(target, at, is_late=is_late)
        is_whole = is_done(lambda: move(source, broken, ledger, options))  # noqa: B023
        if is_resumed:
            move(source, target, ledger, options)

        undone = undo(target, ledger)

        assert held(target) == wanted()
        [told] = undone.left
        assert "a run made it, and somebody has changed it" in told
        if is_whole:
            assert at > 3
            return


@pytest.mark.parametrize("is_late", [False, True])
def test_it_goes_on_where_it_was_cut_off(is_late: bool) -> None:
    for at in count(1):
        source, target, ledger = met()
        move(source, target, ledger, Options(conflicts="source"))
        broken = breaking(target, at, is_late=is_late)
        is_whole = is_done(lambda: undo(broken, ledger))  # noqa: B023

        undo(target, ledger)

        assert held(target) == wanted()
        assert ledger.counts() == {
            "customers": {"undone": 1},
            "addresses": {"done": 1, "undone": 2},
        }
        if is_whole:
            assert at > 3
            return


def is_done(run: Callable[[], object]) -> bool:
    """Whether it was not cut off."""
    try:
        run()
    except Broken:
        return False
    return True


def test_what_somebody_changed_goes_as_well_if_told_so() -> None:
    _, target, ledger = met()

    undone = Rollback(target, ledger, places(), takes_changed=True)
    undone.run()

    assert (undone.removed, undone.left) == ({"customers": 0, "addresses": 1}, [])
    assert OURS not in held(target)


def test_what_was_changed_after_it_was_overwritten_is_told_and_stays() -> None:
    source, target, ledger = met()
    move(source, target, ledger, Options(conflicts="source"))
    edit(target, 1, "note", "later")

    undone = undo(target, ledger)

    assert f"address {reference(target, 1)}: it has changed since" in undone.left[0]
    assert held(target)[1] == ("later", wanted()[1][1])


def test_all_is_true_after_it_and_another_run_moves_it_again() -> None:
    source, target, ledger = met()
    move(source, target, ledger, Options(conflicts="source"))
    edit(target, OURS, "note", "gone")
    Rollback(target, ledger, places(), takes_changed=True).run()

    told = {one.words for one in unexplained(certify(source, target, ledger))}
    move(source, target, ledger)

    assert told == {"it was rolled back; run again to move it"}
    assert ledger.counts() == {
        "customers": {"duplicate": 1},
        "addresses": {"done": 3},
    }


@pytest.mark.parametrize("name", NAMES)
def test_over_the_wire_what_was_overwritten_is_given_back(
    serve: Serve, name: str
) -> None:
    """The customer and the addresses are at the target before."""
    old, new, ledger = serve("staff"), serve(name), Ledger(None)
    owner, there = fill(old)[1], fill(new)[1]
    source, target = platform(old), platform(new)
    move(source, target, ledger)
    assert ledger.counts()["addresses"] == {"duplicate": 4}
    [ours, *_] = source.addresses_of([owner.id])
    source.update_address(owner.id, ours.ref, {"street": ("1 New Row",)})
    source.update_customer(owner.id, {"first_name": "New"})
    before = new.addresses(there.id), new.customers()
    move(source, target, ledger, Options(conflicts="source"))
    assert (new.addresses(there.id), new.customers()) != before

    undone = undo(target, ledger)

    after = new.addresses(there.id), new.customers()
    assert (undone.restored, undone.left) == (2, [])
    assert [*map(timeless, after[0])] == [*map(timeless, before[0])]
    assert [*map(timeless, after[1])] == [*map(timeless, before[1])]


def timeless(stored: Any) -> Any:
    """What is stored, but for when it was changed."""
    return replace(stored, updated_at=stored.created_at)
