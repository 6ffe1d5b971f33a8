"""Reads both ends again, and compares them address by address."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from core import Ref
from dialects.remote import RemoteAddress, RemoteCustomer
from gateway.migrate.certificate import (
    IDENTICAL,
    LOSSY,
    MERGED,
    NORMALISED,
    UNEXPLAINED,
    Certificate,
    Entry,
    Row,
)
from gateway.migrate.content import Content, compare, content_of, digest
from gateway.migrate.ends import End, Source
from gateway.migrate.engine import AHEAD
from gateway.migrate.ledger import (
    ARRIVED,
    CONFLICT,
    DROPPED,
    DUPLICATE,
    PAIRED,
    REFUSED,
    UNDONE,
    Ledger,
    reference,
)
from gateway.migrate.mapping import Mappings, Places
from gateway.migrate.mover import (
    address_losses,
    chunks,
    customer_losses,
    now,
    owned,
)


class Verification:
    """Reads both ends again and tells what became of everything."""

    def __init__(
        self,
        source: Source,
        target: End,
        ledger: Ledger,
        mappings: Mappings,
        places: Places,
        progress: Callable[[int], object] = lambda _done: None,
    ) -> None:
        self._source, self._target, self._ledger = source, target, ledger
        self._mappings, self._places, self._progress = mappings, places, progress
        self._losses = {
            "customer": customer_losses(source, target),
            "address": address_losses(source, target),
        }
        self._entries: list[Entry] = []
        self._sources: dict[Ref, list[Ref]] = {}

    def certify(
        self, *, is_partial: bool = False, is_excerpt: bool = False
    ) -> Certificate:
        """The certificate; with `is_partial` what was never to be moved is left out.

        Where the source is an excerpt, who is not in it is not gone.
        """
        self._entries, self._sources = [], {}
        for row in self._ledger.customers():
            if row["target_ref"] is not None:
                sources = self._sources.setdefault(reference(row["target_ref"]), [])
                sources.append(reference(row["source_ref"]))
        seen: set[Ref] = set()
        for some in chunks(self._source.customers(), AHEAD):
            seen |= {one.ref for one in some}
            self._compare(some, is_partial)
            self._progress(len(seen))
        if not is_excerpt:
            self._removed(seen)
        return Certificate(
            source=self._source.title,
            target=self._target.title,
            made=now(),
            entries=self._entries,
        )

    def _compare(self, some: Sequence[RemoteCustomer], is_partial: bool) -> None:
        rows = {one.ref: self._ledger.customer(one.ref) for one in some}
        owners = {
            ref: reference(row["target_ref"])
            for ref, row in rows.items()
            if row and row["target_ref"] and row["state"] in (*ARRIVED, UNDONE)
        }
        chosen = [one for one in some if rows[one.ref] or not is_partial]
        sources = owned(self._source, [one.ref for one in chosen], self._places)
        partners = [*dict.fromkeys(owners.values())]
        known = {one.ref: one for one in self._target.customers_of(partners)}
        targets = owned(self._target, [*known], self._places)
        for one in chosen:
            row, owner = rows[one.ref], owners.get(one.ref)
            theirs = known.get(owner)  # type: ignore[arg-type]
            self._judge(
                "customer",
                one.ref,
                row,
                content_of(one.customer),
                content_of(theirs.customer) if theirs else None,
            )
            there = {a.ref: content_of(a.draft) for a in targets.get(owner, ())}  # type: ignore[arg-type]
            self._addresses(one.ref, sources[one.ref], there)
            if row and row["is_created"]:
                self._surplus(one.ref, there)

    def _addresses(
        self,
        owner: Ref,
        found: Iterable[RemoteAddress],
        there: Mapping[Ref, Content],
    ) -> None:
        rows = self._ledger.addresses(owner)
        for one in found:
            row = rows.pop(one.ref, None)
            ref = reference(row["target_ref"]) if row and row["target_ref"] else None
            theirs = there.get(ref) if ref is not None else None
            self._judge("address", one.ref, row, content_of(one.draft), theirs, owner)
        for row in rows.values():
            if row["target_ref"] and reference(row["target_ref"]) in there:
                self._gone("address", row)

    def _surplus(self, owner: Ref, there: Mapping[Ref, Content]) -> None:
        """What a customer whom this run made has, and nobody moved."""
        target = reference((self._ledger.customer(owner) or {})["target_ref"])
        merged = self._sources[target]
        rows = [r for ref in merged for r in self._ledger.addresses(ref).values()]
        claimed = {reference(r["target_ref"]) for r in rows if r["target_ref"]}
        for ref in there.keys() - claimed:
            self._entries.append(
                Entry(
                    kind="address",
                    source=None,
                    target=ref,
                    verdict=UNEXPLAINED,
                    words="it is at the target and was not moved there",
                )
            )

    def _judge(
        self,
        kind: str,
        ref: Ref,
        row: Row | None,
        content: Content,
        theirs: Content | None,
        owner: Ref | None = None,
    ) -> None:
        """Add the entry of what is at the source."""
        made: dict[str, Any] = {"kind": kind, "source": ref, "target": None}
        made["source_hash"] = digest(content)
        if row is not None:
            made["target"] = row["target_ref"]
        problem = self._unmoved(row, content, theirs)
        if row is not None and row["state"] in (REFUSED, DROPPED):
            self._entries.append(Entry(**made, verdict=REFUSED, words=row["problem"]))
            return
        if row is None or theirs is None or problem:
            self._entries.append(Entry(**made, verdict=UNEXPLAINED, words=problem))
            return
        made["target_hash"] = digest(theirs)
        losses = self._losses[kind]
        found = compare(content, theirs, losses.untold)
        if row["state"] in (DUPLICATE, PAIRED):
            words = f"it was there already, as {row['target_ref']}"
            verdict = MERGED
        elif losses.unexplained(content, theirs):
            words = "it says something else at the target"
            verdict = UNEXPLAINED
        else:
            self._note_hash(kind, ref, row, made["target_hash"], owner)
            lost = [d for d in found if not d.rule]
            words = "; ".join(f"{d.field}: {losses.reason(d)}" for d in lost)
            told = [d for d in lost if self._mappings.policy(d.field) != "ignore"]
            verdict = LOSSY if told else NORMALISED if found else IDENTICAL
        self._entries.append(
            Entry(**made, verdict=verdict, differences=found, words=words)
        )

    def _unmoved(
        self, row: Row | None, content: Content, theirs: Content | None
    ) -> str:
        """Why what is at the source cannot be compared."""
        if row is None:
            return "it was not moved"
        if row["state"] == CONFLICT:
            return str(row["problem"])
        if row["state"] == UNDONE:
            return "it was rolled back; run again to move it"
        if row["state"] not in ARRIVED:
            return f"its move is not done: {row['state']}; go on with resume"
        if theirs is None:
            return "it is gone at the target"
        if row["hash"] != digest(content):
            return "it has changed at the source since; run again to move the change"
        return ""

    def _note_hash(
        self, kind: str, ref: Ref, row: Row, hash: str, owner: Ref | None
    ) -> None:
        """Remember what the target said, to tell later whether it has changed."""
        if row["target_hash"] == hash:
            return
        if kind == "customer":
            self._ledger.put_customer(ref, target_hash=hash)
        elif owner is not None:
            self._ledger.put_address(owner, ref, target_hash=hash)

    def _removed(self, seen: Collection[Ref]) -> None:
        """Tell who is gone at the source, and still at the target."""
        rows = (
            row
            for row in self._ledger.customers()
            if row["target_ref"] and reference(row["source_ref"]) not in seen
        )
        for some in chunks(rows, AHEAD):
            refs = {reference(row["target_ref"]) for row in some}
            there = {one.ref for one in self._target.customers_of([*refs])}
            for row in some:
                if reference(row["target_ref"]) in there:
                    self._gone("customer", row)

    def _gone(self, kind: str, row: Row) -> None:
        """Add the entry of what is gone at the source, unless it was taken back."""
        is_settled = row["state"] == DROPPED
        if not is_settled and row["state"] not in ARRIVED:
            return
        words = "it is gone at the source, and still at the target"
        self._entries.append(
            Entry(
                kind=kind,
                source=row["source_ref"],
                target=row["target_ref"],
                verdict=REFUSED if is_settled else UNEXPLAINED,
                words=row["problem"] or words,
            )
        )
