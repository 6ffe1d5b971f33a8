"""Moving back: the pairs that an earlier run made, the other way round.

So that what has changed meanwhile is changed, and not added beside it.
"""

from collections.abc import Mapping
from typing import Any

from gateway.migrate.content import Content
from gateway.migrate.ends import End
from gateway.migrate.errors import MigrationError
from gateway.migrate.ledger import ARRIVED, PAIRED, UNDONE, Ledger, reference


def pair(ledger: Ledger, earlier: Ledger, source: End, target: End) -> None:
    """Enter the pairs of a run from the target to the source, but for those known, of
    which what was rolled back is none.

    What the target said then is known by its hash, and so it is seen if that has
    changed; what the source was given is what it keeps of it. Raises MigrationError.
    """
    run = earlier.run()
    if run is None or (run["source"], run["target"]) != (target.title, source.title):
        raise MigrationError(
            f"the earlier ledger is of no migration from {target.title} to"
            f" {source.title}; --earlier names that of the run the other way"
        )
    with ledger.unit():
        for row in earlier.customers():
            if row["state"] in ARRIVED:
                ref = reference(row["target_ref"])
                if is_unpaired(ledger.customer(ref)):
                    said = paired(row, source.customer_losses)
                    ledger.put_customer(ref, **said)
                enter_addresses(ledger, earlier, row, source)


def enter_addresses(
    ledger: Ledger, earlier: Ledger, customer: Mapping[str, Any], source: End
) -> None:
    """The same with a customer's addresses."""
    owner = reference(customer["target_ref"])
    known = ledger.addresses(owner)
    for row in earlier.addresses(reference(customer["source_ref"])).values():
        ref = reference(row["target_ref"])
        if row["state"] in ARRIVED and is_unpaired(known.get(ref)):
            ledger.put_address(owner, ref, **paired(row, source.losses))


def is_unpaired(row: Mapping[str, Any] | None) -> bool:
    """Whether nothing is known of it, or no more."""
    return row is None or row["state"] == UNDONE


def paired(row: Mapping[str, Any], losses: Mapping[str, str]) -> dict[str, Any]:
    """The row of a pair, from that of the run the other way."""
    return {
        "state": PAIRED,
        "target_ref": row["source_ref"],
        "target_hash": row["hash"],
        "hash": row["target_hash"],
        "content": given(row["content"], losses),
    }


def given(content: Content, losses: Mapping[str, str]) -> Content:
    """What a platform keeps of what it was given; a street's lines at most join."""
    return {
        name: value
        for name, value in content.items()
        if name not in losses or name == "street"
    }
