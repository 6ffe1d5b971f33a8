"""Whether a request is signed with the right secrets (RFC 5849, 3.4).

OpenMage reads a request in its own way before it computes the signature, where clients
follow the RFC. A client that follows either is understood.
"""

from binascii import b2a_base64
from collections.abc import Iterator, Sequence
from hmac import compare_digest, digest
from typing import NamedTuple
from urllib.parse import unquote, unquote_plus

from oauthlib.oauth1.rfc5849 import signature as rfc5849

from dialects.openmage.escaping import escape, normalized
from dialects.openmage.php import natural_order

Pair = tuple[str, str]


class Signed(NamedTuple):
    """What is signed; the query's names and values are as they were sent."""

    http_method: str
    base_uri: str
    protocol: Sequence[Pair]
    form: Sequence[Pair]
    query: Sequence[Pair]


class Secrets(NamedTuple):
    """What a client signs with: its application's secret and its token's."""

    client_secret: str
    resource_owner_secret: str = ""


def is_signed(signed: Signed, method: str, signature: str, secrets: Secrets) -> bool:
    """Whether the signature, by HMAC-SHA1 or PLAINTEXT, is the request's."""
    if method == "PLAINTEXT":
        return is_plain(signature, secrets)
    return any(
        is_same(signature, hmac_sha1(signed, parameters, secrets))
        for parameters in readings(signed)
    )


def is_plain(signature: str, secrets: Secrets) -> bool:
    """Whether these are the secrets, encoded (RFC 5849, 3.4.4) or as they are."""
    own, other = secrets.client_secret, secrets.resource_owner_secret
    encoded = rfc5849.sign_plaintext(own, other)
    # Both are compared, so that the time tells nothing.
    matches = [is_same(signature, s) for s in (encoded, f"{own}&{other}")]
    return any(matches)


def is_same(signature: str, right: str) -> bool:
    """Whether the texts are equal, in a time that does not tell where they differ."""
    return compare_digest(as_bytes(signature), as_bytes(right))


def as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def hmac_sha1(signed: Signed, parameters: str, secrets: Secrets) -> str:
    """The right signature if the client has normalized the parameters so."""
    parts = (signed.http_method.upper(), signed.base_uri, parameters)
    base_string = "&".join(map(escape, parts))
    key = f"{escape(secrets.client_secret)}&{escape(secrets.resource_owner_secret)}"
    made = digest(key.encode(), base_string.encode(), "sha1")
    return b2a_base64(made, newline=False).decode()


def readings(signed: Signed) -> Iterator[str]:
    """The normalized parameters as the RFC has them, then as OpenMage may.

    It sorts names in natural order, takes the last of several equal ones, and leaves a
    plus in the query as it is.
    """
    protocol = [*signed.protocol]
    decoded = [(unquote_plus(name), unquote_plus(v)) for name, v in signed.query]
    first = normalized([*protocol, *signed.form, *decoded])
    yield first
    literal = [(unquote(name), unquote(value)) for name, value in signed.query]
    tried = {first}
    for query in (literal, decoded):
        pairs = [*protocol, *signed.form, *query]
        last = [*dict(pairs).items()]
        for made in (
            normalized(pairs),
            normalized(last),
            in_natural_order(last),
        ):
            if made not in tried:
                tried.add(made)
                yield made


def in_natural_order(pairs: Sequence[Pair]) -> str:
    """The normalized parameters, sorted by PHP's natural order of their names."""
    ordered = sorted(pairs, key=lambda pair: natural_order(escape(pair[0])))
    return "&".join(normalized([pair]) for pair in ordered)
