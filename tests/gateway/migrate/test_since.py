"""What has changed since an instant, or since the last run, as each source tells it."""

from datetime import timedelta

import pytest

from gateway.migrate import Ledger, Options
from tests.gateway.migrate.moving import (
    Serve,
    certify,
    fill,
    move,
    platform,
    unexplained,
)
from tests.gateway.migrate.test_delta import Pair, addresses, change


def test_the_store_finds_whose_addresses_changed_since() -> None:
    moved = Pair()
    [customer] = moved.source.customers()
    assert customer.updated_at is not None
    change(moved.source, 0, company="New")
    since = addresses(moved.source)[0].updated_at
    assert since is not None

    found = [*moved.source.customers(since)]
    later = [*moved.source.customers(since + timedelta(seconds=9))]

    assert ([one.ref for one in found], later) == ([customer.ref], [])


@pytest.mark.parametrize(
    ("name", "count", "misses"),
    [
        ("bigcommerce", 1, "does not tell which addresses have changed"),
        ("easel", 2, "what was removed"),
        ("openmage", 3, "what was removed"),
        ("staff", 2, "what was removed"),
    ],
)
def test_a_platform_finds_whose_addresses_changed_since_if_it_dates_them(
    serve: Serve, name: str, count: int, misses: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first customer changes, and an address of the second. OpenMage's documents
    show no times of addresses, so the third's may have changed as well."""
    server = serve(name)
    made = fill(server)
    end = platform(server)
    later = made[0].created_at + timedelta(days=3)
    monkeypatch.setattr(server.store, "now", lambda: later)
    with server.book() as book:
        [address, _] = server.addresses(made[1].id)
        book.update_many([(address, {"company": "New"})])
        book.update_customers([(made[0], {"last_name": "Newman"})])

    found = [*end.customers(later - timedelta(seconds=1))]

    names = [one.customer.first_name for one in found]
    assert names == [one.first_name for one in made[:count]]
    assert misses in end.misses


def test_resuming_finds_every_change_and_reads_little_of_the_target(
    serve: Serve,
) -> None:
    """Also where no platform tells when an address was changed."""
    old, new, ledger = serve("bigcommerce"), serve("staff"), Ledger(None)
    owner = fill(old, customers=9)[4]
    source, target = platform(old), platform(new)
    move(source, target, ledger)
    with old.book() as book:
        [address, _] = old.addresses(owner.id)
        book.update_many([(address, {"street": ("9 New Row",)})])
    before = target.calls

    move(source, target, ledger, Options(is_resumed=True))

    # Of nine customers one, with the addresses before and after, and one of those.
    assert target.calls - before == 5
    certificate = certify(source, target, ledger)
    assert unexplained(certificate) == []
    [changed, _] = ledger.addresses(owner.id).values()
    assert changed["content"]["street"] == ["9 New Row"]
