"""What holds for every client of a platform, tried on this gateway over HTTP.

The gateway is served on a socket, in front of a store in a file. `Faults` stand before
it: they refuse, break down or hang up, before or after it has done what it was asked.
"""

import json
import os
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote

import httpx2
import pytest
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Response

from core import (
    Address,
    City,
    Country,
    Customer,
    CustomerDraft,
    Draft,
    Query,
    Ref,
    Region,
    Shop,
    Store,
    schema,
)
from dialects.base import Dialect
from dialects.remote import Denied, Manner, Remote
from gateway.app import create_app
from gateway.config import Config
from gateway.testing.world import credentials

Start = Callable[..., Any]

COUNT = count(100_000)
TEXTS = (
    "first_name",
    "middle_name",
    "last_name",
    "prefix",
    "suffix",
    "company",
    "street",
    "postal_code",
    "phone",
    "fax",
    "tax_id",
    "national_id",
    "note",
)


class Time:
    """A clock that a sleep advances at once, and all the sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sleeps: list[float] = []

    def clock(self) -> float:
        """The time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        self.sleeps.append(seconds)


def quickly(time: Time | None = None, **options: Any) -> Manner:
    """A manner that loses no time in tests."""
    time = time or Time()
    quick: dict[str, Any] = {"first_wait": 0.0001, "longest_wait": 0.001}
    return Manner(**{**quick, **options}, clock=time.clock, sleep=time.sleep)


class Faults:
    """A WSGI app around another, which fails some requests, as a seed decides."""

    KINDS = ("429", "500", "503", "reset", "late 500", "late reset", "cut off")

    def __init__(self, app: Callable[..., Any]) -> None:
        self._app = app
        self.share = 0.0
        self.random = random.Random()
        self.met: Counter[str] = Counter()

    def begin(self, seed: int, share: float) -> None:
        """Fail this share of the requests from now on."""
        self.random.seed(seed)
        self.share = share

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        kind = ""
        if self.random.random() < self.share:
            kind = self.random.choice(self.KINDS)
        self.met[f"{environ['REQUEST_METHOD']} {kind}"] += 1
        if kind == "429":
            return refusal(429, environ, start)
        if kind in ("500", "503"):
            return Response(status=int(kind))(environ, start)
        if kind == "reset":
            return hang_up(environ, start)
        answer = Response.from_app(self._app, environ, buffered=True)
        if kind == "late 500":
            return Response(status=500)(environ, start)
        if kind == "late reset":
            return hang_up(environ, start)
        if kind == "cut off":
            return cut_off(answer, environ, start)
        return answer(environ, start)


