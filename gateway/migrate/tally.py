"""What a run does with what it comes upon: everything is counted once."""

from collections import Counter
from enum import StrEnum

KINDS = {"customer": "customers", "address": "addresses"}


class Act(StrEnum):
    """What is done with a customer or an address of the source."""

    CREATED = "created"
    MERGED = "merged"
    """It was at the target already, and is paired with what is there."""
    CHANGED = "changed"
    """It changed at the source alone, and now at the target as well."""
    OVERWRITTEN = "overwritten"
    """It changed at the target, where the source was told to prevail."""
    UNCHANGED = "unchanged"
    CONFLICT = "conflicts"
    """It changed or is gone at the target, and is left alone."""
    REFUSED = "refused"
    REMOVED = "removed_at_source"
    """It is not at the source any more; the target is left alone."""
    DELETED = "deleted"
    """It is not at the source any more, and was deleted at the target."""


class Tally:
    """How many customers and addresses were created, changed, left and so on."""

    def __init__(self) -> None:
        self._found: Counter[tuple[str, Act]] = Counter()

    def count(self, kind: str, act: Act, number: int = 1) -> None:
        """One more, or some, of a kind that were dealt with so."""
        self._found[kind, act] += number

    def touched(self) -> int:
        """How many were not simply as they should be."""
        return sum(n for (_, act), n in self._found.items() if act != Act.UNCHANGED)

    def as_value(self) -> dict[str, dict[str, int]]:
        """The counts for JSON: every act, under each kind."""
        return {
            told: {act.value: self._found[kind, act] for act in Act}
            for kind, told in KINDS.items()
        }
