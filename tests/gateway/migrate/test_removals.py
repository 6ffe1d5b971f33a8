"""Who is gone at the source is told, or deleted at the target where that is safe."""

from typing import Any

import pytest

from core import Ref
from gateway.migrate import Ledger, Mappings, MigrationError, Options, StoreEnd
from tests.dialects.remotes import person
from tests.gateway.migrate.breaking import Broken, breaking
from tests.gateway.migrate.fates import add, shop
from tests.gateway.migrate.moving import (
    Serve,
    certify,
    move,
    platform,
    undo,
    unexplained,
)

DELETE = Options(deletes=True)


class Shops:
    """A shop of three customers, moved to another; then the last is gone."""

    def __init__(self, there: int = 0, **options: Any) -> None:
        self.ledger = Ledger(None)
        self.source, self.target = shop(3), shop(there)
        move(self.source, self.target, self.ledger, Options(**options))
        self.ref = refs(self.target)[-1]
        self.source.remove_customer(refs(self.source)[-1])

    def problem(self) -> str:
        """What is told when they are to be deleted."""
        move(self.source, self.target, self.ledger, DELETE)
        [found] = self.ledger.problems()
        return str(found["problem"])


def refs(end: StoreEnd) -> list[Ref]:
    return [one.ref for one in end.customers()]


def test_who_is_gone_is_deleted_with_all_addresses_if_told_so() -> None:
    shops = Shops()
    move(shops.source, shops.target, shops.ledger)
    told = unexplained(certify(shops.source, shops.target, shops.ledger))

    move(shops.source, shops.target, shops.ledger, DELETE)

    assert [one.words for one in told] == ["it is gone at the source"]
    assert len(refs(shops.target)) == 2
    assert shops.ledger.problems() == []
    assert unexplained(certify(shops.source, shops.target, shops.ledger)) == []
    assert shops.ledger.counts()["addresses"] == {"done": 8, "removed": 1}
    assert undo(shops.target, shops.ledger).removed == {"customers": 2, "addresses": 8}


def test_before_a_run_has_told_it_verify_does() -> None:
    shops = Shops()

    [found] = unexplained(certify(shops.source, shops.target, shops.ledger))

    assert found.words == "it is gone at the source, and still at the target"


def test_who_was_there_before_stays() -> None:
    shops = Shops(there=3)

    assert "it was at the target before" in shops.problem()
    assert shops.ref in refs(shops.target)


def test_who_was_changed_at_the_target_stays() -> None:
    shops = Shops()
    shops.target.update_customer(shops.ref, {"note": "theirs"})

    assert "somebody has changed it there" in shops.problem()
    assert shops.ref in refs(shops.target)


def test_who_has_a_changed_address_stays() -> None:
    shops = Shops()
    [one] = shops.target.addresses_of([shops.ref])
    shops.target.update_address(shops.ref, one.ref, {"note": "theirs"})

    assert "addresses that no run made" in shops.problem()
    assert shops.ref in refs(shops.target)


def test_who_has_an_address_of_others_stays() -> None:
    shops = Shops()
    [one] = shops.target.addresses_of([shops.ref])
    shops.target.add_addresses(shops.ref, [one], ())

    assert "addresses that no run made" in shops.problem()


def test_with_whom_another_was_merged_stays() -> None:
    source, target, ledger = shop(2), shop(0), Ledger(None)
    move(source, target, ledger)
    add(source, 90, person(90))
    [_, gone, other] = refs(source)
    mapped = Mappings(customers={str(other): refs(target)[1]})
    move(source, target, ledger, Options(mappings=mapped))
    source.remove_customer(gone)

    move(source, target, ledger, Options(mappings=mapped, deletes=True))

    [told] = ledger.problems()
    assert "another customer of the source was moved to the same one" in told["problem"]
    assert len(refs(target)) == 2


def test_a_source_that_lists_nobody_deletes_nobody() -> None:
    shops = Shops()
    for ref in refs(shops.source):
        shops.source.remove_customer(ref)

    with pytest.raises(MigrationError, match="lists no customer any more"):
        shops.problem()

    assert len(refs(shops.target)) == 3


@pytest.mark.parametrize("is_late", [False, True])
@pytest.mark.parametrize("at", [1, 2])
def test_it_is_gone_on_with_when_it_was_cut_off(at: int, is_late: bool) -> None:
    """An address and a customer are two writes."""
    shops = Shops()
    [first, *_] = refs(shops.source)
    [address, *_] = shops.source.addresses_of([first])
    shops.source.remove_addresses(first, [address.ref])
    broken = breaking(shops.target, at, is_late=is_late)
    with pytest.raises(Broken):
        move(shops.source, broken, shops.ledger, DELETE)

    move(shops.source, shops.target, shops.ledger, DELETE)

    assert shops.ledger.counts() == {
        "customers": {"done": 2, "removed": 1},
        "addresses": {"done": 7, "removed": 2},
    }
    assert shops.ledger.problems() == []
    assert len(refs(shops.target)) == 2


def test_a_platform_that_removes_no_customers_is_told(serve: Serve) -> None:
    source, new, ledger = shop(2), serve("easel"), Ledger(None)
    move(source, platform(new), ledger)
    source.remove_customer(refs(source)[-1])

    move(source, platform(new), ledger, DELETE)

    [told] = ledger.problems()
    assert told["problem"].endswith("; the platform removes no customers")
    assert len(new.customers()) == 2


def test_what_the_target_keeps_by_its_word_is_in_the_certificate() -> None:
    shops = Shops()

    move(shops.source, shops.target, shops.ledger, Options(conflicts="target"))

    certificate = certify(shops.source, shops.target, shops.ledger)
    [kept] = [one for one in certificate.entries if one.verdict == "refused"]
    assert (kept.kind, certificate.is_whole) == ("customer", True)
    assert kept.words.startswith("it is gone at the source; the target's word stands")
