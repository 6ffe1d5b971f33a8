"""What was found is taken for true for a moment, so that it is not sought each time."""

import time
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

TRUSTED_FOR = 1.0
"""How long, in seconds."""

MOST = 10_000
"""How many things at once; all are sought anew when there would be more."""


class Trusted(Generic[K, V]):
    """Values that were found a moment ago, for all threads of the process."""

    def __init__(self) -> None:
        self._found: dict[K, tuple[float, V]] = {}

    def get(self, key: K) -> V | None:
        """The value, unless it was found too long ago."""
        found = self._found.get(key)
        if found is None or time.monotonic() - found[0] >= TRUSTED_FOR:
            return None
        return found[1]

    def put(self, key: K, value: V) -> None:
        """Remember a value that was just found."""
        if len(self._found) >= MOST:
            self._found.clear()
        self._found[key] = (time.monotonic(), value)

    def clear(self) -> None:
        """Trust nothing that was found before."""
        self._found.clear()
