"""A store that breaks at one write, as if the process was gone."""

from collections.abc import Callable
from typing import Any

from gateway.migrate import StoreEnd


class Broken(Exception):
    """The process is gone, as far as the migration knows."""


class Breaking(StoreEnd):
    """A store that breaks at one write, before or after it is done."""

    at, is_late, writes = 0, False, 0

    def _break(self, write: Callable[..., Any], *given: Any) -> Any:
        self.writes += 1
        if self.writes == self.at and not self.is_late:
            raise Broken
        done = write(*given)
        if self.writes == self.at:
            raise Broken
        return done

    def add_customer(self, *given: Any) -> Any:
        return self._break(super().add_customer, *given)

    def add_addresses(self, *given: Any) -> Any:
        return self._break(super().add_addresses, *given)

    def update_customer(self, *given: Any) -> Any:
        return self._break(super().update_customer, *given)

    def update_address(self, *given: Any) -> Any:
        return self._break(super().update_address, *given)

    def remove_customer(self, *given: Any) -> Any:
        return self._break(super().remove_customer, *given)

    def remove_addresses(self, *given: Any) -> Any:
        return self._break(super().remove_addresses, *given)


def breaking(end: StoreEnd, at: int, *, is_late: bool) -> Breaking:
    """The same shop, that breaks at one write."""
    broken = Breaking(end._store, "main", end._naming)
    broken.at, broken.is_late = at, is_late
    return broken
