"""The handshake: how an application gets an access token (RFC 5849, 2).

Its endpoints lie beside the resources, as OpenMage's do: an application asks at
`/oauth/initiate` and `/oauth/token`, a customer decides at `/oauth/authorize`, an
administrator at `/admin/oauth_authorize`.
"""

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response

from dialects.base import current_store, find_key
from dialects.current import g, request
from dialects.openmage.consent import (
    ADMIN,
    CUSTOMER,
    OUT_OF_BAND,
    add_pages,
    explain,
    found,
)
from dialects.openmage.oauth1 import (
    FORM,
    LENGTH,
    OAuthProblem,
    known_consumer,
    read_request,
    token_of,
)
from dialects.openmage.quirks import NAME

METHODS = ("GET", "POST", "PUT", "DELETE")
URL = re.compile(r"https?://[!-~]+", re.IGNORECASE)


customers = Blueprint(f"{NAME}_oauth", __name__)
admins = Blueprint(f"{NAME}_admin_oauth", __name__)
OTHERS = {"/oauth": customers, "/admin/oauth_authorize": admins}
"""The URL spaces of the handshake."""


def initiate() -> Response:
    """A request token for an application."""
    with current_store().handshakes() as handshakes:
        token, secret = handshakes.start(g.consumer, g.callback)
    return credentials(token, secret, oauth_callback_confirmed="true")


def token() -> Response:
    """An access token in exchange for a request token that a user has verified."""
    with current_store().handshakes() as handshakes:
        made = handshakes.exchange(g.handshake)
    if made is None:
        raise OAuthProblem("token_rejected")
    return credentials(*made)


def credentials(token: str, secret: str, **more: str) -> Response:
    """A token and its secret, as the handshake's endpoints answer."""
    return encoded(
        urlencode({"oauth_token": token, "oauth_token_secret": secret, **more})
    )


def encoded(text: str, status: int = 200) -> Response:
    response = Response(text, status=status, content_type=FORM)
    response.headers["Cache-Control"] = "no-store"
    return response


def admit_application() -> None:
    """Check a request for a request token. Raises OAuthProblem."""
    said = read_request()
    g.consumer = known_consumer(said)
    g.callback = said.present("oauth_callback")
    if g.callback != OUT_OF_BAND and not is_url(g.callback):
        raise OAuthProblem("parameter_rejected", message="oauth_callback")
    said.require_signature(g.consumer.secret)


def is_url(text: str) -> bool:
    """Whether a user can be sent there."""
    if not URL.fullmatch(text):
        return False
    try:
        parts = urlsplit(text)
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def admit_exchange() -> None:
    """Check a request for an access token. Raises OAuthProblem."""
    said = read_request()
    consumer = known_consumer(said)
    token = token_of(said)
    handshake = found(token)
    issued = find_key(NAME, token) if handshake is None else None
    if handshake is None and (issued is None or issued.consumer_id is None):
        raise OAuthProblem("token_rejected")
    verifier = said.present("oauth_verifier")
    if len(verifier.encode()) != LENGTH:
        raise OAuthProblem("verifier_invalid")
    if handshake is None:
        raise OAuthProblem("token_used")
    if not handshake.is_verified_by(verifier):
        raise OAuthProblem("verifier_invalid")
    if handshake.consumer.id != consumer.id:
        raise OAuthProblem("token_rejected")
    said.require_signature(consumer.secret, handshake.secret)
    g.handshake = handshake


def fail(problem: OAuthProblem) -> Response:
    """What is wrong: for an application, or on a page for a user."""
    if request.endpoint in ADMISSIONS:
        return encoded(problem.code, problem.status)
    return explain(problem)


ADMISSIONS: Mapping[str | None, Callable[[], None]] = {
    f"{customers.name}.initiate": admit_application,
    f"{customers.name}.token": admit_exchange,
}


@customers.before_request
def admit() -> None:
    """Check what an application asks: once, where a view may be done again."""
    check = ADMISSIONS.get(request.endpoint)
    if check:
        check()


customers.add_url_rule("/initiate", "initiate", initiate, methods=METHODS)
customers.add_url_rule("/token", "token", token, methods=METHODS)
add_pages(customers, "/authorize", CUSTOMER)
add_pages(admins, "", ADMIN)
for blueprint in OTHERS.values():
    blueprint.register_error_handler(OAuthProblem, fail)
