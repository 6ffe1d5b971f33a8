"""Moving back: what was moved there is changed, and not added a second time."""

from dataclasses import replace
from typing import Any

import pytest

from dialects.remote import RemoteAddress
from gateway.migrate import Ledger, MigrationError, pair
from tests.dialects.remotes import person, sample
from tests.gateway.migrate.moving import (
    Serve,
    certify,
    move,
    new_store,
    places,
    platform,
    store_end,
    undo,
    unexplained,
)


@pytest.mark.parametrize("is_verified", [False, True])
@pytest.mark.parametrize("name", ["bigcommerce", "openmage", "staff"])
def test_moving_back_updates_what_was_moved_there(
    serve: Serve, name: str, is_verified: bool
) -> None:
    """An edited address is changed, keeping what the platform does not hold."""
    server, store = serve(name), new_store()
    with store.book("suite", shop=store.shop("main")) as book:
        made = book.add_customer(person(1))
        drafts = [sample(n, customer_id=made.id, note=f"n{n}") for n in (1, 2)]
        book.add_many(drafts)
    there, out = platform(server), Ledger(None)
    back, middle = Ledger(None), store_end(store, name)
    move(store_end(store), there, out)
    if is_verified:
        certify(store_end(store), there, out)
    out.begin("store=main", there.title, {}, "")
    [customer] = there.customers()
    [first, _] = there.addresses_of([customer.ref])
    there.update_address(customer.ref, first.ref, {"street": ("1 New Row",)})
    before = held(middle)

    pair(back, out, there, middle)
    move(there, middle, back)

    wanted = replace(before[0].draft, street=("1 New Row",))
    assert [whole(one) for one in held(middle)] == [
        places().complete(wanted),
        whole(before[1]),
    ]
    assert back.counts()["addresses"] == {"duplicate": 2}
    assert unexplained(certify(there, middle, back)) == []


def test_it_is_undone_and_done_again(serve: Serve) -> None:
    """What was given back is a pair again, and nothing is added beside it."""
    server, store = serve("staff"), new_store()
    with store.book("suite", shop=store.shop("main")) as book:
        made = book.add_customer(person(1))
        book.add_many([sample(1, customer_id=made.id, company="kept")])
    there, out = platform(server), Ledger(None)
    back, middle = Ledger(None), store_end(store, "staff")
    move(store_end(store), there, out)
    out.begin("store=main", there.title, {}, "")
    [customer] = there.customers()
    [first] = there.addresses_of([customer.ref])
    there.update_address(customer.ref, first.ref, {"street": ("1 New Row",)})
    [before] = held(middle)
    pair(back, out, there, middle)
    move(there, middle, back)

    undone = undo(middle, back)
    [after] = held(middle)
    pair(back, out, there, middle)
    move(there, middle, back)

    assert (undone.restored, undone.left, after.draft) == (1, [], before.draft)
    [again] = held(middle)
    assert again.draft.street == ("1 New Row",)
    assert again.draft.company == "kept"


def whole(one: RemoteAddress) -> Any:
    return places().whole(one).draft


def test_the_ledger_of_another_migration_is_no_way_back() -> None:
    end = store_end(new_store())

    with pytest.raises(MigrationError, match="--earlier names that of the run"):
        pair(Ledger(None), Ledger(None), end, end)


def held(end: Any) -> list[RemoteAddress]:
    """All addresses of the end."""
    return [*end.addresses_of([one.ref for one in end.customers()])]
