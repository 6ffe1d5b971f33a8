"""Regular expressions of a database, found in time that grows with the text alone.

They are those of PCRE without regard to case. What only backtracking can find is
refused: references back, conditions around, and possessive quantifiers.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

MOST_STEPS = 2000
"""Steps of an expression, its repetitions written out."""

DEEPEST = 50
"""Groups within one another."""

Test = Callable[[str], bool]
At = Callable[[str, int], bool]


class Branch(NamedTuple):
    """Go on at each of these distances."""

    offsets: tuple[int, ...]


class Place(NamedTuple):
    """Go on if the place in the text is right."""

    is_here: At


class One(NamedTuple):
    """Take one character that passes the test."""

    test: Test


Step = Branch | Place | One
Steps = list[Step]


class Unreadable(ValueError):
    """The expression is wrong, or of a kind that is refused."""


def is_found(pattern: str, text: str) -> bool:
    """Whether the expression matches anywhere in the text. Raises Unreadable."""
    steps = compiled(pattern)
    reached: set[int] = set()
    for at in range(len(text) + 1):
        reached = _spread(steps, {*reached, 0}, text, at)
        if len(steps) in reached:
            return True
        if at < len(text):
            reached = {n + 1 for n in reached if _takes(steps[n], text[at])}
    return False


def _spread(steps: Steps, reached: Iterable[int], text: str, at: int) -> set[int]:
    """What is reached without taking a character."""
    found: set[int] = set()
    left = list(reached)
    while left:
        n = left.pop()
        if n in found:
            continue
        found.add(n)
        step = steps[n] if n < len(steps) else None
        if isinstance(step, Branch):
            left += [n + offset for offset in step.offsets]
        elif isinstance(step, Place) and step.is_here(text, at):
            left.append(n + 1)
    return found


def _takes(step: Step, character: str) -> bool:
    return isinstance(step, One) and step.test(character)


@lru_cache(maxsize=16)
def compiled(pattern: str) -> Steps:
    """The steps of an expression. Raises Unreadable."""
    reader = _Reader(pattern)
    steps = reader.choices()
    if reader.rest:
        raise Unreadable(pattern)
    return steps


class _Reader:
    def __init__(self, pattern: str) -> None:
        self.rest = pattern
        self.depth = 0

    def choices(self) -> Steps:
        """What stands between bars, up to the end of the group."""
        several = [self.sequence()]
        while self.skip("|"):
            several.append(self.sequence())
        *others, steps = several
        for one in reversed(others):
            apart = [Branch((1, len(one) + 2)), *one, Branch((len(steps) + 1,))]
            steps = apart + steps
            if len(steps) > MOST_STEPS:
                raise Unreadable("too long")
        return steps

    def sequence(self) -> Steps:
        steps: Steps = []
        while self.rest and self.rest[0] not in "|)":
            steps += self.repeated(self.item())
            if len(steps) > MOST_STEPS:
                raise Unreadable("too long")
        return steps

    def repeated(self, steps: Steps) -> Steps:
        match = QUANTIFIER.match(self.rest)
        if match is None:
            return steps
        self.rest = self.rest[match.end() :]
        if self.rest[:1] in ("*", "+", "?", "{") and QUANTIFIER.match(self.rest):
            raise Unreadable("possessive, or twice")
        least, most = COUNTS.get(match[1][0], (0, None))
        if match[1][0] == "{":
            least = int(match[2])
            most = least if match[3] is None else int(match[4]) if match[4] else None
        if max(least, most or 0) * len(steps) > MOST_STEPS or most == 0 < least:
            raise Unreadable("too long")
        if most is None:
            around = [Branch((1, len(steps) + 2)), *steps, Branch((-len(steps) - 1,))]
            return steps * least + around
        if most < least:
            raise Unreadable("out of order")
        return steps * least + [Branch((1, len(steps) + 1)), *steps] * (most - least)

    def item(self) -> Steps:
        character = self.next()
        match character:
            case "(":
                return self.group()
            case "[":
                return [One(self.members())]
            case ".":
                return [One(lambda c: c != "\n")]
            case "^":
                return [Place(lambda _, at: at == 0)]
            case "$":
                return [Place(lambda text, at: text[at:] in ("", "\n"))]
            case "\\":
                return [self.escaped()]
        if character in "*+?":
            raise Unreadable("nothing to repeat")
        return [One(_alike(character))]

    def group(self) -> Steps:
        self.depth += 1
        if self.depth > DEEPEST or (self.rest[:1] == "?" and self.rest[:2] != "?:"):
            raise Unreadable(self.rest)
        self.rest = self.rest.removeprefix("?:")
        steps = self.choices()
        if not self.skip(")"):
            raise Unreadable("unclosed")
        self.depth -= 1
        return steps

    def escaped(self) -> Step:
        letter = self.next()
        if letter in PLACES:
            return Place(PLACES[letter])
        return One(self.meant(letter))

    def meant(self, letter: str) -> Test:
        """What a letter after a backslash stands for."""
        if letter in CLASSES:
            return CLASSES[letter]
        if letter == "x" and (match := re.match(r"[0-9A-Fa-f]{1,2}", self.rest)):
            self.rest = self.rest[match.end() :]
            return _alike(chr(int(match[0], 16)))
        if letter.isalnum() and letter not in CONTROLS:
            raise Unreadable(letter)
        return _alike(CONTROLS.get(letter, letter))

    def members(self) -> Test:
        """A set in brackets; a bracket that comes first is one of it."""
        negated = self.skip("^")
        tests: list[Test] = []
        while not tests or not self.skip("]"):
            tests.append(self.member())
        return lambda c: any(test(c) for test in tests) is not negated

    def member(self) -> Test:
        if match := NAMED.match(self.rest):
            self.rest = self.rest[match.end() :]
            return NAMES[match[1]]
        first = self.next()
        if first == "\\":
            return self.meant(self.next())
        if self.rest[:1] != "-" or self.rest[1:2] in ("", "]"):
            return _alike(first)
        self.next()
        last = self.next()
        if last < first or last == "\\":
            raise Unreadable("range")
        return lambda c: any(first <= one <= last for one in (c, c.lower(), c.upper()))

    def next(self) -> str:
        if not self.rest:
            raise Unreadable("it ends too early")
        character, self.rest = self.rest[0], self.rest[1:]
        return character

    def skip(self, character: str) -> bool:
        if self.rest[:1] != character:
            return False
        self.rest = self.rest[1:]
        return True


def _alike(character: str) -> Test:
    alike = {character, character.lower(), character.upper()}
    return lambda c: c in alike


def _is_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_")


def _is_border(text: str, at: int) -> bool:
    before, after = text[at - 1 : at] if at else "", text[at : at + 1]
    return _is_word(before or " ") is not _is_word(after or " ")


QUANTIFIER = re.compile(r"([*+?]|\{(\d{1,5})(?:(,)(\d{1,5})?)?\})\??")
COUNTS: dict[str, tuple[int, int | None]] = {
    "*": (0, None),
    "+": (1, None),
    "?": (0, 1),
}
DIGITS, SPACES = frozenset("0123456789"), frozenset(" \t\n\r\f\v")
CLASSES: dict[str, Test] = {
    "d": lambda c: c in DIGITS,
    "D": lambda c: c not in DIGITS,
    "s": lambda c: c in SPACES,
    "S": lambda c: c not in SPACES,
    "w": _is_word,
    "W": lambda c: not _is_word(c),
}
PLACES: dict[str, At] = {
    "b": _is_border,
    "B": lambda text, at: not _is_border(text, at),
    "A": lambda _, at: at == 0,
    "z": lambda text, at: at == len(text),
    "Z": lambda text, at: text[at:] in ("", "\n"),
}
CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "e": "\x1b", "a": "\a"}
NAMED = re.compile(r"\[:(alpha|digit|alnum|upper|lower|space|punct|word):\]")
NAMES: dict[str, Test] = {
    "alpha": str.isalpha,
    "digit": CLASSES["d"],
    "alnum": lambda c: c.isalpha() or c in DIGITS,
    "upper": str.isalpha,
    "lower": str.isalpha,
    "space": CLASSES["s"],
    "punct": lambda c: c.isascii() and c.isprintable() and not c.isalnum() and c != " ",
    "word": _is_word,
}
