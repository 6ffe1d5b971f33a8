"""Addresses and their rules. Dialects import from here and nowhere deeper."""

from core.address import Address, Changes, Draft, Kind, PublicId, Ref
from core.book import AddressBook
from core.errors import (
    AddressError,
    Busy,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    Unauthenticated,
)
from core.gazetteer import Listed
from core.keys import Key, Keyring, NoSecretKey
from core.place_import import PlaceRow
from core.places import City, Country, Region, fold
from core.query import Condition, Op, Page, Query, contained
from core.shop import Customer, CustomerDraft, Shop
from core.store import Store, retrying

__all__ = [
    "Address",
    "AddressBook",
    "AddressError",
    "Busy",
    "Changes",
    "City",
    "Condition",
    "Country",
    "Customer",
    "CustomerDraft",
    "Draft",
    "Forbidden",
    "Invalid",
    "Key",
    "Keyring",
    "Kind",
    "Listed",
    "NoSecretKey",
    "NotFound",
    "Op",
    "Page",
    "PlaceRow",
    "Problem",
    "PublicId",
    "Query",
    "Ref",
    "Region",
    "Shop",
    "Store",
    "Unauthenticated",
    "contained",
    "fold",
    "retrying",
]
