"""Sends hostile inputs to a dialect, in process: `python -m benchmarks.fuzz --help`.

The inputs are the dialect's recorded requests, changed here and there. One whose answer
is of a new kind is changed further. The same seed sends the same inputs.
"""

import argparse
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

import core.keys
from benchmarks.fuzz_inputs import Input, Mutator, recorded
from benchmarks.fuzz_judge import Target, faults
from core import CustomerDraft, Store, schema
from core.passwords import computed
from dialects.base import Dialect
from dialects.limits import Slot, Taken
from gateway import registry
from gateway.app import create_app
from gateway.config import Config
from gateway.testing.world import (
    ORDINARY,
    Clock,
    CountedIds,
    World,
    credentials,
    new_world,
)

EXCHANGES = Path(__file__).parents[1] / "tests" / "dialects"
RESET = 2000
"""After so many inputs the shop is as it was: it grows no more than that."""

KINDS, SHORT = 1000, 8192
"""How many kinds of answers are followed up, and by inputs of at most so many bytes."""

CHEAP = (2, 1, 1)
"""The cost of a password here: thousands are tried."""


@dataclass
class Report:
    """What became of the inputs of one dialect."""

    dialect: str
    seed: int
    inputs: int = 0
    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    kinds: int = 0
    rss_start_mb: float = 0.0
    rss_end_mb: float = 0.0
    documented_500s: dict[str, int] = field(default_factory=dict)
    findings: dict[str, str] = field(default_factory=dict)


class Unlimited:
    """Counts nothing, so that no input is refused because of those before it."""

    def acquire(self, key: str, limit: int) -> Slot:
        return Slot(bool)

    def take(self, key: str, limit: int, window_ms: int, now: datetime) -> Taken:
        return Taken(True, limit, window_ms)


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    names = options.dialect or [one.name for one in registry.load(None)]
    reports = []
    for name in names:
        report = fuzz(
            name,
            inputs=options.inputs,
            seed=options.seed,
            fidelity=options.fidelity,
            progress=not options.json,
        )
        reports.append(report)
        if not options.json:
            print(shown(report), flush=True)
    if options.json:
        print(json.dumps([asdict(report) for report in reports], indent=2))
    return 1 if any(report.findings for report in reports) else 0


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser("benchmarks.fuzz", description=__doc__)
    add = made.add_argument
    add("--dialect", nargs="+", metavar="NAME", help="all, unless given")
    add("--inputs", type=int, default=20_000, help="to each dialect")
    add("--seed", type=int, default=1)
    add("--fidelity", choices=("documented", "observed"), default="documented")
    add("--json", action="store_true", help="print one JSON document")
    return made


def fuzz(
    name: str,
    *,
    inputs: int,
    seed: int = 1,
    fidelity: str = "documented",
    progress: bool = False,
) -> Report:
    """Send so many inputs to the dialect, and judge the answers."""
    with played(name, fidelity) as (target, seeds, secrets, reset):
        mutator = Mutator(seeds, random.Random(f"{name} {seed}"))
        return run(
            target,
            mutator,
            Report(name, seed),
            inputs=inputs,
            secrets=secrets,
            reset=reset,
            progress=progress,
        )


