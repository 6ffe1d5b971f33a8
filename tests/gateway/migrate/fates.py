"""Two shops after a run between them, in which everything has then come to happen."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from gateway.migrate import Ledger, StoreEnd
from tests.dialects.remotes import person, sample
from tests.gateway.migrate.moving import move, new_store, store_end

FATES = (
    *("stays", "changes", "is changed there", "changes at both"),
    *("is gone there", "goes", "goes at both"),
)
"""What becomes of a customer, and of an address of the one who stays."""


class World:
    """A shop with a customer of each fate, moved to another; the first customer has an
    address of each fate, the others have one. Some are at the target before."""

    def __init__(self, file: Path, merged: int = 0) -> None:
        self.file = file
        self.source, self.target = shop(len(FATES)), shop(merged)
        self.before = everything(self.target)
        ledger = Ledger(file)
        move(self.source, self.target, ledger)
        ledger.close()

    def live(self) -> None:
        """Let everything happen, and something new be at the source."""
        become(self.source, "changes", "goes", "ours")
        become(self.target, "is changed there", "is gone there", "theirs")
        add(self.source, 90, person(90))
        [first, *_] = self.source.customers()
        self.source.add_addresses(
            first.ref, [*self.source.addresses_of([newest(self.source)])], ()
        )


def shop(customers: int) -> StoreEnd:
    """A shop with so many customers."""
    end = store_end(new_store())
    for n in range(customers):
        add(end, 10 * n, person(n), 1 if n else len(FATES))
    return end


def add(end: StoreEnd, number: int, draft: Any, addresses: int = 1) -> None:
    """Add a customer with addresses."""
    with end._store.book("suite", shop=end._store.shop("main")) as book:
        owner = book.add_customer(draft)
        numbers = range(number, number + addresses)
        book.add_many([sample(n, customer_id=owner.id) for n in numbers])


def newest(end: StoreEnd) -> Any:
    """Who was added last."""
    return [*end.customers()][-1].ref


def become(end: StoreEnd, changes: str, goes: str, word: str) -> None:
    """Let at an end change and go what is to, there or at both ends."""
    owners = [*end.customers()]
    addresses = [*end.addresses_of([owners[0].ref])]
    for fate, owner, address in zip(FATES, owners, addresses, strict=True):
        if is_of(fate, changes, "changes at both"):
            end.update_customer(owner.ref, {"note": word})
            end.update_address(owners[0].ref, address.ref, {"note": word})
        if is_of(fate, goes, "goes at both"):
            end.remove_addresses(owners[0].ref, [address.ref])
            end.remove_customer(owner.ref)


def is_of(fate: str, *fates: str) -> bool:
    return fate in fates


def everything(end: StoreEnd) -> Collection[Any]:
    """All that an end holds, with the references, and no instants."""
    return [
        (one.ref, one.customer, [(a.ref, a.draft) for a in end.addresses_of([one.ref])])
        for one in end.customers()
    ]
