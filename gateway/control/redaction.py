"""Secrets do not get into the journal: known by where they stand, and by value.

By where they stand: what has a secret's name, be it a header, a parameter or a field.
By value: the credentials of a shop are replaced by what they are, wherever they are.
What nobody can read so is not kept: bytes that are no text, and web pages.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, unquote, unquote_plus

HIDDEN = "<redacted>"
SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie"}
)
PLAIN_OAUTH = frozenset(
    {
        "realm",
        "oauth_callback",
        "oauth_nonce",
        "oauth_signature_method",
        "oauth_timestamp",
        "oauth_version",
    }
)
"""The parameters of OAuth 1.0a that are no secrets, nor names of any."""

WORD = (
    r"(?:passw|passphrase|secret|token|api[_-]?key|consumer[_-]?key"
    r"|signature(?!_method)|verifier|ticket|credential)"
)
IS_SECRET = re.compile(WORD, re.IGNORECASE)
HINTS = (
    *("passw", "passphrase", "secret", "token", "key"),
    *("signature", "verifier", "ticket", "credential"),
)
"""Of which a text has one, if `WORD` is anywhere in it."""

# What is an "i" to a pattern that ignores case, but not to `casefold`.
AN_I = {0x130: "i", 0x131: "i"}
SIGN = r"""["']?\s*(?:=|:|%3D)\s*"""
VALUE = r'"(?:[^"\\]|\\.)*"?' + r"|'[^']*'?" + r"|.*?(?=[&\s,;<>}\]]|%26|$)"
# In a query, a form, broken JSON or a base string, which encodes "=" and "&".
PAIR = re.compile(
    rf"(?P<before>{WORD}[\w.\-\[\]]*{SIGN})(?P<value>{VALUE})", re.IGNORECASE
)
ELEMENT = re.compile(
    rf"(?P<before><(?P<name>[\w:.-]*{WORD}[\w.-]*)[^>]*>)(?P<value>.*?)"
    r"(?=</(?P=name)|$)",
    re.IGNORECASE | re.DOTALL,
)
PART = re.compile(
    rf"(?P<before>name=\S*{WORD}.*\r?\n(?:.+\r?\n)*\r?\n)(?P<value>(?s:.*?))"
    r"(?=\r?\n--|\Z)",
    re.IGNORECASE,
)
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
FORM = "application/x-www-form-urlencoded"


class Redactor:
    """Takes secrets out of texts; `known` says what some of them are."""

    def __init__(self, known: Mapping[str, str] | None = None) -> None:
        self._labels: Mapping[str, str] = {}
        self._pattern: tuple[Mapping[str, str], re.Pattern[str]] | None = None
        self.learn(known or {})

    def learn(self, known: Mapping[str, str]) -> None:
        """Know further secrets, each with what it is."""
        found = {
            form: f"<{label}>"
            for secret, label in known.items()
            if secret
            for form in forms(secret)
        }
        self._labels = {**self._labels, **found}

    def text(self, text: str) -> str:
        """Any text."""
        text = self._labelled(text)
        # The patterns try every place, which takes milliseconds for a long text.
        if may_name_a_secret(text):
            for pattern in (ELEMENT, PART, PAIR):
                text = pattern.sub(self._hide, text)
        return text

    def path(self, path: str) -> str:
        """A path with its query."""
        bare, sign, query = path.partition("?")
        return self.text(bare) + sign + self._query(query)

    def headers(self, given: Iterable[tuple[str, str]]) -> dict[str, str]:
        """Headers; of one that authenticates the scheme is told."""
        return {name: self._header(name, value) for name, value in given}

    def body(self, content_type: str, body: bytes) -> str:
        """A body as text."""
        try:
            text = body.decode()
        except UnicodeDecodeError:
            text = "\0"
        if "\0" in text:
            return f"<{len(body)} bytes that are no text>"
        if "html" in content_type and "<" in text:
            return f"<a page of {len(body)} bytes>"
        if FORM in content_type.lower():
            return self._query(text)
        if "\\" not in text and not may_name_a_secret(text):
            return self._labelled(text)
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return self.text(ESCAPED.sub(lambda one: chr(int(one[1], 16)), text))
        hidden = self.value(found)
        if hidden == found:
            return self._labelled(text)
        return json.dumps(hidden, ensure_ascii=False)

    def value(self, value: Any, name: str = "") -> Any:
        """A value of JSON, or what was noted."""
        if isinstance(value, Mapping):
            return {
                self.text(str(key)): self.value(item, f"{name}.{key}")
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.value(item, name) for item in value]
        if IS_SECRET.search(name) and value not in (None, ""):
            return self._label(str(value))
        return self.text(value) if isinstance(value, str) else value

    def _query(self, query: str) -> str:
        return "&".join(map(self._parameter, query.split("&")))

    def _parameter(self, part: str) -> str:
        name, sign, value = part.partition("=")
        if IS_SECRET.search(unquote_plus(name)) and value:
            if unquote_plus(name) in PLAIN_OAUTH:
                return part
            return f"{name}={self._label(unquote_plus(value))}"
        plain = unquote_plus(value)
        labelled = self.text(plain)
        shown = value if labelled == plain else labelled
        return f"{self.text(name)}{sign}{shown}"

    def _header(self, name: str, value: str) -> str:
        if name.lower() not in SECRET_HEADERS:
            return self._label(value) if IS_SECRET.search(name) else self.text(value)
        scheme, _, rest = value.strip().partition(" ")
        if not rest or name.lower().endswith("cookie"):
            return self._label(value)
        if scheme.lower() != "oauth":
            return f"{self.text(scheme)} {self._label(rest.strip())}"
        return f"{scheme} " + ", ".join(map(self._oauth, rest.split(",")))

    def _oauth(self, part: str) -> str:
        name, sign, value = part.strip().partition("=")
        if unquote(name) in PLAIN_OAUTH:
            return f"{name}{sign}{self.text(value)}"
        secret = unquote(value.strip('"'))
        return f"{self.text(name)}{sign}{self._label(secret)}"

    def _hide(self, found: "re.Match[str]") -> str:
        """What was before the value, and what the value is."""
        value = found["value"]
        inner = value.strip("\"'")
        if not inner:
            return found[0]
        quoted = value[0] if value[0] in "\"'" else ""
        return f"{found['before']}{quoted}{self._label(inner)}{quoted}"

    def _label(self, secret: str) -> str:
        """What a secret is, if it is known, or that there is one."""
        if secret in self._labels.values():
            return secret
        return self._labels.get(secret, HIDDEN)

    def _labelled(self, text: str) -> str:
        labels = self._labels
        if not labels:
            return text
        # To compile it takes a millisecond, which a shop that is not asked can save.
        known = self._pattern
        if known is None or known[0] is not labels:
            # The longest first: one may begin as another does.
            found = sorted(labels, key=len, reverse=True)
            known = labels, re.compile("|".join(map(re.escape, found)))
            self._pattern = known
        return known[1].sub(lambda one: labels[one[0]], text)


def may_name_a_secret(text: str) -> bool:
    """Whether `WORD` may be somewhere in the text; it is not where this is false."""
    folded = (text if text.isascii() else text.translate(AN_I)).casefold()
    return any(hint in folded for hint in HINTS)


def forms(secret: str) -> set[str]:
    """How a secret may be written."""
    inner = json.dumps(secret)[1:-1]
    return {secret, inner, quote(secret, safe=""), quote(secret, safe="~")}
