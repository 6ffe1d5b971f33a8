"""What a dialect is made of, and what every dialect's views need."""

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import Blueprint, Response
from werkzeug.utils import import_string

from core import (
    Address,
    AddressBook,
    Changes,
    Customer,
    Key,
    NotFound,
    Ref,
    Store,
)
from dialects.current import these_globals, this_app, this_request
from dialects.limits import Limits
from dialects.notes import note

if TYPE_CHECKING:
    from core import PlaceRow
    from dialects.checks import Checks
    from dialects.rehearsal import Rehearsal
    from dialects.remote import Remote

Wire = Mapping[str, Any]
"""A decoded body of a request, or of a response before it is encoded."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""The methods that change nothing (RFC 9110, 9.2.1), of those that are served."""


class Operation(Enum):
    """What a dialect can do with an address, or with a customer."""

    ADD = "add"
    GET = "get"
    FIND = "find"
    UPDATE = "update"
    REMOVE = "remove"


class Quirk(NamedTuple):
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

    Without a token it gets one made. The password of who signs in with a `username` is
    as `Keyring.hashed` gives it. `consumer` is the token of the application's own key
    that it is bound to, if any.
    """

    token: str = field(repr=False)
    scope: str
    secret: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    label: str = ""
    customer_id: int | None = None
    is_active: bool = True
    consumer: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fixtures:
    """What a recorded server held before every exchange.

    `places` are all that it knew; None stands for those that every shop knows.
    `next_ids` are, for "customer" and "address", the numbers that new ones got. `now`
    is where its clock stood still, if it did. `settings` are, for the names of how it
    was configured, the dialect's quirks that stand for it.
    """

    customers: Sequence[Customer] = ()
    addresses: Sequence[Address] = ()
    places: "Sequence[PlaceRow] | None" = None
    keys: Sequence[Credential] = ()
    next_ids: Mapping[str, int] = field(default_factory=dict)
    now: datetime | None = None
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class Unsigned(NamedTuple):
    """A recorded request that is to be signed anew, and the URL that it is sent to."""

    method: str
    url: str
    headers: Sequence[tuple[str, str]]
    body: bytes | None


Sign = Callable[[Mapping[str, Any], Mapping[str, Any], Unsigned], Mapping[str, str]]
"""The headers that sign a request: from what its recording says of its signature, and
the file of fixtures, which holds the secrets."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Dialect:
    """One documented API, told as the parts that the gateway and the suite need.

    `root` is the URL space that it answers for. `decode` says what a request's body
    says about a new (None) or a known address, `encode` how an address looks in a
    response, `fail` answers any exception. `losses` are the canonical fields that do
    not survive, each with the reason. `scopes` are the words a key of it can have,
    the first for a key that may do the most.
    `authorization` are the headers of a client with a key, and that of its application.
    `example` is a request to try it with: a method and a path below the root.
    `fixtures` reads what a file says that the server of a recording held; `sign` signs
    requests of a recording that holds no signatures.
    `open_routes` are the endpoints that are documented to need no credential.
    `others` are further URL spaces that it answers for, each with its blueprint.
    A token that is made has `token_bytes` random bytes, in hex. Where clients sign as
    an application for a user, `consumer_scope` is the scope of the applications' keys:
    then every key has a secret, and is an application's, bound to one, or a user's.
    `customer_operations` are what it can do with customers: none, or those for which it
    has `decode_customer` and `encode_customer`, and `customer_losses` of its own.
    `checks` gives what asks any server whether it speaks the API, and `rehearsal` what
    is for who tests a client. `customer_scope` is the scope of a key that is a
    customer's, and opens that customer's addresses only. `remote` makes a client of a
    platform, from its URL, a credential, and the application's if there is one.
    Who only serves calls none of these; `imported` keeps a server from loading them.
    """

    name: str
    title: str
    root: str
    blueprint: Blueprint
    decode: Callable[[Wire, Address | None], Changes]
    encode: Callable[[Address], Wire]
    fail: Callable[[Exception], Response]
    authorization: Callable[[Credential, Credential | None], Mapping[str, str]]
    scopes: tuple[str, ...]
    operations: frozenset[Operation] = frozenset(Operation)
    batch_limit: int | None = 1
    losses: Mapping[str, str] = field(default_factory=dict)
    quirks: Mapping[str, Quirk] = field(default_factory=dict)
    example: str = ""
    fixtures: Callable[[Mapping[str, Any]], Fixtures] | None = None
    sign: Sign | None = None
    open_routes: frozenset[str] = frozenset()
    others: Mapping[str, Blueprint] = field(default_factory=dict)
    token_bytes: int = 20
    consumer_scope: str = ""
    decode_customer: Callable[[Wire, Customer | None], Changes] | None = None
    encode_customer: Callable[[Customer], Wire] | None = None
    customer_operations: frozenset[Operation] = frozenset()
    customer_losses: Mapping[str, str] = field(default_factory=dict)
    checks: "Callable[[], Checks] | None" = None
    rehearsal: "Callable[[], Rehearsal] | None" = None
    customer_scope: str = ""
    remote: "Callable[..., Remote] | None" = None


