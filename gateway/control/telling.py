"""A journal as a person reads it."""

from collections.abc import Iterable

from gateway.control.journal import Entry, Journal

MOST_TOLD = 10
LONGEST_TOLD = 400


def told(journal: Journal, strays: Journal) -> str:
    """The last that was asked of a shop, and of no shop."""
    lines = [*described(journal)]
    if len(strays):
        lines += ["For no shop:", *described(strays)]
    return "\n".join(lines)


def described(journal: Journal) -> Iterable[str]:
    """The last entries, with the answers that tell of an error."""
    entries = journal.entries()
    if journal.total == 0:
        yield "no request came to this shop"
    if journal.total > MOST_TOLD:
        yield f"({journal.total - MOST_TOLD} before these)"
    for entry in entries[-MOST_TOLD:]:
        yield from lines_of(entry)


def lines_of(entry: Entry) -> Iterable[str]:
    """An entry as a person reads it."""
    yield str(entry)
    if entry.unread:
        told = ", ".join(
            f"{kind} {name}" for kind in entry.unread for name in entry.unread[kind]
        )
        yield f"    nobody read: {told}"
    if entry.status >= 400 and entry.response_body:
        body = " ".join(entry.response_body.split())
        yield f"    {body[:LONGEST_TOLD]}"
