"""How long a start takes beside a bare app's: `python -m benchmarks.start --help`.

From the making of the process to the first answer, on one filled SQLite file: `serve`
as an operator runs it, and the smallest Flask app with SQLAlchemy and one query, served
by the same server. They start in turn, with one worker each.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from http.client import HTTPConnection, HTTPException
from statistics import median
from time import monotonic, sleep
from typing import Any

from benchmarks.data import filled
from benchmarks.faults_service import COMMAND
from benchmarks.load import HOST
from benchmarks.operations import CLIENTS, keys_of
from benchmarks.servers import PATIENCE, ROOT, Server, free_port, stop
from gateway import registry

TARGET = 1.15
READER = "staff"
BARE = (sys.executable, "-m", "benchmarks.servers", "bridge", "benchmarks.bare:bare")


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """The seconds from the making of a process to its first answer."""

    wall: float
    cpu: float


@dataclass(frozen=True, kw_only=True, slots=True)
class App:
    """What is started, and what it is asked first."""

    command: Sequence[str]
    port: int
    path: str
    headers: Mapping[str, str]
    environ: Mapping[str, str]

    def started(self) -> Start:
        """Start it, wait for its first answer, and stop it."""
        environ = {**os.environ, "PYTHONPATH": str(ROOT), **self.environ}
        # Modules are compiled once, as pip does when it installs.
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
        began = monotonic()
        process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )
        try:
            while not self._answers():
                if process.poll() is not None or monotonic() - began > PATIENCE:
                    raise SystemExit(f"{self.command!r} does not answer")
                sleep(0.005)
            wall = monotonic() - began
            return Start(
                wall=wall, cpu=Server(port=self.port, pid=process.pid).cpu_seconds()
            )
        finally:
            process.terminate()
            stop(process)

    def _answers(self) -> bool:
        connection = HTTPConnection(HOST, self.port, timeout=PATIENCE)
        try:
            connection.request("GET", self.path, headers=dict(self.headers))
            answer = connection.getresponse()
            if answer.read() and answer.status == 200:
                return True
            raise SystemExit(f"the first answer of port {self.port} is no 200")
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


def apps(stack: ExitStack, addresses: int) -> tuple[App, App]:
    """The bare app and the gateway, on one database."""
    dialects = registry.load()
    keys = {d.name: keys_of(d, CLIENTS[d.name].scope) for d in dialects}
    data = stack.enter_context(
        filled(addresses=addresses, keys=keys, durable=True, postgresql=False)
    )
    [reader] = [d for d in dialects if d.name == READER]
    client = CLIENTS[READER](dialect=reader, data=data)
    owner, address = data.addresses[0]
    path = client.path(owner, address)
    url = data.config.database_url
    environ = {"ADDRESS_GATEWAY_DATABASE_URL": url}
    ports = free_port(), free_port()
    bare = App(
        command=(*BARE, str(ports[0]), "1"),
        port=ports[0],
        path=f"/addresses/{address.id}",
        headers={},
        environ=environ,
    )
    gateway = App(
        command=(*COMMAND, "serve", "--port", str(ports[1])),
        port=ports[1],
        path=f"{reader.root}{path}",
        headers=client.headers("GET", path),
        environ=environ,
    )
    return bare, gateway


def measured(rounds: int, addresses: int) -> dict[str, Any]:
    """The medians of both, and of the ratios round by round."""
    with ExitStack() as stack:
        bare, gateway = apps(stack, addresses)
        # The first start of each compiles modules and fills the page cache.
        bare.started()
        gateway.started()
        pairs = [(bare.started(), gateway.started()) for _ in range(rounds)]
    return {
        "rounds": rounds,
        "bare": middle([bare for bare, _ in pairs]),
        "gateway": middle([gateway for _, gateway in pairs]),
        "wall ratio": round(median(ours.wall / bare.wall for bare, ours in pairs), 2),
        "CPU ratio": round(median(ours.cpu / bare.cpu for bare, ours in pairs), 2),
        "target": TARGET,
    }


def middle(starts: Sequence[Start]) -> dict[str, float]:
    """The median of each figure."""
    rows = [asdict(start) for start in starts]
    return {f"{name} s": round(median(r[name] for r in rows), 3) for name in rows[0]}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if the target is missed and was to be checked."""
    parser = argparse.ArgumentParser("benchmarks.start", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--addresses", type=int, default=10_000)
    parser.add_argument(
        "--check", action="store_true", help="exit with 1 if the target is missed"
    )
    options = parser.parse_args(arguments)
    # The servers are stopped on the way out, so there has to be one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    figures = measured(options.rounds, options.addresses)
    print(json.dumps(figures, indent=2))
    return int(options.check and figures["wall ratio"] > TARGET)


if __name__ == "__main__":
    sys.exit(main())
