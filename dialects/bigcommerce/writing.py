"""Create and update: all items or none, but for those that equal an address.

"An attempt to create an address that already exists will result in no change to the
address or custom form field values, an HTTP 200 return code, and the address will be
absent from the response body" (V3 reference, Create a Customer Address); the same holds
of an update "such that it becomes identical to another address".
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core import (
    Address,
    AddressBook,
    Condition,
    Draft,
    Invalid,
    Op,
    Problem,
    Query,
    altered,
    drafted,
    fold,
)
from dialects.base import current_key, quirk
from dialects.bigcommerce.schemas import POST, PUT, read
from dialects.notes import note

logger = logging.getLogger(__name__)

Written = tuple[list[Address], Mapping[int, Address]]
"""What was written, and which address each skipped item is equal to."""


def create(book: AddressBook, items: Sequence[Any]) -> Written:
    """Store what is new. Raises Invalid with all that is wrong with any item."""
    problems: list[Problem] = []
    drafts = {}
    for n, item in enumerate(items):
        said, wrong = read(POST, item, None)
        if wrong:
            problems += at(n, wrong)
        if isinstance(item, dict):
            drafts[n] = drafted(said)
    problems += beyond_the_key(drafts)
    twins = twins_of(book, drafts, problems)
    require_none(problems)
    created = book.add_many([drafts[n] for n in drafts if n not in twins])
    # Those equal to an earlier item have an address to be equal to only now.
    equal = twins_of(book, {n: drafts[n] for n in twins}, problems) if twins else {}
    return created, told({n: as_address(twin) for n, twin in equal.items()})


def update(book: AddressBook, items: Sequence[Any]) -> Written:
    """Change what is there, in order. Raises Invalid as `create`."""
    problems: list[Problem] = []
    known = held(book, items)
    updated: dict[int, Address] = {}
    equal: dict[int, Address] = {}
    for n, item in enumerate(items):
        id = number(item)
        address = known.get(id)
        said, wrong = read(PUT, item, address)
        if address is None and not wrong_id(wrong):
            wrong.append(Problem("id", "unknown"))
        problems += at(n, wrong)
        changed = altered(address, **said) if address else drafted(said)
        twins: Mapping[int, Draft] = {}
        # What leaves an address the same can make it equal to no other.
        if not said.keys() <= {"extras"}:
            wrong = []
            twins = twins_of(book, {n: changed}, wrong)
            # An address that is not there has no customer either.
            problems += [p for p in wrong if p.path != "customer_id"]
        if problems or address is None:
            continue
        if n in twins:
            equal[n] = as_address(twins[n])
            continue
        if changed != address:
            [known[id]] = book.update_many([(address, said)])
        updated[id] = known[id]
    require_none(problems)
    return list(updated.values()), told(equal)


def held(book: AddressBook, items: Sequence[Any]) -> dict[int, Address]:
    """The addresses that the items name."""
    ids = sorted({number(item) for item in items})
    found = book.find(Query(where=[Condition("id", Op.IN, ids)])) if ids else None
    return {address.id: address for address in found.items} if found else {}


def number(item: Any) -> int:
    """The id of an item; 0, which nothing has, if it has none."""
    id = item.get("id") if isinstance(item, dict) else None
    if isinstance(id, bool) or not isinstance(id, int | float):
        return 0
    return int(id) if 0 < id < 2**31 and id == int(id) else 0


def wrong_id(problems: Sequence[Problem]) -> bool:
    return any(problem.path == "id" for problem in problems)


def at(n: int, problems: Sequence[Problem]) -> list[Problem]:
    """The problems as those of the n-th item."""
    return [replace(problem, index=n) for problem in problems]


def beyond_the_key(drafts: Mapping[int, Draft]) -> list[Problem]:
    """To a key for one customer, other customers are unknown."""
    own = current_key().customer_id
    return [
        Problem("customer_id", "unknown", index=n)
        for n, draft in drafts.items()
        if own not in (None, draft.customer_id)
    ]


def twins_of(
    book: AddressBook, drafts: Mapping[int, Draft], problems: list[Problem]
) -> dict[int, Draft]:
    """The addresses, stored or earlier in the call, that drafts are equal to.

    Adds to the problems what is wrong with places and customers.
    """
    numbers, found = list(drafts), []
    try:
        found = book.twins(list(drafts.values()))
    except Invalid as invalid:
        problems += [replace(p, index=numbers[p.index]) for p in invalid.problems]
    problems += state_codes(book, drafts, problems)
    return {n: twin for n, twin in zip(numbers, found, strict=False) if twin}


def state_codes(
    book: AddressBook, drafts: Mapping[int, Draft], problems: Sequence[Problem]
) -> list[Problem]:
    """ "State or province codes not accepted": names only, where they are known."""
    if not quirk("bigcommerce", "refuse_state_codes"):
        return []
    judged = {problem.index for problem in problems if problem.path == "region"}
    written = {
        n: (draft.country, draft.region.name)
        for n, draft in drafts.items()
        if n not in judged
        if draft.region and draft.region.id is None and draft.country
    }
    places = book.places
    coded = {
        (country, name): known.name
        for country, name in {*written.values()}
        if (known := places.region(country, name))
        if known.name != name
        if fold(known.name) != fold(name)
    }
    return [
        Problem("region", "code", index=n, params={"name": coded[place]})
        for n, place in written.items()
        if place in coded
    ]


def require_none(problems: Sequence[Problem]) -> None:
    """Raises Invalid with the problems, if there are any, in the order of the items."""
    if problems:
        raise Invalid(sorted(problems, key=lambda problem: problem.index))


def as_address(twin: Draft) -> Address:
    """A twin that is stored, as all are once the items before it are."""
    assert isinstance(twin, Address)
    return twin


def told(equal: Mapping[int, Address]) -> Mapping[int, Address]:
    """The same, when it is in the log."""
    if equal:
        note("duplicates", {n: address.id for n, address in equal.items()})
        logger.info("skipped items equal to addresses: %s", listed(equal))
    return equal


def listed(equal: Mapping[int, Address]) -> str:
    """The places of skipped items, each with the id of the address it is equal to."""
    return ", ".join(f"{n}={address.id}" for n, address in equal.items())
