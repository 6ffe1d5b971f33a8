"""What the store holds, as an end of a migration shows it."""

from dataclasses import fields
from typing import Any

from core import Address, Customer, CustomerDraft, Draft, PublicId, Ref
from dialects.remote import RemoteAddress, RemoteCustomer

ADDRESS = tuple(one.name for one in fields(Draft))
CUSTOMER = tuple(one.name for one in fields(CustomerDraft))


def told_of(problem: Any) -> str:
    """A problem in words."""
    value = problem.params.get("value")
    return f"{problem.path} is {problem.code}" + (f": {value}" if value else "")


def shown_customer(stored: Customer) -> RemoteCustomer:
    """The customer as an end shows one."""
    return RemoteCustomer(
        ref=PublicId(stored.public_id),
        customer=CustomerDraft(**{n: getattr(stored, n) for n in CUSTOMER}),
        created_at=stored.created_at,
        updated_at=stored.updated_at,
    )


def shown_address(stored: Address, owner: Ref) -> RemoteAddress:
    """The address as an end shows one."""
    return RemoteAddress(
        ref=PublicId(stored.public_id),
        customer_ref=owner,
        draft=Draft(**{n: getattr(stored, n) for n in ADDRESS}),
        created_at=stored.created_at,
        updated_at=stored.updated_at,
    )
