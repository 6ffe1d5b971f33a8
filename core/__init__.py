"""Addresses and their rules. Dialects import from here and nowhere deeper."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from core.address import (
    Address,
    Changes,
    Draft,
    Kind,
    PublicId,
    Ref,
    altered,
    drafted,
)
from core.book import AddressBook
from core.ciphers import NoSecretKey, WrongSecretKey
from core.errors import (
    AddressError,
    Busy,
    Forbidden,
    Invalid,
    NotFound,
    OutcomeUnknown,
    Problem,
    Unauthenticated,
)
from core.gazetteer import Listed
from core.handshakes import Handshake, Handshakes
from core.keys import Key, Keyring
from core.nonces import Use
from core.places import City, Country, Region, countries_by_code, fold
from core.query import Condition, Op, Page, Query, contained
from core.rows import WHOLE, Fields
from core.shop import Customer, CustomerDraft, Gender, Shop, email_key
from core.store import Store, retrying

if TYPE_CHECKING:
    from core.batch import Batch
    from core.bulk import Bulk
    from core.bulk_numbers import Added
    from core.extract import Extract
    from core.place_import import PlaceRow
    from core.records import RECORD_FIELDS, Place, Record, Written
else:
    LATER = {
        "Added": "core.bulk_numbers",
        "Batch": "core.batch",
        "Bulk": "core.bulk",
        "Extract": "core.extract",
        "Place": "core.records",
        "PlaceRow": "core.place_import",
        "RECORD_FIELDS": "core.records",
        "Record": "core.records",
        "Written": "core.records",
    }

    def __getattr__(name: str) -> Any:
        """What no server needs, imported when it is asked for (PEP 562)."""
        if name not in LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(LATER[name]), name)


__all__ = [
    "RECORD_FIELDS",
    "WHOLE",
    "Added",
    "Address",
    "AddressBook",
    "AddressError",
    "Batch",
    "Bulk",
    "Busy",
    "Changes",
    "City",
    "Condition",
    "Country",
    "Customer",
    "CustomerDraft",
    "Draft",
    "Extract",
    "Fields",
    "Forbidden",
    "Gender",
    "Handshake",
    "Handshakes",
    "Invalid",
    "Key",
    "Keyring",
    "Kind",
    "Listed",
    "NoSecretKey",
    "NotFound",
    "Op",
    "OutcomeUnknown",
    "Page",
    "Place",
    "PlaceRow",
    "Problem",
    "PublicId",
    "Query",
    "Record",
    "Ref",
    "Region",
    "Shop",
    "Store",
    "Unauthenticated",
    "Use",
    "Written",
    "WrongSecretKey",
    "altered",
    "contained",
    "countries_by_code",
    "drafted",
    "email_key",
    "fold",
    "retrying",
]
