"""Addresses that say the same, by their fingerprints."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, or_

from core.address import Draft, identity
from core.connection import Connection, Listing
from core.query import padded, rounded
from core.rows import reader, select_addresses
from core.tables import addresses as a

AT_ONCE = 64
"""How many are sought by one statement."""


def alike(
    connection: Connection,
    pairs: Sequence[tuple[int, int]],
    scope: Mapping[str, Any],
    *,
    renamed: bool,
) -> dict[tuple[Any, ...], list[Draft]]:
    """Of customers, by our numbers, the addresses with a fingerprint each.

    They stand under what they say, after their customer as the dialect calls it. The
    customers are locked, so that their addresses need not be.
    """
    found: dict[tuple[Any, ...], list[Draft]] = {}
    for start in range(0, len(pairs), AT_ONCE):
        some = pairs[start : start + AT_ONCE]
        given: dict[str, int] = {}
        for n, pair in enumerate(padded(some)):
            given[f"customer_{n}"], given[f"print_{n}"] = pair
        for row in connection.listed(
            statement(renamed, rounded(len(some))), **scope, **given
        ):
            address = reader()(row)
            same = (address.customer_id, *identity(address))
            found.setdefault(same, []).append(address)
    return found


@cache
def statement(renamed: bool, count: int) -> Listing:
    """The select for so many pairs: each takes one look at the index of the two."""
    of_customer, says = a.c.customer_id, a.c.fingerprint
    pairs = (
        and_(of_customer == bindparam(f"customer_{n}"), says == bindparam(f"print_{n}"))
        for n in range(count)
    )
    return Listing(select_addresses(renamed).where(or_(*pairs)).order_by(a.c.id))
