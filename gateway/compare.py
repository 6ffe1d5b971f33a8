"""How a recorded answer and a fresh one differ, leaving out what must differ."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree

HEADERS = (
    "Content-Type",
    "WWW-Authenticate",
    "Allow",
    "Vary",
    "Retry-After",
    "Location",
)
SETS = {"Allow"}
TIMES = {"created_at", "updated_at"}
LINKS = {"next", "previous", "Location"}
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z")
ORIGIN = re.compile(r"^https?://[^/?#]*")
# What follows is the JSON parser's own words.
PARSER = re.compile(r"(JSON parse error - ).*", re.DOTALL)
# A server may name the media type of a request that named none as it likes.
UNNAMED = re.compile(r'(media type )"[^"]*"')

# In a recording this stands for what the server made at random.
RANDOM = "<random>"

ABSENT = "(absent)"

Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a server answered; its headers are as `joined` gives them.

    The body is None where a recording has not kept all of it.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One thing about an answer that is not as recorded."""

    what: str
    expected: Any
    got: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """What may differ in one exchange.

    An instant that is not in `known` was taken while recording, and so is a new one.
    """

    known: Collection[str] = ()
    is_untyped: bool = False

    def agree(self, name: str, expected: Any, got: Any) -> bool:
        """Whether two plain values under a name mean the same."""
        if type(expected) is not type(got):
            return False
        if not isinstance(expected, str):
            return bool(expected == got)
        if name in TIMES and INSTANT.fullmatch(expected) and expected not in self.known:
            return bool(INSTANT.fullmatch(got)) and got not in self.known
        if RANDOM in expected:
            pattern = re.escape(expected).replace(re.escape(RANDOM), ".+")
            return re.fullmatch(pattern, got, re.DOTALL) is not None
        if name in LINKS and ORIGIN.match(expected) and ORIGIN.match(got):
            expected, got = ORIGIN.sub("", expected), ORIGIN.sub("", got)
        return self._essence(expected) == self._essence(got)

    def _essence(self, text: str) -> str:
        if self.is_untyped:
            text = UNNAMED.sub(r"\1", text)
        return PARSER.sub(r"\1", text)


def joined(headers: Headers) -> Mapping[str, str]:
    """Each header's values as one (RFC 9110, 5.3), under its name in small letters."""
    found: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        found[key] = f"{found[key]}, {value}" if key in found else value
    return found


def differences(expected: Answer, got: Answer, rules: Rules) -> list[Difference]:
    """Everything in which the answers differ: status, headers and parsed body."""
    found = []
    if expected.status != got.status:
        what = {"expected": expected.status, "got": got.status}
        found.append(Difference(what="status", **what))
    found += headers(expected.headers, got.headers, rules)
    if expected.body is not None and expected.body != got.body:
        found += bodies(expected, got, rules)
    return found


def headers(
    expected: Mapping[str, str], got: Mapping[str, str], rules: Rules
) -> Iterator[Difference]:
    """The headers that count and differ."""
    for name in HEADERS:
        old, new = expected.get(name.lower()), got.get(name.lower())
        is_same = rules.agree(name, old, new)
        if old and new and name in SETS:
            is_same = words(old) == words(new)
        if not is_same:
            what = f"header {name}"
            yield Difference(what=what, expected=old or ABSENT, got=new or ABSENT)


def words(value: str) -> set[str]:
    """The members of a header that is a list in no order."""
    return {word.strip() for word in value.split(",")}


def bodies(expected: Answer, got: Answer, rules: Rules) -> Iterator[Difference]:
    """Where two bodies differ, compared as values if both can be read as such."""
    old, new = parsed(expected), parsed(got)
    if isinstance(old, bytes) or isinstance(new, bytes):
        texts = {"expected": shown(expected.body), "got": shown(got.body)}
        yield Difference(what="body", **texts)
        return
    yield from values("body", "", old, new, rules)


def parsed(answer: Answer) -> Any:
    """The body as JSON, or else as what its media type says, or its bytes."""
    body = answer.body or b""
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip()
    for read in (json.loads, *READERS.get(media_type.lower(), ())):
        try:
            return read(body)
        except (ValueError, ElementTree.ParseError):
            continue
    return body


def tree(body: bytes) -> Any:
    """An XML document: elements of one name keep their order, others have none."""
    root = ElementTree.fromstring(body.replace(RANDOM.encode(), b"&lt;random&gt;"))
    return {root.tag: content(root)}


def content(element: ElementTree.Element) -> Any:
    """An element's text, or its members: those of one name as a list if several."""
    members: dict[str, list[Any]] = {}
    for child in element:
        members.setdefault(child.tag, []).append(content(child))
    members |= {f"@{name}": [value] for name, value in element.attrib.items()}
    text = element.text or ""
    if not members:
        return text
    beside = "".join([text, *(child.tail or "" for child in element)])
    if beside.strip():
        members["#text"] = [beside]
    return plain(members)


def fields(body: bytes) -> Any:
    """A query string's values; those of one name keep their order."""
    text = body.decode()
    found: dict[str, list[Any]] = {}
    for name, value in parse_qsl(text, keep_blank_values=True, strict_parsing=True):
        found.setdefault(name, []).append(value)
    return plain(found)


def plain(lists: Mapping[str, list[Any]]) -> dict[str, Any]:
    """The same, without a list where there is one value."""
    return {
        name: several if len(several) > 1 else several[0]
        for name, several in lists.items()
    }


READERS = {
    "application/xml": (tree,),
    "text/xml": (tree,),
    "text/plain": (fields,),
}


def shown(body: bytes | None) -> str:
    """Bytes that cannot be parsed, for a report."""
    return (body or b"").decode("utf-8", "backslashreplace")


def values(
    path: str, name: str, expected: Any, got: Any, rules: Rules
) -> Iterator[Difference]:
    """Where two parsed values differ, by path; `name` is the key they stand under."""
    if isinstance(expected, dict) and isinstance(got, dict):
        for key in [*expected, *(k for k in got if k not in expected)]:
            pair = expected.get(key, ABSENT), got.get(key, ABSENT)
            yield from values(f"{path}.{key}", key, *pair, rules)
        if is_list(expected) and expected.keys() == got.keys():
            yield from order(path, [*expected], [*got])
        return
    if isinstance(expected, list) and isinstance(got, list):
        if len(expected) != len(got):
            sizes = {"expected": len(expected), "got": len(got)}
            yield Difference(what=f"{path}: number of items", **sizes)
        for n, pair in enumerate(zip(expected, got, strict=False)):
            yield from values(f"{path}[{n}]", name, *pair, rules)
        return
    if not rules.agree(name, expected, got):
        yield Difference(what=path, expected=expected, got=got)


def order(path: str, expected: list[str], got: list[str]) -> Iterator[Difference]:
    """Whether the same names come in another order."""
    if expected != got:
        yield Difference(what=f"{path}: order", expected=expected, got=got)


def is_list(value: Mapping[str, Any]) -> bool:
    """Whether an object is a list of PHP's, which are numbered and have an order."""
    return all(name.isdecimal() for name in value)
