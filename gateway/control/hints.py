"""Where a client that went astray probably wanted to go."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from flask import Flask, Request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from dialects.base import Credential, Dialect

if TYPE_CHECKING:
    from gateway.control.recorder import Record

VARIABLE = re.compile(r"<[^>]*>")
NAME = "shop"


class Hints:
    """What can be guessed of a request that found no answer."""

    def __init__(self, app: Flask, origin: str) -> None:
        self._app, self._origin = app, origin
        self._roots: Mapping[str, Dialect] = app.extensions["dialects"]

    def nowhere(self, request: Request) -> str:
        """What to answer where there is nothing: the base URLs, and which was meant."""
        lines = ["Not Found", "", "No API is here. The base URLs are:"]
        width = max((len(one.title) for one in self._roots.values()), default=0)
        lines += [
            f"  {dialect.title.ljust(width)}  {self._base(root)}"
            for root, dialect in self._roots.items()
        ]
        meant = self.meant(request)
        if meant:
            lines += ["", "You probably meant:", *(f"  {url}" for url in meant)]
        return "\n".join([*lines, ""])

    def tell(
        self, dialect: Dialect | None, request: Request, record: "Record", status: int
    ) -> None:
        """Note what is wrong with the credentials, if it is theirs alone."""
        others = self._by_credentials(request)
        if others and dialect not in others:
            names = " or ".join(one.title for one in others)
            roots = [root for root, one in self._roots.items() if one in others]
            at = " or ".join(self._base(root) for root in roots)
            record.note("hint", f"a request with such credentials is for {names}: {at}")
        elif others and dialect and status == 401 and not record.sandbox:
            told = f"no key of {dialect.title} has the token that was sent"
            record.note("hint", f"{told}; those of the shop are its `credentials`")

    def meant(self, request: Request) -> Sequence[str]:
        """The URLs below which the request would have found a view."""
        senders = self._by_credentials(request)
        found = []
        for root, dialect in self._roots.items():
            if senders and dialect not in senders:
                continue
            url = self._below(root, request)
            if url:
                found.append(url)
        return found

    def _below(self, root: str, request: Request) -> str:
        """The URL with a part of the path below the root, if there is a view."""
        segments = request.path.strip("/").split("/")
        adapter = self._app.url_map.bind("")
        for start in range(len(segments) + 1):
            rest = "/".join(["", *segments[start:]])
            path = VARIABLE.sub(NAME, root) + rest.rstrip("/")
            try:
                rule, _ = adapter.match(path, request.method, return_rule=True)
            except (HTTPException, RequestRedirect):
                continue
            # What takes every path says nothing of this one.
            if rest.strip("/") and not str(rule.rule).endswith(":path>"):
                return self._base(root) + rest
        return ""

    def _by_credentials(self, request: Request) -> list[Dialect]:
        """The dialects whose clients authenticate as this one does."""
        found = []
        for dialect in self._roots.values():
            key = Credential(token="0", secret="0", scope="")
            own = dialect.authorization(key, key)
            if all(is_alike(request.headers.get(n), value) for n, value in own.items()):
                found.append(dialect)
        return found

    def _base(self, root: str) -> str:
        return self._origin + VARIABLE.sub("SHOP", root)


def is_alike(sent: str | None, own: str) -> bool:
    """Whether two values of a header are of one scheme."""
    if sent is None:
        return False
    scheme, _, rest = own.partition(" ")
    return not rest or sent.lower().startswith(f"{scheme.lower()} ")
