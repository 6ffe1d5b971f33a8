"""Signs recorded requests anew, by OAuth 1.0a in a header (RFC 5849, 3.5.1).

A recording says of a signature: `scheme` (`none`, `raw` with the literal
`authorization`, or `oauth1`), `identity` (whose token, null for none), `consumer` (a
number), `signature_method`, `timestamp` and `nonce` (`<unique>` for a new one). A key
or secret that it names with `override_` before it is used in place of the right one.
What `after_signing_remove` and `after_signing_set` name is changed once it is signed.
"""

import secrets
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from dialects.base import Unsigned

UNIQUE = "<unique>"
OVERRIDE = "override_"
CREDENTIALS = {"consumer_key", "consumer_secret", "token", "token_secret"}
FORM = "application/x-www-form-urlencoded"

Pair = tuple[str, str]


def sign(
    auth: Mapping[str, Any], file: Mapping[str, Any], request: Unsigned
) -> Mapping[str, str]:
    """The header that authenticates the request as its recording says."""
    scheme = auth["scheme"]
    if scheme == "none":
        return {}
    if scheme == "raw":
        return {"Authorization": auth["authorization"]}
    if scheme != "oauth1":
        raise ValueError(f"unknown scheme {scheme!r}")
    credentials = credentials_of(auth, file["oauth"])
    given = parameters(auth, credentials)
    given["oauth_signature"] = signature(request, given, credentials)
    for name in auth.get("after_signing_remove") or ():
        given.pop(name, None)
    given.update(auth.get("after_signing_set") or {})
    return {"Authorization": header(auth.get("scheme_written_as", "OAuth"), given)}


def credentials_of(
    auth: Mapping[str, Any], oauth: Mapping[str, Any]
) -> Mapping[str, str]:
    """The keys and secrets to sign with; there need not be a token."""
    consumers = {str(one["id"]): one for one in oauth["consumers"]}
    consumer = consumers[str(auth["consumer"])]
    found = {
        "consumer_key": consumer["key"],
        "consumer_secret": consumer["secret"],
        "token_secret": "",
    }
    if auth.get("identity") is not None:
        tokens = {one["identity"]: one for one in oauth["tokens"]}
        token = tokens[auth["identity"]]
        found |= {"token": token["token"], "token_secret": token["secret"]}
    return found | overrides(auth)


def overrides(auth: Mapping[str, Any]) -> dict[str, str]:
    """The keys and secrets that are not the right ones. Raises ValueError."""
    found = {
        name.removeprefix(OVERRIDE): value
        for name, value in auth.items()
        if name.startswith(OVERRIDE)
    }
    unknown = found.keys() - CREDENTIALS
    if unknown:
        raise ValueError(f"no credentials are called {', '.join(sorted(unknown))}")
    return found


def parameters(
    auth: Mapping[str, Any], credentials: Mapping[str, str]
) -> dict[str, str]:
    """The OAuth parameters of the header, but for the signature."""
    nonce = auth.get("nonce")
    given = {
        "oauth_nonce": secrets.token_hex(16) if nonce == UNIQUE else nonce,
        "oauth_timestamp": auth.get("timestamp"),
        "oauth_version": "1.0",
        "oauth_signature_method": auth.get("signature_method"),
        "oauth_consumer_key": credentials["consumer_key"],
        "oauth_token": credentials.get("token"),
    }
    return {name: str(value) for name, value in given.items() if value is not None}


def signature(
    request: Unsigned, given: Mapping[str, str], credentials: Mapping[str, str]
) -> str:
    """The signature by the named method, or by HMAC-SHA1 if nobody knows the name."""
    # Imported where it is needed: no server signs.
    from oauthlib.oauth1 import Client
    from oauthlib.oauth1.rfc5849 import signature as oauth

    client = Client(
        credentials["consumer_key"],
        client_secret=credentials["consumer_secret"],
        resource_owner_secret=credentials["token_secret"],
    )
    base_string = oauth.signature_base_string(
        request.method,
        oauth.base_string_uri(request.url),
        oauth.normalize_parameters([*given.items(), *signed_pairs(request)]),
    )
    methods = {
        "PLAINTEXT": oauth.sign_plaintext_with_client,
        "HMAC-SHA256": oauth.sign_hmac_sha256_with_client,
    }
    named = given.get("oauth_signature_method", "")
    by_method = methods.get(named, oauth.sign_hmac_sha1_with_client)
    return str(by_method(base_string, client))


def signed_pairs(request: Unsigned) -> Iterator[Pair]:
    """The query's parameters and a form's (RFC 5849, 3.4.1.3.1).

    They are read by urllib: oauthlib refuses the brackets of a filter.
    """
    yield from parse_qsl(urlsplit(request.url).query, keep_blank_values=True)
    types = [value for name, value in request.headers if name.lower() == "content-type"]
    if types and types[0].partition(";")[0].strip().lower() == FORM:
        body = (request.body or b"").decode("utf-8", "replace")
        yield from parse_qsl(body, keep_blank_values=True)


def header(scheme: str, given: Mapping[str, str]) -> str:
    """The header's value, each parameter encoded (RFC 5849, 3.5.1 and 3.6)."""
    parameters = ", ".join(
        f'{name}="{quote(str(value), safe="~")}"' for name, value in given.items()
    )
    return f"{scheme} {parameters}"
