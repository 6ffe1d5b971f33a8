"""Arrays of addresses: sent in parts, and what comes of each item.

"An attempt to create an address that already exists will result in ... an HTTP 200
return code, and the address will be absent from the response body" (V3 reference). A
refusal names the items that are wrong by their places, "N.field"; the others were not
stored, and are sent again without them.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from functools import partial
from itertools import islice
from typing import Any

from core import Draft, Ref
from dialects.bigcommerce.forms import Item
from dialects.remote import Outcome, Remote, Reply, Unanswered, Wire

ADDRESSES = "/customers/addresses"
ITEM = re.compile(r"([0-9]+)(?:\.|$)")
MOST = re.compile(r"maximum items? allowed in the array is ([0-9]+)")

TEXTS = tuple(name for name in Item().fields if name != "form_fields")

Items = dict[int, Wire]
Outcomes = dict[int, Outcome]


class Batches(Remote):
    """The part of a store's client that sends arrays."""

    # None is documented; a client library sends 10, which is the limit of customers.
    batch_limit = 10

    def add_addresses(
        self,
        customer_ref: Ref,
        drafts: Sequence[Draft],
        known: Collection[Ref] | None = None,
    ) -> list[Outcome]:
        if known is None:
            known = [one.ref for one in self.addresses(customer_ref)] if drafts else []
        batch = Batch(self, customer_ref, known)
        items: Items = {
            n: {**self._address_wire(draft), "customer_id": customer_ref}
            for n, draft in enumerate(drafts)
        }
        remaining = iter(items.items())
        while part := dict(islice(remaining, self.batch_limit)):
            batch.add(part)
        return [batch.outcomes[n] for n in items]

    def _updated(self, ref: Ref, body: Sequence[Wire]) -> Outcome:
        """What comes of an update: equal to another address, it is left out."""
        reply = self._client.call("PUT", ADDRESSES, body=body)
        if not reply.is_success:
            return self._problem(reply, ref)
        if any(entry["id"] == ref for entry in reply.body.get("data") or ()):
            return Outcome(ref=ref, status=reply.status)
        problem = "another address is equal to what it would become"
        return Outcome(ref=ref, problem=problem, status=reply.status, is_duplicate=True)


