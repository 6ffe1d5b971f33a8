"""Servers to verify: ourselves with demo data, and ourselves with something wrong."""

import io
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from werkzeug.serving import make_server
from werkzeug.test import run_wsgi_app

from core import Query, Store, schema
from dialects.base import Dialect
from gateway.app import create_app
from gateway.config import Config
from gateway.demo import create_demo
from gateway.replay import Quiet
from gateway.seed import CANONICAL
from gateway.verify import Access, read_credentials

CREDENTIALS: Mapping[str, Mapping[str, Any]] = {
    "bigcommerce": {
        "token": "demo-bigcommerce",
        "store_hash": "demo",
        "customer": 11,
        "scopes": {"read-only": {"token": "demo-bigcommerce-read"}},
    },
    "easel": {
        "token": "demo-easel-admin",
        "customer": "cus_abc123",
        "scopes": {"read": {"token": "demo-easel-read"}},
    },
    "openmage": {
        "token": "a0000000000000000000000000000001",
        "secret": "a0000000000000000000000000000002",
        "consumer": "c0000000000000000000000000000001",
        "consumer_secret": "c0000000000000000000000000000002",
        "customer": 1,
        "scopes": {
            "customer": {
                "token": "b0000000000000000000000000000001",
                "secret": "b0000000000000000000000000000002",
                "customer": 1,
            }
        },
    },
    "staff": {
        "token": "demo-staff",
        "customer": 123,
        "scopes": {"user": {"token": "demo-user"}},
    },
}
"""The demo's keys, as a file says them."""


@dataclass(kw_only=True)
class Exchange:
    """A request on its way to the app, and the answer on its way back."""

    method: str
    path: str
    body: bytes
    environ: dict[str, Any]
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b""

    @property
    def json(self) -> Any:
        """The answer's body."""
        return json.loads(self.answer)

    @json.setter
    def json(self, value: Any) -> None:
        self.answer = json.dumps(value).encode()


Wrong = Callable[[Exchange], None]


def nothing(exchange: Exchange) -> None:
    """Leave everything as it is."""


@contextmanager
def demo() -> Iterator[Store]:
    """A store in memory with the demo shop."""
    store = Store(secret_key="test")
    schema.create(store.database)
    create_demo(store)
    yield store
    store.close()


@contextmanager
def served(
    store: Store, dialect: Dialect, *, asks: Wrong = nothing, answers: Wrong = nothing
) -> Iterator[str]:
    """The URL of the store's gateway; what it is asked and answers may be changed."""
    app = create_app(Config(), store=store, dialects=[dialect])

    def wrong(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        exchange = Exchange(
            method=environ["REQUEST_METHOD"],
            path=environ["PATH_INFO"],
            body=environ["wsgi.input"].read(length),
            environ=environ,
        )
        asks(exchange)
        changed = {
            "REQUEST_METHOD": exchange.method,
            "CONTENT_LENGTH": str(len(exchange.body)),
            "wsgi.input": io.BytesIO(exchange.body),
        }
        if not length and not exchange.body:
            del changed["CONTENT_LENGTH"]
        body, status, headers = run_wsgi_app(app, {**environ, **changed}, buffered=True)
        exchange.status = int(status.split()[0])
        exchange.headers = {**dict(headers.items())}
        exchange.answer = b"".join(body)
        exchange.method, exchange.path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        answers(exchange)
        exchange.headers.pop("Content-Length", None)
        if exchange.status != 204:
            exchange.headers["Content-Length"] = str(len(exchange.answer))
        start_response(f"{exchange.status} Said", [*exchange.headers.items()])
        return [exchange.answer]

    server = make_server("127.0.0.1", 0, wrong, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def credentials_file(folder: Path, name: str, **changes: Any) -> Path:
    """A file of the demo's keys; what is changed to None is left out."""
    said = {**CREDENTIALS[name], **changes}
    file = folder / "credentials.json"
    file.write_text(json.dumps({n: v for n, v in said.items() if v is not None}))
    return file


def access(folder: Path, dialect: Dialect, **changes: Any) -> Access:
    """What the demo's keys open."""
    return read_credentials(dialect, credentials_file(folder, dialect.name, **changes))


def everything(store: Store) -> Any:
    """All that is in the demo shop, but for when a customer was changed last.

    Easel's customers cannot be removed, so one is changed, and made as before.
    """
    with store.book(CANONICAL, shop=store.shop("demo"), writes=False) as book:
        people = [
            replace(one, updated_at=one.created_at)
            for one in book.customers(Query()).items
        ]
        return people, [*book.find(Query()).items]
