"""The connections that a process keeps open, and how many they may be."""

from collections import deque
from collections.abc import Callable
from threading import Condition
from time import monotonic
from typing import Any

from core.watch import Watch


class NoConnection(Exception):
    """All connections that the process may have are in use, and stayed so."""


class Pool:
    """Connections that are kept: the one that was used last is taken first.

    Its cache is the warmest, and the way in and out of SQLAlchemy's own pools costs
    more than a query. At most `most` are open; who finds none free waits for `patience`
    seconds. A `watch` ends what somebody has for too long.
    """

    def __init__(
        self,
        open: Callable[[], Any],
        most: int,
        patience: float,
        watch: Watch | None = None,
    ) -> None:
        self._open = open
        self._watch = watch
        self._most = most
        self._patience = patience
        self._idle: deque[Any] = deque()
        self._changed = Condition()
        self._opened = 0
        self._waiting = 0

    def take(self) -> Any:
        """A connection. Raises NoConnection, and what the driver does."""
        try:
            raw = self._idle.pop()
        except IndexError:
            raw = self._wait()
        if self._watch:
            self._watch.begin(raw)
        return raw

    def let_last(self, raw: Any) -> None:
        """Let who has a connection have it for as long as it takes."""
        if self._watch:
            self._watch.finish(raw)

    def give_back(self, raw: Any) -> None:
        """Keep a connection for the next to take."""
        self.let_last(raw)
        self._idle.append(raw)
        # Who waits says so before looking for the last time.
        if self._waiting:
            with self._changed:
                self._changed.notify()

    def renewed(self, raw: Any, *, alone: bool = False) -> Any:
        """A new connection in place of one that is lost.

        Unless it is `alone`, those that are idle were lost with it, most likely.
        """
        self.let_last(raw)
        raw.invalidate()
        if not alone:
            self.drop_idle()
        fresh = self._opened_now()
        if self._watch:
            self._watch.begin(fresh)
        return fresh

    def drop(self, raw: Any) -> None:
        """Close a connection that is no good."""
        self.let_last(raw)
        raw.invalidate()
        self._forget()

    def drop_idle(self) -> None:
        """Close what nobody uses."""
        while self._idle:
            try:
                raw = self._idle.pop()
            except IndexError:
                return
            self.drop(raw)

    def in_use(self) -> int:
        """How many connections are taken."""
        return self._opened - len(self._idle)

    def _wait(self) -> Any:
        end = monotonic() + self._patience
        with self._changed:
            self._waiting += 1
            try:
                while self._opened >= self._most or self._idle:
                    try:
                        return self._idle.pop()
                    except IndexError:
                        if not self._changed.wait(end - monotonic()):
                            raise NoConnection from None
                self._opened += 1
            finally:
                self._waiting -= 1
        return self._opened_now()

    def _opened_now(self) -> Any:
        try:
            return self._open()
        except BaseException:
            self._forget()
            raise

    def _forget(self) -> None:
        with self._changed:
            self._opened -= 1
            self._changed.notify()
