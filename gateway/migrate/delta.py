"""What has become of a pair since it was moved: which end has changed, if not both."""

from collections.abc import Mapping
from typing import Any

from core import CustomerDraft, Draft
from gateway.migrate.content import Content, Losses, compare, digest
from gateway.migrate.ledger import DUPLICATE, PAIRED, UPDATING

Row = Mapping[str, Any]

SAME, AGREED = "", "agreed"
AT_SOURCE, AT_TARGET = "it changed at the source", "it changed at the target"
AT_BOTH, GONE = "it changed at both ends", "it is gone at the target"
GONE_AT_SOURCE = "it is gone at the source"

TELL, SOURCE, TARGET, STOP = "tell", "source", "target", "stop"
CHOICES = (TELL, SOURCE, TARGET, STOP)
"""What is done where the target is not as it was left."""

PLACES = ("country", "region", "city")


def judged(row: Row, ours: Content, theirs: Content | None, losses: Losses) -> str:
    """What has changed since the ledger's row was written."""
    if theirs is None:
        return GONE
    is_changed = is_changed_at_source(row, ours)
    if is_changed and is_agreed(row, ours, theirs, losses):
        return AGREED
    if is_changed_at_target(row, ours, theirs, losses):
        return AT_BOTH if is_changed else AT_TARGET
    return AT_SOURCE if is_changed else SAME


def is_changed_at_source(row: Row, ours: Content) -> bool:
    if row["state"] == PAIRED and not row["hash"]:
        return bool(otherwise(row["content"], ours) - {"extras"})
    return bool(digest(ours) != row["hash"] or row["state"] == UPDATING)


def is_changed_at_target(
    row: Row, ours: Content, theirs: Content, losses: Losses
) -> bool:
    """Whether the target says neither what it said last nor what it was to say."""
    if row["state"] == UPDATING and not losses.unexplained(ours, theirs):
        return False
    if row["target_hash"]:
        return bool(digest(theirs) != row["target_hash"])
    if row["state"] == DUPLICATE:
        # What it said when it was merged is not known, so this is what counts.
        return False
    return bool(losses.unexplained(row["content"], theirs))


def is_agreed(row: Row, ours: Content, theirs: Content, losses: Losses) -> bool:
    """Whether the target says what the source does, and not still what it did."""
    old = row["content"]
    stale = (n for n in old if theirs.get(n) == old[n] != ours.get(n))
    return not any(stale) and not losses.unexplained(ours, theirs)


def otherwise(old: Content, new: Content) -> set[str]:
    """The fields that say something else, and not only in another way."""
    return {one.field for one in compare(old, new, ()) if not one.rule}


def changes(
    row: Row, thing: Draft | CustomerDraft, ours: Content, wanted: set[str]
) -> dict[str, Any]:
    """The fields to write: what has changed, and what is `wanted` besides."""
    if row["state"] == PAIRED:
        names = otherwise(row["content"], ours)
    else:
        old = row["content"]
        names = {n for n in {*old, *ours} if old.get(n) != ours.get(n)}
    names |= wanted
    if names & {*PLACES}:
        names |= {*PLACES}
    return {name: getattr(thing, name) for name in names}
