"""Credentials: found by a digest, their secrets kept encrypted.

A token has at least 128 random bits, so a plain SHA-256 digest neither leaks it nor can
be searched. A secret that OAuth 1.0a signs with must be readable again (RFC 5849, 3.4),
so it is encrypted (`ciphers.py`). A password can be guessed, so what is stored of it is
slow to compute (`passwords.py`).
"""

import hashlib
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime

from core.address import is_storable
from core.ciphers import Cipher
from core.connection import Connection, Row
from core.errors import Invalid, Problem
from core.instants import from_microseconds, to_microseconds
from core.key_statements import (
    ADD,
    ALL,
    COLUMNS,
    FIND,
    FIND_USER,
    GET,
    REMOVE,
    REMOVE_OLDEST,
    SECRET,
    SHOP_HASH,
)
from core.passwords import NOBODYS, hashed, is_hashed, is_password
from core.shop import Shop
from core.shops import SHOP_COLUMNS, shop_from_row


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """A credential for one dialect of one shop; `scope` is the dialect's own word.

    With a `customer_id`, which is the dialect's number, it opens that customer's
    addresses and no others. `hint` is its beginning, at most a quarter, to tell keys
    apart. A demo key is for loopback only. With a `username` it is a user, who may sign
    in; a sign-in makes a key that has the user's number as its `user_id` and is revoked
    with the user. With a `consumer_id` it is good in the hands of that application,
    whose own key that is, and is revoked with it.
    """

    id: int
    dialect: str
    shop: Shop
    hint: str
    label: str
    scope: str
    customer_id: int | None
    is_active: bool
    is_demo: bool
    created_at: datetime
    secret: str = field(default="", repr=False)
    username: str = ""
    user_id: int | None = None
    consumer_id: int | None = None


@dataclass(frozen=True, slots=True)
class User:
    """Who may sign in, and what is stored of the password."""

    key: Key
    password: str = field(repr=False)


