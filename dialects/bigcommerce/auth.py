"""Who is asking: X-Auth-Token, its store and its scope.

The order is that of the service: route and method, token, store, scope.
"""

from collections.abc import Mapping

from flask_httpauth import HTTPAuth

from core import Forbidden, Key, Unauthenticated
from dialects.base import SAFE, Credential, current_key, find_key
from dialects.current import these_globals, this_request

SCOPES = ("modify", "read-only")
"""store_v2_customers and store_v2_customers_read_only, by their permissions."""


class AuthToken(HTTPAuth):  # type: ignore[misc]
    """`X-Auth-Token: <token>`."""

    def get_auth(self) -> str:
        """The token. Raises Unauthenticated."""
        token: str | None = this_request().environ.get("HTTP_X_AUTH_TOKEN")
        if token is None:
            raise Unauthenticated("missing")
        if not token.strip():
            raise Unauthenticated("empty")
        return token.strip()

    def authenticate(self, token: str, _stored: None = None) -> Key:
        """The key with the token. Raises Unauthenticated."""
        key = find_key("bigcommerce", token)
        if key is None or not key.is_active:
            raise Unauthenticated("unknown")
        return key


AUTH = AuthToken(scheme="X-Auth-Token", header="X-Auth-Token")


def authenticate() -> None:
    """Find the key. Raises Forbidden if it is for another store than the path's."""
    g = these_globals()
    key = AUTH.authenticate(AUTH.get_auth())
    if key.shop.hash != g.store_hash:
        raise Forbidden("store")
    g.key = key


def authorize() -> None:
    """Raises Forbidden for a key that may only read."""
    if this_request().method not in SAFE and current_key().scope != "modify":
        raise Forbidden("scope")


def authorization(
    key: Credential, _consumer: Credential | None = None
) -> Mapping[str, str]:
    """The headers of a client with this key."""
    return {"X-Auth-Token": key.token}
