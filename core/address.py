"""The canonical address: what every dialect is translated to and from."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any, Literal, NewType, TypeVar

from core.places import City, Country, Region

PublicId = NewType("PublicId", str)
Ref = int | PublicId
"""Either name of a customer or an address: its number, or its public id."""

Naming = Literal["id", "public_id"]
"""Which of its two names a reference is."""

Changes = Mapping[str, Any]
"""Names of Draft fields to new values; what is absent stays as it is."""


class Kind(StrEnum):
    """What sort of building an address is."""

    RESIDENTIAL = "residential"
    COMMERCIAL = "commercial"


TEXTS = (
    "first_name",
    "middle_name",
    "last_name",
    "prefix",
    "suffix",
    "company",
    "postal_code",
    "phone",
    "fax",
    "tax_id",
    "national_id",
    "note",
)
"""The fields that are plain text; empty text is "" and never None."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An address that nobody stored yet.

    `street` is a tuple of lines without empty ones at its end. `extras` holds one
    sub-mapping a dialect, opaque to everyone else.
    """

    customer_id: int = 0
    first_name: str = ""
    middle_name: str = ""
    last_name: str = ""
    prefix: str = ""
    suffix: str = ""
    company: str = ""
    street: tuple[str, ...] = ()
    city: City | None = None
    region: Region | None = None
    country: Country | None = None
    postal_code: str = ""
    phone: str = ""
    fax: str = ""
    tax_id: str = ""
    national_id: str = ""
    note: str = ""
    kind: Kind | None = None
    default_billing: bool = False
    default_shipping: bool = False
    extras: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        street = self.street
        if street and not street[-1]:
            while street and not street[-1]:
                street = street[:-1]
            object.__setattr__(self, "street", street)


@dataclass(frozen=True, kw_only=True)
class Address(Draft):
    """A draft that the store has accepted: it has names, and a history in UTC."""

    id: int
    public_id: str
    created_at: datetime
    updated_at: datetime


D = TypeVar("D", bound=Draft)


def sound(kind: type[D], values: dict[str, Any]) -> D:
    """A draft or an address of sound values for all of its fields.

    `__init__` takes ten times as long, as that of a frozen class has to.
    """
    made = kind.__new__(kind)
    object.__setattr__(made, "__dict__", values)
    return made


def altered(draft: D, **changes: Any) -> D:
    """The draft with these changes: `dataclasses.replace` in a fifth of its time."""
    return changed(type(draft), vars(draft), changes)


def drafted(changes: Changes) -> Draft:
    """The draft that says this: `Draft(**changes)` in a third of its time."""
    return changed(Draft, BLANK, changes)


def changed(kind: type[D], said: Changes, changes: Changes) -> D:
    """What says this, but for the changes."""
    values = {**said, **changes}
    if len(values) != len(said):
        unknown = sorted(values.keys() - said.keys())
        raise TypeError(f"no such fields: {', '.join(unknown)}")
    made = sound(kind, values)
    if "street" in changes:
        made.__post_init__()
    return made


# Filled one by one, a dict is as small as can be, and then it is copied in one piece.
BLANK: Changes = dict(vars(Draft()).items())
"""What a draft says of which nothing is said."""


def naming(ref: Ref) -> Naming:
    """Which name of a thing the reference is."""
    return "id" if isinstance(ref, int) else "public_id"


texts_of: Callable[["Draft"], tuple[str, ...]] = attrgetter(*TEXTS)
"""The plain texts of an address, in the order of their names."""


def unstorable(draft: Draft) -> list[str]:
    """The fields whose text no database keeps: U+0000, and halves of a character."""
    texts = (
        *texts_of(draft),
        "".join(draft.street),
        draft.city.name if draft.city else "",
        draft.region.name + draft.region.code if draft.region else "",
    )
    if is_storable("".join(texts)):
        return []
    names = (*TEXTS, "street", "city", "region")
    return [n for n, text in zip(names, texts, strict=True) if not is_storable(text)]


def is_storable(text: str) -> bool:
    """Whether a database keeps the text as it is."""
    if "\0" in text:
        return False
    return text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text)


def identity(draft: Draft) -> tuple[str, ...]:
    """What makes an address the same address to its customer; its places are whole.

    The fields are those of BigCommerce V3, "Create a Customer Address", Notes; an
    address without a kind equals a residential one.
    """
    return identity_in(draft, draft.city, draft.region, draft.country)


def identity_in(
    draft: Draft, city: City | None, region: Region | None, country: Country | None
) -> tuple[str, ...]:
    """The identity of an address that is in these places, which are whole."""
    return (
        draft.first_name,
        draft.last_name,
        draft.company,
        draft.phone,
        draft.kind or Kind.RESIDENTIAL,
        city.name if city else "",
        region.name if region else "",
        country.code if country else "",
        draft.postal_code,
        *draft.street,
    )


def fingerprint(draft: Draft) -> int:
    """A 64-bit digest of the identity, to look for it by."""
    return fingerprint_of(identity(draft))


def fingerprint_of(identity: tuple[str, ...]) -> int:
    """The same, of an identity."""
    # That half a character cannot be stored is for others to say.
    text = "\0".join(identity).encode("utf-8", "surrogatepass")
    digest = hashlib.blake2b(text, digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
