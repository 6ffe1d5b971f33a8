"""Whole migrations over HTTP: what arrives, and that all of it is explained."""

from itertools import permutations

import pytest

from gateway.migrate import Ledger, Mappings, Options, page, rehearse, seal
from tests.dialects.remotes import Served, person
from tests.gateway.migrate.moving import (
    NAMES,
    Serve,
    certify,
    essence,
    fill,
    move,
    new_store,
    platform,
    store_end,
    undo,
    unexplained,
)

NO_PHONE = {("easel", "openmage")}
"""Easel has no telephone, which OpenMage requires of an address."""


@pytest.mark.parametrize(("first", "second"), [*permutations(NAMES, 2)])
def test_a_shop_moves_into_the_store_and_out_to_another_platform(
    serve: Serve, first: str, second: str
) -> None:
    old, new = serve(first), serve(second)
    fill(old)
    store = new_store()
    into, out = Ledger(None), Ledger(None)
    source, middle, target = platform(old), store_end(store, first), platform(new)

    move(source, middle, into)
    move(middle, target, out)

    arrived, left = certify(source, middle, into), certify(middle, target, out)
    assert unexplained(arrived) == unexplained(left) == []
    refused = [one.words for one in left.entries if one.verdict == "refused"]
    is_whole = (first, second) not in NO_PHONE
    assert [*map(is_of_phone, refused)] == ([] if is_whole else [True] * 4)
    assert (essence(target) == essence(source)) is is_whole
    assert seal(left.as_value()) == left.as_value()["sha256"]
    assert "# Certificate" in page(left)


def is_of_phone(words: str) -> bool:
    return "Telephone" in words


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("staff", "bigcommerce"),
        ("easel", "staff"),
        ("staff", "openmage"),
        ("bigcommerce", "easel"),
    ],
)
def test_a_plan_tells_what_a_run_comes_to_and_another_run_writes_nothing(
    serve: Serve, first: str, second: str
) -> None:
    old, new = serve(first), serve(second)
    fill(old)
    ledger = Ledger(None)
    source, target = platform(old), platform(new)

    plan = rehearse(source, target, Options())
    assert new.customers() == []
    move(source, target, ledger)
    before = writes(new)
    move(source, target, ledger)
    calls = target.calls
    move(source, target, ledger, Options(is_resumed=True))

    assert (writes(new), target.calls) == (before, calls)
    certificate = certify(source, target, ledger)
    assert plan["counts"] == certificate.counts()
    assert (plan["is_explained"], plan["refused"]) == (True, {})
    assert essence(target) == essence(source)


def writes(gateway: Served) -> int:
    """How many requests there were that may have changed something."""
    met = gateway.faults.met
    return sum(n for call, n in met.items() if not call.startswith("GET"))


@pytest.mark.parametrize("name", NAMES)
def test_a_rollback_removes_what_the_run_made(serve: Serve, name: str) -> None:
    """Easel's pages have no call that removes a customer."""
    old, new = serve("staff"), serve(name)
    fill(old)
    [kept] = new.add_customers(person(99))
    ledger = Ledger(None)
    source, target = platform(old), platform(new)
    move(source, target, ledger)

    rollback = undo(target, ledger)

    assert rollback.removed["addresses"] == 4
    left = [one for one in new.customers() if one.id != kept.id]
    assert len(left) == (3 if name == "easel" else 0)
    assert len(rollback.left) == len(left)
    assert [a for one in left for a in new.addresses(one.id)] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_old_ids_keep_resolving_in_the_store(serve: Serve, name: str) -> None:
    """New records get numbers above those that were imported."""
    old = serve(name)
    fill(old)
    source, store = platform(old), new_store()
    move(source, store_end(store, name), Ledger(None))

    found = [*source.customers()]
    with store.book(name, shop=store.shop("main")) as book:
        emails = [book.customer(one.ref).email for one in found]
        streets = [
            (book.get(one.ref).street[0], one.draft.street[0])
            for one in source.addresses_of([one.ref for one in found])
        ]
        newcomer = book.add_customer(person(100))
        numbers = [book.customer(one.ref).id for one in found]

    assert emails == [one.customer.email for one in found]
    assert len(streets) == 4
    assert [ours for ours, _ in streets] == [theirs for _, theirs in streets]
    assert newcomer.id > max(numbers)


def test_a_second_run_moves_what_changed_and_overwrites_nothing(serve: Serve) -> None:
    old, new = serve("staff"), serve("bigcommerce")
    owner = fill(old)[1]
    ledger = Ledger(None)
    source, target = platform(old), platform(new)
    move(source, target, ledger)
    certify(source, target, ledger)
    first, second = source.addresses_of([owner.id])
    rows = ledger.addresses(owner.id)
    moved = ledger.customer(owner.id)
    assert moved is not None
    there = moved["target_ref"]
    for one in (first, second):
        source.update_address(owner.id, one.ref, {"street": ("1 New Row",)})
    theirs = {"street": ("2 Their Row",)}
    target.update_address(there, rows[second.ref]["target_ref"], theirs)

    move(source, target, ledger)

    streets = [one.draft.street[0] for one in target.addresses_of([there])]
    assert streets == ["1 New Row", "2 Their Row"]
    [conflict] = unexplained(certify(source, target, ledger))
    assert conflict.words == "it changed at both ends"


def test_what_is_there_already_is_merged(serve: Serve) -> None:
    old, new = serve("staff"), serve("bigcommerce")
    fill(old)
    fill(new)
    ledger = Ledger(None)
    source, target = platform(old), platform(new)

    move(source, target, ledger)

    certificate = certify(source, target, ledger)
    assert certificate.counts() == {
        "customer": {"merged duplicate": 3},
        "address": {"merged duplicate": 4},
    }
    assert len([*target.addresses_of([c.ref for c in target.customers()])]) == 4


def test_a_loss_that_is_not_allowed_is_refused(serve: Serve) -> None:
    old, new = serve("staff"), serve("bigcommerce")
    fill(old)
    ledger = Ledger(None)
    options = Options(mappings=Mappings(losses={"note": "refuse"}))

    move(platform(old), platform(new), ledger, options)

    counts = ledger.counts()
    assert counts == {"customers": {"done": 3}, "addresses": {"refused": 4}}
    assert "note" in ledger.problems()[0]["problem"]
