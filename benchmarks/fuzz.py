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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.fuzz_inputs import Input, Mutator
from benchmarks.fuzz_judge import Target, faults
from benchmarks.fuzz_world import played
from gateway import registry

RESET = 2000
"""After so many inputs the shop is as it was: it grows no more than that."""

KINDS, SHORT = 1000, 8192
"""How many kinds of answers are followed up, and by inputs of at most so many bytes."""


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
        print(json.dumps([vars(report) for report in reports], indent=2))
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
