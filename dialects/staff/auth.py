"""Who is asking, and may they: Django REST Framework's TokenAuthentication."""

from collections.abc import Mapping

from flask_httpauth import HTTPAuth

from core import Forbidden, Key, Unauthenticated
from dialects.base import Credential, find_key
from dialects.current import these_globals, this_request
from dialects.staff.negotiation import OFFERED, rendering
from dialects.staff.queries import arguments

SCOPES = ("staff", "admin", "user")
"""The kinds of account behind a key."""

# "Permission: Staff or Admin" (Create Customer Address, Authorization)
ADMITTED = ("staff", "admin")

OPEN_ROUTES = frozenset({"staff.sign_in", "staff.describe_sign_in"})
"""The endpoints of ObtainAuthToken, which asks for no permission and offers JSON."""


class TokenAuth(HTTPAuth):  # type: ignore[misc]
    """`Authorization: Token <key>`; the bytes are judged, as the original does."""

    def get_auth(self) -> str:
        """The token in the header. Raises Unauthenticated."""
        said: str = this_request().environ.get("HTTP_AUTHORIZATION", "")
        words = said.encode("latin-1").split()
        if not words or words[0].lower() != b"token":
            raise Unauthenticated("missing")
        if len(words) == 1:
            raise Unauthenticated("empty")
        if len(words) > 2:
            raise Unauthenticated("spaces")
        try:
            token: str = words[1].decode()
        except UnicodeDecodeError:
            raise Unauthenticated("characters") from None
        return token

    def authenticate(self, token: str, _stored: None = None) -> Key:
        """The key with the token. Raises Unauthenticated."""
        key = find_key("staff", token)
        if key is None:
            raise Unauthenticated("unknown")
        if not key.is_active:
            raise Unauthenticated("inactive")
        return key

    def authorize(self, key: Key) -> None:
        """Raises Forbidden for who is neither staff nor admin."""
        if key.scope not in ADMITTED:
            raise Forbidden("scope")


AUTH = TokenAuth(scheme="Token")


def admit() -> None:
    """Check Accept, token and permission, in this order, and remember what they say.

    An open route takes no token as well, but not a wrong one.
    """
    request, g = this_request(), these_globals()
    is_open = request.endpoint in OPEN_ROUTES
    g.formats = ("json",) if is_open else OFFERED
    g.arguments = arguments(request.query_string)
    format = dict(g.arguments).get("format", "")
    accept = request.environ.get("HTTP_ACCEPT", "*/*")
    g.rendering = rendering(accept, format, g.formats)
    try:
        g.key = AUTH.authenticate(AUTH.get_auth())
    except Unauthenticated as error:
        if is_open and error.code == "missing":
            return
        raise
    if not is_open:
        AUTH.authorize(g.key)


def authorization(
    key: Credential, _consumer: Credential | None = None
) -> Mapping[str, str]:
    """The headers of a client with this key."""
    return {"Authorization": f"Token {key.token}"}
