"""What the tests of migrations share: shops, ends, and a whole run between two."""

from collections.abc import Callable
from functools import cache
from typing import Any

from core import Customer, Store
from dialects.remote import Manner
from gateway.migrate import (
    Certificate,
    End,
    Ledger,
    Mappings,
    Migration,
    Options,
    Places,
    PlatformEnd,
    Rollback,
    StoreEnd,
    Verification,
)
from gateway.migrate.certificate import Entry
from tests.dialects.remotes import Served, person, sample, template

Serve = Callable[[str], Served]
NAMES = ("bigcommerce", "easel", "openmage", "staff")


@cache
def places() -> Places:
    """The tables of places, made once."""
    return Places(Mappings())


def unexplained(certificate: Certificate) -> list[Entry]:
    """What nobody can explain."""
    return [one for one in certificate.entries if one.verdict == "unexplained"]


def fill(gateway: Served, customers: int = 3, addresses: int = 2) -> list[Customer]:
    """Give a shop customers with addresses, one of whom has none."""
    made = gateway.add_customers(*(person(n) for n in range(customers)))
    drafts = [
        sample(10 * one.id + n, customer_id=one.id)
        for one in made[1:]
        for n in range(addresses)
    ]
    gateway.add(drafts)
    return made


def platform(gateway: Served, manner: Manner | None = None) -> PlatformEnd:
    """The served shop as an end."""
    return PlatformEnd(gateway.dialect, gateway.remote(manner))


def new_store(hash: str = "main") -> Store:
    """A store in memory with one shop."""
    store = Store("sqlite://", secret_key="test")
    raw = store.database.engine.raw_connection()
    raw.driver_connection.deserialize(template())  # type: ignore[union-attr]
    raw.close()
    store.add_shop(hash)
    return store


def store_end(store: Store, naming: str = "canonical", **options: Any) -> StoreEnd:
    """Its shop as an end."""
    return StoreEnd(store, "main", naming, **options)


def move(
    source: End, target: End, ledger: Ledger, options: Options | None = None
) -> None:
    """One whole run."""
    options = options or Options()
    Migration(source, target, ledger, options, places()).run()


def certify(
    source: End, target: End, ledger: Ledger, mappings: Mappings | None = None
) -> Certificate:
    """The certificate of a run."""
    mappings = mappings or Mappings()
    return Verification(source, target, ledger, mappings, places()).certify()


def undo(target: End, ledger: Ledger) -> Rollback:
    """The rollback of a run."""
    rollback = Rollback(target, ledger, places())
    rollback.run()
    return rollback


def verdicts(certificate: Certificate) -> set[str]:
    """The verdicts that it has."""
    return {one.verdict for one in certificate.entries}


def essence(end: End) -> list[Any]:
    """What an end holds, in the words that every dialect keeps."""
    found = []
    for one in end.customers():
        streets = sorted(
            (" ".join(a.draft.street[:1]), a.draft.last_name, a.draft.postal_code)
            for a in end.addresses_of([one.ref])
        )
        found.append((one.customer.email, streets))
    return sorted(found)
