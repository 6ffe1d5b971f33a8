"""The tenant, and the people whose addresses it keeps."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Shop:
    """A tenant: every customer, address, place number and key belongs to one.

    `hash` is its public name. `renamed` are the dialects that call something in this
    shop by an id of their own, `closed` those that know no place but the ones named.
    """

    id: int
    hash: str
    name: str
    renamed: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerDraft:
    """A customer whom nobody stored yet."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Customer(CustomerDraft):
    """A person with addresses; at most one of them is the default for each role."""

    id: int
    public_id: str
    default_billing_id: int | None = None
    default_shipping_id: int | None = None
    created_at: datetime
    updated_at: datetime
