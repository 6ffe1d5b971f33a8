"""What every unit of work on a shop has: a connection, a scope, and numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import tallies
from core.address import Ref, is_storable, naming
from core.completed import Completed
from core.connection import Connection, Listing, Row, Statement
from core.counters import take
from core.customers import Owner
from core.errors import Problem
from core.gazetteer import Gazetteer, Places
from core.names import claim
from core.query import Query, paging, shape, terms, values
from core.shop import Shop

Holders = tuple[Statement, Statement]
"""Whether something of a kind has a number, and whether it has a public id."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Things:
    """A kind of things, and the statements by which they are found and counted."""

    kind: str
    find: Callable[..., Listing]
    find_page: Callable[..., Listing]
    find_from: Callable[..., Listing]
    lock_found: Callable[..., Statement]
    count: Callable[..., Statement]


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
        self._judged: dict[int, Completed] = {}
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

    def _found(self, things: Things, query: Query) -> tuple[list[Row], int]:
        """The rows of a page, and how many there are in all."""
        order = self._order(things.kind, query)
        locks = self._connection.locks
        is_whole = self._within is None and not query.where
        if is_whole and query.offset and not locks:
            known = tallies.served(things.kind, order)
            if known is not None:
                return self._found_far(things, query, known)
        which = (self._renamed, self._within_by, shape(query))
        sought = {**self._scope, **self._narrow, **values(query)}
        if locks and self._within is None:
            lock = things.lock_found(self._renamed, shape(query), order)
            self._connection.all(lock, **paging(query), **sought)
        find = things.find if query.limit is None else things.find_page
        rows = self._connection.listed(
            find(*which, order, locks), **paging(query), **sought
        )
        total = query.offset + len(rows) if rows else 0
        is_part = len(rows) == query.limit or (query.offset and not rows)
        if query.counted and is_part and is_whole:
            total = tallies.total(self._connection, things.kind, self._scope["shop"])
        elif query.counted and is_part:
            [total] = self._connection.one(things.count(*which), **sought) or [0]
        return rows, total

    def _found_far(
        self, things: Things, query: Query, order: tallies.Order
    ) -> tuple[list[Row], int]:
        """The same of a page of the whole shop, by the way that the tallies know."""
        shop = self._scope["shop"]
        start = tallies.start(self._connection, things.kind, shop, order, query.offset)
        if not start.bound:
            return [], start.total
        rows = self._connection.listed(
            things.find_from(self._renamed, order),
            **self._scope,
            **{f"bound_{n}": value for n, value in enumerate(start.bound)},
            skipped=start.skipped,
            limit=paging(query)["limit"],
        )
        return rows, start.total

    def _order(self, kind: str, query: Query) -> tuple[str, ...]:
        """The order of the query, by our numbers where the dialect has no others."""
        if self._within is not None:
            return tuple(query.order)
        if self._renamed and self._connection.one(
            tallies.IS_NAMED[kind], **self._scope
        ):
            return tuple(query.order)
        return tuple(
            term.replace("id", tallies.NUMBER) if term in ("id", "-id") else term
            for term in terms(query.order)
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
