"""Asking any server whether it is what it claims to be."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.common import example, fail, json_option, show_json, table

if TYPE_CHECKING:
    from dialects.base import Dialect
    from dialects.checks import Check
    from gateway.compare import Answer
    from gateway.verify import Report, Verdict

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    epilog=example(
        "address-gateway verify --dialect DIALECT --target https://shop.example.com"
        " --credentials shop.json",
        "(`verify --dialect DIALECT --list` tells what the file must name)",
    ),
)
@click.option("--dialect", "name", metavar="NAME", required=True)
@click.option("--target", metavar="URL", default="", help="The server to ask.")
@click.option("--credentials", "file", metavar="FILE", type=FILE)
@click.option(
    "--write",
    is_flag=True,
    help="Also write: addresses and customers. What it made is removed again, and what"
    " it changed is made as before.",
)
@click.option(
    "--fidelity",
    type=click.Choice(["documented", "observed"]),
    default="documented",
    show_default=True,
    help="Compare with what is documented, or with what was observed.",
)
@click.option("--only", metavar="PATTERN", default="", help="Checks by their name.")
@click.option("--list", "is_list", is_flag=True, help="Show the checks and ask nobody.")
@json_option
def verify(
    name: str,
    target: str,
    file: Path | None,
    write: bool,
    fidelity: str,
    only: str,
    is_list: bool,
    as_json: bool,
) -> None:
    """Ask a server the same as a gateway of our own, and compare the answers.

    Ours holds what the target shows of one customer. Without --write nothing is
    changed there. What cannot be asked is told as "not run", and is no proof of
    anything. Exits with 2 if an answer differs, with 1 if the target could not be
    asked, was not cleaned up, or the command was interrupted.
    """
    from gateway import registry
    from gateway.verify import read_credentials
    from gateway.verify import verify as verify_target

    [dialect] = registry.load([name])
    if is_list:
        show_checks(dialect, write=write, only=only, as_json=as_json)
        return
    if not target or file is None:
        raise click.UsageError("--target and --credentials are needed to ask anyone")
    if not target.startswith(("http://", "https://")):
        raise click.UsageError("--target is a URL: https://shop.example.com")
    report = verify_target(
        dialect,
        target.rstrip("/"),
        read_credentials(dialect, file),
        write=write,
        fidelity=fidelity,
        only=only,
        progress=progress,
    )
    clear_line()
    if as_json:
        show_json(report.as_value())
    else:
        show_report(report)
    click.get_current_context().exit(exit_code(report))


def exit_code(report: "Report") -> int:
    """2 for a difference, 1 if it is not known that there is none, or 0."""
    from gateway.verify import Outcome

    if report.of(Outcome.DIFFERENT):
        return 2
    is_whole = not report.left_behind and not report.is_interrupted
    return 0 if report.of(Outcome.SAME) and is_whole else 1


def progress(number: int, total: int, check: "Check") -> None:
    """Say on a terminal what is being asked."""
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{number} of {total}: {check.name}", err=True, nl=False)


def clear_line() -> None:
    if sys.stderr.isatty():
        click.echo("\r\033[K", err=True, nl=False)


def show_checks(dialect: "Dialect", *, write: bool, only: str, as_json: bool) -> None:
    """Print the checks of the profile."""
    from gateway.verify import selected
    from gateway.verify.credentials import told

    if dialect.checks is None:
        fail(f"the dialect {dialect.name!r} has no checks")
    rows: list[dict[str, Any]] = [
        {"check": one.name, "call": one.call, "key": one.key, "source": one.source}
        for one in selected(dialect.checks(), write=write, only=only)
    ]
    if as_json:
        show_json(rows)
        return
    click.echo(table(rows, ("check", "call", "key", "source")))
    click.echo(f"\nThe file of credentials, in JSON or TOML, names {told(dialect)}")


def show_report(report: "Report") -> None:
    """Print a row for each check, every difference by itself, the numbers last."""
    rows = [row(one) for one in report.verdicts]
    click.echo(table(rows, ("check", "verdict", "ours", "theirs", "source")))
    for one in report.verdicts:
        for line in details(one):
            click.echo(line)
    for note in report.notes:
        click.echo(f"note: {note}")
    for call in report.left_behind:
        click.echo(f"left behind: {call}")
    click.echo("\n" + summary(report))


def row(verdict: "Verdict") -> dict[str, Any]:
    return {
        "check": verdict.name,
        "verdict": verdict.outcome.value,
        "ours": brief(verdict.ours),
        "theirs": brief(verdict.theirs),
        "source": verdict.source,
    }


def brief(answer: "Answer | None") -> str:
    """The status, and how much there is of which type."""
    if answer is None:
        return ""
    media_type = answer.headers.get("content-type", "").partition(";")[0]
    size = len(answer.body or b"")
    return f"{answer.status} {media_type} {size} B" if size else str(answer.status)


def details(verdict: "Verdict") -> Iterator[str]:
    """What the table has no room for."""
    if verdict.reason:
        yield f"\n{verdict.name}: not run, as {verdict.reason}"
    elif verdict.differences:
        yield f"\n{verdict.name}: {verdict.request}"
    for one in verdict.differences:
        yield f"  {one.what}"
        yield f"    ours:   {one.expected}"
        yield f"    theirs: {one.got}"


def summary(report: "Report") -> str:
    from gateway.verify import Outcome

    counts = ", ".join(f"{len(report.of(one))} {one.value}" for one in Outcome)
    return f"{report.dialect} at {report.target}, {report.profile}: {counts}"
