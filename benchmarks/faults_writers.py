"""Clients that write and keep a journal, and what must be true of the store later.

Each writer has a customer of its own and sends one request after the other, each once.
So every address that it asked for is there at most once, what was acknowledged is
there, and what is there is whole.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import pairwise, takewhile
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

from sqlalchemy import select

from benchmarks.data import draft, person
from benchmarks.load import HOST
from benchmarks.operations import keys_of, sendable
from core import Customer, Query, Shop, Store
from core.address import fingerprint
from core.tables import addresses, counters, customers
from dialects.base import Dialect, authorization
from gateway import registry
from gateway.seed import add_keys

UNLISTED = 999_999
"""The number of a country that is in no table: it is kept among an address's extras."""

MARK = re.compile(r"mark-\d+-\d+")
SCOPES = {"staff": "staff", "easel": "write"}


@dataclass(frozen=True, slots=True)
class Ack:
    """An answer with success: what was sent, and when."""

    mark: str
    at: float
    began: float


@dataclass
class Journal:
    """What a writer sent, and what it was told."""

    number: int
    customer: Customer
    sent: list[str] = field(default_factory=list)
    acknowledged: list[Ack] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)
    defaults: set[str] = field(default_factory=set)
    failures: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0


class Writer(Thread):
    """A client of one dialect that creates addresses, and removes some of them."""

    def __init__(
        self, dialect: Dialect, journal: Journal, wire: Mapping[str, Any], port: int
    ) -> None:
        super().__init__(daemon=True)
        keys = keys_of(dialect, SCOPES[dialect.name])
        self.headers = {
            **authorization(dialect, keys[-1], keys),
            "Content-Type": "application/json",
        }
        self.dialect = dialect.name
        self._is_staff = dialect.name == "staff"
        owner = journal.customer
        id = owner.id if self._is_staff else owner.public_id
        self.path = f"{dialect.root}/customers/{id}/addresses"
        self._wire = wire
        self._port = port
        self._connection = HTTPConnection(HOST, port, timeout=30)
        self.journal = journal
        self.ends = Event()

    def run(self) -> None:
        while not self.ends.is_set():
            self._write()
        self._connection.close()

    def _write(self) -> None:
        journal = self.journal
        count = len(journal.sent)
        mark = f"mark-{journal.number}-{count}"
        journal.sent.append(mark)
        said = self.said(mark, is_default=count % 2 == 0)
        began = monotonic()
        answer = self._ask("POST", self.path, said)
        if answer is None:
            journal.unsure.add(mark)
            sleep(0.02)
            return
        journal.acknowledged.append(Ack(mark, monotonic(), began))
        if count % 10 == 9:
            self._remove(mark, answer["id"])

    def said(self, mark: str, *, is_default: bool) -> dict[str, Any]:
        """The body of a new address with a mark to know it by."""
        if not self._is_staff:
            return {**self._wire, "street1": mark, "country_id": UNLISTED}
        if is_default:
            self.journal.defaults.add(mark)
        return {**self._wire, "address": mark, "default": is_default}

    def _remove(self, mark: str, id: object) -> None:
        # Until the answer is there it may be gone or not.
        self.journal.unsure.add(mark)
        if self._ask("DELETE", f"{self.path}/{id}", None) is not None:
            self.journal.unsure.discard(mark)
            self.journal.removed.add(mark)

    def _ask(self, method: str, path: str, said: Any) -> Any:
        """What a success says; None for anything else."""
        body = None if said is None else json.dumps(said)
        began = monotonic()
        try:
            self._connection.request(method, path, body, self.headers)
            answer = self._connection.getresponse()
            text = answer.read()
        except (OSError, HTTPException) as error:
            self._connection.close()
            self.journal.failures[type(error).__name__] += 1
            return None
        finally:
            self.journal.slowest = max(self.journal.slowest, monotonic() - began)
        if answer.status // 100 == 2:
            return json.loads(text) if text else {}
        told = text.decode("utf-8", "replace")[:80]
        self.journal.failures[f"{answer.status} {told}"] += 1
        return None


@dataclass(frozen=True, slots=True)
class Party:
    """A shop, and the writers in it."""

    store: Store
    shop: Shop
    journals: Sequence[Journal]
    make: Callable[[int], list[Writer]]

    @contextmanager
    def writing(self, port: int) -> Iterator[list[Writer]]:
        """The writers at work on a port, until left."""
        writers = self.make(port)
        for writer in writers:
            writer.start()
        try:
            yield writers
        finally:
            for writer in writers:
                writer.ends.set()
            for writer in writers:
                writer.join(60)


