"""One of the two servers that are asked: how a check becomes a request to it."""

import json
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from dialects.base import Credential, Dialect, Unsigned
from dialects.checks import Check
from gateway.compare import Answer
from gateway.recording import Request
from gateway.sending import send, sent_url
from gateway.verify.credentials import Access

NAME = re.compile(r"\{(\w+)\}")
AGENT = "address-gateway-verify"
PATIENCE = 30
"""The longest time, in seconds, that is waited for a server that asks for it."""


class Server:
    """A server, and what is known of it for the requests to come."""

    def __init__(
        self, dialect: Dialect, base_url: str, access: Access, known: dict[str, Any]
    ) -> None:
        self.base_url = base_url
        self.known = known
        self._dialect = dialect
        self._access = access

    def path(self, check: Check) -> str:
        """The path of a check's call, below the server's own address."""
        root = re.sub(
            r"<(?:\w+:)?(\w+)>",
            lambda found: quote(self._access.parts[found[1]]),
            check.root or self._dialect.root,
        )
        return root + filled_path(check.call.partition(" ")[2], self.known)

    def ask(self, check: Check) -> Answer:
        """The answer to a check. Raises OSError, HTTPException."""
        method = check.call.partition(" ")[0]
        body = encoded(filled(check.body, self.known))
        headers = {"Host": urlsplit(self.base_url).netloc, "User-Agent": AGENT}
        headers |= check.headers
        if body is not None and "Content-Type" not in headers:
            headers["Content-Type"] = "application/json"
        # An empty value stands for a header that is not sent.
        sent = [(name, value) for name, value in headers.items() if value]
        request = Request(method=method, path=self.path(check), headers=sent, body=body)
        answer = self.sent(request, check.key)
        seconds = pause(answer)
        if seconds is None:
            return answer
        time.sleep(seconds)
        return self.sent(request, check.key)

    def sent(self, request: Request, key: str) -> Answer:
        """The answer to a request, signed for now."""
        signature = self.signature(request, key)
        headers = [*request.headers, *signature.items()]
        return send(
            self.base_url,
            Request(
                method=request.method,
                path=request.path,
                headers=headers,
                body=request.body,
            ),
        )

    def signature(self, request: Request, key: str) -> Mapping[str, str]:
        """The headers that say who asks."""
        if key == "none":
            return {}
        who = self.credential(key)
        consumer = self._access.consumer
        checks = self._dialect.checks and self._dialect.checks()
        if checks is None or checks.sign is None:
            return self._dialect.authorization(who, consumer)
        unsigned = Unsigned(
            method=request.method,
            url=sent_url(self.base_url, request),
            headers=request.headers,
            body=request.body,
        )
        return checks.sign(who, consumer, unsigned)

    def credential(self, key: str) -> Credential:
        return self._access.unknown() if key == "unknown" else self._access.keys[key]


def names_in(value: Any) -> set[str]:
    """The names in braces in a template."""
    if isinstance(value, str):
        return set(NAME.findall(value))
    if isinstance(value, Mapping):
        return set().union(*map(names_in, value.values()))
    if isinstance(value, list):
        return set().union(*map(names_in, value))
    return set()


def filled(value: Any, known: Mapping[str, Any]) -> Any:
    """A template with what is known in place of names; a name alone keeps its type."""
    if isinstance(value, Mapping):
        return {name: filled(inner, known) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, known) for inner in value]
    if not isinstance(value, str):
        return value
    alone = NAME.fullmatch(value)
    if alone and alone[1] in known:
        return known[alone[1]]
    return NAME.sub(lambda name: str(known.get(name[1], name[0])), value)


def filled_path(template: str, known: Mapping[str, Any]) -> str:
    """A path with what is known in place of names."""
    return NAME.sub(lambda name: quote(str(known[name[1]]), safe=""), template)


def encoded(body: Any) -> bytes | None:
    """The bytes of a body: text as it is, anything else as JSON."""
    if body is None:
        return None
    return (body if isinstance(body, str) else json.dumps(body)).encode()


def pause(answer: Answer) -> float | None:
    """How long a busy server asks to be left alone, if that is not too long."""
    if answer.status not in (429, 503):
        return None
    for name in ("retry-after", "x-retry-after"):
        value = answer.headers.get(name, "")
        if value.isdecimal() and int(value) <= PATIENCE:
            return float(value)
    return None
