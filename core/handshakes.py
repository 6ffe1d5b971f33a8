"""Handshakes: how an application gets an access token from a user (RFC 5849, 2).

It starts with a request token, which a user allows or refuses, and exchanges it. What
is stored of a token, a ticket or a verifier is its digest.
"""

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert, or_, select, update

from core.ciphers import Cipher
from core.connection import Connection, Statement
from core.instants import to_microseconds
from core.keys import Key, Keyring, digest
from core.tables import keys as k
from core.tables import request_tokens as r

LASTS = timedelta(hours=24)
"""How long an application has from its request token to its access token."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Handshake:
    """A request token's: which application asks, and who is allowing it.

    A `user` who is signed in decides with a ticket. `verifier` is a digest, and empty
    until the user has allowed it.
    """

    token: str = field(repr=False)
    secret: str = field(repr=False)
    consumer: Key
    callback: str
    user: Key | None
    verifier: str = field(repr=False)

    def is_verified_by(self, verifier: str) -> bool:
        """Whether the user has allowed it and was given this verifier."""
        return bool(self.verifier) and hmac.compare_digest(
            self.verifier, digest(verifier)
        )


class Handshakes:
    """The handshakes of every shop; whatever is made here is 32 hex digits."""

    def __init__(
        self, connection: Connection, *, cipher: Cipher, now: datetime
    ) -> None:
        self._connection = connection
        self._cipher = cipher
        self._since = to_microseconds(now - LASTS)
        self._now = to_microseconds(now)
        self._keyring = Keyring(connection, cipher=cipher, now=now)

    def start(self, consumer: Key, callback: str) -> tuple[str, str]:
        """A request token for an application, and its secret."""
        token, secret = secrets.token_hex(16), secrets.token_hex(16)
        self._connection.run(FORGET_OLD, since=self._since)
        self._connection.run(
            ADD,
            to_digest=digest(token),
            to_consumer_id=consumer.id,
            to_secret=self._cipher.encrypt(secret),
            to_callback=callback,
            to_created_at=self._now,
        )
        return token, secret

    def find(self, dialect: str, token: str) -> Handshake | None:
        """The handshake with this request token, if it has not ended."""
        row = self._connection.one(FIND, digest=digest(token), since=self._since)
        if row is None:
            return None
        consumer_id, user_id, secret, callback, verifier = row
        consumer = self._keyring.get(consumer_id)
        if consumer is None or consumer.dialect != dialect or not consumer.is_active:
            return None
        return Handshake(
            token=token,
            secret=self._cipher.decrypt(secret),
            consumer=consumer,
            callback=callback,
            user=None if user_id is None else self._keyring.get(user_id),
            verifier=verifier,
        )

    def sign_in(self, handshake: Handshake, user: Key) -> str:
        """A ticket, with which this user may allow the handshake; no older one may."""
        ticket = secrets.token_hex(16)
        self._connection.run(
            SIGN_IN,
            digest=digest(handshake.token),
            to_ticket=digest(ticket),
            to_user_id=user.id,
        )
        return ticket

    def allow(self, handshake: Handshake, ticket: str) -> str | None:
        """A verifier for who has the ticket, which is good for this once."""
        verifier = secrets.token_hex(16)
        is_allowed = self._connection.run(
            ALLOW,
            digest=digest(handshake.token),
            ticket=digest(ticket),
            to_verifier=digest(verifier),
        )
        return verifier if is_allowed else None

    def end(self, handshake: Handshake) -> bool:
        """Forget the request token; false if it has been forgotten already."""
        return self._connection.run(REMOVE, digest=digest(handshake.token)) > 0

    def exchange(self, handshake: Handshake) -> tuple[str, str] | None:
        """An access token and its secret for what a user allowed, once.

        The application's older access tokens for the same user are revoked.
        """
        user, consumer = handshake.user, handshake.consumer
        if user is None or not user.is_active or not self.end(handshake):
            return None
        self._connection.run(
            REMOVE_OLDER,
            consumer=consumer.id,
            user=user.id,
            customer=user.customer_id,
        )
        secret = secrets.token_hex(16)
        token = self._keyring.add(
            consumer.dialect,
            consumer.shop,
            scope=user.scope,
            token=secrets.token_hex(16),
            secret=secret,
            label=consumer.label,
            customer_id=user.customer_id,
            user_id=user.id,
            consumer_id=consumer.id,
            is_demo=user.is_demo or consumer.is_demo,
        )
        return token, secret


THIS = r.c.digest == bindparam("digest")
ADD = Statement(
    lambda: insert(r).values(
        digest=bindparam("to_digest"),
        consumer_id=bindparam("to_consumer_id"),
        secret=bindparam("to_secret"),
        callback=bindparam("to_callback"),
        created_at=bindparam("to_created_at"),
    )
)
FIND = Statement(
    lambda: select(
        r.c.consumer_id, r.c.user_id, r.c.secret, r.c.callback, r.c.verifier
    ).where(THIS, r.c.created_at > bindparam("since"))
)
SIGN_IN = Statement(
    lambda: (
        update(r)
        .where(THIS, r.c.verifier == "")
        .values(ticket=bindparam("to_ticket"), user_id=bindparam("to_user_id"))
    )
)
ALLOW = Statement(
    lambda: (
        update(r)
        .where(THIS, r.c.verifier == "", r.c.ticket == bindparam("ticket"))
        .values(verifier=bindparam("to_verifier"))
    )
)
REMOVE = Statement(lambda: delete(r).where(THIS))
FORGET_OLD = Statement(lambda: delete(r).where(r.c.created_at <= bindparam("since")))
# A customer is one user, whoever signs in for them.
REMOVE_OLDER = Statement(
    lambda: delete(k).where(
        k.c.consumer_id == bindparam("consumer"),
        or_(
            k.c.user_id == bindparam("user"),
            k.c.customer_id == bindparam("customer"),
        ),
    )
)
