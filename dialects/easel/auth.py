"""Who is asking: Bearer keys of three levels (source: easel.engineering/api/auth)."""

from collections.abc import Mapping

from flask_httpauth import HTTPAuth
from werkzeug.exceptions import MethodNotAllowed

from core import Forbidden, Key, Unauthenticated
from dialects.base import Credential, find_key
from dialects.current import these_globals, this_request

SCOPES = ("read", "write", "admin")
"""The levels of a key; each may do what those before it may."""

# "Delete a customer address permanently … Permission Required: Write": the exception
# that the authentication page allows for; elsewhere only an admin key deletes.
LEVEL = {"GET": 0, "HEAD": 0, "POST": 1, "PUT": 1, "DELETE": 1}


class BearerKey(HTTPAuth):  # type: ignore[misc]
    """`Authorization: Bearer <key>`, each way of getting it wrong told apart."""

    def get_auth(self) -> str:
        """The key in the header. Raises Unauthenticated."""
        said: str = this_request().environ.get("HTTP_AUTHORIZATION", "")
        words = said.split()
        if not words:
            raise Unauthenticated("missing")
        if words[0].lower() != "bearer" or len(words) > 2:
            raise Unauthenticated("malformed")
        # HTTP servers strip the blank of "Bearer ": what is left is an empty key.
        if len(words) == 1:
            raise Unauthenticated("empty")
        return words[1]

    def authenticate(self, token: str, _stored: None = None) -> Key:
        """The key with the token. Raises Unauthenticated."""
        key = find_key("easel", token)
        if key is None or not key.is_active:
            raise Unauthenticated("unknown")
        return key

    def authorize(self, method: str, key: Key, _auth: None = None) -> None:
        """Raises MethodNotAllowed for a verb not known, Forbidden for a low level."""
        if method not in LEVEL:
            raise MethodNotAllowed
        if SCOPES.index(key.scope) < LEVEL[method]:
            raise Forbidden("scope")


AUTH = BearerKey(scheme="Bearer")


def authenticate() -> None:
    """Check header, key, verb and level, in this order."""
    key = AUTH.authenticate(AUTH.get_auth())
    AUTH.authorize(this_request().method, key)
    these_globals().key = key


def authorization(
    key: Credential, _consumer: Credential | None = None
) -> Mapping[str, str]:
    """The headers of a client with this key."""
    return {"Authorization": f"Bearer {key.token}"}
