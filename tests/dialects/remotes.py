"""What clients of platforms are tried on: this gateway over HTTP, and recorded answers.

The gateway is served on a socket, in front of a store in a file. `Faults` stand before
it: they refuse, break down or hang up, before or after it has done what it was asked.
"""

import json
import os
import random
import socket
import struct
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx2
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
from dialects.remote import Manner, Remote
from gateway.app import create_app
from gateway.config import Config
from gateway.testing.world import credentials

Start = Callable[..., Any]


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


def cut_off(answer: Response, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
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
            stored: list[Address] = book.add_many(drafts)
        return stored

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


@cache
def template() -> bytes:
    """A database file without any shop; to make one takes as long as some tests."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "store.db"
        store = Store(f"sqlite:///{file}", durable=False)
        schema.upgrade(store.database)
        store.close()
        return file.read_bytes()


@contextmanager
def served(dialect: Dialect, folder: Path) -> Iterator[Served]:
    """The dialect, served from a store in the folder."""
    file = folder / "store.db"
    file.write_bytes(template())
    store = Store(f"sqlite:///{file}", secret_key="test", durable=False)
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
