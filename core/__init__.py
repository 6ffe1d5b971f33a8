"""Addresses and their rules. Dialects import from here and nowhere deeper."""

from core.address import Address, Changes, Draft, Kind, PublicId, Ref
from core.batch import Batch
from core.book import AddressBook
from core.bulk import Bulk
from core.bulk_numbers import Added
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
from core.extract import Extract
from core.gazetteer import Listed
from core.handshakes import Handshake, Handshakes
from core.keys import Key, Keyring
from core.nonces import Use
from core.place_import import PlaceRow
from core.places import City, Country, Region, countries_by_code, fold
from core.query import Condition, Op, Page, Query, contained
from core.records import RECORD_FIELDS, Place, Record, Written
from core.shop import Customer, CustomerDraft, Gender, Shop, email_key
from core.store import Store, retrying

__all__ = [
    "RECORD_FIELDS",
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
    "contained",
    "countries_by_code",
    "email_key",
    "fold",
    "retrying",
]
