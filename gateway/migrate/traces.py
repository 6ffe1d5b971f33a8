"""What at the target is of a run's writing, and what is somebody's or stood there.

It is told field by field, so that a change by somebody else is never taken for ours.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gateway.migrate.content import ROLES, Content, Losses

Row = Mapping[str, Any]


def foreign(row: Row, found: Content, losses: Losses) -> set[str]:
    """The fields that say nothing that a run wrote.

    What a call was to write is known before it is made, so it counts as written.
    """
    strict = replace(losses, untold=())
    written = [row["content"], *filter(None, [row["intended"]])]
    told = [{one.field for one in strict.unexplained(w, found)} for w in written]
    return set.intersection(*told)


def standing(row: Row, theirs: Content, losses: Losses) -> Content | None:
    """What is to be given back once the target is written to: what stands there, and,
    where a run wrote it, what stood there before. Nothing, if all is of its making."""
    former: Content | None = row["former"]
    others = foreign(row, theirs, losses)
    if former is None:
        return theirs if others or not row["is_created"] else None
    kept = {name: value for name, value in former.items() if name not in others}
    return {**kept, **{name: theirs[name] for name in others if name in theirs}}


def changed_since(row: Row, found: Content, losses: Losses) -> set[str]:
    """The fields that somebody has changed since a run wrote; a role may have gone to
    another address, or come from one."""
    others = foreign(row, found, losses) - {*ROLES}
    former = row["former"] or {}
    return {n for n in others if not row["former"] or former.get(n) != found.get(n)}


def is_untouched(row: Row, found: Content, losses: Losses) -> bool:
    """Whether a run made it and nobody has ever changed it at the target."""
    is_ours = row["is_created"] and row["former"] is None
    return bool(is_ours) and not changed_since(row, found, losses)
