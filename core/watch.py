"""Ends what waits for a server for longer than it may.

A server whose processes stand still, and whose kernel does not, keeps its connections
open and answers nothing: no timeout of its own ends that, and none of TCP's.
"""

import time
import weakref
from collections.abc import Callable
from threading import Lock, Thread
from typing import Any

TICK = 1.0
"""Every how many seconds somebody looks."""


class Watch:
    """Connections in use, and since when; `cut` is done to those that are too long."""

    def __init__(self, seconds: float, cut: Callable[[Any], None]) -> None:
        self._seconds, self._cut = seconds, cut
        self._since: dict[Any, float] = {}
        self._lock = Lock()
        self._is_on = False

    def begin(self, raw: Any) -> None:
        """A connection is in use from now on."""
        self._since[raw] = time.monotonic()
        if not self._is_on:
            self._start()

    def finish(self, raw: Any) -> None:
        """A connection is in use no more, or may be for as long as it takes."""
        self._since.pop(raw, None)

    def look(self) -> None:
        """Cut what has been in use for too long."""
        latest = time.monotonic() - self._seconds
        for raw, since in list(self._since.items()):
            if since < latest and self._since.pop(raw, None) is not None:
                self._cut(raw)

    def _start(self) -> None:
        with self._lock:
            if not self._is_on:
                Thread(target=look_on, args=(weakref.ref(self),), daemon=True).start()
                self._is_on = True


def look_on(seen: "weakref.ref[Watch]") -> None:
    """Look now and then, for as long as there is a watch."""
    while (watch := seen()) is not None:
        watch.look()
        del watch
        time.sleep(TICK)
