"""A shop to test a client on: its contents, its credentials, its time, its faults."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import RLock
from typing import TYPE_CHECKING, Any

from core import AddressBook, Invalid, Query, Shop
from core.snapshots import Snapshot
from dialects.base import Credential, Dialect, authorization
from dialects.limits import MemoryLimits
from dialects.notes import RECORDER
from gateway.control.clock import Clock, Nonces, PublicIds
from gateway.control.credentials import bound, made, named
from gateway.control.errors import ControlError, NotHere, unknown
from gateway.control.faults import Faults
from gateway.control.journal import Journal
from gateway.control.redaction import Redactor
from gateway.control.seeds import Contents, complete, contents, exported, fill
from gateway.seed import CANONICAL, add_keys

if TYPE_CHECKING:
    from gateway.control import Control


@dataclass(frozen=True, slots=True)
class State:
    """All that a reset or a restore brings back."""

    rows: Snapshot
    clock: tuple[timedelta, datetime | None]
    last_id: int
    seed: Contents


class Inside:
    """Stands for a request of a shop's, while the control side works on it."""

    def __init__(self, sandbox: "Sandbox") -> None:
        self.sandbox = sandbox

    def note(self, name: str, value: Any) -> None:
        """Nobody listens."""

    def asked(self, name: str, value: Any) -> None:
        """Nobody listens."""


