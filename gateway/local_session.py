"""A session of `requests` that signs in as a dialect's clients do."""

from typing import TYPE_CHECKING, Any

from dialects.base import Credential
from gateway.control.clock import Clock
from gateway.control.sandboxes import Sandbox

if TYPE_CHECKING:
    from requests import Session

MISSING = (
    "a session needs the package requests: pip install requests, or give the result of"
    " headers() to the client that you have"
)


def new_session(sandbox: Sandbox, dialect: str, key: Credential) -> "Session":
    """A session with the key, which signs each request if the key has a secret."""
    try:
        import requests
    except ImportError as error:
        raise ImportError(MISSING) from error
    session = requests.Session()
    # A proxy, or a password of a .netrc, of the environment is for other hosts.
    session.trust_env = False
    keys = sandbox.credentials[dialect]
    consumer = next((one for one in keys.values() if one.token == key.consumer), None)
    signs = signature(key, consumer or key, sandbox.clock) if key.secret else None
    if signs is None:
        session.headers.update(sandbox.headers(dialect, key.scope))
    else:
        session.auth = signs
    return session


def signature(key: Credential, consumer: Credential, clock: Clock) -> Any:
    """Signs by OAuth 1.0a at the shop's time; None without requests-oauthlib."""
    try:
        from requests_oauthlib import OAuth1
    except ImportError:
        return None
    from oauthlib.oauth1 import Client

    class ByTheShopsClock(Client):  # type: ignore[misc]
        """A shop whose time is set would refuse the time that it is."""

        def get_oauth_params(self, request: Any) -> Any:
            """The parameters, of which one is the time."""
            self.timestamp = str(int(clock().timestamp()))
            return super().get_oauth_params(request)

    is_user = key is not consumer
    return OAuth1(
        consumer.token,
        client_secret=consumer.secret,
        resource_owner_key=key.token if is_user else None,
        resource_owner_secret=key.secret if is_user else None,
        client_class=ByTheShopsClock,
    )
