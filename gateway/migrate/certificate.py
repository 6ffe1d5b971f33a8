"""The certificate: both ends are read again, and compared address by address."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from gateway.migrate.content import (
    Difference,
)
from gateway.migrate.ledger import (
    REFUSED,
)

IDENTICAL, NORMALISED, LOSSY = "identical", "normalised", "lossy"
MERGED, UNEXPLAINED = "merged duplicate", "unexplained"
VERDICTS = (IDENTICAL, NORMALISED, LOSSY, REFUSED, MERGED, UNEXPLAINED)
Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """What became of a customer or an address."""

    kind: str
    source: Any
    target: Any
    verdict: str
    differences: Sequence[Difference] = ()
    words: str = ""
    source_hash: str = ""
    target_hash: str = ""

    def as_value(self) -> dict[str, Any]:
        """The entry for JSON, without what is empty."""
        said: dict[str, Any] = {
            "kind": self.kind,
            "source": self.source,
            "target": self.target,
            "verdict": self.verdict,
            "differences": [one.as_value() for one in self.differences],
            "words": self.words,
            "source_hash": self.source_hash,
            "target_hash": self.target_hash,
        }
        return {name: value for name, value in said.items() if value not in ("", [])}


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """All entries, between which ends."""

    source: str
    target: str
    made: str
    entries: Sequence[Entry] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)

    def counts(self) -> dict[str, dict[str, int]]:
        """How many customers and addresses have each verdict."""
        found = Counter((one.kind, one.verdict) for one in self.entries)
        return {
            kind: {v: found[kind, v] for v in VERDICTS if found[kind, v]}
            for kind in ("customer", "address")
        }

    def losses(self) -> dict[str, int]:
        """How often each field is lost."""
        entries = (one for one in self.entries if one.verdict in (LOSSY, MERGED))
        lost = (d.field for one in entries for d in one.differences if not d.rule)
        return dict(Counter(lost))

    @property
    def is_whole(self) -> bool:
        """Whether everything is explained."""
        return all(one.verdict != UNEXPLAINED for one in self.entries)

    def as_value(self) -> dict[str, Any]:
        """The certificate for JSON, with a hash over all the rest of it."""
        said = {
            "source": self.source,
            "target": self.target,
            "made": self.made,
            "counts": self.counts(),
            "losses": self.losses(),
            **self.notes,
            "entries": [one.as_value() for one in self.entries],
        }
        return {**said, "sha256": seal(said)}


def seal(said: Mapping[str, Any]) -> str:
    """The hash over a certificate's value without its own."""
    rest = {name: value for name, value in said.items() if name != "sha256"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), default=str)
    return sha256(text.encode()).hexdigest()


def tampered(text: str, page: str | None) -> list[str]:
    """What in a certificate, and in the page beside it, is not as it was written."""
    try:
        said = json.loads(text)
        entries, counts = said["entries"], said["counts"]
        found = Counter((one["kind"], one["verdict"]) for one in entries)
    except (ValueError, LookupError, TypeError):
        return ["it is no certificate of a migration"]
    problems = []
    if seal(said) != said.get("sha256"):
        problems.append("its content and its sha256 do not belong together")
    told = {(kind, v): n for kind, row in counts.items() for v, n in row.items()}
    if told != found:
        problems.append("its counts are not those of its entries")
    if page is not None and f"`{seal(said)}`" not in page:
        problems.append("the page beside it is of another certificate")
    return problems
