"""What proves each operation of each dialect, told by kind and never summed up.

A dialect's tests lie in a folder with its name. There

* `exchanges/**/*.http` name their sources themselves,
* `evidence.toml` says what else there is: `[http]` with the `kind` of what those files
  call recorded, `[[recorded]]` files of JSON lines with a `kind` and a `server`, and
  `[[client]]`, `[[contract]]` and `[[own_contract]]` with a `name`, the `test` that
  drives it, and its `operations`.

A kind of recording is "original", of a running original; "second_hand", of answers of
the original that others published; or "rebuilt", of a stand-in made from the pages.
An exchange counts once for each operation that it asks for; an answer of 401 or 403
for "authentication" instead, another above 399 for "errors".
"""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from dialects.base import Dialect
from gateway.replay import NOT_ITS_OWN

AXES = {
    "client": "Real client driven",
    "original": "Recorded from a running original",
    "second_hand": "Recorded by others",
    "rebuilt": "Recorded from a rebuilt stand-in",
    "contract": "Published contract",
    "documented": "Documented example",
    "own_contract": "Contract of our own",
    "inferred": "Inferred",
}
"""The kinds of evidence, the strongest first, and their titles."""

NAMED = ("client", "contract", "own_contract")
"""The kinds that are names; of the others there are numbers of exchanges."""

UNPROVEN = ("own_contract", "inferred")
"""The kinds that say nothing of the original."""

APART = ("authentication", "errors")
SHIPPED = "evidence.json"

Summary = Mapping[str, Mapping[str, Any]]
"""For each dialect its `operations`, each with a value for each axis, and `notes`."""


class EvidenceError(Exception):
    """The evidence cannot be told; the text says why."""


@dataclass(kw_only=True, slots=True)
class Found:
    """What there is for the operations of one dialect, and what cannot be assigned."""

    rows: dict[str, dict[str, Any]]
    notes: list[str] = field(default_factory=list)
    elsewhere: int = 0

    def count(self, axis: str, operations: Iterable[str]) -> None:
        """Count an exchange once for each operation that it asked for."""
        for name in sorted(set(operations)):
            if name:
                self.rows[name][axis] += 1
            else:
                self.elsewhere += 1


def gather(tests: Path, dialects: Sequence[Dialect]) -> Summary:
    """The evidence that lies in a folder of tests. Raises EvidenceError."""
    return {
        one.name: of_dialect(tests / "dialects" / one.name, one) for one in dialects
    }


def of_dialect(folder: Path, dialect: Dialect) -> Mapping[str, Any]:
    """The evidence for one dialect. Raises EvidenceError."""
    if not folder.is_dir():
        raise EvidenceError(f"there are no tests of {dialect.name} in {folder}")
    told = declared(folder)
    names = [name for name, _ in endpoints(dialect)]
    found = Found(rows={name: empty() for name in (*names, *APART)})
    add_examples(found, folder, dialect, told.get("http", {}))
    for row in told.get("recorded", ()):
        add_recorded(found, folder, dialect, row)
    for axis in NAMED:
        for row in told.get(axis, ()):
            add_named(found, axis, folder, row)
    if found.elsewhere:
        found.notes.append(f"{found.elsewhere} exchanges are of no operation above")
    return {"operations": found.rows, "notes": found.notes}


def empty() -> dict[str, Any]:
    return {axis: [] if axis in NAMED else 0 for axis in AXES}


def declared(folder: Path) -> Mapping[str, Any]:
    """What the folder's `evidence.toml` says. Raises EvidenceError."""
    file = folder / "evidence.toml"
    try:
        return tomllib.loads(file.read_text("utf-8")) if file.exists() else {}
    except ValueError as error:
        raise EvidenceError(f"{file} cannot be read: {error}") from error


def add_examples(
    found: Found, folder: Path, dialect: Dialect, told: Mapping[str, Any]
) -> None:
    """Count the exchanges that stand in files of their own."""
    # The suite needs pytest, which who only prints the summary may not have.
    from gateway.testing import read_exchanges

    for exchange in read_exchanges(folder / "exchanges"):
        kind = re.split(r"\W", exchange.source)[0]
        axis = told.get("kind", "original") if kind == "recorded" else kind
        found.count(
            axis,
            (
                operation(dialect, step.request.start, int(step.response.start))
                for step in exchange.steps
            ),
        )
    if "server" in told:
        title = AXES[told["kind"]]
        found.notes.append(f"{title}, single exchanges: {told['server']}")


