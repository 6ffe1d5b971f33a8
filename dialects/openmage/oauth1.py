"""OAuth 1.0a as OpenMage checks it: what is checked, in which order, and its names.

A problem is told as `oauth_problem=...`. A resource answers each with 401; the
endpoints of the handshake have a status for each (OpenMage 20.18).
"""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote

from core import Key, Unauthenticated, Use
from dialects.base import Credential, current_store, find_key
from dialects.current import this_request
from dialects.notes import note
from dialects.openmage.mismatches import explained
from dialects.openmage.php import parse_query
from dialects.openmage.quirks import NAME
from dialects.openmage.signatures import Pair, Secrets, Signed, is_signed
from dialects.openmage.uris import BadURI, base_uri

CONSUMER = "consumer"
"""The scope of an application's own key."""

LENGTH = 32
"""Of keys, tokens and verifiers."""

AHEAD = 600
"""How many seconds a client's clock may be ahead. It may be behind by any number."""

# RSA-SHA1 is listed in the original and ends in a crash; no client can use it.
METHODS = ("HMAC-SHA1", "PLAINTEXT")

REQUIRED = ("oauth_consumer_key", "oauth_signature_method", "oauth_signature")
FORM = "application/x-www-form-urlencoded"

# What PHP calls empty.
EMPTY: tuple[Any, ...] = ("", "0", None, [], {})

BAD_REQUEST = {
    "parameter_absent",
    "parameter_rejected",
    "signature_method_rejected",
    "timestamp_refused",
    "version_rejected",
}

NUMBER = re.compile(r"\s*([+-]?[0-9]{1,19})", re.ASCII)


class OAuthProblem(Unauthenticated):
    """A check that failed, as OpenMage names it; `status` is the handshake's."""

    def __init__(self, problem: str, **details: str) -> None:
        told = {"oauth_problem": problem, **details}
        super().__init__("&".join(f"{name}={value}" for name, value in told.items()))
        self.status = 400 if problem in BAD_REQUEST else 401
        if problem == "internal_error":
            self.status = 500


def absent(name: str) -> OAuthProblem:
    return OAuthProblem("parameter_absent", oauth_parameters_absent=name)


class OAuthRequest(NamedTuple):
    """A request: its protocol parameters, and what else of it is signed."""

    protocol: Mapping[str, Any]
    base_uri: str
    form: tuple[Pair, ...]
    query: tuple[Pair, ...]

    def present(self, name: str) -> str:
        """A protocol parameter that must be there. Raises OAuthProblem."""
        if name not in self.protocol:
            raise absent(name)
        return str(self.protocol[name])

    def require_signature(self, secret: str, token_secret: str = "") -> None:
        """Raises OAuthProblem unless it is signed with these secrets."""
        said = self.protocol
        pairs = [pair for pair in said.items() if pair[0] != "oauth_signature"]
        signed = Signed(
            http_method=this_request().method,
            base_uri=self.base_uri,
            protocol=pairs,
            form=self.form,
            query=self.query,
        )
        method, signature = said["oauth_signature_method"], said["oauth_signature"]
        secrets = Secrets(secret, token_secret)
        if not is_signed(signed, method, signature, secrets):
            note("oauth", partial(explained, signed, method, signature, secrets))
            raise OAuthProblem("signature_invalid")


def authenticate() -> Key | None:
    """The access token's key; none for a guest, who has no such header.

    Raises OAuthProblem.
    """
    if this_request().environ.get("HTTP_AUTHORIZATION", "")[:5].lower() != "oauth":
        return None
    said = read_request()
    consumer = known_consumer(said)
    key = find_key(NAME, token_of(said))
    if key is None or key.consumer_id is None:
        raise OAuthProblem("token_rejected")
    if not key.is_active:
        raise OAuthProblem("token_revoked")
    if key.consumer_id != consumer.id:
        raise OAuthProblem("token_rejected")
    said.require_signature(consumer.secret, key.secret)
    return key


def authorization(
    key: Credential, consumer: Credential | None = None
) -> Mapping[str, str]:
    """The headers of a client with this token, signed by PLAINTEXT."""
    given = {
        "oauth_consumer_key": consumer.token if consumer else "",
        "oauth_token": key.token,
        "oauth_signature_method": "PLAINTEXT",
        "oauth_signature": f"{consumer.secret if consumer else ''}&{key.secret}",
    }
    pairs = (f'{name}="{quote(value, safe="~")}"' for name, value in given.items())
    return {"Authorization": f"OAuth {', '.join(pairs)}"}


