"""What can go wrong, in codes: the words belong to the dialects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one item of a request.

    `path` is a canonical field name, `index` the item's place in its batch, from 0.
    """

    path: str
    code: str
    index: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)


class AddressError(Exception):
    """Any refusal that a dialect must put into words."""


class Invalid(AddressError):
    """The request says something that cannot be: every problem found, in order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(*problems)
        self.problems = tuple(problems)


class NotFound(AddressError):
    """Nothing of this kind ("address", "customer", "shop") has this id."""

    def __init__(self, kind: str, id: object) -> None:
        super().__init__(kind, id)
        self.kind = kind
        self.id = id


class Unauthenticated(AddressError):
    """The caller is not known; the code says which check failed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Forbidden(AddressError):
    """The caller is known and may not do this."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Busy(AddressError):
    """Another writer won; nothing was written and the whole unit may be tried again."""


class OutcomeUnknown(Exception):
    """The connection was lost at the commit: what was to be stored may be, or not.

    To do it again might do it twice; only who asked for it can look.
    """
