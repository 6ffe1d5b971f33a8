"""The certificate as a page that a person can read, in Markdown."""

import json
from collections.abc import Iterator
from typing import Any

from gateway.migrate.certificate import IDENTICAL, VERDICTS, Certificate, Entry

MEANINGS = {
    "identical": "what was read at both ends is the same",
    "normalised": "the same but for a rule that is named",
    "lossy": "the target has no place for something, which is named",
    "refused": "the target did not take it, in its own words",
    "merged duplicate": "it was at the target already; nothing was added",
    "unexplained": "somebody has to look",
}


def page(certificate: Certificate) -> str:
    """The text; what is identical is counted and not listed."""
    value = certificate.as_value()
    verdict = "Everything is explained." if certificate.is_whole else "NOT explained."
    lines = [
        "# Certificate of a migration",
        "",
        f"From `{certificate.source}` to `{certificate.target}`,"
        f" compared at {certificate.made}. **{verdict}**",
        "",
        "| verdict | customers | addresses | meaning |",
        "|---|---|---|---|",
    ]
    counts = value["counts"]
    for one in VERDICTS:
        numbers = [counts[kind].get(one, 0) for kind in ("customer", "address")]
        lines.append(f"| {one} | {numbers[0]} | {numbers[1]} | {MEANINGS[one]} |")
    if value["losses"]:
        lines += ["", "Fields lost:", ""]
        lines += [f"- {name}: {n}" for name, n in sorted(value["losses"].items())]
    for verdict in reversed(VERDICTS):
        entries = [one for one in certificate.entries if one.verdict == verdict]
        if entries and verdict != IDENTICAL:
            lines += ["", f"## {verdict.capitalize()}", ""]
            lines += [line for one in entries for line in described(one)]
    return "\n".join([*lines, "", f"SHA-256 of the JSON: `{value['sha256']}`", ""])


def described(entry: Entry) -> Iterator[str]:
    """The lines of an entry."""
    words = f": {safe(entry.words)}" if entry.words else ""
    yield f"- {entry.kind} {entry.source} → {entry.target}{words}"
    for one in entry.differences:
        rule = f" ({one.rule})" if one.rule else ""
        yield f"  - {one.field}{rule}: {told(one.source)} → {told(one.target)}"


def told(value: Any) -> str:
    """A value as code, on one line."""
    return f"`{safe(json.dumps(value, ensure_ascii=False))}`"


def safe(text: str) -> str:
    """The text on one line, without what Markdown or HTML would take for its own."""
    for character, instead in (("`", "'"), ("<", "&lt;"), ("|", "\\|")):
        text = text.replace(character, instead)
    return " ".join(text.split())