def party(store: Store, writers: int) -> Party:
    """A new shop with keys and a customer for each writer, of two dialects in turn."""
    shop = store.add_shop("faults")
    dialects = registry.load(tuple(SCOPES))
    with store.book("", shop=shop) as book:
        owners = [book.add_customer(person()) for _ in range(writers)]
        [sample] = book.add_many([draft(owners[0], 0)])
        book.remove_many([book.get(sample.id)])
    for dialect in dialects:
        add_keys(store, shop, dialect.name, keys_of(dialect, SCOPES[dialect.name]))
    wires = {dialect.name: sendable(dialect.encode(sample)) for dialect in dialects}
    journals = [Journal(n, owner) for n, owner in enumerate(owners)]

    def make(port: int) -> list[Writer]:
        some = [dialects[n % len(dialects)] for n in range(writers)]
        return [
            Writer(dialect, journal, wires[dialect.name], port)
            for dialect, journal in zip(some, journals, strict=True)
        ]

    return Party(store, shop, journals, make)


def judged(party: Party) -> dict[str, Any]:
    """What is in the store, beside what its writers were told."""
    with party.store.book("", shop=party.shop, writes=False) as book:
        found = book.find(Query()).items
    found_by = {marks(address.street): address for address in found}
    there = Counter(marks(address.street) for address in found)
    acknowledged = {ack.mark for one in party.journals for ack in one.acknowledged}
    removed = set().union(*(one.removed for one in party.journals))
    unsure = set().union(*(one.unsure for one in party.journals))
    sent = {mark for one in party.journals for mark in one.sent}
    return {
        "sent": len(sent),
        "acknowledged": len(acknowledged),
        "removed": len(removed),
        "stored": len(found),
        "stored without an answer": len(there.keys() - acknowledged),
        "lost": len(acknowledged - removed - unsure - there.keys()),
        "back again": len(removed & there.keys()),
        "doubled": sum(count - 1 for count in there.values()),
        "never sent": len(there.keys() - sent),
        "half": len(halves(party, found_by)),
        "failures": dict(sum((one.failures for one in party.journals), Counter())),
        "slowest answer s": round(max(one.slowest for one in party.journals), 2),
    }


def marks(street: Sequence[str]) -> str:
    found = MARK.search(" ".join(street))
    return found[0] if found else f"no mark: {street}"


def halves(party: Party, found: Mapping[str, Any]) -> list[str]:
    """What is there in part only: an address without what was stored with it."""
    shop = party.shop.id
    with party.store.database.engine.connect() as connection:
        prints = dict(
            connection.execute(
                select(addresses.c.id, addresses.c.fingerprint).where(
                    addresses.c.shop_id == shop
                )
            ).all()
        )
        pointers = dict(
            connection.execute(
                select(customers.c.id, customers.c.default_shipping_id).where(
                    customers.c.shop_id == shop
                )
            ).all()
        )
        last = connection.scalar(
            select(counters.c.last).where(
                counters.c.shop_id == shop, counters.c.kind == "address"
            )
        )
    wrong = [m for m, a in found.items() if prints[a.id] != fingerprint(a)]
    wrong += [m for m, a in found.items() if a.id > (last or 0)]
    for journal in party.journals:
        mine = {m: a for m, a in found.items() if a.customer_id == journal.customer.id}
        if not journal.defaults:
            wrong += [m for m, a in mine.items() if "easel" not in a.extras]
            continue
        # One writer writes to this customer, so its newest default rules. None that is
        # a default was removed: those have other numbers.
        newest = max(
            (a.id for m, a in mine.items() if m in journal.defaults), default=None
        )
        if pointers[journal.customer.id] != newest:
            wrong.append(f"default of {journal.number}")
    return wrong


def is_sound(figures: Mapping[str, Any]) -> bool:
    """Whether nothing was lost, doubled or done by half."""
    wrongs = ("lost", "back again", "doubled", "never sent", "half")
    return not any(figures[name] for name in wrongs)


def is_served(party: Party, since: float) -> bool:
    """Whether every writer's request that began later was acknowledged."""
    return all(
        one.acknowledged and one.acknowledged[-1].began >= since
        for one in party.journals
    )


def silence(party: Party, since: float) -> float:
    """The longest time without a success since then, in seconds."""
    times = [
        ack.at
        for one in party.journals
        for ack in takewhile(lambda a: a.at >= since, reversed(one.acknowledged))
    ]
    return max(b - a for a, b in pairwise([since, *sorted(times)]))
