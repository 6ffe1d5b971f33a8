"""Why a signature is not the right one, for who tests a client."""

from collections.abc import Iterator, Mapping
from itertools import takewhile
from typing import Any
from urllib.parse import unquote

from oauthlib.oauth1.rfc5849 import signature as rfc5849

from dialects.openmage.signatures import (
    Secrets,
    Signed,
    hmac_sha1,
    in_natural_order,
    is_plain,
    readings,
)

Guess = tuple[str, Signed, Secrets]
METHODS = ("GET", "POST", "PUT", "DELETE")


def explained(
    signed: Signed, method: str, signature: str, secrets: Secrets
) -> Mapping[str, Any]:
    """The base strings of the request, and what the client probably did.

    `rfc` is the one that the client had to sign (RFC 5849, 3.4.1), `platform` the one
    that OpenMage computes; `differ_at` tells where the two part.
    """
    probably = likely(signed, method, signature, secrets)
    if method == "PLAINTEXT":
        return {"method": method, "probably": probably}
    base = base_string(signed, next(iter(readings(signed))))
    platform = base_string(signed, own_reading(signed))
    alike = takewhile(
        lambda pair: pair[0] == pair[1], zip(base, platform, strict=False)
    )
    return {
        "method": method,
        "rfc": base,
        "platform": platform,
        "differ_at": None if base == platform else len([*alike]),
        "probably": probably,
    }


def base_string(signed: Signed, parameters: str) -> str:
    return str(
        rfc5849.signature_base_string(signed.http_method, signed.base_uri, parameters)
    )


def own_reading(signed: Signed) -> str:
    """The parameters as OpenMage normalizes them."""
    literal = [(unquote(name), unquote(value)) for name, value in signed.query]
    pairs = dict([*signed.protocol, *signed.form, *literal])
    return in_natural_order([*pairs.items()])


def likely(signed: Signed, method: str, signature: str, secrets: Secrets) -> str:
    """What the client did otherwise, if it is one of the usual things."""
    for said, other, held in guesses(signed, secrets):
        if method == "PLAINTEXT":
            is_it = is_plain(signature, held)
        else:
            is_it = any(
                signature == hmac_sha1(other, parameters, held)
                for parameters in readings(other)
            )
        if is_it:
            return said
    return "a secret is wrong, or something was signed that was not sent"


def guesses(signed: Signed, secrets: Secrets) -> Iterator[Guess]:
    """What clients do otherwise."""
    own, token = secrets.client_secret, secrets.resource_owner_secret
    yield "signed without the token's secret", signed, Secrets(own, "")
    yield "signed without the application's secret", signed, Secrets("", token)
    yield (
        "signed with the two secrets in each other's place",
        signed,
        Secrets(token, own),
    )
    for method in METHODS:
        other = signed._replace(http_method=method)
        yield f"signed as a {method}", other, secrets
    for said, uri in urls(signed.base_uri):
        yield f"signed for {said}", signed._replace(base_uri=uri), secrets
    yield "signed without the query", signed._replace(query=()), secrets
    yield "signed without the form", signed._replace(form=()), secrets


def urls(uri: str) -> Iterator[tuple[str, str]]:
    """Other URLs that a client may have meant."""
    scheme, _, rest = uri.partition("://")
    host, slash, path = rest.partition("/")
    other = "http" if scheme == "https" else "https"
    yield f"{other} in place of {scheme}", f"{other}://{rest}"
    name = host.rpartition(":")[0]
    if name:
        yield "the host without its port", f"{scheme}://{name}{slash}{path}"
    else:
        port = "443" if scheme == "https" else "80"
        yield "the default port, named", f"{scheme}://{host}:{port}{slash}{path}"
    if path.endswith("/"):
        yield "the path without its last slash", uri.rstrip("/")
    else:
        yield "a path with a slash at its end", f"{uri}/"
