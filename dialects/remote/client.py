"""Calls to a platform over HTTP: made again where that is safe, and no faster than the
platform allows.

Each attempt is signed anew, as a nonce is good for one request (RFC 5849, 3.3).
"""

import json
import logging
import random
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from http.cookiejar import CookieJar, DefaultCookiePolicy
from threading import BoundedSemaphore, Lock
from typing import Any, NoReturn, TypeVar
from urllib.parse import urlsplit

import httpx2
import stamina

from dialects.remote.calls import (
    Denied,
    Manner,
    Platform,
    Query,
    RemoteError,
    Reply,
    Unanswered,
    asked,
    described,
    is_untrusted,
    read,
)
from dialects.remote.pace import Pace

T = TypeVar("T")

# RFC 9110, 9.2.2; a PATCH that sets values can be made twice as well.
REPEATABLE = frozenset({"GET", "PUT", "PATCH", "DELETE"})
PASSING = frozenset({500, 502, 503, 504})
UNSENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
OURS = (httpx2.UnsupportedProtocol, httpx2.LocalProtocolError, httpx2.InvalidURL)

# Who has set no logging up is not to read of every wait.
logging.getLogger("stamina").addHandler(logging.NullHandler())


class Client:
    """What calls one platform, from any number of threads; `calls` are its attempts."""

    def __init__(self, platform: Platform, manner: Manner) -> None:
        self.calls = 0
        self._platform, self._manner = platform, manner
        self._pace = Pace(manner)
        self._lock = Lock()
        self._slash = ""
        self._slots: dict[str, BoundedSemaphore] = {}
        # A session that the platform begins is none of ours.
        no_cookies = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        self._http = httpx2.Client(
            transport=manner.transport,
            timeout=manner.timeout,
            cookies=no_cookies,
            headers={"Accept": "application/json", "User-Agent": "address-gateway"},
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def call(
        self,
        method: str,
        path: str,
        query: Query = (),
        body: Any = None,
    ) -> Reply:
        """The answer that stands, after as many attempts as it takes.

        Raises RemoteError, and ValueError for what is not `REPEATABLE`.
        """
        if method not in REPEATABLE:
            raise ValueError(f"a {method} is not to be repeated unseen")
        return self.repeat(lambda: self.attempt(method, path, query, body))

    def repeat(self, act: Callable[[], T]) -> T:
        """What the act gives, when it does not raise Unanswered any more."""
        tries = 0

        def wait(error: Exception) -> bool | float:
            nonlocal tries
            if not isinstance(error, Unanswered):
                return False
            longest = self._manner.first_wait * 2.0 ** min(tries, 30)
            tries += not error.is_told
            return random.uniform(0, min(longest, self._manner.longest_wait))

        for attempt in stamina.retry_context(
            wait, attempts=self._manner.attempts, timeout=None
        ):
            with attempt:
                return act()
        raise AssertionError("there is at least one attempt")

    def attempt(
        self,
        method: str,
        path: str,
        query: Query = (),
        body: Any = None,
        redirects: Sequence[int] = (),
    ) -> Reply:
        """The answer to one attempt. Raises Unanswered if another may help."""
        operation = f"{method} {path}"
        url = self._platform.url + path + self._slash + asked(query)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        with self._slot(method, operation):
            self._pace.wait()
            with self._lock:
                self.calls += 1
            try:
                answer = self._http.request(
                    method,
                    url,
                    content=None if body is None else json.dumps(body).encode(),
                    headers={**headers, **self._platform.sign(method, url)},
                )
            except (httpx2.RequestError, httpx2.InvalidURL) as error:
                self._fail(operation, error)
        reply = read(answer)
        self._judge(operation, reply, redirects)
        return reply

    def words(self, reply: Reply) -> str:
        """What the platform says of an error, in one line."""
        try:
            told = self._platform.words(reply.body) if reply.body is not None else ""
        except (AttributeError, KeyError, TypeError, IndexError):
            told = ""
        if not told and not reply.text.lstrip().startswith("<"):
            told = reply.text[:300]
        return self._hidden(" ".join(told.split()))

    def refuse(self, operation: str, reply: Reply) -> NoReturn:
        """Raise the RemoteError of an answer."""
        kind = Denied if reply.status in (401, 403) else RemoteError
        raise kind(self._platform.name, operation, self.words(reply), reply.status)

    def _slot(self, method: str, operation: str) -> AbstractContextManager[object]:
        most = self._platform.slots.get(method)
        if most is None:
            return nullcontext()
        with self._lock:
            if operation not in self._slots:
                self._slots[operation] = BoundedSemaphore(most)
            return self._slots[operation]

    def _judge(self, operation: str, reply: Reply, redirects: Sequence[int]) -> None:
        """Raise the error of an answer that does not stand, or that is none."""
        told = self._platform.name, operation, self.words(reply), reply.status
        is_told = self._pace.heed(reply.status, reply.headers)
        if reply.status == 429:
            raise Unanswered(*told, is_told=is_told)
        stands = self._platform.stands(reply)
        if stands is False or (stands is None and reply.status in PASSING):
            raise Unanswered(*told, is_lost=True, is_told=is_told)
        if 300 <= reply.status < 400 and reply.status not in redirects:
            self._redirected(operation, reply)
        if reply.status in (401, 403):
            self.refuse(operation, reply)
        if reply.is_success and reply.body is None and reply.text.strip():
            words = "the answer is not the JSON that it should be"
            raise Unanswered(*told[:2], words, reply.status, is_lost=True)

    def _redirected(self, operation: str, reply: Reply) -> None:
        """Go on with a slash at the ends of paths, if that is all that is wanted."""
        name = self._platform.name
        target = urlsplit(reply.headers.get("location", ""))
        path = urlsplit(self._platform.url).path + operation.partition(" ")[2]
        if target.path == f"{path}/" and not self._slash:
            self._slash = "/"
            raise Unanswered(name, operation, "a slash is missing", reply.status)
        where = f"{target.scheme}://{target.netloc}" if target.netloc else ""
        words = f"redirected to {where}{target.path}"
        raise RemoteError(name, operation, words, reply.status)

    def _fail(self, operation: str, error: Exception) -> NoReturn:
        """Raise the RemoteError of an attempt without an answer."""
        name, words = self._platform.name, self._hidden(described(error))
        if isinstance(error, OURS) or is_untrusted(error):
            raise RemoteError(name, operation, words) from error
        is_lost = not isinstance(error, UNSENT)
        raise Unanswered(name, operation, words, is_lost=is_lost) from error

    def _hidden(self, words: str) -> str:
        for secret in self._platform.secrets:
            words = words.replace(secret, "***") if secret else words
        return words
