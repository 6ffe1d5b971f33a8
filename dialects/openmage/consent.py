"""Where a user lets an application in, or turns it away.

A user signs in on the page, and gets a ticket in its form, without which nothing can be
allowed: there is no session that another site's page could make use of.
"""

from functools import partial
from typing import NamedTuple
from urllib.parse import urlencode

from flask import Blueprint, Response, url_for

from core import Handshake, Key, Keyring
from dialects.attempts import seconds_to_wait
from dialects.base import current_store, is_local
from dialects.current import g, request
from dialects.notes import note
from dialects.openmage.oauth1 import CONSUMER, LENGTH, OAuthProblem
from dialects.openmage.pages import page
from dialects.openmage.quirks import NAME, chosen

OUT_OF_BAND = "oob"
ENDPOINTS = {"GET": "ask", "POST": "sign_in"}


class Audience(NamedTuple):
    """Who decides on a page, and what is said there."""

    who: str
    name: str
    able: str
    is_customer: bool


CUSTOMER = Audience(
    who="a customer",
    name="Email",
    able="It will be able to read and change your name and your addresses, to add"
    " addresses and to delete them.",
    is_customer=True,
)
ADMIN = Audience(
    who="an administrator",
    name="User name",
    able="It will be able to do what you may do with every customer of the shop and"
    " with their addresses: to read, add, change and delete them.",
    is_customer=False,
)


def add_pages(blueprint: Blueprint, path: str, audience: Audience) -> None:
    """Serve the pages below a path, each also as `simple`, for small windows."""
    views = {"GET": partial(ask, audience), "POST": partial(sign_in, audience)}
    for at in (path, f"{path}/simple"):
        for method, view in views.items():
            blueprint.add_url_rule(at, ENDPOINTS[method], view, methods=[method])
    both = ("GET", "POST")
    blueprint.add_url_rule(f"{path}/confirm", "confirm", confirm, methods=both)
    blueprint.add_url_rule(f"{path}/reject", "reject", reject, methods=both)
    blueprint.before_request(know_user)


def found(token: str) -> Handshake | None:
    """The handshake of a request token."""
    with current_store().handshakes(writes=False) as handshakes:
        handshake = handshakes.find(NAME, token)
    note("key", handshake and handshake.consumer)
    return handshake


def undecided() -> Handshake:
    """The handshake that a page is about. Raises OAuthProblem."""
    token = request.values.get("oauth_token")
    if token is None:
        raise OAuthProblem("parameter_absent", oauth_parameters_absent="oauth_token")
    handshake = found(token) if len(token) == LENGTH else None
    if handshake is None or is_out_of_reach(handshake.consumer):
        raise OAuthProblem("token_rejected")
    if handshake.verifier:
        raise OAuthProblem("token_used")
    return handshake


def is_out_of_reach(key: Key) -> bool:
    """Whether it is a demo key, and the caller on another machine."""
    return key.is_demo and not is_local()


def ask(audience: Audience) -> Response:
    """The page to sign in on."""
    return sign_in_page(undecided(), audience)


def sign_in_page(handshake: Handshake, audience: Audience, error: str = "") -> Response:
    return page(
        "sign_in.html",
        redirects_to=redirect_of(handshake),
        title="Sign in",
        application=application(handshake),
        able=audience.able,
        who=audience.who,
        name=audience.name,
        token=handshake.token,
        username=request.form.get("login[username]", ""),
        sign_in=request.path,
        reject=sibling("reject"),
        error=error,
    )


def know_user() -> Response | None:
    """Find out who signs in: before the view, as it takes long and views take turns."""
    if (request.endpoint or "").rpartition(".")[2] != "sign_in":
        return None
    # Nobody finds out about a password where there is nothing to allow.
    undecided()
    username = request.form.get("login[username]", "")
    password = request.form.get("login[password]", "")
    seconds = seconds_to_wait(
        NAME, username, request.remote_addr, limit=chosen("sign_in_attempts")
    )
    if seconds:
        return try_later(seconds)
    g.user = Keyring.user(current_store().keys, NAME, username, password)
    return None


def try_later(seconds: int) -> Response:
    """The page for who has tried too many passwords."""
    minutes = -(-seconds // 60)
    response = page(
        "message.html",
        status=429,
        title="Too many attempts",
        message="There were too many attempts to sign in with this name, or from your"
        f" network. Try again in {minutes} minute{'s' if minutes > 1 else ''}: go back"
        " and send the form again.",
        problem="",
    )
    response.headers["Retry-After"] = str(seconds)
    return response


def sign_in(audience: Audience) -> Response:
    """The page to decide on, for a user of the application's shop."""
    handshake = undecided()
    user: Key | None = g.user
    if user is None or not is_admitted(user, handshake, audience):
        return sign_in_page(handshake, audience, "Invalid login or password.")
    with current_store().handshakes() as handshakes:
        ticket = handshakes.sign_in(handshake, user)
    return page(
        "confirm.html",
        redirects_to=redirect_of(handshake),
        title="Authorize application",
        application=application(handshake),
        able=audience.able,
        username=user.username,
        token=handshake.token,
        ticket=ticket,
        confirm=sibling("confirm"),
        reject=sibling("reject"),
    )


def is_admitted(user: Key, handshake: Handshake, audience: Audience) -> bool:
    """Whether this user decides on this page."""
    return (
        user.shop.id == handshake.consumer.shop.id
        and (user.customer_id is not None) == audience.is_customer
        and user.scope != CONSUMER
        and not is_out_of_reach(user)
    )


def confirm() -> Response:
    """Let the application in, if the request has the ticket."""
    handshake = undecided()
    with current_store().handshakes() as handshakes:
        verifier = handshakes.allow(handshake, request.values.get("ticket", ""))
    if verifier is None:
        raise OAuthProblem("permission_denied")
    if handshake.callback == OUT_OF_BAND:
        return page(
            "verifier.html",
            title="Application authorized",
            application=application(handshake),
            verifier=verifier,
        )
    return redirect(handshake, oauth_verifier=verifier)


def reject() -> Response:
    """Turn the application away; who has the request token may."""
    handshake = undecided()
    with current_store().handshakes() as handshakes:
        handshakes.end(handshake)
    if handshake.callback == OUT_OF_BAND:
        said = f"{application(handshake)} has no access."
        return page(
            "message.html", title="Application rejected", message=said, problem=""
        )
    return redirect(handshake, rejected="1")


def redirect(handshake: Handshake, **told: str) -> Response:
    """Send the user back to the application."""
    callback = handshake.callback
    query = urlencode({"oauth_token": handshake.token, **told})
    joint = "&" if "?" in callback else "?"
    return Response(
        status=302,
        headers={
            "Location": f"{callback}{joint}{query}",
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
        },
    )


def redirect_of(handshake: Handshake) -> str:
    """Where the user will be sent, if anywhere."""
    return "" if handshake.callback == OUT_OF_BAND else handshake.callback


def application(handshake: Handshake) -> str:
    """What the application is called."""
    consumer = handshake.consumer
    return consumer.label or f"The application {consumer.hint}..."


def sibling(name: str) -> str:
    """The path of another page of the same audience."""
    return url_for(f".{name}")


def explain(problem: OAuthProblem) -> Response:
    """The page that says why there is nothing to decide."""
    return page(
        "message.html",
        status=problem.status,
        title="This cannot be authorized",
        message="The application's request is unknown, has been answered, or is too"
        " old. Start again from the application.",
        problem=problem.code,
    )
