"""What PHP makes of values, query strings and names; the original shows it.

An array of PHP is a list if its keys are 0, 1, 2 ..., and else a dict with text keys.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import cmp_to_key
from math import isfinite
from typing import Any
from urllib.parse import quote_plus, unquote_to_bytes

BLANKS = " \t\n\r\0\x0b"
"""What trim() takes off."""

MOST_VARIABLES, DEEPEST_VARIABLE = 1000, 64
"""The defaults of max_input_vars and max_input_nesting_level."""

PRECISION = 14
"""The default of `precision`: the digits of a float as text."""

LARGEST_ID = 2**32 - 1
"""An id is an INT UNSIGNED."""

NUMBER = r"[ \t\n\r\v\f]*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
LEADING_NUMBER = re.compile(NUMBER, re.ASCII)
WHOLE_NUMBER = re.compile(rf"{NUMBER}[ \t\n\r\v\f]*", re.ASCII)
INTEGER_KEY = re.compile(rb"0|-?[1-9][0-9]{0,17}")
ZERO, DIGITS = ord("0"), frozenset(b"0123456789")
SPACES = frozenset(b" \t\n\r\v\f")

Keyed = dict[int | str, Any]
"""An array of PHP while it is filled."""


def text(value: Any) -> str:
    """A scalar as (string) gives it; an array is "Array"."""
    match value:
        case str():
            return value
        case None | False:
            return ""
        case True:
            return "1"
        case float():
            return _float_text(value)
        case dict() | list():
            return "Array"
    return str(value)


def is_true(value: Any) -> bool:
    """What (bool) gives: "0" is false, and so is all that is empty."""
    return bool(value) and value != "0"


def is_numeric(value: str) -> bool:
    """Whether text is a number, blanks around it allowed."""
    return WHOLE_NUMBER.fullmatch(value) is not None


def array(items: dict[str, Any]) -> dict[str, Any] | list[Any]:
    """A list for keys 0, 1, 2 ..., and else the items as they are."""
    if items and "0" not in items:
        return items
    if all(key == str(index) for index, key in enumerate(items)):
        return list(items.values())
    return items


def leading_integer(value: str) -> int | None:
    """The id that MySQL takes text for: the number it starts with, or 0.

    None if no id can be that number, such as 1.5 or -1.
    """
    match = LEADING_NUMBER.match(value)
    number = float(match[0]) if match else 0.0
    if not number.is_integer() or not 0 <= number <= LARGEST_ID:
        return None
    return int(number)


def parse_query(raw: bytes | str) -> dict[str, Any]:
    """The variables of a query string, as parse_str() finds them.

    Bytes that are no UTF-8 become U+FFFD. What is too deep or too many is left out.
    """
    if isinstance(raw, str):
        raw = raw.encode("utf-8", "replace")
    found: Keyed = {}
    pairs = [pair for pair in raw.split(b"&") if pair]
    for pair in pairs[:MOST_VARIABLES]:
        name, _, value = pair.replace(b"+", b" ").partition(b"=")
        _register(found, unquote_to_bytes(name), unquote_to_bytes(value))
    return {str(key): _settled(value) for key, value in found.items()}


def build_query(value: Any) -> str:
    """What http_build_query() makes of an array (RFC 1738): no nulls, 1 and 0."""
    return "&".join(_pairs(value, ""))


def natural_order(name: str) -> Any:
    """The key to sort names by as strnatcmp() does: runs of digits are numbers."""
    return NATURAL(name)


def _float_text(value: float) -> str:
    if not isfinite(value):
        return str(value).upper()
    rounded = Decimal(f"{value:.{PRECISION - 1}e}").normalize()
    sign, digits, _ = rounded.as_tuple()
    exponent = rounded.adjusted()
    if -5 < exponent < PRECISION:
        return f"{rounded:f}"
    first, *rest = map(str, digits)
    return f"{'-' * sign}{first}.{''.join(rest) or '0'}E{exponent:+d}"


def _register(found: Keyed, name: bytes, value: bytes) -> None:
    keys = _keys(name)
    if not keys:
        return
    if len(keys) > DEEPEST_VARIABLE + 1:
        found.pop(_key(keys[0] or b""), None)
        return
    held = found
    for key in keys[:-1]:
        deeper = held.get(_key(key)) if key is not None else None
        if not isinstance(deeper, dict):
            deeper = {}
            held[_next(held) if key is None else _key(key)] = deeper
        held = deeper
    last = keys[-1]
    held[_next(held) if last is None else _key(last)] = value.decode("utf-8", "replace")


def _keys(name: bytes) -> list[bytes | None]:
    """The keys that a name says, None for `[]`; none at all for an empty name."""
    name = name.lstrip(b" ").partition(b"\0")[0]
    start = name.find(b"[")
    if start < 0:
        return [_cleaned(name)] if name else []
    if not start:
        return []
    keys: list[bytes | None] = [_cleaned(name[:start])]
    while name[start : start + 1] == b"[":
        end = name.find(b"]", start)
        if end < 0:
            # A bracket that never closes is a part of the name, but only of a first.
            return keys if len(keys) > 1 else [_cleaned(name)]
        key = name[start + 1 : end]
        is_blank = len(key) < 2 and not key.strip(b" \t\n\r\v\f")
        keys.append(None if is_blank else key)
        start = end + 1
    return keys


def _cleaned(name: bytes) -> bytes:
    return name.translate(bytes.maketrans(b" .[", b"___"))


def _key(name: bytes) -> int | str:
    if INTEGER_KEY.fullmatch(name):
        return int(name)
    return name.decode("utf-8", "replace")


def _next(held: Keyed) -> int:
    return max((key for key in held if isinstance(key, int)), default=-1) + 1


def _settled(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return array({str(key): _settled(item) for key, item in value.items()})


def _pairs(value: Any, name: str) -> Iterable[str]:
    items = enumerate(value) if isinstance(value, list) else value.items()
    for key, item in items:
        quoted = _quoted(str(key))
        full = f"{name}%5B{quoted}%5D" if name else quoted
        if isinstance(item, dict | list):
            yield from _pairs(item, full)
        elif item is not None:
            yield f"{full}={'0' if item is False else _quoted(text(item))}"


def _quoted(value: str) -> str:
    return quote_plus(value, safe="", errors="replace").replace("~", "%7E")


def _compare_naturally(one: str, other: str) -> int:
    # NUL ends a text, as in C.
    a, b = (name.encode("utf-8", "replace") + b"\0" for name in (one, other))
    if len(a) == 1 or len(b) == 1:
        return (len(a) > len(b)) - (len(a) < len(b))
    i, j = _after_zeros(a), _after_zeros(b)
    while True:
        i, j = _after_blanks(a, i), _after_blanks(b, j)
        if a[i] in DIGITS and b[j] in DIGITS:
            run_a, run_b = _run(a, i), _run(b, j)
            is_left_aligned = ZERO in (a[i], b[j])
            if not is_left_aligned and len(run_a) != len(run_b):
                return 1 if len(run_a) > len(run_b) else -1
            if run_a != run_b:
                return 1 if run_a > run_b else -1
            i, j = i + len(run_a), j + len(run_b)
            if i == len(a) - 1 or j == len(b) - 1:
                return (i < len(a) - 1) - (j < len(b) - 1)
        if a[i] != b[j]:
            return 1 if a[i] > b[j] else -1
        i, j = i + 1, j + 1
        if i >= len(a) - 1 or j >= len(b) - 1:
            return (i < len(a) - 1) - (j < len(b) - 1)


def _after_zeros(name: bytes) -> int:
    """Zeros that a text starts with do not count, but before another digit."""
    at = 0
    while name[at] == ZERO and name[at + 1] in DIGITS:
        at += 1
    return at


def _after_blanks(name: bytes, at: int) -> int:
    while name[at] in SPACES:
        at += 1
    return at


def _run(name: bytes, at: int) -> bytes:
    end = at
    while name[end] in DIGITS:
        end += 1
    return name[at:end]


NATURAL = cmp_to_key(_compare_naturally)
