"""The servers: each app in processes of its own, stopped when this one is gone."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

from flask import Flask, Response, jsonify

from benchmarks.load import HOST
from gateway.server import serve

ROOT = Path(__file__).parent.parent
PATIENCE = 30.0
"""How long a server may take to start or to stop, in seconds."""

HELLO = "benchmarks.servers:hello"
GATEWAY = "gateway.app:app_from_environ"
SERVERS = ("bridge", "granian")
"""The gateway's own embedded server, and Granian's interface for WSGI."""

TICK = os.sysconf("SC_CLK_TCK")
PARENT, USER_TIME, SYSTEM_TIME = 1, 11, 12
"""Where fields of /proc/PID/stat stand after the name (proc(5))."""


def hello() -> Flask:
    """The smallest Flask app that answers in JSON."""
    app = Flask("hello", static_folder=None)

    @app.get("/")
    def greet() -> Response:
        return jsonify(hello="world")

    return app


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """An app being served: its port, and the process that the workers belong to."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """The processor time that the process and its workers have used."""
        return (
            sum(
                int(stat[USER_TIME]) + int(stat[SYSTEM_TIME])
                for pid, stat in process_stats()
                if pid == self.pid or int(stat[PARENT]) == self.pid
            )
            / TICK
        )


def process_stats() -> Iterator[tuple[int, list[str]]]:
    """The fields after the name of every process."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                text = (entry / "stat").read_text()
            except OSError:
                continue
            yield int(entry.name), text.rpartition(")")[2].split()


@contextmanager
def served(
    target: str,
    *,
    workers: int,
    server: str = "bridge",
    environ: Mapping[str, str] | None = None,
) -> Iterator[Server]:
    """The app that a factory makes, on a loopback port until left."""
    port = free_port()
    started = (server, target, str(port), str(workers))
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.servers", *started],
        cwd=ROOT,
        env={**os.environ, **(environ or {})},
        stdin=subprocess.PIPE,
    )
    try:
        wait_until_open(port, process)
        yield Server(port=port, pid=process.pid)
    finally:
        stop(process)


def free_port() -> int:
    with socket.create_server((HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def wait_until_open(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            sleep(0.05)
        else:
            return
    raise SystemExit(f"{process.args!r} did not start")


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Stop a server, and its workers with it."""
    workers = [p for p, s in process_stats() if int(s[PARENT]) == process.pid]
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        for pid in (process.pid, *workers):
            os.kill(pid, signal.SIGKILL)
        process.wait()


def stop_when_alone() -> None:
    """Wait for the end of standard input: whoever started this process is gone."""
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def serve_plainly(target: str, *, host: str, port: int, workers: int) -> None:
    """Serve with Granian's own interface for WSGI."""
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces, Loops
    from granian.log import LogLevels

    Granian(
        target,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=64,
        loop=Loops.asyncio,
        websockets=False,
        http=HTTPModes.http1,
        log_level=LogLevels.warning,
        factory=True,
    ).serve()


def main(server: str, target: str, port: str, workers: str) -> None:
    """Serve one app, for `served` in another process."""
    Thread(target=stop_when_alone, daemon=True).start()
    start = {"bridge": serve, "granian": serve_plainly}[server]
    start(target, host=HOST, port=int(port), workers=int(workers))


if __name__ == "__main__":
    main(*sys.argv[1:])
