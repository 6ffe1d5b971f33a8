"""What is sent to do harm: recorded requests, changed here and there.

A change knows what it changes: a JSON tree, an XML text, a query, a header, a path. So
most inputs get past the first check, and reach what reads them.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

from benchmarks.fuzz_words import (
    MARKUP,
    METHODS,
    NAMES,
    PIECES,
    SCALARS,
    SEGMENTS,
    TEXTS,
    VALUES,
)
from gateway.testing.exchanges import read_exchanges

Header = tuple[str, str]

OAUTH = re.compile(r'oauth_nonce="?[^",&]*')


@dataclass(frozen=True, slots=True)
class Input:
    """A request: the target is a path with a query, headers are text as latin-1."""

    method: str
    target: str
    headers: tuple[Header, ...] = ()
    body: bytes = b""

    def __str__(self) -> str:
        """As it would be on the wire, so that it can be sent again."""
        lines = [f"{self.method} {self.target}", *map(": ".join, self.headers)]
        return "\n".join([*map(repr, lines), repr(self.body)])


def recorded(folder: Path) -> list[Input]:
    """The requests of a dialect's recorded exchanges."""
    return [
        Input(
            *step.request.start.split(" ", 1),
            headers=tuple(step.request.headers),
            body=step.request.body.encode(),
        )
        for exchange in read_exchanges(folder)
        for step in exchange.steps
    ]


