"""What a worker holds in memory, at its start and after: `python -m benchmarks.memory`.

`serve` as an operator runs it answers every operation of every dialect, in turn. RSS is
all that a worker has; PSS counts what it shares with others by its share.
"""

import argparse
import json
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path
from typing import Any

from benchmarks.data import Data, filled
from benchmarks.faults_service import Service, service
from benchmarks.load import Job, load
from benchmarks.operations import CLIENTS, keys_of
from gateway import registry

TARGET = 120.0
"""MB of RSS that no worker is to have in the end."""

STEP = 50
"""How many requests of an operation are sent before those of the next, at most."""

CONNECTIONS = 3
"""BigCommerce refuses more than a few requests at once."""


def requests(data: Data, count: int) -> Iterator[Sequence[bytes]]:
    """So many requests, some of each operation after the other."""
    clients = [CLIENTS[d.name](dialect=d, data=data) for d in registry.load()]
    kinds = [
        (client, kind) for client in clients for kind in client.operations.values()
    ]
    step = max(1, min(STEP, count // len(kinds)))
    for left, (client, kind) in zip(range(count, 0, -step), cycle(kinds), strict=False):
        yield kind.make(client, min(step, left))


def held(gateway: Service) -> dict[str, list[float]]:
    """The megabytes of each worker."""
    rollups = [kilobytes(pid) for pid in gateway.workers()]
    return {
        f"{name.upper()} MB": [round(one[name] * 1024 / 1e6, 1) for one in rollups]
        for name in ("Rss", "Pss")
    }


def kilobytes(pid: int) -> dict[str, int]:
    """The sums of a process's memory (proc(5), smaps_rollup)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    parts = [line.split() for line in lines]
    return {name.rstrip(":"): int(size) for name, size, _ in parts}


def measured(count: int, addresses: int, workers: int) -> dict[str, Any]:
    """What the workers hold, before the requests and after."""
    with ExitStack() as stack:
        keys = {d.name: keys_of(d, CLIENTS[d.name].scope) for d in registry.load()}
        data = stack.enter_context(
            filled(addresses=addresses, keys=keys, durable=False, postgresql=False)
        )
        config = data.config
        gateway = stack.enter_context(
            service(config.database_url, workers=workers, environ=config.to_environ())
        )
        generator = stack.enter_context(load())
        before = held(gateway)
        for some in requests(data, count):
            job = Job(
                port=gateway.port,
                requests=some,
                seconds=60,
                connections=CONNECTIONS,
                repeats=False,
            )
            if (result := generator.run(job)).bad:
                raise SystemExit(result.bad.decode("utf-8", "replace"))
        after = held(gateway)
    return {"requests": count, "at start": before, "after": after, "target": TARGET}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if the target is missed and was to be checked."""
    parser = argparse.ArgumentParser("benchmarks.memory", description=__doc__)
    add = parser.add_argument
    add("--requests", type=int, default=10_000)
    add("--addresses", type=int, default=10_000)
    add("--workers", type=int, default=2)
    add("--check", action="store_true", help="exit with 1 if the target is missed")
    options = parser.parse_args(arguments)
    # The servers are stopped on the way out, so there has to be one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    figures = measured(options.requests, options.addresses, options.workers)
    print(json.dumps(figures, indent=2))
    return int(options.check and max(figures["after"]["RSS MB"]) > TARGET)


if __name__ == "__main__":
    sys.exit(main())
