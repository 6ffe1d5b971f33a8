"""What is read from a platform, and what is compared and converted on the way."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from core import (
    Address,
    City,
    Country,
    Customer,
    CustomerDraft,
    Draft,
    Ref,
    Region,
    email_key,
)

Wire = Mapping[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST = 200
"""How much of a text is compared: platforms cut off long ones."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoteCustomer:
    """A customer as a platform shows one; `raw` is what it sent.

    An instant that it does not tell is None.
    """

    ref: Ref
    customer: CustomerDraft
    created_at: datetime | None = None
    updated_at: datetime | None = None
    raw: Wire = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class RemoteAddress:
    """An address as a platform shows it; `raw` is what it sent.

    The draft's places have what the platform tells of them: its own number, a code, a
    name. For a book they are named by `by_words`.
    """

    ref: Ref
    customer_ref: Ref
    draft: Draft
    created_at: datetime | None = None
    updated_at: datetime | None = None
    raw: Wire = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of a write: whom or what it made or changed, or the `problem`.

    The problem is in the platform's own words, or, with status 0, says why it was not
    asked. What `is_duplicate` was there already, under the `ref` if that is known.
    """

    ref: Ref | None = None
    problem: str = ""
    status: int = 0
    is_duplicate: bool = False


def root_url(base_url: str, root: str) -> str:
    """The URL of an API's root, which may be missing at the end. Raises ValueError."""
    url = urlsplit(base_url)
    if url.scheme not in ("http", "https") or not url.hostname or url.query:
        raise ValueError(f"{base_url!r} is no URL of a platform, such as https://host")
    if url.username or url.password:
        raise ValueError("the URL of a platform holds no credentials")
    path = url.path.rstrip("/")
    return f"{url.scheme}://{url.netloc}{path.removesuffix(root)}{root}"


def instant(text: Any) -> datetime | None:
    """The instant that a platform writes; without an offset it is in UTC."""
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def is_since(changed_at: datetime | None, since: datetime | None) -> bool:
    """Whether something may have changed since an instant; seconds are told at most."""
    if since is None or changed_at is None:
        return True
    return changed_at >= since.replace(microsecond=0)


def as_address(draft: Draft) -> Address:
    """The draft as an address, for an encoder that wants one."""
    said = {one.name: getattr(draft, one.name) for one in fields(Draft)}
    made: dict[str, Any] = {"id": 0, "public_id": ""}
    return Address(**said, **made, created_at=EPOCH, updated_at=EPOCH)


def as_customer(draft: CustomerDraft) -> Customer:
    """The draft as a customer, for an encoder that wants one."""
    said = {one.name: getattr(draft, one.name) for one in fields(CustomerDraft)}
    made: dict[str, Any] = {"id": 0, "public_id": ""}
    return Customer(**said, **made, created_at=EPOCH, updated_at=EPOCH)


def by_words(draft: Draft) -> Draft:
    """The draft with its places named by codes and names alone, as any book takes them.

    A code names a region more surely than a name does.
    """
    country, region, city = draft.country, draft.region, draft.city
    region_text = (region.code or region.name) if region else ""
    return replace(
        draft,
        country=Country(code=country.code) if country and country.code else None,
        region=Region(name=region_text) if region_text else None,
        city=City(name=city.name) if city and city.name else None,
    )


def differing(wanted: Wire, shown: Wire) -> dict[str, Any]:
    """What is wanted otherwise than it is shown; nothing and "" are one."""
    return {
        name: value
        for name, value in wanted.items()
        if value != shown.get(name) and (value or shown.get(name))
    }


def essential(value: Any) -> str:
    """The letters and digits of a text, without what platforms change in it.

    Some trim, join lines, fold case, or cannot keep what lies beyond U+FFFF.
    """
    if isinstance(value, list | tuple):
        value = " ".join(map(str, value))
    text = unicodedata.normalize("NFKD", str(value or "")).casefold()
    return "".join(c for c in text if c.isalnum() and c <= "\uffff")[:LONGEST]


def essence_of_customer(customer: CustomerDraft) -> tuple[str, ...]:
    """What makes a customer the same one."""
    names = essential(customer.first_name), essential(customer.last_name)
    return (*names, email_key(customer.email))