def imported(target: str) -> Callable[..., Any]:
    """What "module:name" does, imported when it is first called.

    A client of a platform needs packages that no server should have to load.
    """

    def call(*arguments: Any, **options: Any) -> Any:
        return import_string(target)(*arguments, **options)

    return call


def open_book(
    within: Ref | None = None, *, writes: bool | None = None, large: bool = False
) -> AbstractContextManager[AddressBook]:
    """The unit of work of this request: the dialect's, in the shop of the caller's key.

    It holds one customer's addresses if the path or the key says so, and can write if
    the method may, unless told otherwise. What a `large` one reads is a shop's, and may
    come from a standby.
    """
    key = current_key()
    if key.customer_id is not None:
        if within not in (None, key.customer_id):
            raise NotFound("customer", within)
        within = key.customer_id
    if writes is None:
        writes = this_request().method not in SAFE
    return current_store().book(
        key.dialect, shop=key.shop, within=within, writes=writes, large=large
    )


def quirk(dialect: str, name: str) -> Any:
    """What the operator chose for a quirk of the dialect."""
    chosen: Mapping[str, Mapping[str, Any]] = this_app().extensions["quirks"]
    return chosen[dialect][name]


def current_limits() -> Limits:
    """What counts requests, for all workers."""
    limits: Limits = this_app().extensions["limits"]
    return limits


def current_store() -> Store:
    """The store that the app was made with."""
    store: Store = this_app().extensions["store"]
    return store


def current_key() -> Key:
    """The key that this request was authenticated with."""
    key: Key = these_globals().key
    return key


def find_key(dialect: str, token: str) -> Key | None:
    """The dialect's key with this token.

    A demo key, which everyone knows, is no key to a caller from another machine.
    """
    key = current_store().key(dialect, token)
    note("key", key)
    if key is not None and key.is_demo and not is_local():
        return None
    return key


FORWARDED = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_VIA")


def is_local() -> bool:
    """Whether the caller is on this machine, and is no proxy for another."""
    request = this_request()
    is_direct = request.environ.keys().isdisjoint(FORWARDED)
    return is_direct and is_loopback(request.remote_addr)


@lru_cache(maxsize=1024)
def is_loopback(address: str | None) -> bool:
    """Whether the caller is on this machine; a test client has no address."""
    if not address:
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def authorization(
    dialect: Dialect, key: Credential, keys: Sequence[Credential]
) -> Mapping[str, str]:
    """The headers of a client with the key, whose application's is among the keys."""
    consumer = next((one for one in keys if one.token == key.consumer), None)
    return dialect.authorization(key, consumer)
