"""What the doctor finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found; there is something to do if all is not well."""

    check: str
    is_ok: bool
    detail: str
    to_do: str = ""