class Keyring:
    """The keys of every shop."""

    def __init__(
        self, connection: Connection, *, cipher: Cipher, now: datetime
    ) -> None:
        self._connection = connection
        self._cipher = cipher
        self._now = now

    def find(self, dialect: str, digest: str) -> Key | None:
        """The key whose token has this digest, whether it is active or not.

        Raises NoSecretKey if it has a secret that cannot be read.
        """
        row = self._connection.one(FIND, dialect=dialect, digest=digest)
        return self._key(row, self._cipher.decrypt(row[SECRET])) if row else None

    def id_of(self, dialect: str, token: str) -> int | None:
        """The number of the key with this token; none for no token. Raises Invalid."""
        if not token:
            return None
        key = self.find(dialect, digest(token))
        if key is None:
            raise Invalid([Problem("token", "unknown")])
        return key.id

    def get(self, id: int) -> Key | None:
        """The key with this number, without its secret."""
        row = self._connection.one(GET, id=id)
        return self._key(row) if row else None

    def all(self, shop: str | None = None) -> list[Key]:
        """The keys of one shop, by its hash, or of all; without their secrets."""
        rows = self._connection.all(ALL)
        return [self._key(row) for row in rows if shop in (None, row[SHOP_HASH])]

    def add(
        self,
        dialect: str,
        shop: Shop,
        *,
        scope: str,
        token: str = "",
        label: str = "",
        customer_id: int | None = None,
        secret: str = "",
        username: str = "",
        password: str = "",
        user_id: int | None = None,
        consumer_id: int | None = None,
        is_active: bool = True,
        is_demo: bool = False,
    ) -> str:
        """Store a key, made here unless given, and give its token back: this once.

        The password is as `hashed` gives it. Raises Invalid: "taken" when another key
        of the dialect has the token or username, "plain" for another password.
        """
        token = token or secrets.token_hex(20)
        if self._connection.one(FIND, dialect=dialect, digest=digest(token)):
            raise Invalid([Problem("token", "taken")])
        if username and self._user(dialect, username):
            raise Invalid([Problem("username", "taken")])
        if password and not is_hashed(password):
            raise Invalid([Problem("password", "plain")])
        self._connection.run(
            ADD,
            to_shop_id=shop.id,
            to_dialect=dialect,
            to_digest=digest(token),
            to_hint=token[: min(6, len(token) // 4)],
            to_label=label,
            to_scope=scope,
            to_customer_id=customer_id,
            to_secret=self._cipher.encrypt(secret),
            to_username=username or None,
            to_password=password,
            to_user_id=user_id,
            to_consumer_id=consumer_id,
            to_is_active=int(is_active),
            to_is_demo=int(is_demo),
            to_created_at=to_microseconds(self._now),
        )
        return token

    def revoke(self, id: int) -> bool:
        """Forget a key; false if there is none with this id."""
        return 0 < id < 2**31 and self._connection.run(REMOVE, id=id) > 0

    @staticmethod
    def hashed(password: str) -> str:
        """What is stored of a password: never twice the same."""
        return hashed(password)

    @staticmethod
    def user(keys: "Keys", dialect: str, username: str, password: str) -> Key | None:
        """The active user with this name and password, if there is one.

        `keys` opens units of work. The password is checked outside of them: it takes
        long, and a unit keeps other writers waiting. An unknown name takes as long as a
        wrong password.
        """
        user = Keyring._known_user(keys, dialect, username, password)
        return user.key if user else None

    @staticmethod
    def sign_in(keys: "Keys", dialect: str, username: str, password: str) -> str | None:
        """A new token for the active user with this name and password, if any.

        The password is checked as by `user`.
        """
        user = Keyring._known_user(keys, dialect, username, password)
        if user is None:
            return None
        with keys() as keyring:
            return keyring._signed_in(user)

    @staticmethod
    def _known_user(
        keys: "Keys", dialect: str, username: str, password: str
    ) -> "User | None":
        with keys() as keyring:
            user = keyring._user(dialect, username)
        stored = (user and user.password) or NOBODYS
        is_known = is_password(password, stored)
        return user if user and is_known and user.key.is_active else None

    def _signed_in(self, user: "User") -> str | None:
        """A token for a user who is still as known, in place of the oldest of many."""
        key = user.key
        known = self._user(key.dialect, key.username)
        if known is None or (known.key.id, known.password) != (key.id, user.password):
            return None
        token = self.add(
            key.dialect,
            key.shop,
            scope=key.scope,
            label=key.label,
            customer_id=key.customer_id,
            user_id=key.id,
            is_active=key.is_active,
            is_demo=key.is_demo,
        )
        self._connection.run(REMOVE_OLDEST, user_id=key.id)
        return token

    def _user(self, dialect: str, username: str) -> "User | None":
        if not is_storable(username):
            return None
        row = self._connection.one(FIND_USER, dialect=dialect, username=username)
        return User(self._key(row), row[-1]) if row else None

    def _key(self, row: Row, secret: str = "") -> Key:
        of_shop, mine = row[: len(SHOP_COLUMNS)], row[len(SHOP_COLUMNS) : len(COLUMNS)]
        (id, dialect, hint, label, scope, customer, _, *rest) = mine
        (active, demo, made, username, user_id, consumer_id) = rest
        return Key(
            id=id,
            dialect=dialect,
            shop=shop_from_row(of_shop),
            hint=hint,
            label=label,
            scope=scope,
            customer_id=customer,
            is_active=bool(active),
            is_demo=bool(demo),
            created_at=from_microseconds(made),
            secret=secret,
            username=username or "",
            user_id=user_id,
            consumer_id=consumer_id,
        )


Keys = Callable[[], AbstractContextManager[Keyring]]
"""What opens units of work on the keys: a store's `keys`."""


def digest(token: str) -> str:
    """What is stored of a token, to find its key by."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
