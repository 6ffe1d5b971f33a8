"""A gateway of several processes, and what is sent to it."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from core import CustomerDraft, Store, schema
from gateway.config import Config

TOKEN = "bigcommerce-token"
SERVING = Path(__file__).with_name("serving.py")


def item(**fields: Any) -> dict[str, Any]:
    """An address to create, in the fields of the reference's example."""
    return {
        "customer_id": 1,
        "first_name": "John",
        "last_name": "Doe",
        "address1": "111 E West Street",
        "address2": "654",
        "city": "Akron",
        "state_or_province": "Ohio",
        "postal_code": "44325",
        "country_code": "US",
        "phone": "1234567890",
        "address_type": "residential",
        **fields,
    }


@dataclass(frozen=True)
class Served:
    """A gateway that serves the store "abc123", with customers 1 and 2."""

    process: "subprocess.Popen[bytes]"
    database: Path
    url: str

    @property
    def customers(self) -> str:
        """The URL of the customers."""
        return f"{self.url}/stores/abc123/v3/customers"

    @property
    def addresses(self) -> str:
        """The URL of the addresses."""
        return f"{self.customers}/addresses"

    def send(self, method: str, body: Any = None, url: str = "") -> requests.Response:
        """The answer to a request with the token, about addresses unless told."""
        return requests.request(
            method,
            url or self.addresses,
            json=body,
            headers={"X-Auth-Token": TOKEN},
            timeout=30,
        )

    def workers(self) -> list[int]:
        """The processes that answer."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        return [int(child) for child in children.split()]

    def kill_workers(self) -> None:
        """Let all workers die at once; they are replaced."""
        for pid in self.workers():
            os.kill(pid, signal.SIGKILL)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Every write waits as long as this lasts."""
        with closing(sqlite3.connect(self.database, isolation_level=None)) as database:
            database.execute("BEGIN IMMEDIATE")
            yield
            database.execute("ROLLBACK")


@contextmanager
def served(
    folder: Path, *, workers: int = 1, quirks: Mapping[str, Any] | None = None
) -> Iterator[Served]:
    """A gateway on a database of its own in the folder."""
    database = folder / "gateway.db"
    config = Config(
        database_url=f"sqlite:///{database}",
        secret_key="test",
        durable=False,
        quirks={"bigcommerce": quirks or {}},
    )
    fill(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, SERVING, str(port), str(workers)],
        env={
            **os.environ,
            **config.to_environ(),
            "PYTHONPATH": os.pathsep.join(sys.path),
        },
    )
    try:
        server = Served(process, database, f"http://127.0.0.1:{port}")
        wait_for(server)
        yield server
    finally:
        process.terminate()
        process.wait(30)


def fill(config: Config) -> None:
    """Make the database, with a shop, two customers and a key."""
    store = Store(config.database_url, secret_key=config.secret_key, durable=False)
    schema.upgrade(store.database)
    shop = store.add_shop("abc123", "The test's")
    with store.book("test", shop=shop) as book:
        book.add_customer(CustomerDraft(first_name="Ada"))
        book.add_customer(CustomerDraft(first_name="Grace"))
    with store.keys() as keys:
        keys.add("bigcommerce", shop, scope="modify", token=TOKEN)
    store.close()


def wait_for(server: Served) -> None:
    """Return when the gateway answers, which it must within half a minute."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            server.send("GET")
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the gateway did not answer in 30 seconds")
