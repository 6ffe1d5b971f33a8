"""A rehearsal: the migration to a mirror of the target, by a copy of the ledger.

The source is read, and of the target whom the ledger knows and those with the same
e-mails; neither is written, and nor is the ledger.
"""

import time
from collections import Counter
from dataclasses import replace
from typing import Any

from dialects.remote import RemoteAddress, RemoteCustomer
from gateway.migrate.certificate import MERGED, UNEXPLAINED, Certificate
from gateway.migrate.delta import STOP, TELL
from gateway.migrate.ends import End
from gateway.migrate.engine import Migration
from gateway.migrate.ledger import REFUSED, Ledger
from gateway.migrate.mapping import Places
from gateway.migrate.mirror import Mirror
from gateway.migrate.mover import Options
from gateway.migrate.scratch import scratch
from gateway.migrate.spool import Spool, Spooled
from gateway.migrate.verification import Verification
from gateway.seed import CANONICAL

EXAMPLES = 3


class Rehearsal(Migration):
    """A migration that keeps whom it did something with, and whose places it met."""

    def __init__(
        self,
        source: End,
        target: Mirror,
        ledger: Ledger,
        options: Options,
        places: Places,
        spool: Spool,
    ) -> None:
        super().__init__(source, target, ledger, options, places)
        self._spool, self._met = spool, Places(options.mappings)

    def move(self, customer: RemoteCustomer, addresses: list[RemoteAddress]) -> None:
        before = self.tally.touched()
        super().move(customer, addresses)
        if self.tally.touched() > before:
            self._spool.keep(customer, addresses)
            for one in addresses:
                self._met.whole(one)

    def unknown(self) -> dict[str, int]:
        """The places that no table has, of those with whom something is done."""
        self._met.close()
        return dict(self._met.unknown)


def rehearse(
    source: End,
    target: End,
    options: Options,
    naming: str = CANONICAL,
    ledger: Ledger | None = None,
) -> dict[str, Any]:
    """What a migration would come to, or, with a copy of a ledger, another run.

    The copy is written to. Where a conflict would stop the run, the rehearsal goes on.
    """
    if options.conflicts == STOP:
        options = replace(options, conflicts=TELL)
    places, ledger, spool = Places(options.mappings), ledger or Ledger(None), Spool()
    is_another = bool(ledger.customers())
    started, before = time.monotonic(), source.calls + target.calls
    with scratch(target, naming) as end:
        mirror = Mirror(target, end, places)
        run = Rehearsal(source, mirror, ledger, options, places, spool)
        run.run()
        seconds = time.monotonic() - started
        reads = source.calls + target.calls - before
        writes = end.calls - mirror.aside
        again = Spooled(source, spool)
        check = Verification(again, mirror, ledger, options.mappings, places)
        certificate = check.certify(is_partial=True, is_excerpt=True)
        each = seconds / (reads + end.calls) if reads + end.calls else 0.0
    spool.close()
    places.close()
    return {
        "source": source.title,
        "target": target.title,
        "is_another_run": is_another,
        "would": run.tally.as_value(),
        "problems": ledger.problems(),
        "counts": certificate.counts(),
        "losses": examples(certificate),
        "unknown_places": run.unknown(),
        "duplicates": sum(one.verdict == MERGED for one in certificate.entries),
        "refused": refusals(certificate),
        "calls": {"source_and_lookups": reads, "target": writes},
        "seconds": round(each * (reads + writes), 1),
        "is_explained": certificate.is_whole,
        "unexplained": [
            one.as_value() for one in certificate.entries if one.verdict == UNEXPLAINED
        ],
    }


def examples(certificate: Certificate) -> dict[str, Any]:
    """For each field that is lost how often, and some values."""
    found: dict[str, Any] = {}
    for entry in certificate.entries:
        for one in entry.differences:
            if not one.rule:
                row = found.setdefault(one.field, {"count": 0, "examples": []})
                row["count"] += 1
                if len(row["examples"]) < EXAMPLES:
                    row["examples"].append({"of": entry.source, **one.as_value()})
    return found


def refusals(certificate: Certificate) -> dict[str, int]:
    """How often the target refuses, by its words."""
    entries = certificate.entries
    return dict(Counter(one.words for one in entries if one.verdict == REFUSED))
