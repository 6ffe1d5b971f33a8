"""The dialects that are installed: ours and strangers', by the same entry points."""

from collections.abc import Iterable
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from dialects.base import Dialect

GROUP = "gateway.dialects"


class RegistryError(Exception):
    """The dialects cannot be loaded; the text says what to do."""


@cache
def installed() -> tuple[EntryPoint, ...]:
    """What packages register; to find out takes a while, and a worker asks again."""
    return tuple(entry_points(group=GROUP))


def load(
    names: Iterable[str] | None = None, found: Iterable[EntryPoint] | None = None
) -> list[Dialect]:
    """The dialects with these names, or all, in the order of their names."""
    known: dict[str, EntryPoint] = {}
    for point in installed() if found is None else found:
        if point.name in known and known[point.name].value != point.value:
            raise RegistryError(
                f"two packages register the dialect {point.name!r}:"
                f" {known[point.name].value} and {point.value}; uninstall one"
            )
        known[point.name] = point
    if not known:
        raise RegistryError(
            f"no dialect is registered under the entry point {GROUP!r}:"
            " is the package installed?"
        )
    wanted = sorted(known) if names is None else list(names)
    for name in wanted:
        if name not in known:
            raise RegistryError(
                f"there is no dialect {name!r}; there are: {', '.join(sorted(known))}"
            )
    return [known[name].load() for name in wanted]