class Batch:
    """The addresses that are added to one customer, and what came of each."""

    def __init__(self, remote: Batches, owner: Ref, known: Collection[Ref]) -> None:
        self.outcomes: Outcomes = {}
        self._remote, self._owner = remote, owner
        self._known, self._taken = frozenset(known), set[Ref]()

    def add(self, items: Items) -> None:
        """Add a part of them, in as many calls as it takes."""
        while items:
            found = self._found(items)
            self.outcomes |= found
            left = {n: wire for n, wire in items.items() if n not in found}
            if len(left) == len(items):
                # What is wrong is not told of an item, so each goes by itself.
                for n, wire in items.items():
                    self.add({n: wire})
                return
            items = left

    def _found(self, items: Items) -> Outcomes:
        """What comes of a call; nothing, if a call that always fails has several."""
        send, look = partial(self._send, items), partial(self._look, items)
        try:
            return self._remote._created(send, look)
        except Unanswered as error:
            if error.status != 500:
                raise
            problem = Outcome(problem=error.words or "status 500", status=500)
            return all_of(items, problem) if len(items) == 1 else {}

    def _send(self, items: Items) -> Outcomes:
        """What comes of one attempt; what it says nothing of is sent again."""
        remote = self._remote
        reply = remote._client.attempt("POST", ADDRESSES, body=[*items.values()])
        if reply.is_success:
            return self._arrived(items, reply)
        refused = remote._problem(reply)
        if len(items) == 1:
            return all_of(items, refused)
        if reply.status == 413:
            self._learn(refused.problem)
            return {}
        wrong = wrong_items(reply.body)
        numbers = [*items]
        return {
            numbers[place]: Outcome(problem="; ".join(told), status=reply.status)
            for place, told in wrong.items()
            if place < len(numbers)
        }

    def _learn(self, problem: str) -> None:
        """Send no more at once than the platform has said that it takes."""
        told = MOST.search(problem)
        most = int(told[1]) if told else self._remote.batch_limit // 2
        if 0 < most < self._remote.batch_limit:
            self._remote.batch_limit = most

    def _arrived(self, items: Items, reply: Reply) -> Outcomes:
        """The outcomes of a success, in whose body equal addresses are absent."""
        shown = reply.body.get("data") or []
        wrong = wrong_items(reply.body) if reply.status == 207 else {}
        if len(shown) == len(items):
            found = dict(zip(items, (entry["id"] for entry in shown), strict=True))
        else:
            found = self._recognized(items, shown)
        self._taken |= {*found.values()}
        outcomes = {
            n: Outcome(ref=ref, status=reply.status) for n, ref in found.items()
        }
        numbers = [*items]
        for place, told in wrong.items():
            problem = Outcome(problem="; ".join(told), status=reply.status)
            outcomes.setdefault(numbers[place], problem)
        absent = {n: wire for n, wire in items.items() if n not in outcomes}
        return outcomes | (self._equal(absent, reply.status) if absent else {})

    def _look(self, items: Items) -> Outcomes | None:
        """The outcomes if all items have arrived."""
        shown = [one.raw for one in self._remote.addresses(self._owner)]
        new = [e for e in shown if e["id"] not in self._known | self._taken]
        found = self._recognized(items, new)
        if len(found) < len(items):
            return None
        self._taken |= {*found.values()}
        return {n: Outcome(ref=ref, status=200) for n, ref in found.items()}

    def _equal(self, items: Items, status: int) -> Outcomes:
        """The outcomes of items that were skipped, as an address is equal to each.

        One that was not there before came with an attempt whose answer was lost.
        """
        shown = [one.raw for one in self._remote.addresses(self._owner)]
        new = [e for e in shown if e["id"] not in self._known | self._taken]
        found = self._recognized(items, new)
        self._taken |= {*found.values()}
        outcomes = {n: Outcome(ref=ref, status=status) for n, ref in found.items()}
        essence = self._remote._essence
        there = {essence(entry): entry["id"] for entry in reversed(shown)}
        for n, wire in items.items():
            if n not in outcomes:
                ref = there.get(essence(wire))
                outcomes[n] = Outcome(ref=ref, status=status, is_duplicate=True)
        return outcomes

    def _recognized(self, items: Items, shown: Sequence[Wire]) -> dict[int, Ref]:
        """The ids of the items among what is shown, each of which is one item's.

        What says the very same is recognized before what may be spelled otherwise.
        """
        found: dict[int, Ref] = {}
        for key in (exactly, self._remote._essence):
            refs: dict[tuple[Any, ...], list[Ref]] = {}
            for entry in shown:
                if entry["id"] not in found.values():
                    refs.setdefault(key(entry), []).append(entry["id"])
            for n, wire in items.items():
                if n not in found and refs.get(key(wire)):
                    found[n] = refs[key(wire)].pop(0)
        return found


def exactly(wire: Wire) -> tuple[Any, ...]:
    """What an address says, as it is spelled."""
    return tuple(wire.get(name) for name in TEXTS)


def all_of(items: Iterable[int], outcome: Outcome) -> Outcomes:
    """The same outcome for all."""
    return dict.fromkeys(items, outcome)


def wrong_items(body: Any) -> dict[int, list[str]]:
    """What is wrong with each item, by its place: `{"0.city": "..."}`."""
    errors = (body.get("errors") if isinstance(body, dict) else None) or {}
    wrong: dict[int, list[str]] = {}
    for name, text in errors.items() if isinstance(errors, dict) else ():
        if item := ITEM.match(name):
            wrong.setdefault(int(item[1]), []).append(f"{name[item.end() :]}: {text}")
    return wrong