class Mutator:
    """Makes inputs of other inputs; the same ones from the same random numbers."""

    def __init__(self, seeds: Sequence[Input], random: Random) -> None:
        self._random = random
        self.corpus = [*seeds]
        self._names = sorted(
            {name for seed in seeds for name in names_in(seed.body)}
            | {part.partition("=")[0] for s in seeds for part in query_of(s)}
        ) or ["a"]
        self._headers = sorted({header for seed in seeds for header in seed.headers})
        self._changes: Sequence[Callable[[Input], Input]] = (
            *(self._body, self._body, self._body, self._bytes),
            *(self._query, self._query, self._path, self._header, self._header),
            *(self._method, self._credentials, self._spliced),
        )

    def next(self) -> Input:
        """An input of the corpus with one to four changes."""
        made = self._random.choice(self.corpus)
        for _ in range(self._random.choice((1, 1, 1, 2, 2, 3, 4))):
            made = self._random.choice(self._changes)(made)
        return self._fresh(made)

    def _fresh(self, made: Input) -> Input:
        """With nonces that nobody has used, or no input would get past them."""
        nonce = f'oauth_nonce="{self._random.getrandbits(64):x}'
        headers = tuple((n, OAUTH.sub(nonce, v)) for n, v in made.headers)
        return replace(made, headers=headers)

    def _body(self, made: Input) -> Input:
        try:
            tree = json.loads(made.body)
        except (ValueError, RecursionError):
            return self._markup(made) if b"<" in made.body else self._bytes(made)
        changed = self._tree(tree)
        style = self._random.randrange(40)
        text = json.dumps(changed, ensure_ascii=self._random.random() < 0.5)
        body = text.encode("utf-8", "surrogatepass")
        if style == 0:
            body = text.encode("utf-16", "surrogatepass")
        elif style == 1:
            body = b"\xef\xbb\xbf" + body
        elif style == 2:
            body = self._nested(body)
        elif style == 3:
            body = body.replace(b"{", b'{"' + self._name().encode() + b'":[{}],', 1)
        return replace(made, body=body)

    def _tree(self, tree: Any) -> Any:
        kind = self._random.randrange(10)
        if isinstance(tree, dict) and tree and kind < 9:
            name = self._random.choice([*tree])
            if kind < 5:
                return {**tree, name: self._tree(tree[name])}
            if kind == 5:
                return {n: v for n, v in tree.items() if n != name}
            return {**tree, self._name(): self._value()}
        if isinstance(tree, list) and tree and kind < 9:
            at = self._random.randrange(len(tree))
            if kind < 6:
                return [*tree[:at], self._tree(tree[at]), *tree[at + 1 :]]
            if kind == 6:
                return tree * self._random.choice((2, 11, 60, 300))
            return [*tree[:at], self._value(), *tree[at:]]
        return self._value()

    def _value(self) -> Any:
        kind = self._random.randrange(12)
        if kind < 4:
            return self._random.choice(SCALARS)
        if kind < 8:
            return self._random.choice(TEXTS)
        if kind == 8:
            return [self._value() for _ in range(self._random.randrange(4))]
        if kind == 9:
            return {self._name(): self._value() for _ in range(2)}
        if kind == 10:
            return "".join(chr(self._code()) for _ in range(self._random.randrange(9)))
        return self._random.getrandbits(self._random.choice((8, 31, 40, 70)))

    def _code(self) -> int:
        return self._random.choice((0x7F, 0x2FF, 0xFFFF, 0x10FFFF)) - (
            self._random.randrange(0x7F)
        )

    def _name(self) -> str:
        return self._random.choice(self._names)

    def _nested(self, body: bytes) -> bytes:
        depth = self._random.choice((50, 600, 20_000))
        return b"[" * depth + body + b"]" * self._random.choice((0, depth))

    def _markup(self, made: Input) -> Input:
        text = made.body.decode("utf-8", "replace")
        at = self._random.randrange(len(text) + 1)
        piece = self._random.choice(MARKUP)
        kind = self._random.randrange(6)
        if kind == 0:
            piece *= self._random.choice((2, 300, 5000))
        if kind < 3:
            return replace(made, body=(text[:at] + piece + text[at:]).encode())
        values = [*re.finditer(r">([^<]+)<", text)] or [*re.finditer("()", text)]
        found = self._random.choice(values)
        value = str(self._value()).encode("utf-8", "surrogatepass")
        head, tail = text[: found.start(1)].encode(), text[found.end(1) :].encode()
        return replace(made, body=head + value + tail)

    def _bytes(self, made: Input) -> Input:
        body, random = bytearray(made.body), self._random
        for _ in range(random.choice((1, 1, 3, 10))):
            at = random.randrange(len(body) + 1)
            kind = random.randrange(5)
            if kind == 0:
                body[at:at] = random.randbytes(random.randrange(1, 5))
            elif kind == 1:
                del body[at : at + random.randrange(1, 9)]
            elif kind == 2 and at < len(body):
                body[at] ^= 1 << random.randrange(8)
            elif kind == 3:
                body[at:at] = body[at : at + random.randrange(40)]
            else:
                body[at:at] = random.choice((b"\0", b"\xff", b"{", b"]", b"--", b"&"))
        return replace(made, body=bytes(body))

    def _query(self, made: Input) -> Input:
        path, _, query = made.target.partition("?")
        parts, random = query.split("&") if query else [], self._random
        kind = random.randrange(5)
        if not parts or kind < 2:
            name = random.choice((self._name(), random.choice(PIECES)))
            name += random.choice(("", "", random.choice(PIECES)))
            parts.insert(random.randrange(len(parts) + 1), f"{name}={self._text()}")
        elif kind == 2:
            parts.pop(random.randrange(len(parts)))
        elif kind == 3:
            at = random.randrange(len(parts))
            parts[at] = f"{parts[at].partition('=')[0]}={self._text()}"
        else:
            at = random.randrange(len(query) + 1)
            parts = [query[:at] + random.choice(PIECES) + query[at:]]
        return replace(made, target=f"{path}?{'&'.join(parts)}")

    def _text(self) -> str:
        """A value as a query has it."""
        random = self._random
        if random.randrange(6) == 0:
            return "".join(random.choice(PIECES) for _ in range(random.randrange(4)))
        if random.randrange(30) == 0:
            several = range(random.choice((60, 1500)))
            return random.choice((",", "+", "-id,")).join(map(str, several))
        value = str(self._value())
        return quote(value.encode("utf-8", "surrogatepass"), safe=",:[]")

    def _path(self, made: Input) -> Input:
        path, sign, query = made.target.partition("?")
        parts, random = path.split("/"), self._random
        at = random.randrange(1, len(parts)) if len(parts) > 1 else 0
        kind = random.randrange(4)
        if kind == 0:
            parts[at:at] = [random.choice(SEGMENTS)]
        elif kind == 1:
            del parts[at]
        elif kind == 2:
            parts[at] = random.choice(SEGMENTS)
        else:
            parts[at] = quote(str(self._value()).encode("utf-8", "surrogatepass"))
        return replace(made, target="/" + "/".join(parts).lstrip("/") + sign + query)

    def _header(self, made: Input) -> Input:
        headers, random = [*made.headers], self._random
        kind = random.randrange(4)
        if headers and kind == 0:
            headers.pop(random.randrange(len(headers)))
        elif headers and kind == 1:
            at = random.randrange(len(headers))
            name, value = headers[at]
            cut = random.randrange(len(value) + 1)
            headers[at] = (name, value[:cut] + random.choice(VALUES) + value[cut:])
        else:
            name = random.choice(NAMES)
            headers = [one for one in headers if one[0] != name]
            headers.append((name, random.choice(VALUES)))
        return replace(made, headers=tuple(headers))

    def _credentials(self, made: Input) -> Input:
        """With a header of another recorded request."""
        if not self._headers:
            return made
        name, value = self._random.choice(self._headers)
        others = [one for one in made.headers if one[0] != name]
        return replace(made, headers=(*others, (name, value)))

    def _method(self, made: Input) -> Input:
        return replace(made, method=self._random.choice(METHODS))

    def _spliced(self, made: Input) -> Input:
        """With the body or the target of another input."""
        other = self._random.choice(self.corpus)
        if self._random.random() < 0.5:
            return replace(made, body=other.body)
        return replace(made, target=other.target)


def query_of(made: Input) -> list[str]:
    """The parts of an input's query."""
    return [part for part in made.target.partition("?")[2].split("&") if part]


def names_in(body: bytes) -> set[str]:
    """The names in a JSON or XML body, which other bodies may have as well."""
    found = re.findall(rb'"([a-z_0-9]{2,30})"\s*:|<([a-z_0-9]{2,30})>', body)
    return {(a or b).decode() for a, b in found}
