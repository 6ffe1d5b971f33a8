"""What a dialect is made of, and what every dialect's views need."""

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from flask import Blueprint, Response, current_app, g, request

from core import (
    Address,
    AddressBook,
    Changes,
    Customer,
    Key,
    NotFound,
    PlaceRow,
    Ref,
    Store,
)
from dialects.limits import Limits

Wire = Mapping[str, Any]
"""A decoded body of a request, or of a response before it is encoded."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""The methods that change nothing (RFC 9110, 9.2.1), of those that are served."""


class Operation(Enum):
    """What a dialect can do with an address."""

    ADD = "add"
    GET = "get"
    FIND = "find"
    UPDATE = "update"
    REMOVE = "remove"


@dataclass(frozen=True, kw_only=True, slots=True)
class Quirk:
    """A point on which documentation and platform differ, or neither says anything.

    The operator chooses: `documented` by default, `observed`, or a value of the same
    type, by the gateway's settings.
    """

    source: str
    documented: Any
    observed: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Credential:
    """A key as a client holds it: what opens a shop, and what it may do there.

    The password of who signs in with a `username` is as `Keyring.hashed` gives it.
    """

    token: str
    scope: str
    secret: str = ""
    username: str = ""
    password: str = ""
    label: str = ""
    customer_id: int | None = None
    is_active: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Fixtures:
    """What a recorded server held before every exchange.

    `places` are all that it knew; None stands for those that every shop knows.
    `next_ids` are, for "customer" and "address", the numbers that new ones got.
    """

    customers: Sequence[Customer] = ()
    addresses: Sequence[Address] = ()
    places: Sequence[PlaceRow] | None = None
    keys: Sequence[Credential] = ()
    next_ids: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """One documented API, told as the parts that the gateway and the suite need.

    `root` is the URL space that it answers for. `decode` says what a request's body
    says about a new (None) or a known address, `encode` how an address looks in a
    response, `fail` answers any exception. `losses` are the canonical fields that do
    not survive, each with the reason. `scopes` are the words a key of it can have,
    the first for a key that may do the most.
    `example` is a request to try it with: a method and a path below the root.
    `fixtures` reads what a file says that the server of a recording held.
    `open_routes` are the endpoints that are documented to need no credential.
    """

    name: str
    title: str
    root: str
    blueprint: Blueprint
    decode: Callable[[Wire, Address | None], Changes]
    encode: Callable[[Address], Wire]
    fail: Callable[[Exception], Response]
    authorization: Callable[[str], Mapping[str, str]]
    scopes: tuple[str, ...]
    operations: frozenset[Operation] = frozenset(Operation)
    batch_limit: int | None = 1
    losses: Mapping[str, str] = field(default_factory=dict)
    quirks: Mapping[str, Quirk] = field(default_factory=dict)
    example: str = ""
    fixtures: Callable[[Mapping[str, Any]], Fixtures] | None = None
    open_routes: frozenset[str] = frozenset()


def open_book(
    within: Ref | None = None, *, writes: bool | None = None
) -> AbstractContextManager[AddressBook]:
    """The unit of work of this request: the dialect's, in the shop of the caller's key.

    It holds one customer's addresses if the path or the key says so, and can write if
    the method may, unless told otherwise.
    """
    key = current_key()
    if key.customer_id is not None:
        if within not in (None, key.customer_id):
            raise NotFound("customer", within)
        within = key.customer_id
    if writes is None:
        writes = request.method not in SAFE
    return current_store().book(
        key.dialect, shop=key.shop, within=within, writes=writes
    )


def quirk(dialect: str, name: str) -> Any:
    """What the operator chose for a quirk of the dialect."""
    chosen: Mapping[str, Mapping[str, Any]] = current_app.extensions["quirks"]
    return chosen[dialect][name]


def current_limits() -> Limits:
    """What counts requests, for all workers."""
    limits: Limits = current_app.extensions["limits"]
    return limits


def current_store() -> Store:
    """The store that the app was made with."""
    store: Store = current_app.extensions["store"]
    return store


def current_key() -> Key:
    """The key that this request was authenticated with."""
    key: Key = g.key
    return key


def find_key(dialect: str, token: str) -> Key | None:
    """The dialect's key with this token.

    A demo key, which everyone knows, is no key to a caller from another machine.
    """
    key = current_store().key(dialect, token)
    if key is not None and key.is_demo and not is_loopback(request.remote_addr):
        return None
    return key


def is_loopback(address: str | None) -> bool:
    """Whether the caller is on this machine; a test client has no address."""
    if not address:
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