def refusal(status: int, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    """An answer in BigCommerce's words ("API rate limits"), or in the RFC's."""
    headers = {
        "X-Retry-After": "2",
        "X-Rate-Limit-Requests-Left": "0",
        "X-Rate-Limit-Time-Reset-Ms": "1500",
        "X-Rate-Limit-Time-Window-Ms": "30000",
        "X-Rate-Limit-Requests-Quota": "150",
    }
    return Response("", status=status, headers=headers)(environ, start)


def hang_up(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    """Reset the connection."""
    connection = environ["werkzeug.socket"]
    now = struct.pack("ii", 1, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, now)
    os.close(connection.detach())
    return Response()(environ, start)


def cut_off(
    answer: Response, environ: dict[str, Any], start: Start
) -> Iterable[bytes]:
    """Hang up in the middle of the answer."""
    body = answer.get_data()
    head = f"HTTP/1.1 {answer.status}\r\nContent-Length: {len(body) + 1}\r\n"
    environ["werkzeug.socket"].sendall(f"{head}\r\n".encode() + body[: len(body) // 2])
    return hang_up(environ, start)


class Quiet(WSGIRequestHandler):
    """Serves without a line for each request, and keeps connections."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(app: Callable[..., Any], **options: Any) -> Iterator[str]:
    """The base URL of the app on a port of its own."""
    server = make_server(
        "127.0.0.1", 0, app, threaded=True, request_handler=Quiet, **options
    )
    server.log = lambda *_: None  # type: ignore[method-assign]
    server.daemon_threads = True  # type: ignore[attr-defined]
    server.block_on_close = False  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    scheme = "https" if options.get("ssl_context") else "http"
    try:
        yield f"{scheme}://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True, kw_only=True)
class Served:
    """A gateway that is served, with one shop, and the faults before it."""

    dialect: Dialect
    store: Store
    shop: Shop
    url: str
    faults: Faults

    def remote(self, manner: Manner | None = None, **options: Any) -> Remote:
        """A client with the key that may do the most."""
        keys = credentials(self.dialect)
        consumer = keys.get(self.dialect.consumer_scope)
        main = next(key for name, key in keys.items() if key is not consumer)
        assert self.dialect.remote is not None
        root = self.dialect.root.replace("<store_hash>", self.shop.hash)
        manner = manner or quickly()
        return self.dialect.remote(
            self.url + root, main, consumer, manner=manner, **options
        )

    def add_customers(self, *drafts: CustomerDraft) -> list[Customer]:
        """Store customers without any dialect's doing."""
        with self.book() as book:
            return [book.add_customer(draft) for draft in drafts]

    def add(self, drafts: Sequence[Draft]) -> list[Address]:
        """Store addresses without any dialect's doing."""
        with self.book() as book:
            return book.add_many(drafts)

    def customers(self) -> list[Customer]:
        """All customers."""
        with self.book() as book:
            return list(book.customers(Query()).items)

    def addresses(self, ref: Ref) -> list[Address]:
        """The addresses of a customer."""
        with self.store.book("suite", shop=self.shop, within=ref) as book:
            return list(book.find(Query()).items)

    def book(self) -> Any:
        """A book of the suite's own."""
        return self.store.book("suite", shop=self.shop)


@contextmanager
def served(dialect: Dialect, folder: Path) -> Iterator[Served]:
    """The dialect, served from a store in the folder."""
    store = Store(f"sqlite:///{folder}/store.db", secret_key="test", durable=False)
    schema.upgrade(store.database)
    shop = store.add_shop("abc123", "The suite's")
    with store.keys() as keys:
        for key in credentials(dialect).values():
            keys.add(
                dialect.name,
                shop,
                scope=key.scope,
                token=key.token,
                secret=key.secret,
                consumer_id=keys.id_of(dialect.name, key.consumer),
            )
    faults = Faults(create_app(Config(), store=store, dialects=[dialect]))
    with serving(faults) as url:
        yield Served(dialect=dialect, store=store, shop=shop, url=url, faults=faults)
    store.close()


class Recorded:
    """A transport that gives recorded answers, and remembers what it was asked.

    `answers` are bodies under "GET /path?query", or under "GET /path" for any query, or
    tuples of what is answered in turn; a body that is no text is sent as JSON. Instead
    of one there may be a whole response, or an exception.
    """

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self._answers = dict(answers)
        self.asked: list[tuple[str, Any]] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        call = f"{request.method} {unquote(request.url.raw_path.decode())}"
        body = json.loads(request.content) if request.content else None
        self.asked.append((call, body))
        path = call.partition("?")[0]
        found = self._answers.get(call, self._answers.get(path))
        assert found is not None, call
        if isinstance(found, tuple):
            found, *rest = found
            self._answers[call if call in self._answers else path] = tuple(rest)
        if isinstance(found, Exception):
            raise found
        if isinstance(found, httpx2.Response):
            return found
        if isinstance(found, str):
            return httpx2.Response(200, text=found)
        return httpx2.Response(200, json=found)

    def manner(self) -> Manner:
        """A manner of calling that calls this."""
        return quickly(transport=httpx2.MockTransport(self))


NEW_YORK = {
    "country": Country(code="US"),
    "region": Region(name="New York"),
    "city": City(name="New York City"),
}


def sample(n: int, **more: Any) -> Draft:
    """An address that every dialect takes, with all that some of them keep."""
    said: dict[str, Any] = {
        "first_name": f"José {n}",
        "middle_name": "M.",
        "last_name": "Ångström-李",
        "prefix": "Dr.",
        "suffix": "Jr.",
        "company": 'A & B <C> "D" /',
        "street": (f"{n} Rue de l'Été", "Étage 2"),
        "postal_code": "10001",
        "phone": "+1 (212) 555-0100",
        "fax": "2",
        "tax_id": "EU123",
        "national_id": "0012",
        "note": f"note {n} 🎨",
        **NEW_YORK,
    }
    return Draft(**{**said, **more})


def person(n: int, **more: Any) -> CustomerDraft:
    """A customer whom every dialect takes."""
    said: dict[str, Any] = {
        "first_name": f"Zoë{n}",
        "last_name": "O'Neil 李",
        "email": f"Zoe+{n}@example.com",
    }
    return CustomerDraft(**{**said, **more})


def said(dialect: Dialect, draft: Draft) -> tuple[Any, ...]:
    """What an address says, of what the dialect keeps, its places by name."""
    texts = [getattr(draft, name) for name in TEXTS if name not in dialect.losses]
    city, region, country = draft.city, draft.region, draft.country
    state = region and (region.name or region.code)
    spelled = {"NY": "New York"}.get(state or "", state)
    return (*texts, city and city.name, spelled, country and country.code)


def names(one: CustomerDraft) -> tuple[str, str, str]:
    """What every dialect tells of a customer."""
    return one.first_name, one.last_name, one.email


class RemoteConformance:
    """The tests that the test class of a dialect's client inherits."""

    dialect: ClassVar[Dialect]
    options: ClassVar[dict[str, Any]] = {}
    naming: ClassVar[str] = "id"
    seeds: ClassVar[int] = 12
    """How many times a client goes through faults."""

    @pytest.fixture(scope="class")
    @classmethod
    def gateway(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
        with served(cls.dialect, tmp_path_factory.mktemp("remote")) as gateway:
            yield gateway

    @pytest.fixture
    def remote(self, gateway: Served) -> Iterator[Remote]:
        gateway.faults.begin(0, 0.0)
        with gateway.remote(**self.options) as remote:
            yield remote

    @pytest.fixture
    def customer(self, gateway: Served) -> Customer:
        """A customer without addresses."""
        [customer] = gateway.add_customers(person(next(COUNT)))
        return customer

    def ref(self, one: Customer | Address) -> Ref:
        found: Ref = getattr(one, self.naming)
        return found

    def test_it_reads_every_customer_once(
        self, gateway: Served, remote: Remote
    ) -> None:
        gateway.add_customers(*(person(n) for n in range(1000, 1260)))

        found = list(remote.customers())

        stored = {self.ref(one): names(one) for one in gateway.customers()}
        assert {one.ref: names(one.customer) for one in found} == stored
        assert len(found) == len(stored)
        assert remote.count() in (None, len(stored))

    def test_it_reads_who_changed_since(self, gateway: Served, remote: Remote) -> None:
        [old] = gateway.add_customers(person(1))
        since = old.created_at.replace(microsecond=0) + timedelta(seconds=1)
        later = since + timedelta(days=1)

        assert self.ref(old) in {one.ref for one in remote.customers(old.created_at)}
        assert list(remote.customers(later + timedelta(days=1))) == []

    def test_it_reads_every_address_of_many(
        self, gateway: Served, remote: Remote, customer: Customer
    ) -> None:
        drafts = [sample(n, customer_id=customer.id) for n in range(300)]
        stored = gateway.add(drafts)

        found = list(remote.addresses(self.ref(customer)))

        assert [one.ref for one in found] == [self.ref(one) for one in stored]
        expected = [said(self.dialect, draft) for draft in drafts]
        assert [said(self.dialect, one.draft) for one in found] == expected
        assert {one.customer_ref for one in found} == {self.ref(customer)}

    def test_it_reads_the_addresses_of_several(
        self, gateway: Served, remote: Remote
    ) -> None:
        owners = gateway.add_customers(*(person(n) for n in range(2000, 2060)))
        gateway.add([sample(n, customer_id=one.id) for one in owners for n in (1, 2)])

        found = list(remote.addresses_of([self.ref(one) for one in owners]))

        counts = Counter(one.customer_ref for one in found)
        assert counts == {self.ref(one): 2 for one in owners}

    def test_it_finds_one_by_its_e_mail(self, gateway: Served, remote: Remote) -> None:
        [zoe] = gateway.add_customers(person(3, email="Find+Me@Example.com"))

        found = remote.find_customer("find+me@example.COM")

        assert found is not None
        assert (found.ref, names(found.customer)) == (self.ref(zoe), names(zoe))
        assert found.created_at is not None
        assert abs(found.created_at - zoe.created_at) < timedelta(seconds=1)
        assert remote.find_customer("nobody@example.com") is None

    def test_what_is_not_there_is_none(self, remote: Remote, customer: Customer) -> None:
        nobody: Ref = 999_999 if self.naming == "id" else self.ref(customer)[:-1] + "!"  # type: ignore[index]

        assert remote.customer(nobody) is None
        assert remote.address(self.ref(customer), nobody) is None
        assert list(remote.addresses(nobody)) == []

    def test_a_customer_comes_changes_and_goes(
        self, gateway: Served, remote: Remote
    ) -> None:
        added = remote.add_customer(person(4, email="four@example.com"))
        assert added.ref is not None
        assert added.problem == ""

        changed = remote.update_customer(added.ref, {"first_name": "Änne 🎨"})

        assert (changed.ref, changed.problem) == (added.ref, "")
        found = remote.customer(added.ref)
        assert found is not None
        assert names(found.customer) == ("Änne 🎨", "O'Neil 李", "four@example.com")
        if "remove" in {one.value for one in self.dialect.customer_operations}:
            assert remote.remove_customer(added.ref).problem == ""
            assert remote.remove_customer(added.ref).problem == ""
            assert remote.customer(added.ref) is None
        else:
            with pytest.raises(NotImplementedError):
                remote.remove_customer(added.ref)

    def test_an_e_mail_that_is_there_is_a_duplicate(
        self, gateway: Served, remote: Remote, customer: Customer
    ) -> None:
        again = person(5, email=customer.email.upper())

        outcome = remote.add_customer(again)

        assert (outcome.is_duplicate, outcome.ref) == (True, self.ref(customer))
        assert outcome.problem != ""

    def test_addresses_come_change_and_go(
        self, gateway: Served, remote: Remote, customer: Customer
    ) -> None:
        owner = self.ref(customer)
        drafts = [sample(n) for n in range(12)]

        outcomes = remote.add_addresses(owner, drafts)

        assert [one.problem for one in outcomes] == [""] * 12
        stored = gateway.addresses(customer.id)
        assert [one.ref for one in outcomes] == [self.ref(one) for one in stored]
        expected = [said(self.dialect, draft) for draft in drafts]
        assert [said(self.dialect, one) for one in stored] == expected
        ref = self.ref(stored[3])

        changed = remote.update_address(owner, ref, {"street": ("1 New Row",)})

        assert (changed.ref, changed.problem) == (ref, "")
        new = replace(stored[3], street=("1 New Row",))
        now = gateway.addresses(customer.id)
        assert said(self.dialect, now[3]) == said(self.dialect, new)
        found = remote.address(owner, ref)
        assert found is not None
        assert said(self.dialect, found.draft) == said(self.dialect, new)

        removed = remote.remove_addresses(owner, [ref, ref])

        assert [one.problem for one in removed] == ["", ""]
        assert len(gateway.addresses(customer.id)) == 11

    def test_writing_what_was_read_changes_nothing(
        self, gateway: Served, remote: Remote, customer: Customer
    ) -> None:
        owner = self.ref(customer)
        draft = sample(1, customer_id=customer.id, street=("a", "b", "c"))
        [stored] = gateway.add([draft])
        [shown] = remote.addresses(owner)
        fields = Draft.__slots__
        all_of_it = {name: getattr(shown.draft, name) for name in fields}

        outcome = remote.update_address(owner, shown.ref, all_of_it)

        assert outcome.problem == ""
        [now] = gateway.addresses(customer.id)
        assert replace(now, updated_at=stored.updated_at) == stored

    def test_a_refusal_is_told_in_the_platforms_words(
        self, gateway: Served, remote: Remote, customer: Customer
    ) -> None:
        bad = sample(1, country=None)

        [good, refused, also_good] = remote.add_addresses(
            self.ref(customer), [sample(1), bad, sample(2)]
        )

        assert (good.problem, also_good.problem) == ("", "")
        assert refused.ref is None
        assert "country" in refused.problem.lower()
        assert len(gateway.addresses(customer.id)) == 2

    def test_a_wrong_credential_is_told_and_is_no_secret(self, gateway: Served) -> None:
        gateway.faults.begin(0, 0.0)
        keys = credentials(self.dialect)
        consumer = keys.get(self.dialect.consumer_scope)
        main = next(key for key in keys.values() if key is not consumer)
        wrong = replace(main, token="Z" * len(main.token), secret="Y" * 32)
        root = self.dialect.root.replace("<store_hash>", gateway.shop.hash)
        assert self.dialect.remote is not None
        remote = self.dialect.remote(
            gateway.url + root, wrong, consumer, manner=quickly()
        )

        with remote, pytest.raises(Denied) as denied:
            next(remote.customers())

        assert denied.value.status == 401
        assert denied.value.words != ""
        assert "ZZZ" not in str(denied.value)
        assert "YYY" not in str(denied.value)
        assert remote.calls == 1

    def test_faults_lose_nothing_and_double_nothing(self, gateway: Served) -> None:
        """Every kind of fault is met, for creates, changes and removals."""
        gateway.faults.met.clear()
        for seed in range(self.seeds):
            self.go_through_faults(gateway, seed)

        kinds = {met for met in gateway.faults.met if met.startswith("POST")}
        assert kinds == {f"POST {kind}" for kind in ("", *Faults.KINDS)}

    def go_through_faults(self, gateway: Served, seed: int) -> None:
        email = f"faults+{seed}@example.com"
        drafts = [sample(n) for n in range(8)]
        gateway.faults.begin(seed, 0.35)
        # So many attempts that they would have to fail 24 times in a row.
        with gateway.remote(quickly(attempts=24), **self.options) as remote:
            added = remote.add_customer(person(seed, email=email))
            assert added.ref is not None, added
            outcomes = remote.add_addresses(added.ref, drafts)
            refs = [one.ref for one in outcomes]
            changes = {"street": ("1 New Row", "Étage 2")}
            changed = remote.update_address(added.ref, refs[1], changes)  # type: ignore[arg-type]
            removed = remote.remove_addresses(added.ref, [refs[0]])  # type: ignore[list-item]
            read = list(remote.addresses(added.ref))
        gateway.faults.begin(0, 0.0)

        assert {one.problem for one in (added, changed, *outcomes, *removed)} == {""}
        assert not any(one.is_duplicate for one in (added, *outcomes))
        drafts[1] = replace(drafts[1], **changes)
        expected = [said(self.dialect, one) for one in drafts[1:]]
        same = [one for one in gateway.customers() if one.email == email]
        assert len(same) == 1
        stored = gateway.addresses(same[0].id)
        assert [said(self.dialect, one) for one in stored] == expected
        assert [self.ref(one) for one in stored] == refs[1:]
        assert [said(self.dialect, one.draft) for one in read] == expected
