"""The control side: shops to test clients on, and what happens to them.

    control = Control(store, dialects, app)
    shop = control.new_shop(seed=text)

It is for one process, which holds all that is known of the shops it made.
"""

import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from threading import Lock
from typing import Any

from flask import Flask

from core import Invalid, Store, Use
from dialects.base import Dialect
from dialects.limits import Limits, Slot, Taken
from dialects.notes import RECORDER
from gateway.control.errors import ControlError, NotHere, unknown
from gateway.control.faults import FaultError
from gateway.control.hints import VARIABLE, Hints
from gateway.control.journal import MOST_BYTES, MOST_ENTRIES, Journal
from gateway.control.recorder import Record, Recorder
from gateway.control.sandboxes import Inside, Sandbox
from gateway.seed import SeedError

__all__ = ["Control", "ControlError", "FaultError", "NotHere", "Sandbox", "SeedError"]

HASH = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
Quirks = Mapping[str, Mapping[str, Any]]


class Control:
    """Makes shops, finds them, and removes them.

    `origin` is where the app is served. A shop's journal keeps so many entries and
    bytes, and `strays` keeps the requests that were for none of the shops.
    """

    def __init__(
        self,
        store: Store,
        dialects: Sequence[Dialect],
        app: Flask,
        *,
        origin: str = "http://localhost",
        journal_entries: int = MOST_ENTRIES,
        journal_bytes: int = MOST_BYTES,
    ) -> None:
        self.store, self.app, self.origin = store, app, origin.rstrip("/")
        self.dialects = {dialect.name: dialect for dialect in dialects}
        self.journal_entries, self.journal_bytes = journal_entries, journal_bytes
        self.operations = [*operations(dialects)]
        self.strays = Journal(entries=journal_entries, max_bytes=journal_bytes)
        self.real_now: Callable[[], datetime] = store.now
        self._by_hash: dict[str, Sandbox] = {}
        self._by_number: dict[int, Sandbox] = {}
        self._lock = Lock()
        self._roots = {
            dialect.name: root for root, dialect in app.extensions["dialects"].items()
        }
        others = [root for one in dialects for root in one.others]
        self._paths = [
            re.compile(pattern)
            for root in (*self._roots.values(), *others)
            if (pattern := re.sub(r"<[^>]+>", "([^/]+)", root)) != root
        ]
        self._recorder = Recorder(
            app,
            sandbox_of=self._by_number.get,
            sandbox_at=self._sandbox_at,
            sandbox_with=self._sandbox_with,
            strays=self.strays,
            hints=Hints(app, self.origin),
        )
        self._install()

    def new_shop(
        self,
        *,
        hash: str = "",
        name: str = "",
        seed: str | bytes | Mapping[str, Any] | None = None,
        quirks: Quirks | None = None,
    ) -> Sandbox:
        """A shop with keys for every scope of every dialect, and what the seed says.

        Its hash is made unless given. `quirks` are set for this shop alone. Raises
        ControlError and SeedError.
        """
        hash = hash or secrets.token_hex(5)
        if not HASH.fullmatch(hash):
            raise ControlError(
                f"{hash!r} is no hash: letters, digits, - and _, 64 at most"
            )
        self._require_quirks(quirks or {})
        try:
            shop = self.store.add_shop(hash, name)
        except Invalid:
            raise ControlError(f"there is a shop {hash!r} already") from None
        try:
            base_urls = {
                dialect: self.origin + VARIABLE.sub(hash, root)
                for dialect, root in self._roots.items()
            }
            sandbox = Sandbox(self, shop, base_urls=base_urls, quirks=quirks or {})
            self._by_number[shop.id] = self._by_hash[hash] = sandbox
            if seed is not None:
                sandbox.seed(seed)
        except BaseException:
            self._forget(hash, shop.id)
            self.store.remove_shop(shop)
            raise
        return sandbox

    def shop(self, hash: str) -> Sandbox:
        """The shop that was made under the hash. Raises NotHere."""
        if hash not in self._by_hash:
            raise NotHere(unknown("shop", hash, self._by_hash))
        return self._by_hash[hash]

    def shops(self) -> list[Sandbox]:
        """The shops that were made here, oldest first."""
        return [*self._by_hash.values()]

    def delete_shop(self, hash: str) -> None:
        """Remove a shop with everything in it. Raises NotHere."""
        sandbox = self.shop(hash)
        self._forget(hash, sandbox.shop.id)
        self.store.remove_shop(sandbox.shop)

    def close(self) -> None:
        """Remove every shop, and leave store and app as they were."""
        for sandbox in self.shops():
            self.delete_shop(sandbox.hash)
        self._recorder.remove()
        for place, name, value in self._before:
            place[name] = value
        self.store.now, self.store.new_id, self.store.use_nonce = self._own

    def _install(self) -> None:
        extensions = self.app.extensions
        self._own = (self.store.now, self.store.new_id, self.store.use_nonce)
        self._before: list[tuple[dict[str, Any], str, Any]] = [
            (extensions, name, extensions[name]) for name in ("quirks", "limits")
        ]
        extensions["quirks"] = {
            name: Choices(name, values) for name, values in extensions["quirks"].items()
        }
        extensions["limits"] = OwnLimits(extensions["limits"])
        now, new_id, use_nonce = self._own

        def now_of() -> datetime:
            sandbox = current()
            return sandbox.clock() if sandbox else now()

        def id_of(prefix: str) -> str:
            sandbox = current()
            return sandbox.new_id(prefix) if sandbox else new_id(prefix)

        def nonce_of(nonce: str, timestamp: int) -> Use:
            sandbox = current()
            use = sandbox.nonces.use if sandbox else use_nonce
            return use(nonce, timestamp)

        self.store.now, self.store.new_id = now_of, id_of
        self.store.use_nonce = nonce_of
        self._recorder.install()

    def _sandbox_at(self, path: str) -> Sandbox | None:
        """The shop that the path names, if it names one that was made here."""
        for pattern in self._paths:
            found = pattern.match(path)
            if found:
                return self._by_hash.get(found[1])
        return None

    def _sandbox_with(self, token: str) -> Sandbox | None:
        """The shop that has a credential with the token, whatever it opens."""
        return next((one for one in self.shops() if one.has(token)), None)

    def _require_quirks(self, quirks: Quirks) -> None:
        for dialect, values in quirks.items():
            if dialect not in self.dialects:
                raise ControlError(unknown("dialect", dialect, self.dialects))
            known = self.dialects[dialect].quirks
            for name, value in values.items():
                if name not in known:
                    raise ControlError(unknown(f"quirk of {dialect}", name, known))
                wanted = type(known[name].documented)
                if type(value) is not wanted:
                    raise ControlError(f"{dialect}.{name} must be {wanted.__name__}")

    def _forget(self, hash: str, number: int) -> None:
        self._by_hash.pop(hash, None)
        self._by_number.pop(number, None)


