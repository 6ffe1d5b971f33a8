"""kill -9 of workers and of the whole server, again and again, while clients write."""

import os
import random
import signal
from contextlib import suppress
from statistics import median
from time import monotonic, sleep
from typing import Any

from benchmarks.data import database
from benchmarks.faults_service import Service, service
from benchmarks.faults_writers import Party, is_served, judged, party, silence
from core import Store, schema


def kill(
    *, times: int, workers: int, writers: int, postgresql: bool, seed: int
) -> dict[str, Any]:
    """What became of the writes, and how soon the gateway was back."""
    chance = random.Random(seed)
    with database(durable=True, postgresql=postgresql) as url:
        store = Store(url, secret_key="faults")
        schema.upgrade(store.database)
        clients = party(store, writers)
        gaps: dict[str, list[float]] = {"worker": [], "all workers": [], "server": []}
        began = monotonic()
        with service(url, workers=workers) as gateway:
            with clients.writing(gateway.port):
                for number in range(times):
                    kind = KINDS[number % len(KINDS)]
                    gaps[kind].append(killed(gateway, clients, kind, chance, workers))
            is_back = gateway.answers()
            starts = gateway.starts
        figures = judged(clients)
        store.close()
    return {
        "database": "PostgreSQL" if postgresql else "SQLite",
        "killed": {kind: len(some) for kind, some in gaps.items()},
        "seconds": round(monotonic() - began),
        "starts of the server": starts,
        "answers in the end": is_back,
        "longest silence s": {
            kind: {"median": round(median(some), 2), "most": round(max(some), 2)}
            for kind, some in gaps.items()
            if some
        },
        **figures,
    }


PATIENCE = 90.0
"""How long it may take until the gateway is whole again, on a machine that is busy."""

KINDS = ("worker", "all workers", "worker", "server")


def killed(
    gateway: Service, clients: Party, kind: str, chance: random.Random, workers: int
) -> float:
    """Kill at a moment of chance; the longest time without a success then."""
    sleep(chance.uniform(0.05, 0.4))
    pids = gateway.workers()
    targets = {
        "worker": pids[-1:] if chance.random() < 0.5 else pids[:1],
        "all workers": pids,
        "server": [gateway.pid],
    }[kind]
    starts = gateway.starts
    moment = monotonic()
    for pid in targets:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    # Until it is whole again, successes are those of what is left of it.
    whole_at: float | None = None
    while whole_at is None or not is_served(clients, whole_at):
        if monotonic() - moment > PATIENCE:
            pids = set(gateway.workers())
            told = f"{PATIENCE} s after: {kind}; {gateway.starts} starts, {len(pids)}"
            raise SystemExit(f"not back {told} workers:\n{gateway.logged()}")
        sleep(0.02)
        pids = set(gateway.workers()) - set(targets)
        is_new = kind != "server" or gateway.starts > starts
        if not is_new or len(pids) < workers:
            whole_at = None
        elif whole_at is None:
            whole_at = monotonic()
    return silence(clients, moment)
