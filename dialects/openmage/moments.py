"""Times as the original's database reads them from text."""

import re
from calendar import monthrange

from dialects.openmage.php import BLANKS

Moment = tuple[int, int, int, int, int, int, int]
"""Year, month, day, hour, minute, second, microsecond; a month or day may be 0."""

DIVIDED = re.compile(
    r"(\d{1,4})[^\w\s](\d{1,2})[^\w\s](\d{1,2})"
    r"(?:[ T]+(\d{1,2})(?:[^\w\s](\d{1,2})(?:[^\w\s](\d{1,2})(?:\.(\d+))?)?)?)?",
    re.ASCII,
)
TOGETHER = re.compile(
    r"(\d{4})(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)(?:\.(\d+))?)?", re.ASCII
)
LENGTHS = (6, 8, 12, 14)
"""How many digits a time has without dividers."""


def moment(text: str) -> Moment | None:
    """The time that a text begins with; None if it is none."""
    text = text.strip(BLANKS)
    digits = re.match(r"\d*", text, re.ASCII)
    length = len(digits[0]) if digits else 0
    if length in LENGTHS:
        short = length in (6, 12)
        match = TOGETHER.match(f"00{text}" if short else text)
        year_digits = 2 if short else 4
    else:
        match = DIVIDED.match(text)
        year_digits = len(match[1]) if match else 0
    if match is None:
        return None
    *numbers, fraction = match.groups()
    year, month, day, hour, minute, second = (int(n or 0) for n in numbers)
    if year_digits <= 2:
        year += 2000 if year < 70 else 1900
    microsecond = int((fraction or "0")[:6].ljust(6, "0"))
    found = (year, month, day, hour, minute, second, microsecond)
    return found if is_possible(found) else None


def is_possible(moment: Moment) -> bool:
    """Whether a clock and a calendar can show it."""
    year, month, day, hour, minute, second, _ = moment
    if month > 12 or hour > 23 or minute > 59 or second > 59:
        return False
    last = monthrange(year, month)[1] if year and month else 31
    return day <= last
