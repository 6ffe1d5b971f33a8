"""What `migrate` shows: how far it is, what came of it, what it would come to."""

import sys
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.common import show_json, table

if TYPE_CHECKING:
    from gateway.migrate import Ledger
    from gateway.migrate.certificate import Entry


ALWAYS = ("created", "changed", "unchanged", "conflicts", "removed_at_source")
"""What is told even if there is none."""
EXAMPLES = 3
HINTS = {
    "conflicts": "look at the conflicts, or let one end prevail: --conflicts source or"
    " target",
    "removed_at_source": "what is gone at the source stays at the target; --removed"
    " delete deletes what runs made and nobody has changed",
}
"""What can be done about something, beside looking at it."""


class Progress:
    """Tells how many customers are done: a line that moves, or now and then one."""

    def __init__(self, total: int | None, limit: int | None = None) -> None:
        self._total = min(total, limit) if total and limit else total or limit
        self._began = self._told = time.monotonic()
        self._is_terminal = sys.stderr.isatty()

    def __call__(self, done: int) -> None:
        now = time.monotonic()
        if now - self._told < (0.2 if self._is_terminal else 10):
            return
        self._told = now
        line = self.line(done, now - self._began)
        start = "\r\033[K" if self._is_terminal else ""
        click.echo(start + line, err=True, nl=not self._is_terminal)

    def line(self, done: int, seconds: float) -> str:
        """How far it is, how fast it goes, and how long it will take."""
        rate = done / seconds if seconds else 0.0
        if not self._total:
            return f"{done} customers, {rate:.1f}/s"
        left = (self._total - done) / rate if rate else 0.0
        bar = "#" * (20 * done // self._total)
        return (
            f"[{bar:<20}] {done} of {self._total} customers,"
            f" {rate:.1f}/s, {left:.0f} s left"
        )

    def end(self) -> None:
        """Clear the line."""
        if self._is_terminal:
            click.echo("\r\033[K", err=True, nl=False)


def show_plan(found: Mapping[str, Any], as_json: bool) -> None:
    """Print what a migration would come to; exit with 2 if that is not all."""
    if as_json:
        show_json(found)
    else:
        show_acts(found["would"], "would be")
        click.echo()
        show_counts(found["counts"])
        for name, row in found["losses"].items():
            click.echo(f"lost: {name}, {row['count']} times")
            for one in row["examples"]:
                click.echo(f"  {one['of']}: {one['source']!r} -> {one['target']!r}")
        for name, count in found["unknown_places"].items():
            click.echo(f"unknown: {name}, {count} times; it goes on as text")
        show_kinds_of_problems(found["problems"])
        show_hints(found["would"])
        calls = found["calls"]
        click.echo(
            f"calls: {calls['source_and_lookups']} to read, {calls['target']} to write;"
            f" about {found['seconds']} s"
        )
    is_well = found["is_explained"] and not found["problems"]
    click.get_current_context().exit(0 if is_well else 2)


def show_run(book: "Ledger", did: Mapping[str, Any], as_json: bool) -> int:
    """Print what a run did, and how things stand; how many problems there are."""
    if as_json:
        return show_status(book, as_json, {"did": did})
    show_acts(did, "was")
    click.echo()
    problems = show_status(book, as_json)
    show_hints(did)
    if not problems:
        click.echo("next: `address-gateway migrate verify` certifies what arrived")
    return problems


def show_hints(acts: Mapping[str, Mapping[str, int]]) -> None:
    """Print what can be done about what was left."""
    for act, hint in HINTS.items():
        if any(row[act] for row in acts.values()):
            click.echo(f"hint: {hint}")


def show_acts(acts: Mapping[str, Mapping[str, int]], head: str) -> None:
    """Print how many were created, changed and so on."""
    rows = [
        {head: act.replace("_", " "), **{kind: str(acts[kind][act]) for kind in acts}}
        for act in next(iter(acts.values()))
        if act in ALWAYS or any(row[act] for row in acts.values())
    ]
    click.echo(table(rows, (head, *acts)))


def show_problems(problems: Sequence[Mapping[str, Any]]) -> None:
    """Print what did not arrive, each with the reason."""
    for one in problems:
        click.echo(
            f"{one['state']}: {one['kind']} {one['source_ref']}: {one['problem']}"
        )


def show_kinds_of_problems(problems: Sequence[Mapping[str, Any]]) -> None:
    """Print each problem, with the first who have it."""
    found: dict[str, list[str]] = {}
    for one in problems:
        words = f"{one['state']}: {one['problem']}"
        found.setdefault(words, []).append(f"{one['kind']} {one['source_ref']}")
    for words, refs in found.items():
        click.echo(f"{words}: {some_of(refs)}")


def some_of(refs: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    more = len(refs) - EXAMPLES
    return ", ".join(refs[:EXAMPLES]) + (f" and {more} more" if more > 0 else "")


def show_unexplained(entries: Sequence["Entry"]) -> None:
    """Print why what is not explained is not, with the first of which that is so."""
    found: dict[str, list[str]] = {}
    for one in entries:
        if one.verdict == "unexplained":
            what = f"{one.kind} {one.source or one.target}"
            found.setdefault(one.words or "it is not there", []).append(what)
    for words, refs in found.items():
        click.echo(f"unexplained: {words}: {some_of(refs)}")


def show_status(book: "Ledger", as_json: bool, more: Mapping[str, Any] = {}) -> int:
    """Print the counts and the problems; how many of those there are."""
    counts, problems, run = book.counts(), book.problems(), book.run() or {}
    if as_json:
        told = {n: run[n] for n in ("source", "target", "started", "finished", "state")}
        show_json({**told, **more, "counts": counts, "problems": problems})
        return len(problems)
    click.echo(f"{run['source']} -> {run['target']}: {run['state']}")
    show_counts(counts)
    show_problems(problems)
    return len(problems)


def show_counts(counts: Mapping[str, Mapping[str, int]]) -> None:
    """Print a row for each kind and state."""
    rows = [
        {"what": kind, "state": state, "count": str(count)}
        for kind, states in counts.items()
        for state, count in states.items()
    ]
    if rows:
        click.echo(table(rows, ("what", "state", "count")))
