"""What came of asking a server."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any

from gateway.compare import Answer, Difference, shown


class Outcome(Enum):
    """What came of a check; one that was not run says nothing of the server."""

    SAME = "same"
    DIFFERENT = "different"
    NOT_RUN = "not run"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What came of one check; `reason` is why it was not run."""

    name: str
    request: str
    source: str
    ours: Answer | None = None
    theirs: Answer | None = None
    differences: Sequence[Difference] = ()
    reason: str = ""

    @property
    def outcome(self) -> Outcome:
        """Whether the answers were the same."""
        if self.reason:
            return Outcome.NOT_RUN
        return Outcome.DIFFERENT if self.differences else Outcome.SAME


@dataclass(kw_only=True, slots=True)
class Report:
    """What came of all checks, in order, and what could not be removed afterwards."""

    dialect: str
    target: str
    profile: str
    verdicts: list[Verdict] = field(default_factory=list)
    left_behind: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_interrupted: bool = False

    def of(self, outcome: Outcome) -> list[Verdict]:
        """The verdicts with this outcome."""
        return [one for one in self.verdicts if one.outcome is outcome]

    def as_value(self) -> dict[str, Any]:
        """The report for programs."""
        return {
            "dialect": self.dialect,
            "target": self.target,
            "profile": self.profile,
            **{str(one.value): len(self.of(one)) for one in Outcome},
            "left_behind": self.left_behind,
            "notes": self.notes,
            "checks": [dict(as_value(one)) for one in self.verdicts],
        }


def as_value(verdict: Verdict) -> Iterator[tuple[str, Any]]:
    """A verdict for programs."""
    yield "name", verdict.name
    yield "request", verdict.request
    yield "source", verdict.source
    yield "outcome", verdict.outcome.value
    for side in ("ours", "theirs"):
        answer: Answer | None = getattr(verdict, side)
        yield side, answer and {**asdict(answer), "body": shown(answer.body)}
    yield "differences", [asdict(one) for one in verdict.differences]
    yield "reason", verdict.reason
