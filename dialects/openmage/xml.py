"""XML as the original reads and writes it, by libxml2 and PHP's SimpleXML.

It differs in two points: elements inside of an entity count, and entities may give less
text.
"""

import codecs
import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from itertools import repeat
from typing import Any
from xml.parsers import expat

from dialects.openmage.php import array, text

ITEM = "data_item"
DECLARATION = b'<?xml version="1.0"?>\n'
HEAD, ROOT = DECLARATION.decode(), "magento_api"

DEEPEST = 257
"""Elements within one another; libxml2 refuses more."""

PIECE = 2**16
"""Bytes that are read first, so that a refusal comes early."""

LEAST_TEXT, MOST_GROWTH = 1000, 10
"""Text may have 1,000 characters, or ten for a byte of the body: no entity bombs."""

ENCODING = re.compile(
    rb"<\?xml[ \t\r\n][^>]*?[ \t\r\n]encoding[ \t\r\n]*=[ \t\r\n]*"
    rb"""(["'])([A-Za-z][A-Za-z0-9._-]*)\1"""
)
CODECS = re.compile(
    "utf-8|ascii|iso8859-[0-9]+|cp(8|9|125)[0-9]+|koi8-[ru]|mac-roman|gb2312|gbk|"
    "gb18030|big5|big5hkscs|euc_jp|euc_kr|shift_jis"
)
"""Those of Python's that are also iconv's and in which ASCII is itself."""

URI = re.compile(r"(?:[\w.~:/?@!$&'()*+,;=\[\]-]|%[0-9A-Fa-f]{2})*(?:#[^#\s]*)?", re.A)
ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
OWN_PREFIXES = ("xml", "xmlns")

TAG = str.maketrans(" :", "__", "!\"#$%&'()*+,/;<=>?@[\\]^`{|}~")
DIGITS = re.compile(r"[0-9]+")
NO_START = re.compile(r"[0-9,.-]")
NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
ESCAPED = re.compile(r"[&<>\r]|[^\0-\x7f]")
NO_CHARACTER = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
DEEPEST_BREAK = 30
BREAKS = ["\n" + "  " * level for level in range(DEEPEST_BREAK + 1)]
"""Line breaks by level; libxml2 indents no further."""

Array = dict[str, Any] | list[Any]


class Malformed(ValueError):
    """The body is no XML, or none that is taken."""


def parsed(body: bytes) -> Array:
    """The root's attributes and elements; none for a root with text only.

    Raises Malformed.
    """
    if b"<?xml" not in body:
        body = DECLARATION + body
    # NUL ends a document.
    document = _in_utf8(body.partition(b"\0")[0].removeprefix(codecs.BOM_UTF8))
    reader = _Reader(LEAST_TEXT + MOST_GROWTH * len(document))
    try:
        start, size = 0, PIECE
        while start < len(document):
            reader.parser.Parse(document[start : start + size], False)
            # Larger ones, as a long tag is read anew with each.
            start, size = start + size, 2 * size
        reader.parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise Malformed(str(error)) from None
    finally:
        # They hold each other, and would stay until they are collected.
        del reader.parser
    return reader.root


def rendered(value: Any) -> bytes:
    """A document with an array's items below the root."""
    parts = [HEAD]
    _write(parts, ROOT, value if isinstance(value, dict | list) else [value], 0)
    parts.append("\n")
    return "".join(parts).encode("utf-8", "replace")


def _in_utf8(body: bytes) -> bytes:
    declared = ENCODING.match(body)
    if declared is None:
        return body
    try:
        codec = codecs.lookup(declared[2].decode()).name
        if codec == "utf-8":
            return body
        if CODECS.fullmatch(codec):
            return body.decode(codec).encode()
    except (LookupError, UnicodeError) as error:
        raise Malformed(str(error)) from None
    raise Malformed(codec)


class _Element:
    """An element while it is read: its attributes and elements, and its text."""

    __slots__ = ("has_elements", "items", "members", "name", "texts")

    def __init__(self, name: str, attributes: dict[str, Any]) -> None:
        self.name = name
        self.members = attributes
        self.items = 0
        self.has_elements = False
        self.texts: list[str] = []

    def add(self, name: str, value: Any) -> None:
        """Add an element: repeated ones make a list, and so do items."""
        self.has_elements = True
        if name in self.members:
            self.members[name] = _appended(self.members[name], value)
        elif name != ITEM:
            self.members[name] = value
        else:
            self.members[str(self.items)] = value
            self.items += 1

    def array(self) -> Array:
        """Its attributes and elements."""
        return array(self.members) if self.items else self.members

    def value(self) -> Any:
        """What it says; without elements, an attribute `value` goes before all."""
        if not self.members:
            return "".join(self.texts)
        if not self.has_elements and "value" in self.members:
            return self.members["value"]
        return self.array()


def _appended(held: str | Array, value: Any) -> Array:
    if isinstance(held, list):
        held.append(value)
        return held
    if isinstance(held, dict) and "0" in held:
        last = next(key for key in reversed(held) if key.isdigit())
        held[str(int(last) + 1)] = value
        return held
    return [held, value]