def add_recorded(
    found: Found, folder: Path, dialect: Dialect, told: Mapping[str, Any]
) -> None:
    """Count the exchanges of a file of JSON lines that are compared."""
    count = 0
    for line in (folder / told["file"]).read_text("utf-8").splitlines():
        row = json.loads(line)
        if row.get("answered_by") in NOT_ITS_OWN:
            continue
        asked = f"{row['request']['method']} {row['request']['path']}"
        is_recorded = row.get("source", "recorded") == "recorded"
        axis = told["kind"] if is_recorded else "inferred"
        found.count(axis, [operation(dialect, asked, row["response"]["status"])])
        count += is_recorded
    title = AXES[told["kind"]]
    found.notes.append(f"{title}: {told['server']}, {count} exchanges")


def add_named(found: Found, axis: str, folder: Path, told: Mapping[str, Any]) -> None:
    """Note a client or a contract, and the test that shows it. Raises EvidenceError."""
    file, _, test = told["test"].partition("::")
    if f"def {test}(" not in (folder / file).read_text("utf-8"):
        raise EvidenceError(f"{folder / 'evidence.toml'}: there is no {told['test']}")
    for name in told["operations"]:
        if name not in found.rows:
            raise EvidenceError(f"{folder / 'evidence.toml'}: no operation {name!r}")
        if told["name"] not in found.rows[name][axis]:
            found.rows[name][axis].append(told["name"])


def operation(dialect: Dialect, asked: str, status: int) -> str:
    """The operation that a request asks for, or what its answer is about, or none."""
    method, _, target = asked.partition(" ")
    method = "GET" if method == "HEAD" else method
    path = re.sub("/+", "/", target.partition("?")[0]).rstrip("/")
    called = f"{method} {path}"
    name = next((n for n, calls in endpoints(dialect) if calls.fullmatch(called)), "")
    if status in (401, 403):
        return "authentication"
    return "errors" if status >= 400 else name


def endpoints(dialect: Dialect) -> Iterator[tuple[str, re.Pattern[str]]]:
    """The operations and how their calls look."""
    told = dialect.checks().endpoints if dialect.checks else {}
    for name, calls in told.items():
        yield name, pattern(tuple(calls))


@cache
def pattern(calls: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.sub(r"<\w+>", "[^/]+", call) for call in calls))


def shipped() -> Summary:
    """The summary that lies in the package."""
    summary: Summary = json.loads((files("gateway") / SHIPPED).read_text("utf-8"))
    return summary


def as_json(summary: Summary) -> str:
    """The summary as it is shipped."""
    return json.dumps(summary, indent=1) + "\n"


def unproven(operations: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The operations of which nothing is known from the original or its pages."""
    return [
        name
        for name, row in operations.items()
        if not any(row[axis] for axis in AXES if axis not in UNPROVEN)
    ]


def cell(value: Any) -> str:
    """A value as a table shows it."""
    if isinstance(value, list):
        return ", ".join(value) or "-"
    return str(value) if value else "-"


PAGE = """# Evidence

What proves that each operation answers as the original does. The kinds are not added
up: an exchange recorded from a running original says more than any number of inferred
ones. Made by `address-gateway evidence --from tests --write`; a test keeps it current.

- **Real client driven**: a published client library, unmodified, does this over HTTP.
- **Recorded from a running original**: exchanges replayed here and compared.
- **Recorded by others**: answers of the original that others published.
- **Recorded from a rebuilt stand-in**: the original was out of reach; the framework
  that it is made with answered, set up as the pages say.
- **Published contract**: a tool made requests from a published OpenAPI document, and
  held the answers to it.
- **Documented example**: exchanges of the documentation.
- **Contract of our own**: the same with a document that this project wrote. It shows
  that we answer as we say, and nothing of the original.
- **Inferred**: neither shown nor seen anywhere; chosen for a reason that is told.

Numbers are of exchanges. One counts once for each operation that it asks for. Refusals
(401, 403) stand under *authentication*, other failures under *errors*.
"""


def markdown(summary: Summary) -> str:
    """The page of the documentation."""
    return "\n".join([PAGE, *(section(name, one) for name, one in summary.items())])


def section(name: str, told: Mapping[str, Any]) -> str:
    """The part of the page that is about one dialect."""
    titles = ("Operation", *AXES.values())
    lines = [titles, ("---",) * len(titles)]
    for operation, row in told["operations"].items():
        lines.append((operation, *(cell(row[axis]) for axis in AXES)))
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    notes = "".join(f"- {note}\n" for note in told["notes"])
    lacking = ", ".join(unproven(told["operations"])) or "none"
    notes += f"- Not proven: {lacking}\n"
    return f"## {name}\n\n{table}\n\n{notes}"
