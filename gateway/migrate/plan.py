"""A rehearsal: the migration to a scratch shop that speaks as the target does.

The source is read, and of the target those with the same e-mails; neither is written.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from secrets import token_hex
from typing import Any

import httpx2

from core import CustomerDraft, PlaceRow, Ref, Store, schema
from dialects.base import Credential, Dialect
from dialects.remote import Manner, RemoteAddress, RemoteCustomer
from gateway.app import create_app
from gateway.config import Config
from gateway.migrate.certificate import MERGED, Certificate
from gateway.migrate.ends import PART, End, PlatformEnd
from gateway.migrate.engine import Migration
from gateway.migrate.ledger import REFUSED, Ledger
from gateway.migrate.mapping import Places
from gateway.migrate.mover import Options
from gateway.migrate.spool import Spool, Spooled
from gateway.migrate.store_end import StoreEnd
from gateway.migrate.verification import Verification
from gateway.seed import CANONICAL

SHOP = "rehearsal"
EXAMPLES = 3
HOST = "http://127.0.0.1"


@contextmanager
def scratch(target: End, naming: str = CANONICAL) -> Iterator[End]:
    """A shop with nothing in it that answers as the target does, in this process."""
    store = Store("sqlite://", secret_key=SHOP)
    schema.create(store.database)
    store.add_shop(SHOP)
    end: End
    if target.dialect is None:
        end = StoreEnd(store, SHOP, naming)
    else:
        end = scratch_platform(store, target.dialect, target.place_rows)
    try:
        yield end
    finally:
        end.close()
        store.close()


def scratch_platform(
    store: Store, dialect: Dialect, places: Sequence[PlaceRow]
) -> PlatformEnd:
    """The dialect over the store, with a client of it."""
    keys = scratch_keys(dialect)
    with store.keys() as ring:
        for key in keys:
            ring.add(
                dialect.name,
                store.shop(SHOP),
                scope=key.scope,
                token=key.token,
                secret=key.secret,
                consumer_id=ring.id_of(dialect.name, key.consumer),
            )
    app = create_app(Config(), store=store, dialects=[dialect])
    clock = Waiting()
    manner = Manner(
        transport=httpx2.WSGITransport(app=app), clock=clock.time, sleep=clock.sleep
    )
    main, consumer = keys[-1], keys[0] if keys[1:] else None
    assert dialect.remote is not None
    root = PART.sub(SHOP, dialect.root)
    end = PlatformEnd(
        dialect, dialect.remote(HOST + root, main, consumer, manner=manner)
    )
    if places:
        store.import_places(store.shop(SHOP), dialect.name, places)
        end.take_places(places)
    return end


def scratch_keys(dialect: Dialect) -> list[Credential]:
    """A key that may do the most, after its application's where there is one."""
    token, other = (token_hex(dialect.token_bytes) for _ in range(2))
    scope, consumer = dialect.scopes[0], dialect.consumer_scope
    if not consumer:
        return [Credential(token=token, scope=scope)]
    return [
        Credential(token=other, secret=other, scope=consumer),
        Credential(token=token, secret=token, scope=scope, consumer=other),
    ]


class Waiting:
    """A clock on which waiting takes no time."""

    def __init__(self) -> None:
        self._waited = 0.0

    def time(self) -> float:
        """The time, as far as it was waited for."""
        return time.monotonic() + self._waited

    def sleep(self, seconds: float) -> None:
        """Let time pass at once."""
        self._waited += seconds


class Rehearsal(Migration):
    """A migration to a scratch shop, which first gets whom the target has."""

    def __init__(self, *ends: Any, real: End, places: Places) -> None:
        source, scratch, ledger, options = ends
        super().__init__(source, scratch, ledger, options, places)
        self._real, self._mirrored = real, set[Ref]()
        self.mirror_calls = 0
        self.spool = Spool()

    def move(self, customer: RemoteCustomer, addresses: list[RemoteAddress]) -> None:
        """Move a customer, with whom the target has by this e-mail there before."""
        self.spool.keep(customer, addresses)
        before = self._target.calls
        self._mirror(customer.customer)
        self.mirror_calls += self._target.calls - before
        super().move(customer, addresses)

    def _mirror(self, sought: CustomerDraft) -> None:
        for one in self._real.matching_customers(sought) if sought.email else ():
            if one.ref in self._mirrored:
                continue
            self._mirrored.add(one.ref)
            outcome = self._target.add_customer(one, ())
            if outcome.ref is not None:
                found = map(self._places.whole, self._real.addresses_of([one.ref]))
                self._target.add_addresses(outcome.ref, [*found], ())


def rehearse(
    source: End,
    target: End,
    options: Options,
    naming: str = CANONICAL,
    progress: Callable[[int], object] = lambda _done: None,
) -> dict[str, Any]:
    """What a migration would come to."""
    places, ledger = Places(options.mappings), Ledger(None)
    started, before = time.monotonic(), source.calls + target.calls
    with scratch(target, naming) as end:
        run = Rehearsal(
            source,
            end,
            ledger,
            replace(options, progress=progress),
            real=target,
            places=places,
        )
        run.run()
        seconds = time.monotonic() - started
        reads = source.calls + target.calls - before
        writes = end.calls - run.mirror_calls
        unknown = dict(places.unknown)
        again = Spooled(source, run.spool)
        check = Verification(again, end, ledger, options.mappings, places)
        certificate = check.certify(is_partial=True)
        run.spool.close()
    places.close()
    ledger.close()
    each = seconds / (reads + end.calls) if reads + end.calls else 0.0
    calls = {"source_and_lookups": reads, "target": writes}
    return {
        "source": source.title,
        "target": target.title,
        "counts": certificate.counts(),
        "losses": examples(certificate),
        "unknown_places": unknown,
        "duplicates": sum(one.verdict == MERGED for one in certificate.entries),
        "refused": refusals(certificate),
        "calls": calls,
        "seconds": round(each * (reads + writes), 1),
        "is_explained": certificate.is_whole,
        "unexplained": [
            one.as_value()
            for one in certificate.entries
            if one.verdict == "unexplained"
        ],
    }


def examples(certificate: Certificate) -> dict[str, Any]:
    """For each field that is lost how often, and some values."""
    found: dict[str, Any] = {}
    for entry in certificate.entries:
        for one in entry.differences:
            if not one.rule:
                row = found.setdefault(one.field, {"count": 0, "examples": []})
                row["count"] += 1
                if len(row["examples"]) < EXAMPLES:
                    row["examples"].append({"of": entry.source, **one.as_value()})
    return found


def refusals(certificate: Certificate) -> dict[str, int]:
    """How often the target refuses, by its words."""
    entries = certificate.entries
    return dict(Counter(one.words for one in entries if one.verdict == REFUSED))
