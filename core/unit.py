"""What every unit of work on a shop has: a connection, a scope, and numbers."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from core.address import Ref, is_storable, naming
from core.connection import Connection, Statement
from core.counters import take
from core.customers import Owner
from core.errors import Problem
from core.gazetteer import Gazetteer, Places
from core.names import claim
from core.shop import Shop

Holders = tuple[Statement, Statement]
"""Whether something of a kind has a number, and whether it has a public id."""


def is_possible(ref: Ref | None) -> bool:
    """Whether something could have the reference: numbers are of 64 bits."""
    if isinstance(ref, str):
        return is_storable(ref)
    return ref is None or -(2**63) <= ref < 2**63


class Unit:
    """One unit of work, for one dialect and one shop."""

    def __init__(
        self,
        connection: Connection,
        *,
        shop: Shop,
        dialect: str,
        within: Ref | None,
        now: Callable[[], datetime],
        new_id: Callable[[str], str],
        trusted: Places | None = None,
    ) -> None:
        self._connection = connection
        self._renamed = dialect in shop.renamed
        self._closed = dialect in shop.closed
        self._within = within
        self._now = now
        self._new_id = new_id
        self._trusted = trusted
        self._scope: dict[str, Any] = {"shop": shop.id, "dialect": dialect}
        self._locked: dict[Ref, Owner] = {}
        self._within_by = None if within is None else naming(within)
        self._narrow = {} if within is None else {"customer": within}

    @property
    def places(self) -> Gazetteer:
        """The places that the shop knows."""
        return Gazetteer(
            self._connection,
            **self._scope,
            renamed=self._renamed,
            closed=self._closed,
            trusted=self._trusted,
        )

    def _numbers(
        self,
        kind: str,
        holders: Holders,
        drafts: Sequence[Any],
        problems: list[Problem],
    ) -> list[int]:
        """Our numbers for new things: the next ones, or what their own ids ask for."""
        numbers: dict[int, int] = {}
        given: set[Ref] = set()
        for index, draft in enumerate(drafts):
            if hasattr(draft, "id"):
                numbers[index] = self._claimed(
                    kind, holders, draft, index, given, problems
                )
                given |= {numbers[index], draft.public_id}
        fresh = len(drafts) - len(numbers)
        # After the claims, as those may have moved the next number.
        following = iter(
            take(self._connection, self._scope["shop"], kind, fresh) if fresh else ()
        )
        return [
            numbers[n] if n in numbers else next(following) for n in range(len(drafts))
        ]

    def _claimed(
        self,
        kind: str,
        holders: Holders,
        draft: Any,
        index: int,
        given: set[Ref],
        problems: list[Problem],
    ) -> int:
        """Our number for what has ids already; `given` are those of its batch."""
        impossible = [
            Problem(name, "unstorable", index)
            for name in ("id", "public_id")
            if not is_possible(getattr(draft, name))
        ]
        if impossible:
            problems += impossible
            return 0
        number, public = holders
        if draft.public_id and self._is_held(public, draft.public_id, given):
            problems.append(Problem("public_id", "taken", index))
        id = claim(
            self._connection,
            kind,
            draft.id,
            **self._scope,
            is_held=lambda id: self._is_held(number, id, given),
        )
        if id is None:
            problems.append(Problem("id", "taken", index, {"value": draft.id}))
            return 0
        self._renamed = self._renamed or id != draft.id
        return id

    def _is_held(self, statement: Statement, ref: Ref, given: set[Ref]) -> bool:
        """Whether something in the shop, or before it in its batch, has the name."""
        held = {"shop": self._scope["shop"], "id": ref}
        return ref in given or self._connection.one(statement, **held) is not None
