"""A shop to test a client on, over the control API."""

from collections.abc import Mapping
from contextlib import ExitStack, suppress
from typing import Any, Self
from urllib.parse import quote

from address_gateway_client.calls import Calls, ControlError, Thing
from address_gateway_client.watching import Clock, Faults, Journal

MISSING = (
    "a session needs the package requests: pip install requests, or give the result of"
    " headers() to the client that you have"
)


class Shop:
    """A shop for one test of a client."""

    def __init__(self, gateway: Calls, told: Thing) -> None:
        self.shop: str = told.hash
        self.base_urls: Mapping[str, str] = told.base_urls
        self.credentials: Mapping[str, Mapping[str, Thing]] = told.credentials
        self._gateway, self._path = gateway, f"/shops/{told.hash}"
        self.sessions = ExitStack()
        self.journal = Journal(self.ask)
        self.faults = Faults(self.ask)
        self.clock = Clock(self.ask)

    @property
    def sandbox(self) -> Self:
        """All else that the shop can do."""
        return self

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """What the control side answers of this shop."""
        return self._gateway.ask(method, self._path + path, body)

    def url(self, dialect: str) -> str:
        """Where the dialect is. Raises ControlError."""
        self.key(dialect)
        return self.base_urls[dialect]

    def key(self, dialect: str, scope: str = "") -> Any:
        """The key of the scope, or of the first scope. Raises ControlError."""
        keys = known("dialect", dialect, self.credentials)
        return known(f"scope of {dialect}", scope or next(iter(keys)), keys)

    def headers(self, dialect: str, scope: str = "") -> Mapping[str, str]:
        """The headers of a client with that key."""
        return dict(self.key(dialect, scope).headers)

    def session(self, dialect: str, scope: str = "") -> Any:
        """A session of `requests` that signs in with that key."""
        try:
            import requests
        except ImportError as error:
            raise ImportError(MISSING) from error
        session = self.sessions.enter_context(requests.Session())
        session.trust_env = False
        signs = self._signature(dialect, self.key(dialect, scope))
        if signs is None:
            session.headers.update(self.headers(dialect, scope))
        else:
            session.auth = signs
        return session

    def seed(self, seed: str | bytes | Mapping[str, Any]) -> None:
        """Let the shop hold what the seed says, and nothing else."""
        text = seed.encode() if isinstance(seed, str) else seed
        self.ask("PUT", "/seed", text)

    def add_customer(self, **fields: Any) -> Any:
        """Store a customer, said as a seed says it."""
        return self.ask("POST", "/customers", fields)

    def add_address(self, customer: Any, **fields: Any) -> Any:
        """Store an address of the customer's, said as a seed says it."""
        number = getattr(customer, "id", customer)
        return self.ask("POST", f"/customers/{number}/addresses", fields)

    def reset(self) -> None:
        """Bring back what the seed said."""
        self.ask("POST", "/reset")

    def snapshot(self, name: str) -> None:
        """Keep what the shop holds now."""
        self.ask("PUT", f"/snapshots/{quote(name, safe='')}")

    def restore(self, name: str) -> None:
        """Bring back what was kept."""
        self.ask("POST", f"/snapshots/{quote(name, safe='')}/restore")

    def told(self) -> str:
        """What was asked of the shop, and of no shop, for a person to read."""
        return str(self.ask("GET", "/journal/text").text)

    def _signature(self, dialect: str, key: Any) -> Any:
        """Signs by OAuth 1.0a at the shop's time; None where that is not needed."""
        keys = self.credentials[dialect].values()
        consumer = next((one for one in keys if one.token == key.consumer), None)
        with suppress(ImportError):
            from oauthlib.oauth1 import Client
            from requests_oauthlib import OAuth1

            clock = self.clock

            class ByTheShopsClock(Client):  # type: ignore[misc]
                def get_oauth_params(self, request: Any) -> Any:
                    self.timestamp = str(int(clock().timestamp()))
                    return super().get_oauth_params(request)

            own = {"client_class": ByTheShopsClock}
            if key.secret and consumer is None:
                return OAuth1(key.token, key.secret, **own)
            if key.secret and consumer is not None:
                both = (consumer.token, consumer.secret, key.token, key.secret)
                return OAuth1(*both, **own)
        return None


def known(kind: str, name: str, there: Mapping[str, Any]) -> Any:
    """What is there under the name. Raises ControlError, which says what is."""
    if name not in there:
        told = ", ".join(there)
        raise ControlError(f"there is no {kind} {name!r}. There are: {told}")
    return there[name]