class Sandbox:
    """One shop. Its credentials lie under the dialects' names and their scopes.

    The key for a dialect's customers is that of the first customer there is.
    """

    def __init__(
        self,
        control: "Control",
        shop: Shop,
        *,
        base_urls: Mapping[str, str],
        quirks: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self.shop, self.base_urls, self.quirks = shop, base_urls, quirks
        self.clock = Clock(control.real_now)
        self.new_id, self.nonces = PublicIds(), Nonces()
        self.limits = MemoryLimits()
        self.journal = Journal(
            entries=control.journal_entries,
            max_bytes=control.journal_bytes,
            operations=control.operations,
        )
        self.faults = Faults(control.dialects)
        self.redactor = Redactor()
        self.credentials: dict[str, dict[str, Credential]] = {
            name: made(dialect) for name, dialect in control.dialects.items()
        }
        self._control, self._store = control, control.store
        self._snapshots: dict[str, State] = {}
        self._lock = RLock()
        self._empty = self._store.snapshot(shop)
        for name, keys in self.credentials.items():
            self._learn(name, keys.values())
        with self.inside():
            self._planted = self._plant(contents({}, control.dialects, self.clock()))

    @property
    def hash(self) -> str:
        """Its public name, which some APIs have in their paths."""
        return self.shop.hash

    @property
    def dialects(self) -> Mapping[str, Dialect]:
        """The dialects that the shop is served in, by their names."""
        return self._control.dialects

    def headers(self, dialect: str, scope: str = "") -> Mapping[str, str]:
        """The headers of a client with the key of the scope, or of the first scope."""
        declared = self._dialect(dialect)
        keys = self.credentials[dialect]
        wanted = scope or declared.scopes[0]
        if wanted not in keys:
            raise ControlError(unknown(f"scope of {dialect}", wanted, keys))
        return authorization(declared, keys[wanted], [*keys.values()])

    def has(self, token: str) -> bool:
        """Whether one of its credentials has the token."""
        keys = self.credentials.values()
        return any(key.token == token for own in keys for key in own.values())

    def add_key(self, dialect: str, scope: str, **fields: Any) -> Credential:
        """A further key, with fields of `Credential`; a reset forgets it."""
        declared = self._dialect(dialect)
        if scope not in declared.scopes:
            raise ControlError(unknown(f"scope of {dialect}", scope, declared.scopes))
        if not fields.get("consumer"):
            fields["consumer"] = bound(declared, scope, self.credentials[dialect])
        key = complete(declared, Credential(**{"token": "", **fields, "scope": scope}))
        with self.inside():
            try:
                add_keys(self._store, self.shop, dialect, [key])
            except Invalid as invalid:
                problem = invalid.problems[0]
                told = f"the {problem.path} of the key is {problem.code}"
                raise ControlError(told) from None
        self._learn(dialect, [key])
        return key

    def seed(self, seed: str | bytes | Mapping[str, Any]) -> None:
        """Let the shop hold what the seed says, and nothing else; so does a reset.

        The seed is JSON, YAML or a mapping. Raises SeedError, and changes nothing then.
        """
        with self.inside():
            given = contents(seed, self._control.dialects, self.clock())
            before = self._state(self._planted.seed)
            try:
                self._planted = self._plant(given)
            except BaseException:
                self._put(before)
                raise
        self._forget()

    def reset(self) -> None:
        """Bring back what the seed said, with its time and ids.

        Nonces, windows of limits, faults and the journal begin anew.
        """
        with self.inside():
            self._put(self._planted)
        self._forget()

    def snapshot(self, name: str) -> None:
        """Keep what the shop holds now under this name, with its time and ids."""
        with self.inside():
            self._snapshots[name] = self._state(self._planted.seed)

    def restore(self, name: str) -> None:
        """Bring back what was kept; faults and the journal stay as they are."""
        if name not in self._snapshots:
            raise NotHere(unknown("snapshot", name, self._snapshots))
        with self.inside():
            self._put(self._snapshots[name])

    def snapshots(self) -> list[str]:
        """The names of what was kept, oldest first."""
        return [*self._snapshots]

    def remove_snapshot(self, name: str) -> None:
        """Keep it no longer."""
        if self._snapshots.pop(name, None) is None:
            raise NotHere(unknown("snapshot", name, self._snapshots))

    def fork(self, hash: str = "") -> "Sandbox":
        """Another shop that holds the same now, with credentials of its own.

        Keys that the seed gave are left out: each opens one shop.
        """
        other = self._control.new_shop(hash=hash, quirks=self.quirks)
        with self.inside():
            state = self._state(replace(self._planted.seed, keys={}))
        other._become(state)
        return other

    def data(self) -> dict[str, Any]:
        """The whole shop as a seed."""
        with self.inside():
            clock = self.clock
            told = {"now": clock().isoformat(), "is_frozen": clock.is_frozen}
            found = exported(
                self._store,
                self._store.shop(self.hash),
                self._planted.seed,
                clock={} if clock.is_real else told,
            )
        found["next_ids"]["public"] = self.new_id.last + 1
        return found

    def export(self) -> str:
        """The whole shop as a seed in YAML."""
        from gateway.control.plain_yaml import dumped

        return dumped(self.data())

    def delete(self) -> None:
        """Remove the shop with everything in it."""
        self._control.delete_shop(self.hash)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Work on the shop by its own time and ids, and nobody else meanwhile."""
        token = RECORDER.set(Inside(self))
        try:
            with self._lock:
                yield
        finally:
            RECORDER.reset(token)

    @contextmanager
    def book(self) -> Iterator[AddressBook]:
        """A book on the shop, in the store's own numbers."""
        store = self._store
        shop = store.shop(self.hash)
        with self.inside(), store.book(CANONICAL, shop=shop) as book:
            yield book

    def _plant(self, seed: Contents) -> State:
        name = self.shop.name if seed.name is None else seed.name
        self._store.restore(self.shop, self._empty.named(name))
        self.new_id.last = 0
        if seed.now or seed.is_frozen:
            self.clock.release()
            set_clock = self.clock.freeze if seed.is_frozen else self.clock.set
            set_clock(seed.now or self.clock())
        fill(self._store, self.shop, seed)
        if "public" in seed.next_ids:
            self.new_id.last = seed.next_ids["public"] - 1
        for name, keys in seed.keys.items():
            self._learn(name, keys)
        self._add_credentials()
        return self._state(seed)

    def _become(self, state: State) -> None:
        """Hold what another shop does, from now on also after a reset."""
        with self.inside():
            self._store.restore(self.shop, self._empty)
            self._store.restore(self.shop, state.rows, keeps_keys=True)
            self.clock.restore(state.clock)
            self.new_id.last = state.last_id
            self._add_credentials()
            self._planted = self._state(state.seed)

    def _add_credentials(self) -> None:
        for name, keys in self.credentials.items():
            scope = self._control.dialects[name].customer_scope
            if scope:
                customer = self._first_customer(name)
                keys[scope] = replace(keys[scope], customer_id=customer)
            add_keys(self._store, self.shop, name, [*keys.values()])

    def _first_customer(self, dialect: str) -> int:
        """The number of the first customer, or that which the first will have."""
        shop = self._store.shop(self.hash)
        with self._store.book(dialect, shop=shop, writes=False) as book:
            found = book.customers(Query(order=["id"], limit=1)).items
        return found[0].id if found else 1

    def _state(self, seed: Contents) -> State:
        rows = self._store.snapshot(self.shop)
        return State(rows, self.clock.state(), self.new_id.last, seed)

    def _put(self, state: State) -> None:
        self._store.restore(self.shop, state.rows)
        self.clock.restore(state.clock)
        self.new_id.last = state.last_id
        self.nonces.clear()
        self.limits.clear()

    def _forget(self) -> None:
        self.nonces.clear()
        self.limits.clear()
        self.faults.clear()
        self.journal.clear()

    def _learn(self, dialect: str, keys: Iterable[Credential]) -> None:
        self.redactor.learn(named(dialect, keys))

    def _dialect(self, name: str) -> Dialect:
        if name not in self._control.dialects:
            raise ControlError(unknown("dialect", name, self._control.dialects))
        return self._control.dialects[name]