def run(
    target: Target,
    mutator: Mutator,
    report: Report,
    *,
    inputs: int,
    secrets: Sequence[bytes] = (),
    reset=lambda: None,
    progress: bool = False,
) -> Report:
    """The loop: make an input, send it, judge the answer."""
    kinds: set[bytes] = set()
    begun = time.monotonic()
    for number in range(inputs):
        if number % RESET == 0:
            reset()
        # Measured when every module is loaded and every cache has been in use.
        if number == min(RESET, inputs // 2):
            report.rss_start_mb = resident_mb()
        made = mutator.next()
        answer = target.answer(made)
        report.statuses[answer.status] += 1
        found = faults(made, answer, secrets)
        if answer.status >= 500 and not found:
            text = answer.body[:200].decode("utf-8", "replace")
            known = report.documented_500s
            known[text] = known.get(text, 0) + 1
        for fault in found:
            report.findings.setdefault(fault, str(made))
        if len(kinds) < KINDS and answer.kind not in kinds and size(made) <= SHORT:
            kinds.add(answer.kind)
            mutator.corpus.append(made)
        if progress and number % 50_000 == 49_999:
            print(f"{report.dialect}: {number + 1}", file=sys.stderr, flush=True)
    report.inputs, report.kinds = inputs, len(kinds)
    report.seconds = time.monotonic() - begun
    report.rss_end_mb = resident_mb()
    return report


@contextmanager
def played(name: str, fidelity: str) -> Iterator[tuple]:
    """A dialect on a store in memory, its recorded requests, and its credentials."""
    chance, nobodys = random.getstate(), core.keys.NOBODYS
    random.seed(0)
    core.keys.NOBODYS = hashed("nobody's")
    [dialect] = registry.load([name])
    clock, ids = Clock(), CountedIds()
    store = Store(secret_key="fuzz", now=clock, new_id=ids)
    schema.create(store.database)
    try:
        with new_world(store, clock, ids, [dialect]) as world:
            fill(world, dialect)
            config = Config(quirks={name: fidelity})
            app = create_app(config, store=store, dialects=[dialect])
            app.extensions["limits"] = Unlimited()
            before = store.snapshot(world.shop)

            def reset() -> None:
                store.restore(world.shop, before)
                store.forget_nonces()

            seeds = [
                *recorded(EXCHANGES / name / "exchanges"),
                *handshakes(world, dialect),
            ]
            keys = [*credentials(dialect).values()]
            secrets = {
                text.encode() for k in keys for text in (k.token, k.secret) if text
            }
            with Target(app, app.logger) as target:
                yield target, seeds, sorted(secrets), reset
    finally:
        store.close()
        random.setstate(chance)
        core.keys.NOBODYS = nobodys


def fill(world: World, dialect: Dialect) -> None:
    """Addresses, customers with e-mails, and users who may sign in."""
    world.add(ORDINARY)
    world.add(ORDINARY, world.stranger)
    for n in range(3):
        world.add_customer(CustomerDraft(first_name=f"C{n}", email=f"c{n}@example.com"))
    with world.store.keys() as keys:
        for scope in (dialect.scopes[0], dialect.customer_scope):
            if scope:
                keys.add(
                    dialect.name,
                    world.shop,
                    scope=scope,
                    username=f"{scope}@example.com",
                    password=hashed("correct horse"),
                    customer_id=1 if scope == dialect.customer_scope else None,
                )


def hashed(password: str) -> str:
    """A password as it is stored, but cheap."""
    return computed(password, bytes(16), CHEAP)


def handshakes(world: World, dialect: Dialect) -> list[Input]:
    """Requests to every other URL space of the dialect, and those of who signs in."""
    form = ("Content-Type", "application/x-www-form-urlencoded")
    scope = dialect.scopes[0]
    name = f"{scope}@example.com"
    body = f"username={name}&password=correct+horse".encode()
    made = [
        Input(method, rule.rule, (form,), body)
        for rule in world.app.url_map.iter_rules()
        for method in sorted({"GET", "POST"} & (rule.methods or {"GET"}))
        if "<" not in rule.rule
    ]
    if not dialect.consumer_scope:
        return made
    keys = credentials(dialect)
    application, user = keys[dialect.consumer_scope], keys[scope]
    with world.store.keys() as keyring:
        consumer = keyring.find(dialect.name, core.keys.digest(application.token))
    assert consumer
    with world.store.handshakes() as started:
        token, _ = started.start(consumer, "http://127.0.0.1/back")
    about = f"oauth_token={token}&login[username]={name}&login[password]=correct+horse"
    signed = (
        f'OAuth oauth_consumer_key="{application.token}", oauth_token="{token}", '
        f'oauth_signature_method="PLAINTEXT", oauth_signature="{application.secret}&", '
        f'oauth_callback="oob", oauth_verifier="{"0" * 32}"'
    )
    by_hmac = (
        f'OAuth oauth_consumer_key="{application.token}", oauth_token="{user.token}", '
        'oauth_signature_method="HMAC-SHA1", oauth_signature="x", oauth_nonce="1", '
        'oauth_timestamp="1767268800"'
    )
    return [
        *made,
        *(Input(one.method, one.target, (form,), about.encode()) for one in made),
        *(Input("GET", f"{one.target}?{about}") for one in made),
        *(Input(one.method, one.target, (("Authorization", signed),)) for one in made),
        Input("GET", "/api/rest/customers?a=1", (("Authorization", by_hmac),)),
        Input("POST", "/oauth/token", (form,), by_hmac[6:].replace(", ", "&").encode()),
    ]


def size(made: Input) -> int:
    return len(made.target) + len(made.body) + sum(len(v) for _, v in made.headers)


def resident_mb() -> float:
    """How much memory the process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


def shown(report: Report) -> str:
    """A report for people."""
    rate = report.inputs / report.seconds
    lines = [
        f"{report.dialect}: {report.inputs} inputs with seed {report.seed},"
        f" {rate:.0f} a second, {report.kinds} kinds of answers",
        f"  memory {report.rss_start_mb} MB to {report.rss_end_mb} MB",
        f"  answers {table(report.statuses)}",
        *(
            f"  500 as documented, {n}: {t!r}"
            for t, n in report.documented_500s.items()
        ),
        f"  findings {len(report.findings)}",
    ]
    for fault, made in report.findings.items():
        lines += [f"  {fault}", *(f"    {line}" for line in made[:2000].splitlines())]
    return "\n".join(lines)


def table(counts: Mapping[int, int]) -> str:
    return ", ".join(f"{status}: {n}" for status, n in sorted(counts.items()))


if __name__ == "__main__":
    sys.exit(main())
