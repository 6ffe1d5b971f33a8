"""Replaying a recording against a gateway."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.common import example, fail, json_option, show_json

if TYPE_CHECKING:
    from gateway.replay import Report

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    epilog=example(
        "address-gateway replay --dialect DIALECT fixtures.json exchanges.jsonl"
    )
)
@click.option("--dialect", "name", metavar="NAME", required=True)
@click.option(
    "--base-url",
    metavar="URL",
    default="",
    help="Ask this server, which holds the fixtures and is not reset.",
)
@click.option(
    "--fidelity",
    metavar="FIDELITY",
    default="observed",
    show_default=True,
    help="Answer as `observed` or as `documented`; or with the name, NAME=FIDELITY.",
)
@click.argument("fixtures", type=FILE)
@click.argument("exchanges", type=FILE)
@json_option
def replay(
    name: str,
    base_url: str,
    fidelity: str,
    fixtures: Path,
    exchanges: Path,
    as_json: bool,
) -> None:
    """Send recorded requests over HTTP and compare the answers with the recorded.

    FIXTURES says what the recorded server held; a gateway of this command's own holds
    the same before each exchange, but for those that build on the one before. EXCHANGES
    is a file of JSON lines. Exits with 2 if anything differs.
    """
    from gateway import registry
    from gateway.replay import replay as replay_files

    [dialect] = registry.load([name])
    fidelity = fidelity.removeprefix(f"{name}=")
    report = replay_files(dialect, fixtures, exchanges, base_url, fidelity)
    if not report.agreed and not report.differing:
        fail(
            f"{exchanges} holds no exchange below {dialect.root}; is it another API's?"
        )
    if as_json:
        show_json(as_value(report))
    else:
        show_report(report)
    if report.differing:
        click.get_current_context().exit(2)


def as_value(report: "Report") -> dict[str, object]:
    """The report for programs."""
    return {
        "agree": len(report.agreed),
        "differ": len(report.differing),
        "skipped": [{"id": id, "why": why} for id, why in report.skipped.items()],
        "differences": [
            {"id": id, **asdict(difference)}
            for id, found in report.differing.items()
            for difference in found
        ],
    }


def show_report(report: "Report") -> None:
    """Print the report, every difference by itself, the numbers last."""
    for id, found in report.differing.items():
        for one in found:
            click.echo(f"{id}: {one.what}")
            click.echo(f"  expected: {one.expected}")
            click.echo(f"  got:      {one.got}")
    for id, why in report.skipped.items():
        click.echo(f"{id}: skipped, {why}")
    agree, differ = len(report.agreed), len(report.differing)
    click.echo(
        f"{agree} of {agree + differ} agree, {differ} differ,"
        f" {len(report.skipped)} skipped"
    )
