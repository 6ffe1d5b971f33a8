"""How the original's database compares text, which is utf8_general_ci.

Case and accents do not count, nor do blanks at the end; what is left is compared by the
capital letters' code points.
"""

import unicodedata
from functools import lru_cache

OTHER = "\ufffd"
"""What all characters beyond U+FFFF compare as."""


def equal(one: str, other: str) -> bool:
    """Whether two texts are the same to `=`."""
    return compare(one, other) == 0


def compare(one: str, other: str) -> int:
    """Which text comes first: below 0 is the one, above 0 the other.

    The shorter one is as if blanks followed.
    """
    width = max(len(one), len(other))
    mine, others = padded(one, width), padded(other, width)
    return (mine > others) - (mine < others)


def padded(text: str, width: int) -> str:
    """What a text is sorted by among those that are no longer than the width."""
    return folded(text).ljust(width)


def folded(text: str) -> str:
    """The text with each character as what it compares as."""
    if text.isascii():
        return text.upper()
    return "".join(map(_letter, text))


@lru_cache(maxsize=4096)
def _letter(character: str) -> str:
    if character > "\uffff":
        return OTHER
    decomposed = unicodedata.normalize("NFD", character)
    has_marks = all(map(unicodedata.combining, decomposed[1:]))
    base = decomposed[0] if has_marks else character
    # The capital of a sharp s is two letters, of which it compares as the first.
    return base.upper()[0] if base == "ß" or len(base.upper()) == 1 else base


def is_like(text: str, pattern: str) -> bool:
    r"""Whether a text matches LIKE: % is any text, _ any character, \ takes both off.

    Blanks at the end count here.
    """
    parts, tail = _parts(pattern)
    rest = folded(text)
    if not parts:
        return _matches(rest, tail) if len(rest) == len(tail) else False
    first, middle = parts[0], parts[1:]
    if len(rest) < len(first) + len(tail) or not _matches(rest, first):
        return False
    start, end = len(first), len(rest) - len(tail)
    if end < start or not _matches(rest[end:], tail):
        return False
    for part in middle:
        start = _found(rest[start:end], part, start)
        if start < 0:
            return False
    return True


Part = list[str | None]
"""Characters in a row; None is any one."""


@lru_cache(maxsize=64)
def _parts(pattern: str) -> tuple[list[Part], Part]:
    """What stands before each %, and what after the last."""
    parts: list[Part] = []
    part: Part = []
    characters = iter(folded(pattern))
    for character in characters:
        if character == "%":
            parts.append(part)
            part = []
        elif character == "_":
            part.append(None)
        else:
            part.append(next(characters, "\\") if character == "\\" else character)
    return parts, part


def _matches(text: str, part: Part) -> bool:
    """Whether the text begins with the part."""
    return len(text) >= len(part) and all(
        wanted in (None, character)
        for wanted, character in zip(part, text, strict=False)
    )


def _found(text: str, part: Part, offset: int) -> int:
    """Where the part ends that is found first, or -1."""
    for start in range(len(text) - len(part) + 1):
        if _matches(text[start:], part):
            return offset + start + len(part)
    return -1
