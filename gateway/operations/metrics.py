"""The metrics: workers write them to files, and the operations' process adds them up.

The files are those of prometheus_client's multiprocess mode, one for each process and
kind of metric. A worker writes to them twice a second, as to count through the library
costs some microseconds a request. The library leaves two things to its user (README,
"Multiprocess Mode"): that the directory is empty at the start, and that a process which
ended is reported. The files of such processes would pile up where workers are replaced
often, so they are added to one.
"""

import os
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from gateway.operations.board import Board

if TYPE_CHECKING:
    from prometheus_client import Metric

PREFIX = "address_gateway"
PAST = "past"

DURATION = f"{PREFIX}_request_duration_seconds"
DURATION_HELP = "Requests answered, and the time from their head to their answer."
IN_FLIGHT = f"{PREFIX}_requests_in_flight"
IN_FLIGHT_HELP = "Requests that are read, wait or are being answered."

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Seconds: from what a cached page takes to what no client waits for."""

ROOM = 2**20
"""Bytes of a file of metrics: enough for some 300 kinds of requests."""

NAMES = ["dialect", "operation", "status"]
Labels = tuple[str, str, int]


class Durations:
    """The requests with the same labels: how many were how slow, and their sum."""

    def __init__(self, labels: Labels) -> None:
        from prometheus_client.mmap_dict import mmap_key
        from prometheus_client.utils import floatToGoString

        def key(part: str, names: list[str], values: list[str]) -> str:
            name = f"{DURATION}_{part}"
            return str(mmap_key(DURATION, name, names, values, DURATION_HELP))

        values = [*map(str, labels)]
        bounds = [floatToGoString(one) for one in (*BUCKETS, float("inf"))]
        self.keys = [key("sum", NAMES, values)]
        self.keys += [key("bucket", [*NAMES, "le"], [*values, one]) for one in bounds]
        self.values = [0.0] * len(self.keys)

    def add(self, seconds: float) -> None:
        """Count one more."""
        self.values[0] += seconds
        self.values[1 + bisect_left(BUCKETS, seconds)] += 1


class Metrics:
    """What one worker counts."""

    def __init__(self, directory: str) -> None:
        from prometheus_client.mmap_dict import MmapedDict, mmap_key

        pid = os.getpid()
        for kind in ("histogram", "gauge_livesum"):
            reserve(f"{directory}/{kind}_{pid}.db")
        self._histogram = MmapedDict(f"{directory}/histogram_{pid}.db")
        self._gauge = MmapedDict(f"{directory}/gauge_livesum_{pid}.db")
        self._in_flight = mmap_key(IN_FLIGHT, IN_FLIGHT, [], [], IN_FLIGHT_HELP)
        self._seen: deque[tuple[Labels, float]] = deque()
        self._durations: dict[Labels, Durations] = {}
        self.observe = self._seen.append
        """Count a request that was answered: its labels and its seconds."""

    def write(self, in_flight: int) -> None:
        """Let others see what was counted. Not to be called by two threads."""
        touched = set()
        while self._seen:
            labels, seconds = self._seen.popleft()
            if labels not in self._durations:
                self._durations[labels] = Durations(labels)
            self._durations[labels].add(seconds)
            touched.add(labels)
        for labels in touched:
            found = self._durations[labels]
            for key, value in zip(found.keys, found.values, strict=True):
                self._histogram.write_value(key, value, 0.0)
        self._gauge.write_value(self._in_flight, float(in_flight), 0.0)


def reserve(file: str) -> None:
    """Make a file with room on the disk: to write to a map without it is fatal."""
    opened = os.open(file, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(opened, 0, ROOM)
    finally:
        os.close(opened)


class Exposition:
    """The text of all workers' metrics, also of those that ended."""

    def __init__(self, board: Board, problem: Callable[[], str]) -> None:
        from prometheus_client import CollectorRegistry
        from prometheus_client.multiprocess import MultiProcessCollector

        self._board, self._problem, self._lock = board, problem, Lock()
        self._registry = CollectorRegistry()
        self._registry.register(self)
        MultiProcessCollector(self._registry, path=str(board.directory))

    def text(self) -> bytes:
        """The metrics in Prometheus's text format."""
        from prometheus_client import generate_latest

        with self._lock:
            for pid in self._board.forget_dead():
                fold(self._board.directory, pid)
            return generate_latest(self._registry)

    def collect(self) -> "Iterator[Metric]":
        """The metrics of the server as a whole, for the registry."""
        from prometheus_client.core import GaugeMetricFamily

        for name, text, value in (
            ("workers", "Workers that serve.", len(self._board.workers())),
            ("ready", "1 if /readyz answers 200, else 0.", not self._problem()),
        ):
            yield GaugeMetricFamily(f"{PREFIX}_{name}", text, value=float(value))


def fold(directory: Path, pid: int) -> None:
    """Add what a process counted to what all that ended did."""
    from prometheus_client.mmap_dict import MmapedDict
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(pid, path=str(directory))
    file = directory / f"histogram_{pid}.db"
    if not file.exists():
        return
    past = MmapedDict(str(directory / f"histogram_{PAST}.db"))
    try:
        for key, value, _, _ in MmapedDict.read_all_values_from_file(str(file)):
            past.write_value(key, past.read_value(key)[0] + value, 0.0)
    finally:
        past.close()
    file.unlink()
