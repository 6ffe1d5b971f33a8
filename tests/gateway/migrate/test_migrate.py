"""Whole migrations over HTTP: what arrives, and that all of it is explained."""

import json
from collections.abc import Iterator
from itertools import permutations

import pytest

from core import Query, Ref, Shop, Store
from gateway.migrate import (
    End,
    Ledger,
    Mappings,
    Options,
    StoreEnd,
    page,
    rehearse,
    seal,
    tampered,
)
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
    verdicts,
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
    taken = undo(target, out), undo(middle, into)
    assert {line.partition(": ")[2] for one in taken for line in one.left} <= {
        "the platform removes no customers"
    }
    assert [one.removed["addresses"] for one in taken] == [4 * is_whole, 4]


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


def test_the_old_ids_are_written_to_over_the_wire(serve: Serve) -> None:
    """Its clients go on at the gateway, and those of another dialect see it."""
    old, new, store = serve("easel"), serve("easel"), Ledger(None)
    owner = fill(old)[1]
    source = platform(old)
    middle = StoreEnd(new.store, new.shop.hash, "easel")
    move(source, middle, store)
    client = platform(new)
    [customer] = [one for one in source.customers() if one.ref == owner.public_id]
    [first, second] = source.addresses_of([customer.ref])

    client.update_address(customer.ref, first.ref, {"street": ("1 New Row",)})
    client.update_customer(customer.ref, {"first_name": "New"})
    [removed] = client.remove_addresses(customer.ref, [second.ref])

    assert removed.problem == ""
    with new.store.book("staff", shop=new.store.shop(new.shop.hash)) as book:
        [left] = [a for a in book.find(Query()).items if a.street[0] == "1 New Row"]
        found = book.customer(left.customer_id)
    assert (found.first_name, found.email) == ("New", customer.customer.email)
    assert left.public_id == first.ref


@pytest.mark.parametrize("name", ["staff", "easel"])
def test_the_store_may_be_a_postgresql(
    serve: Serve, store: Store, shop: Shop, name: str
) -> None:
    """Or a file of SQLite: moved in, changed, and taken out again."""
    old, ledger = serve(name), Ledger(None)
    owner = fill(old)[1]
    source, target = platform(old), StoreEnd(store, shop.hash, name)

    move(source, target, ledger)
    [one, _] = source.addresses_of([next(ref_of(source, owner.email))])
    source.update_address(one.customer_ref, one.ref, {"street": ("1 New Row",)})
    move(source, target, ledger)

    assert essence(target) == essence(source)
    assert verdicts(certify(source, target, ledger)) == {"identical"}
    assert undo(target, ledger).removed == {"customers": 3, "addresses": 4}
    assert [*target.customers()] == []


def ref_of(end: End, email: str) -> Iterator[Ref]:
    """Whoever has the e-mail."""
    return (one.ref for one in end.customers() if one.customer.email == email)


def test_a_street_that_is_gone_is_no_loss_that_was_declared(serve: Serve) -> None:
    old, new, ledger = serve("staff"), serve("bigcommerce"), Ledger(None)
    fill(old)
    source, target = platform(old), platform(new)
    move(source, target, ledger)
    with new.book() as book:
        [first, *_] = book.find(Query(order=("id",))).items
        book.update_many([(first, {"street": ("1 Other Row",)})])

    [found] = unexplained(certify(source, target, ledger))

    assert found.words == "it says something else at the target"
    assert "street" in {one.field for one in found.differences}


def test_a_certificate_that_was_changed_is_found_out(serve: Serve) -> None:
    old, store, ledger = serve("staff"), new_store(), Ledger(None)
    fill(old)
    target = store_end(store, "staff")
    move(platform(old), target, ledger)
    certificate = certify(platform(old), target, ledger)
    text, told = json.dumps(certificate.as_value(), default=str), page(certificate)

    assert tampered(text, told) == tampered(text, None) == []
    assert tampered(text.replace("identical", "lossy"), told) == [
        "its content and its sha256 do not belong together",
        "the page beside it is of another certificate",
    ]
    less = {**json.loads(text), "entries": []}
    less["sha256"] = seal(less)
    assert tampered(json.dumps(less), None) == [
        "its counts are not those of its entries"
    ]
    assert tampered("[]", None) == ["it is no certificate of a migration"]


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
