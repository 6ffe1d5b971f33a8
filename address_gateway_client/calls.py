"""Requests to the control side, and what it answers."""

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

SECONDS = 60


class ControlError(ValueError):
    """What was asked for cannot be; the text says what can."""


class Thing(dict[str, Any]):
    """An object of JSON, with attributes for its fields; what is empty is left out."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            there_are = ", ".join(self)
            text = f"there is no {name!r}; there are: {there_are}"
            raise AttributeError(text) from None


class Calls:
    """The control side of a gateway, by its URL and its token."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url.rstrip("/")
        self._headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
        }
        # A proxy of the environment is for other hosts.
        self._opener = build_opener(ProxyHandler({}))

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """What the control side answers. Raises ControlError, with its words."""
        data = body if isinstance(body, bytes) else None
        if data is None and body is not None:
            data = json.dumps(body).encode()
        request = Request(
            self.url + path, data=data, headers=self._headers, method=method
        )
        try:
            with self._opener.open(request, timeout=SECONDS) as answer:
                text = answer.read()
        except HTTPError as error:
            with error:
                raise ControlError(json.loads(error.read())["error"]) from None
        return json.loads(text, object_hook=Thing) if text else None
