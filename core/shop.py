"""The tenant, and the people whose addresses it keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any


class Gender(StrEnum):
    """How a customer is addressed."""

    MALE = "male"
    FEMALE = "female"


CUSTOMER_TEXTS = (
    "first_name",
    "middle_name",
    "last_name",
    "prefix",
    "suffix",
    "email",
    "phone",
    "company",
    "note",
    "tax_id",
    "national_id",
)
"""The fields of a customer that are plain text; empty text is "" and never None."""


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
    """A customer whom nobody stored yet.

    `extras` holds one sub-mapping a dialect, opaque to everyone else.
    """

    first_name: str = ""
    middle_name: str = ""
    last_name: str = ""
    prefix: str = ""
    suffix: str = ""
    email: str = ""
    phone: str = ""
    company: str = ""
    note: str = ""
    tax_id: str = ""
    national_id: str = ""
    birth_date: date | None = None
    gender: Gender | None = None
    is_active: bool = True
    extras: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Customer(CustomerDraft):
    """A person with addresses; at most one of them is the default for each role."""

    id: int
    public_id: str
    default_billing_id: int | None = None
    default_shipping_id: int | None = None
    created_at: datetime
    updated_at: datetime


def email_key(email: str) -> str:
    """The e-mail as customers are looked for by it: without case.

    Of a long text it is a digest, as PostgreSQL's indexes hold 2704 bytes.
    """
    key = email.lower()
    return key if len(key) <= 500 else sha256(key.encode()).hexdigest()
