"""The results: numbers for each operation, as a table or as JSON."""

import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.load import Result

TICK = 0.01
"""What the system counts processor time in, in seconds."""

PACKAGES = ("flask", "werkzeug", "granian", "sqlalchemy", "marshmallow", "orjson")
TARGETS = {
    "easel get": 0.45,
    "easel create": 0.25,
    "staff get": 0.45,
    "staff create": 0.25,
    "openmage get": 0.35,
    "openmage get-xml": 0.35,
}
"""The least that an operation is to reach of the hello app, with 2 workers each."""

COLUMNS = (
    ("operation", "{name:<21}"),
    ("req/s", "{rate:>7.0f}"),
    ("hello", "{hello_rate:>7.0f}"),
    ("ratio", "{ratio:>6.2f}"),
    ("p50 ms", "{p50_ms:>7.1f}"),
    ("p99 ms", "{p99_ms:>7.1f}"),
    ("p99/p50", "{tail:>7.1f}"),
    ("CPU us", "{cpu_us:>7.0f}"),
    ("CPU ratio", "{cpu_ratio:>9.2f}"),
    ("target", "{verdict:>11}"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """What one server did in one round."""

    result: Result
    cpu_seconds: float

    @property
    def cpu_us(self) -> float:
        """The processor time of a request, in microseconds; one tick is the least."""
        return 1e6 * max(self.cpu_seconds, TICK) / max(len(self.result.latencies), 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One operation: medians over the rounds, each held against its own hello."""

    name: str
    rate: float
    hello_rate: float
    ratio: float
    p50_ms: float
    p99_ms: float
    tail: float
    cpu_us: float
    cpu_ratio: float
    target: float | None = None

    @property
    def is_met(self) -> bool:
        """Whether the target, if there is one, is reached."""
        return self.target is None or self.ratio >= self.target

    @property
    def verdict(self) -> str:
        if self.target is None:
            return ""
        return f"{self.target:.2f} {'met' if self.is_met else 'MISSED'}"


def row(
    name: str, rounds: Sequence[tuple[Side, Side]], target: float | None = None
) -> Row:
    """The rounds of an operation in one row; a round is the hello app's and ours."""
    latencies = sorted(x for _, ours in rounds for x in ours.result.latencies)
    return Row(
        name=name,
        rate=median(ours.result.rate for _, ours in rounds),
        hello_rate=median(hello.result.rate for hello, _ in rounds),
        ratio=median(ours.result.rate / hello.result.rate for hello, ours in rounds),
        p50_ms=1000 * quantile(latencies, 50),
        p99_ms=1000 * quantile(latencies, 99),
        tail=median(tail(ours.result) for _, ours in rounds),
        cpu_us=median(ours.cpu_us for _, ours in rounds),
        cpu_ratio=median(ours.cpu_us / hello.cpu_us for hello, ours in rounds),
        target=target,
    )


def tail(result: Result) -> float:
    """How many times the median answer the slow ones of one round took."""
    latencies = sorted(result.latencies)
    return quantile(latencies, 99) / quantile(latencies, 50)


def quantile(ordered: Sequence[float], percent: int) -> float:
    """What so many of the values are below."""
    return ordered[len(ordered) * percent // 100]


def machine() -> Mapping[str, Any]:
    """Where the numbers come from."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    found = [text.partition(": ")[2] for text in lines if text.startswith("model name")]
    model = found[0] if found else platform.machine()
    return {
        "machine": f"{os.cpu_count()} x {model}",
        "system": platform.platform(),
        "python": sys.version.split()[0],
        "packages": {name: version(name) for name in PACKAGES},
    }


def headings() -> str:
    """The first line of the table."""
    return "  ".join(
        name.ljust(len(cell(form))) if n == 0 else name.rjust(len(cell(form)))
        for n, (name, form) in enumerate(COLUMNS)
    )


def cell(form: str) -> str:
    return form.format_map(dict.fromkeys(NAMES, 0) | {"name": "", "verdict": ""})


NAMES = Row.__slots__


def line(row: Row) -> str:
    """A row of the table."""
    cells = {name: getattr(row, name) for name in (*NAMES, "verdict")}
    return "  ".join(form.format_map(cells) for _, form in COLUMNS)


def as_json(row: Row) -> Mapping[str, Any]:
    """A row as JSON has it."""
    return {**asdict(row), "is_met": row.is_met}