class _Reader:
    """Makes a value of what expat finds; the document is UTF-8."""

    def __init__(self, most_text: int) -> None:
        self.root: Array = {}
        self._left = most_text
        self._open: list[_Element] = []
        self._declared: list[tuple[str, ...]] = []
        self._prefixes = Counter(OWN_PREFIXES)
        self._hidden = 0
        self.parser = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = parser.ordered_attributes = True
        parser.specified_attributes = True
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_ALWAYS)
        parser.XmlDeclHandler = self._declare
        parser.ExternalEntityRefHandler = self._skip
        parser.SkippedEntityHandler = self._miss
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._read

    def _declare(self, version: str, *_: Any) -> None:
        if version != "1.0":
            raise Malformed("version")

    def _skip(self, context: str | None, *_: Any) -> int:
        # A part of the DTD counts as read, or what comes after it would be passed over.
        if context is None:
            self.parser.ExternalEntityParserCreate(None).Parse(b"", True)
        return 1

    def _miss(self, name: str, _: bool) -> None:
        raise Malformed(f"undefined entity {name}")

    def _start(self, name: str, pairs: list[str]) -> None:
        self._count(1)
        if len(self._declared) >= DEEPEST:
            raise Malformed("too deep")
        self._declared.append(())
        attributes: dict[str, Any] = {}
        if pairs or ":" in name:
            self._count(sum(map(len, pairs)))
            attributes = self._own(
                name, dict(zip(pairs[::2], pairs[1::2], strict=True))
            )
        if self._hidden or (self._open and ":" in name):
            self._hidden += 1
        else:
            self._open.append(_Element(name, attributes))

    def _end(self, _: str) -> None:
        if declared := self._declared.pop():
            self._prefixes.subtract(declared)
        if self._hidden:
            self._hidden -= 1
            return
        element = self._open.pop()
        if self._open:
            self._open[-1].add(element.name, element.value())
        else:
            self.root = element.array()

    def _read(self, data: str) -> None:
        self._count(len(data))
        if not self._hidden:
            self._open[-1].texts.append(data)

    def _count(self, length: int) -> None:
        self._left -= length
        if self._left < 0:
            raise Malformed("too much text")

    def _own(self, name: str, attributes: dict[str, str]) -> dict[str, str]:
        """The attributes without a prefix; all prefixes have to be declared."""
        self._declared[-1] = _declared(attributes)
        self._prefixes.update(self._declared[-1])
        for qualified in [n for n in (name, *attributes) if ":" in n]:
            prefix, _, local = qualified.partition(":")
            if not self._prefixes[prefix] or not local or ":" in local:
                raise Malformed(f"name {qualified}")
        return {n: v for n, v in attributes.items() if ":" not in n and n != "xmlns"}


def _declared(attributes: dict[str, str]) -> tuple[str, ...]:
    """The prefixes that an element declares. Raises Malformed for what is no URI."""
    default = attributes.get("xmlns", "")
    if default and not (URI.fullmatch(default) and ABSOLUTE.match(default)):
        raise Malformed(f"namespace {default}")
    declared = {n[6:]: v for n, v in attributes.items() if n.startswith("xmlns:")}
    for uri in declared.values():
        if not uri or not URI.fullmatch(uri):
            raise Malformed(f"namespace {uri}")
    return tuple(declared)


def _write(parts: list[str], tag: str, array: Array, level: int) -> None:
    """An element with elements; none of them makes it empty."""
    if not array:
        parts.append(f"<{tag}/>")
        return
    parts.append(f"<{tag}>")
    inner = BREAKS[min(level + 1, DEEPEST_BREAK)]
    for name, value in _members(array):
        parts.append(inner)
        if isinstance(value, dict | list):
            _write(parts, name, value, level + 1)
        else:
            parts.append(_leaf(name, value if isinstance(value, str) else text(value)))
    parts.append(f"{BREAKS[min(level, DEEPEST_BREAK)]}</{tag}>")


def _leaf(tag: str, value: str) -> str:
    if not (value.isascii() and value.isprintable()):
        # NUL ends a text; another character that XML cannot have leaves nothing of it.
        value = value.partition("\0")[0]
        if NO_CHARACTER.search(value):
            return f"<{tag}></{tag}>"
        value = ESCAPED.sub(_reference, value)
    elif "&" in value or "<" in value or ">" in value:
        value = ESCAPED.sub(_reference, value)
    return f"<{tag}>{value}</{tag}>" if value else f"<{tag}/>"


def _reference(match: re.Match[str]) -> str:
    character = match[0]
    return NAMED.get(character) or f"&#x{ord(character):X};"


def _members(array: Array) -> Iterable[tuple[str, Any]]:
    if isinstance(array, list):
        return zip(repeat(ITEM), array)
    tags = _tags(tuple(map(str, array)))
    return zip(tags, array.values(), strict=True)


@lru_cache(maxsize=64)
def _tags(names: tuple[str, ...]) -> list[str]:
    """The names of elements for those of an array; all numbers are items."""
    if DIGITS.fullmatch("".join(names)):
        return [ITEM] * len(names)
    tags = [name.translate(TAG).strip("_") for name in names]
    return [f"{ITEM}_{tag}" if NO_START.match(tag) else tag for tag in tags]