def operations(dialects: Sequence[Dialect]) -> Iterator[str]:
    """What entries of a journal can be of."""
    for dialect in dialects:
        told = dialect.rehearsal and dialect.rehearsal()
        names = (*told.operations, "unrouted") if told else ("*",)
        yield from (f"{dialect.name}.{name}" for name in names)


def current() -> Sandbox | None:
    """The shop whose request is answered, or which is being worked on."""
    recorder = RECORDER.get()
    return recorder.sandbox if isinstance(recorder, Record | Inside) else None


class Choices(dict[str, Any]):
    """A dialect's quirks as they are for the shop, which tell that they were asked."""

    def __init__(self, dialect: str, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self._dialect = dialect

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        recorder = RECORDER.get()
        if isinstance(recorder, Record):
            if recorder.sandbox:
                own = recorder.sandbox.quirks.get(self._dialect, {})
                value = own.get(name, value)
            recorder.asked(f"{self._dialect}.{name}", value)
        return value


class OwnLimits:
    """The limits of the shop, or those of all for a request of none."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def acquire(self, key: str, limit: int) -> Slot | None:
        return self._of_shop().acquire(key, limit)

    def take(self, key: str, limit: int, window_ms: int, now: datetime) -> Taken:
        return self._of_shop().take(key, limit, window_ms, now)

    def _of_shop(self) -> Limits:
        sandbox = current()
        return sandbox.limits if sandbox else self._limits
