"""What clients are told while the database cannot do its work, and whether that passes.

Each fault is made while the gateway runs, and undone; the gateway is not restarted.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from time import monotonic, sleep
from typing import Any

from benchmarks.faults_service import Service, service
from benchmarks.faults_writers import SCOPES, Party, Writer, party
from benchmarks.load import HOST
from benchmarks.servers import PATIENCE
from core import Store, schema

ROUNDS = 3
"""How often each request is sent while a fault lasts."""


@dataclass
class Told:
    """What clients were told in one phase, and how long they waited."""

    answers: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0

    def figures(self) -> dict[str, Any]:
        return {"answers": dict(self.answers), "slowest s": round(self.slowest, 2)}


class Clients:
    """A client of each dialect, who reads and writes."""

    def __init__(self, party: Party, port: int) -> None:
        self._writers = party.make(port)[: len(SCOPES)]
        self._port = port

    def ask(self, rounds: int = ROUNDS) -> Told:
        """Send every request so often."""
        told = Told()
        for _ in range(rounds):
            for writer in self._writers:
                self._send(told, writer, "GET", None)
                said = writer.said("mark-0-0", is_default=False)
                self._send(told, writer, "POST", json.dumps(said))
        return told

    def _send(self, told: Told, writer: Writer, method: str, body: str | None) -> None:
        connection = HTTPConnection(HOST, self._port, timeout=60)
        began = monotonic()
        try:
            connection.request(method, writer.path, body, writer.headers)
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
            shown = "" if answer.status < 300 else f" {text[:80]}"
            told.answers[f"{method} {writer.dialect} {answer.status}{shown}"] += 1
        except (OSError, HTTPException) as error:
            told.answers[f"{method} {writer.dialect} {type(error).__name__}"] += 1
        finally:
            connection.close()
        told.slowest = max(told.slowest, monotonic() - began)

    def wait(self) -> float:
        """Wait until all is answered with success; how many seconds that took."""
        began = monotonic()
        while not is_well(self.ask(1)):
            if monotonic() - began > PATIENCE:
                raise SystemExit("the gateway does not recover")
            sleep(0.05)
        return monotonic() - began


def is_well(told: Told) -> bool:
    """Whether every answer is a success."""
    return all(name.split()[2].startswith("2") for name in told.answers)


def is_told(told: Told) -> bool:
    """Whether every answer is one that a dialect gives."""
    return all(name.split()[2].isdecimal() for name in told.answers)


Fault = Callable[[], Callable[[], object]]
"""Makes something fail; what it gives undoes that."""


def tried(
    url: str, fault: Fault, *, environ: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What is told before, during and after a fault of a gateway on the database."""
    plain = url.replace("pool_size=2", "pool_size=20")
    store = Store(plain, secret_key="faults", durable=False)
    schema.upgrade(store.database)
    clients = party(store, len(SCOPES))
    store.close()
    with service(url, workers=1, environ=environ) as gateway:
        return phases(gateway, Clients(clients, gateway.port), fault)


def phases(gateway: Service, clients: Clients, fault: Fault) -> dict[str, Any]:
    before = clients.ask(1)
    workers = gateway.workers()
    undo = fault()
    during = clients.ask()
    undo()
    recovery = clients.wait()
    kept = gateway.workers() == workers and gateway.starts == 1
    return {
        "before": before.figures()["answers"],
        "during": during.figures(),
        "recovers after s": round(recovery, 2),
        "without a restart": kept,
        "is well": is_well(before) and is_told(during) and kept,
    }
