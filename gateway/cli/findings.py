"""What the doctor finds."""

from typing import NamedTuple


class Finding(NamedTuple):
    """What one check found; there is something to do if all is not well."""

    check: str
    is_ok: bool
    detail: str
    to_do: str = ""
