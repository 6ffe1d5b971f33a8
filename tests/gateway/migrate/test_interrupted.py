"""A migration that is interrupted and resumed: nothing is lost, and none doubled."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import httpx2
import pytest

from dialects.remote import RemoteError
from gateway.migrate import Ledger
from tests.dialects.remotes import Served, quickly
from tests.gateway.migrate.breaking import Breaking, Broken
from tests.gateway.migrate.moving import (
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


class Cut(httpx2.HTTPTransport):
    """A transport that breaks for good at one call, before or after it is made."""

    def __init__(self, at: int, *, is_late: bool) -> None:
        super().__init__()
        self._calls, self._at, self._is_late = 0, at, is_late

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        self._calls += 1
        if self._calls == self._at and self._is_late:
            super().handle_request(request).read()
        if self._calls >= self._at:
            raise httpx2.ReadError("cut off")
        return super().handle_request(request)


@pytest.mark.parametrize("is_late", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("name", ["bigcommerce", "easel", "openmage"])
def test_it_is_resumed_from_every_call(serve: Serve, name: str, is_late: bool) -> None:
    old, new = serve("staff"), serve(name)
    fill(old, customers=2)
    source = platform(old)
    for at in count(1):
        ledger = Ledger(None)
        cut = Cut(at, is_late=is_late)
        is_cut = is_interrupted(source, new, cut, ledger)

        move(source, platform(new), ledger)

        assert essence(platform(new)) == essence(source)
        assert unexplained(certify(source, platform(new), ledger)) == []
        clear(new)
        if not is_cut:
            assert at > 4
            return


def is_interrupted(source: Any, new: Served, cut: Cut, ledger: Ledger) -> bool:
    """Whether the migration was cut off."""
    manner = quickly(transport=cut, attempts=2)
    try:
        move(source, platform(new, manner), ledger)
    except RemoteError:
        return True
    return False


def clear(gateway: Served) -> None:
    """Remove all customers, without any dialect's doing."""
    with gateway.book() as book:
        book.remove_customers(gateway.customers())


def boundaries() -> Iterator[tuple[int, bool]]:
    """Every write of a shop of three, and both sides of it."""
    return ((at, is_late) for at in range(1, 6) for is_late in (False, True))


def test_the_store_is_resumed_from_every_write(serve: Serve) -> None:
    """Three customers and two lists of addresses are five writes."""
    old = serve("easel")
    fill(old)
    source = platform(old)
    for at, is_late in boundaries():
        store, ledger = new_store(), Ledger(None)
        broken = Breaking(store, "main", "easel")
        broken.at, broken.is_late = at, is_late
        with pytest.raises(Broken):
            move(source, broken, ledger)

        move(source, store_end(store, "easel"), ledger)

        certificate = certify(source, store_end(store, "easel"), ledger)
        assert certificate.counts() == {
            "customer": {"identical": 3},
            "address": {"identical": 4},
        }
        assert essence(store_end(store)) == essence(source)


def test_a_rollback_removes_what_was_not_entered_yet(serve: Serve) -> None:
    old, store, ledger = serve("staff"), new_store(), Ledger(None)
    fill(old)
    broken = Breaking(store, "main", "staff")
    broken.at, broken.is_late = 3, True
    with pytest.raises(Broken):
        move(platform(old), broken, ledger)

    undo(store_end(store, "staff"), ledger)

    assert [*store_end(store).customers()] == []
