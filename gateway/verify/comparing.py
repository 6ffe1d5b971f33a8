"""How the answers of two servers differ, leaving out what two right ones differ in."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from gateway.compare import (
    ABSENT,
    PARSER,
    Answer,
    Difference,
    is_list,
    parsed,
    shown,
    words,
)

TIME = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:?\d\d)?", re.ASCII
)
FRACTION = re.compile(r"\.\d+")
DECLARATION = re.compile(rb"\s*(<\?xml[^>]*\?>)?")
SKEW = timedelta(hours=1)
"""How far the clocks of two servers may be apart."""


@dataclass(frozen=True, slots=True)
class Twins:
    """What is one thing under two names: the id of what each server made, by name."""

    name: str
    ours: Any
    theirs: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Sides:
    """What is known of the two servers: where they are, and what each made since."""

    ours: str
    theirs: str
    since: datetime
    twins: Sequence[Twins] = ()

    def agree(self, ours: Any, theirs: Any) -> bool:
        """Whether two plain values mean the same."""
        if type(ours) is not type(theirs):
            return False
        if ours == theirs:
            return True
        if any((ours, theirs) == (one.ours, one.theirs) for one in self.twins):
            return True
        if not isinstance(ours, str):
            return False
        if self.are_new_times(ours, theirs):
            return True
        return self.are_alike(
            without_address(ours, self.ours), without_address(theirs, self.theirs)
        )

    def are_alike(self, ours: str, theirs: str) -> bool:
        """Whether two texts are the same but for the ids of what each made."""
        known = {
            pair
            for one in self.twins
            for pair in zip(parts(str(one.ours)), parts(str(one.theirs)), strict=False)
        }
        old, new = parts(PARSER.sub(r"\1", ours)), parts(PARSER.sub(r"\1", theirs))
        return len(old) == len(new) and all(
            pair[0] == pair[1] or pair in known for pair in zip(old, new, strict=True)
        )

    def are_new_times(self, ours: str, theirs: str) -> bool:
        """Whether both are times of one form, taken while the servers were asked."""
        if form(ours) is None or form(ours) != form(theirs):
            return False
        told = instant(ours), instant(theirs)
        return told[0] >= self.since and abs(told[0] - told[1]) < SKEW


def without_address(text: str, base_url: str) -> str:
    """The text without where the server is."""
    base = urlsplit(base_url)
    prefix = base.path.rstrip("/")
    text = text.replace(f"{base.scheme}://{base.netloc}{prefix}", "")
    if prefix and text.startswith(f"{prefix}/"):
        return text.removeprefix(prefix)
    return text


def parts(text: str) -> list[str]:
    """The words of a text, and what is between them."""
    return re.findall(r"\w+|\W+", text)


def form(text: str) -> str | None:
    """How a time is written, without its digits; None for what is no time.

    A fraction is left out where it is zero, so it is no part of the form.
    """
    if not TIME.fullmatch(text):
        return None
    return re.sub(r"\d", "0", FRACTION.sub("", text))


def instant(text: str) -> datetime:
    """The time; one without an offset is in UTC."""
    told = datetime.fromisoformat(text)
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def compared(
    ours: Answer,
    theirs: Answer,
    sides: Sides,
    names: Sequence[str],
    *,
    is_sample: bool = False,
) -> list[Difference]:
    """Everything in which the answers differ: status, headers and body."""
    found = []
    if ours.status != theirs.status:
        what = {"expected": ours.status, "got": theirs.status}
        found.append(Difference(what="status", **what))
    found += headers(ours.headers, theirs.headers, sides, names)
    found += bodies(ours, theirs, sides, is_sample=is_sample)
    return found


def headers(
    ours: Mapping[str, str],
    theirs: Mapping[str, str],
    sides: Sides,
    names: Sequence[str],
) -> Iterator[Difference]:
    """The named headers that differ; of a number only that it is one counts."""
    for name in names:
        old, new = ours.get(name.lower(), ABSENT), theirs.get(name.lower(), ABSENT)
        is_same = sides.agree(old, new) or (old.isdecimal() and new.isdecimal())
        if name == "Allow" and ABSENT not in (old, new):
            is_same = words(old) == words(new)
        if name == "Content-Type":
            is_same = media_type(old) == media_type(new)
        if not is_same:
            yield Difference(what=f"header {name}", expected=old, got=new)


def media_type(value: str) -> str:
    """A media type in one spelling (RFC 9110, 8.3.1)."""
    return re.sub(r"\s*;\s*", "; ", value.strip()).lower()


def bodies(
    ours: Answer, theirs: Answer, sides: Sides, *, is_sample: bool
) -> Iterator[Difference]:
    """Where the bodies differ: as values if both can be read as such, else as bytes."""
    old, new = parsed(ours), parsed(theirs)
    if isinstance(old, bytes) or isinstance(new, bytes):
        if old != new:
            texts = {"expected": shown(ours.body), "got": shown(theirs.body)}
            yield Difference(what="body", **texts)
        return
    heads = declaration(ours), declaration(theirs)
    if heads[0] != heads[1]:
        told = {"expected": heads[0] or ABSENT, "got": heads[1] or ABSENT}
        yield Difference(what="body: XML declaration", **told)
    yield from values("body", old, new, sides, is_sample=is_sample)


def declaration(answer: Answer) -> str:
    """How a document in XML begins (XML 1.0, 2.8)."""
    found = DECLARATION.match(answer.body or b"")
    return shown(found[1]) if found and found[1] else ""


def values(
    path: str, ours: Any, theirs: Any, sides: Sides, *, is_sample: bool
) -> Iterator[Difference]:
    """Where two parsed values differ, by path, the order of an object's keys too.

    Of a sample the first item of a list counts, and null stands for any value.
    """
    if is_sample:
        ours, theirs = unnumbered(ours), unnumbered(theirs)
    if isinstance(ours, dict) and isinstance(theirs, dict):
        common = [key for key in ours if key in theirs]
        for key in [*ours, *(key for key in theirs if key not in ours)]:
            if key not in common:
                old, new = ours.get(key, ABSENT), theirs.get(key, ABSENT)
                yield Difference(what=f"{path}.{key}", expected=old, got=new)
                continue
            pair = ours[key], theirs[key]
            yield from values(f"{path}.{key}", *pair, sides, is_sample=is_sample)
        theirs_common = [key for key in theirs if key in ours]
        if common != theirs_common:
            order = {"expected": common, "got": theirs_common}
            yield Difference(what=f"{path}: order of keys", **order)
        return
    if isinstance(ours, list) and isinstance(theirs, list):
        yield from items(path, ours, theirs, sides, is_sample=is_sample)
        return
    if is_sample and (None in (ours, theirs) or type(ours) is type(theirs)):
        return
    if not sides.agree(ours, theirs):
        yield Difference(what=path, expected=ours, got=theirs)


def unnumbered(value: Any) -> Any:
    """A list that is written as an object of numbers, as a list."""
    is_one = isinstance(value, dict) and value and is_list(value)
    return [*value.values()] if is_one else value


def items(
    path: str, ours: list[Any], theirs: list[Any], sides: Sides, *, is_sample: bool
) -> Iterator[Difference]:
    """Where two lists differ: in how many there are, and item by item."""
    if is_sample:
        ours, theirs = ours[:1], theirs[:1]
    elif len(ours) != len(theirs):
        sizes = {"expected": len(ours), "got": len(theirs)}
        yield Difference(what=f"{path}: number of items", **sizes)
    for n, pair in enumerate(zip(ours, theirs, strict=False)):
        yield from values(f"{path}[{n}]", *pair, sides, is_sample=is_sample)
