"""Another secret key: what the older one has encrypted is encrypted with the newer.

Some rows at a time, each time in a transaction of its own: writers wait little, and
what is broken off is taken up by doing it again. Meanwhile both keys read everything.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy import Column, bindparam, select, update

from core.ciphers import Cipher, WrongSecretKey
from core.connection import Connection, Statement
from core.tables import keys, request_tokens

Open = Callable[[], AbstractContextManager[Connection]]
AT_ONCE = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Rotated:
    """How many secrets were encrypted anew, and how many had been already.

    `unreadable` are the numbers of the keys whose secret another key has encrypted.
    """

    renewed: int
    kept: int
    unreadable: tuple[int, ...]


class Secrets:
    """The secrets of one table; `first` comes before the identity of each row."""

    def __init__(self, id: Column[int] | Column[str], first: int | str) -> None:
        self.first = first
        secret = id.table.c.secret
        self.page = Statement(
            select(id, secret)
            .where(id > bindparam("after"), secret != "")
            .order_by(id)
            .limit(AT_ONCE)
        )
        # Not if it was changed meanwhile; who changes it has the newer key.
        self.renew = Statement(
            update(id.table)
            .where(id == bindparam("of"), secret == bindparam("was"))
            .values(secret=bindparam("now"))
        )


ALL = (Secrets(keys.c.id, 0), Secrets(request_tokens.c.digest, ""))


def rotate(open: Open, cipher: Cipher, *, writes: bool = True) -> Rotated:
    """Encrypt what an older key has encrypted; or only look, and count as if.

    `open` opens units of work. Raises NoSecretKey.
    """
    renewed = kept = 0
    unreadable: list[int] = []
    for secrets in ALL:
        for connection, id, stored in rows(open, secrets):
            try:
                now = cipher.renewed(stored)
            except WrongSecretKey:
                # A request token ends by itself.
                unreadable += [id] if isinstance(id, int) else []
                continue
            if now == stored:
                kept += 1
                continue
            renewed += 1
            if writes:
                connection.run(secrets.renew, of=id, was=stored, now=now)
    return Rotated(renewed=renewed, kept=kept, unreadable=tuple(unreadable))


def rows(open: Open, secrets: Secrets) -> Iterator[tuple[Connection, int | str, str]]:
    """Every row, in the unit of work that it was found in."""
    after: int | str | None = secrets.first
    while after is not None:
        with open() as connection:
            page = connection.all(secrets.page, after=after)
            for id, stored in page:
                yield connection, id, stored
            after = page[-1][0] if page else None
