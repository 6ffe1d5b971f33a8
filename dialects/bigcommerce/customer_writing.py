"""Create and update customers: all items or none (source: V3 reference, Customers).

An e-mail is a customer's own, in any case: "The email of the customer. Must be unique."
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core import (
    Address,
    AddressBook,
    Condition,
    Customer,
    CustomerDraft,
    Draft,
    Op,
    Problem,
    Query,
    altered,
    drafted,
    email_key,
)
from dialects.bigcommerce.customer_schemas import (
    MOST_ADDRESSES,
    read_customer,
    read_update,
    recorded,
)
from dialects.bigcommerce.errors import FIELDS, words
from dialects.bigcommerce.schemas import NESTED, read
from dialects.bigcommerce.writing import (
    at,
    number,
    require_none,
    twins_of,
    wrong_id,
)

DOING = {"create": "creating", "update": "updating"}
Nested = list[tuple[int, int, Draft]]
"""The addresses to create: the customer's place in the call, its own there, and it."""


def create(
    book: AddressBook, items: Sequence[Any]
) -> tuple[list[Customer], Mapping[int, list[Address]]]:
    """Store new customers, and their addresses by the customers' places in the call.

    Raises Invalid with all that is wrong with any item.
    """
    problems: list[Problem] = []
    drafts: list[CustomerDraft] = []
    addresses: Nested = []
    for n, item in enumerate(items):
        said, wrong = read_customer(item, None)
        nested, also_wrong = read_nested(item)
        problems += at(n, [*wrong, *also_wrong])
        drafts.append(CustomerDraft(**said))
        addresses += [(n, m, draft) for m, draft in nested.items()]
    problems += judged(book, addresses)
    problems += in_use("create", taken(book, drafts))
    require_none(problems)
    created = book.add_customers(drafts)
    return created, place(book, created, addresses)


def read_nested(item: Any) -> tuple[dict[int, Draft], list[Problem]]:
    """The addresses of an item where they are sound, and what is wrong with others."""
    sent = item.get("addresses") if isinstance(item, dict) else None
    drafts: dict[int, Draft] = {}
    problems: list[Problem] = []
    for m, wire in enumerate(sent if isinstance(sent, list) else ()):
        if m < MOST_ADDRESSES and isinstance(wire, dict):
            said, wrong = read(NESTED, wire, None)
            drafts[m] = drafted(said)
            problems += [replace(p, path=f"addresses[{m}].{p.path}") for p in wrong]
    return drafts, [recorded(problem) for problem in problems]


def judged(book: AddressBook, addresses: Nested) -> list[Problem]:
    """What the store finds wrong with addresses whose customers are not there yet."""
    if not addresses:
        return []
    found: list[Problem] = []
    twins_of(book, dict(enumerate(draft for _, _, draft in addresses)), found)
    told = []
    for problem in found:
        if problem.path != "customer_id":
            n, m, _ = addresses[problem.index]
            path = f"addresses[{m}].{FIELDS.get(problem.path, problem.path)}"
            told.append(Problem(path, words(problem), n))
    return told


def place(
    book: AddressBook, created: Sequence[Customer], addresses: Nested
) -> Mapping[int, list[Address]]:
    """Store the addresses, but for those that equal an earlier one of a customer."""
    owned = [(n, altered(d, customer_id=created[n].id)) for n, _, d in addresses]
    twins = book.twins([draft for _, draft in owned])
    new = [one for one, twin in zip(owned, twins, strict=True) if twin is None]
    stored = book.add_many([draft for _, draft in new])
    placed: dict[int, list[Address]] = {}
    for (n, _), address in zip(new, stored, strict=True):
        placed.setdefault(n, []).append(address)
    return placed


def update(book: AddressBook, items: Sequence[Any]) -> list[Customer]:
    """Change customers, in order. Raises Invalid with all that is wrong with any."""
    problems: list[Problem] = []
    known = held(book, items)
    changed = dict(known)
    changes: dict[int, dict[str, Any]] = {}
    for n, item in enumerate(items):
        id = number(item)
        said, wrong = read_update(item, changed.get(id))
        if id not in known and not wrong_id(wrong):
            wrong.append(Problem("id", "invalid customer ID"))
        problems += at(n, wrong)
        if id in known:
            changed[id] = replace(changed[id], **said)
            changes[id] = {**changes.get(id, {}), **said}
    renamed = [changed[id] for id, said in changes.items() if "email" in said]
    problems += in_use("update", taken_by_others(book, renamed, changed))
    require_none(problems)
    changing = [id for id in changes if changed[id] != known[id]]
    updated = book.update_customers([(known[id], changes[id]) for id in changing])
    current = known | {customer.id: customer for customer in updated}
    return [current[id] for id in changes]


def held(book: AddressBook, items: Sequence[Any]) -> dict[int, Customer]:
    """The customers whom the items name."""
    ids = sorted({number(item) for item in items})
    found = book.customers(Query(where=[Condition("id", Op.IN, ids)])).items
    return {customer.id: customer for customer in found}


def taken(book: AddressBook, drafts: Sequence[CustomerDraft]) -> list[str]:
    """The e-mails of new customers that someone has, or an earlier one of them.

    Nobody else can take an e-mail any more until the book is left.
    """
    holders = book.with_email([draft.email for draft in drafts])
    found = []
    earlier = set()
    for draft in drafts:
        key = email_key(draft.email)
        if draft.email and (holders[draft.email] or key in earlier):
            found.append(draft.email)
        earlier.add(key)
    return found


def taken_by_others(
    book: AddressBook,
    renamed: Sequence[Customer],
    changed: Mapping[int, Customer],
) -> list[str]:
    """The new e-mails of customers that someone else has, as the call leaves them.

    So one can take what another of the call gives up.
    """
    holders = book.with_email([customer.email for customer in renamed])
    found = []
    for customer in renamed:
        key = email_key(customer.email)
        others = [id for id in holders[customer.email] if id not in changed]
        others += [
            other.id
            for other in changed.values()
            if other.id != customer.id and email_key(other.email) == key
        ]
        if others:
            found.append(customer.email)
    return found


def in_use(verb: str, emails: Sequence[str]) -> list[Problem]:
    """The problem of e-mails, as it was recorded: one of the whole call."""
    if not emails:
        return []
    told = ", ".join(f"email {email} already in use" for email in emails)
    text = f"Error {DOING[verb]} customers: {told}"
    return [Problem("", text, params={"key": f".customer_{verb}"})]
