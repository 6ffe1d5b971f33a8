"""What happens to a shop, over the control API: its journal, its faults, its time."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

Ask = Callable[..., Any]
"""What the control side answers of a shop, to a method, a path and a body."""


class Journal:
    """What was asked of a shop, and answered."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def entries(self, operation: str = "*", **where: Any) -> list[Any]:
        """What is kept of the operation, by `dialect` and `status` too."""
        query = urlencode({"operation": operation, **where})
        return list(self._ask("GET", f"/journal?{query}").entries)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.entries())

    def __len__(self) -> int:
        return len(self.entries())

    def last(self) -> Any:
        """The newest entry. Raises LookupError if there is none."""
        found = self.entries()
        if not found:
            raise LookupError("the journal is empty: no request came to this shop")
        return found[-1]

    def assert_called(self, operation: str, **claim: Any) -> None:
        """Raise AssertionError, with what came nearest, unless it was called so."""
        said = {"operation": operation, **claim}
        verdict = self._ask("POST", "/journal/assert", said)
        if not verdict.holds:
            raise AssertionError(verdict.text)

    def assert_not_called(self, operation: str, **claim: Any) -> None:
        """Raise AssertionError with the calls, if there were any."""
        self.assert_called(operation, times=0, **claim)

    def assert_all_read(self, operation: str = "*") -> None:
        """Raise AssertionError with what clients sent and nobody read."""
        lines = [
            f"  #{one.number} {one.operation}: {kind} {', '.join(names)}"
            for one in self.entries(operation)
            for kind, names in one.unread.items()
        ]
        if lines:
            raise AssertionError("\n".join(["nobody read:", *lines]))

    def clear(self) -> None:
        """Forget everything."""
        self._ask("DELETE", "/journal")


class Faults:
    """What is to go wrong in a shop."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def inject(self, fault: str, **said: Any) -> Any:
        """Bring about a fault, as `POST faults` of the control side does."""
        return self._ask("POST", "/faults", {"fault": fault, **said})

    def rules(self) -> list[Any]:
        """The faults that are still to strike, and those that did."""
        return list(self._ask("GET", "/faults").faults)

    def remove(self, id: int) -> None:
        """Let a fault strike no more."""
        self._ask("DELETE", f"/faults/{id}")

    def clear(self) -> None:
        """Let no fault strike any more."""
        self._ask("DELETE", "/faults")


class Clock:
    """A shop's time."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def __call__(self) -> datetime:
        return datetime.fromisoformat(self._ask("GET", "/clock").now)

    def set(self, instant: datetime) -> datetime:
        """Show this instant."""
        return self._moved(action="set", instant=instant.isoformat())

    def advance(self, seconds: float) -> datetime:
        """Let this time pass."""
        return self._moved(action="advance", seconds=seconds)

    def freeze(self, instant: datetime | None = None) -> datetime:
        """Stand still."""
        at = {"instant": instant.isoformat()} if instant else {}
        return self._moved(action="freeze", **at)

    def release(self) -> datetime:
        """Show the real time again."""
        return self._moved(action="release")

    def _moved(self, **said: Any) -> datetime:
        return datetime.fromisoformat(self._ask("PATCH", "/clock", said).now)