def read_request() -> OAuthRequest:
    """What the request says: protocol parameters are in its header, form or query.

    The first of these that has any is read for them. Raises OAuthProblem.
    """
    request = this_request()
    environ = request.environ
    is_form = environ.get("CONTENT_TYPE", "").startswith(FORM)
    body = request.get_data() if is_form else b""
    query = environ.get("QUERY_STRING", "")
    protocol = (
        in_header(environ.get("HTTP_AUTHORIZATION", ""))
        or named(parse_query(body) if body else {})
        or named(parse_query(query.encode("latin-1")) if query else {})
    )
    text = body.decode("utf-8", "replace")
    form = parse_qsl(text, keep_blank_values=True) if text else ()
    # A part without "=", or with several, is not signed (observed).
    pairs = (part.split("=") for part in query.split("&")) if query else ()
    return OAuthRequest(
        protocol=protocol,
        base_uri=signed_uri(),
        form=tuple(pair for pair in form if not is_protocol(pair[0])),
        query=tuple(
            (pair[0], pair[1])
            for pair in pairs
            if len(pair) == 2 and not is_protocol(pair[0])
        ),
    )


PREFIX = "oauth_"


def is_protocol(name: str) -> bool:
    return name.startswith(PREFIX)


def named(parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """Those of the parameters that are the protocol's."""
    return {name: v for name, v in parameters.items() if is_protocol(name)}


def in_header(header: str) -> Mapping[str, str]:
    """The protocol's parameters in an Authorization header, if it is OAuth's."""
    if header[:5].lower() != "oauth":
        return {}
    found = {}
    for part in header[6:].split(","):
        name, equals, value = part.strip().partition("=")
        if equals and name.startswith(PREFIX):
            value = value.strip('"')
            # Few have to be decoded, and to find that out takes less.
            name = unquote(name) if "%" in name else name
            found[name] = unquote(value) if "%" in value else value
    return found


def signed_uri() -> str:
    """The URL that is signed. Raises OAuthProblem."""
    try:
        return base_uri()
    except BadURI:
        raise OAuthProblem("internal_error", message="Invalid URI supplied") from None


def known_consumer(said: OAuthRequest) -> Key:
    """The application's key, after all that is checked before it.

    Raises OAuthProblem. The nonce is spent even if a later check fails.
    """
    given = said.protocol
    if given.get("oauth_version", "1.0") != "1.0":
        raise OAuthProblem("version_rejected")
    require(given, *REQUIRED)
    for name, value in given.items():
        if not isinstance(value, str):
            raise OAuthProblem("parameter_rejected", message=name)
    token = given["oauth_consumer_key"]
    if len(token.encode()) != LENGTH:
        raise OAuthProblem("consumer_key_rejected")
    if given["oauth_signature_method"] not in METHODS:
        raise OAuthProblem("signature_method_rejected")
    # It is judged below, but whose clock and nonces are meant is known by it.
    key = find_key(NAME, token)
    if given["oauth_signature_method"] != "PLAINTEXT":
        require(given, "oauth_nonce", "oauth_timestamp")
        spend_nonce(given["oauth_nonce"], given["oauth_timestamp"])
    if key is None or key.scope != CONSUMER or not key.is_active:
        raise OAuthProblem("consumer_key_rejected")
    return key


def require(given: Mapping[str, Any], *names: str) -> None:
    """Raises OAuthProblem for the first parameter that is empty, as PHP has it."""
    for name in names:
        if given.get(name) in EMPTY:
            raise absent(name)


def spend_nonce(nonce: str, timestamp: str) -> None:
    """Use the nonce of a request, this once. Raises OAuthProblem."""
    store = current_store()
    number = NUMBER.match(timestamp)
    seconds = int(number[1]) if number else 0
    if not 0 < seconds <= store.now().timestamp() + AHEAD:
        raise OAuthProblem("timestamp_refused")
    match store.use_nonce(nonce, seconds):
        case Use.USED:
            raise OAuthProblem("nonce_used")
        case Use.REUSED:
            # Observed: what the database says of its unique index.
            raise OAuthProblem(
                "internal_error",
                message="SQLSTATE[23000]: Integrity constraint violation: 1062"
                f" Duplicate entry '{nonce[:LENGTH]}' for key 'UNQ_OAUTH_NONCE_NONCE',"
                " query was: INSERT INTO `oauth_nonce` (`nonce`, `timestamp`)"
                " VALUES (?, ?)",
            )


def token_of(said: OAuthRequest) -> str:
    """The token that a request names, of the right length. Raises OAuthProblem."""
    token = said.present("oauth_token")
    if len(token.encode()) != LENGTH:
        raise OAuthProblem("token_rejected")
    return token
