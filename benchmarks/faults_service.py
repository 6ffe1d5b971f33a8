"""The gateway as an operator runs it: `serve`, started again whenever it ends."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from tempfile import TemporaryFile
from threading import Event, Thread
from time import monotonic, sleep

from benchmarks.load import HOST
from benchmarks.servers import PARENT, PATIENCE, ROOT, free_port, process_stats

COMMAND = (sys.executable, "-c", "from gateway.cli import main; main()")
RESTART_SECONDS = 0.1
"""How long after its end the gateway is started again: systemd's default."""


class Service:
    """A gateway that is started again whenever its process ends, as systemd does."""

    def __init__(self, database: str, workers: int, environ: Mapping[str, str]) -> None:
        self.port = free_port()
        self.starts = 0
        self._log = TemporaryFile()  # noqa: SIM115
        self._command = (
            *COMMAND,
            "serve",
            *("--port", str(self.port)),
            *("--workers", str(workers)),
            *("--database", database),
        )
        self._environ = {**os.environ, "PYTHONPATH": str(ROOT), **environ}
        self._ends = Event()
        self._process = self._start()
        self._keeper = Thread(target=self._keep, daemon=True)
        self._keeper.start()

    @property
    def pid(self) -> int:
        """The process that looks after the workers."""
        return self._process.pid

    def workers(self) -> list[int]:
        """The workers' processes."""
        parent = self.pid
        return [pid for pid, stat in process_stats() if int(stat[PARENT]) == parent]

    def answers(self) -> bool:
        """Whether it answers, whatever it says."""
        connection = HTTPConnection(HOST, self.port, timeout=5)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status > 0
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def wait(self) -> float:
        """Wait until it answers; how many seconds that took."""
        start = monotonic()
        while not self.answers():
            if monotonic() - start > PATIENCE:
                raise SystemExit(f"the gateway does not answer:\n{self.logged()}")
            sleep(0.02)
        return monotonic() - start

    def logged(self) -> str:
        """The end of what it has logged."""
        self._log.seek(max(0, self._log.seek(0, os.SEEK_END) - 4000))
        return self._log.read().decode("utf-8", "replace")

    def stop(self) -> int:
        """Stop it for good; its exit code."""
        self._ends.set()
        self._process.terminate()
        try:
            code = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._keeper.join()
        self._log.close()
        return code

    def _start(self) -> "subprocess.Popen[bytes]":
        self.starts += 1
        return subprocess.Popen(
            self._command,
            cwd=ROOT,
            env=self._environ,
            stdout=subprocess.DEVNULL,
            stderr=self._log,
        )

    def _keep(self) -> None:
        while True:
            self._process.wait()
            if self._ends.wait(RESTART_SECONDS):
                return
            self._process = self._start()


@contextmanager
def service(
    database: str, *, workers: int = 2, environ: Mapping[str, str] | None = None
) -> Iterator[Service]:
    """A gateway on a database, until left."""
    gateway = Service(database, workers, environ or {})
    try:
        gateway.wait()
        yield gateway
    finally:
        gateway.stop()
