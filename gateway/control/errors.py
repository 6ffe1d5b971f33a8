"""What the control side cannot do; each text says what it can."""

from collections.abc import Iterable
from difflib import get_close_matches


class ControlError(ValueError):
    """What was asked for is not there, or cannot be; the text says what is."""


class NotHere(ControlError):
    """No shop or snapshot has the name; the text says which there are."""


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """What to say of a name that is not known: the nearest, and all there are."""
    found = [*known]
    near = get_close_matches(name, found, n=1)
    meant = f"; did you mean {near[0]!r}?" if near else "."
    return f"there is no {kind} {name!r}{meant} There are: {', '.join(found)}"
