"""The URL of a request, as its client signed it (RFC 5849, 3.4.1.2)."""

import re
from functools import lru_cache
from urllib.parse import quote
from wsgiref.types import WSGIEnvironment

from oauthlib.oauth1.rfc5849.signature import base_string_uri

from dialects.current import this_request

HOST = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
TARGET = re.compile(r"(?:[A-Za-z0-9_.!~*'()\[\];/?:@&=+$,-]|%[0-9A-Fa-f]{2})*")
ORIGIN = re.compile(r"https?://[^/?]*", re.IGNORECASE)
UNRESERVED = "/:@!$&'()*+,;=-._~"
PLAIN = re.compile(r"[A-Za-z0-9/._-]*")


class BadURI(ValueError):
    """The URL is none to the original."""


def base_uri() -> str:
    """The URL of the request without its query (RFC 5849, 3.4.1.2).

    Raises BadURI for one that Zend's parser refuses.
    """
    environ = this_request().environ
    host = environ.get("HTTP_HOST") or "{SERVER_NAME}:{SERVER_PORT}".format(**environ)
    path, query = raw_path(environ), environ.get("QUERY_STRING", "")
    is_secure = environ.get("HTTP_X_FORWARDED_PROTO") == "https"
    scheme = "https" if is_secure else environ["wsgi.url_scheme"]
    if HOST.fullmatch(host) and TARGET.fullmatch(path) and TARGET.fullmatch(query):
        try:
            return normalized(f"{scheme}://{host}", path)
        except ValueError:
            pass
    raise BadURI


def normalized(origin: str, path: str) -> str:
    """The URL as it is signed. Raises ValueError.

    All but what stands after a semicolon in a path is signed as it is.
    """
    if ";" in path or not path.startswith("/"):
        return str(base_string_uri(origin + path))
    return normalized_origin(origin) + path


@lru_cache(maxsize=256)
def normalized_origin(origin: str) -> str:
    return str(base_string_uri(f"{origin}/")).removesuffix("/")


def raw_path(environ: WSGIEnvironment) -> str:
    """The path as it was sent, or where the server does not tell, encoded anew."""
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if raw is None:
        sent = environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"]
        if PLAIN.fullmatch(sent):
            return str(sent)
        return quote(sent.encode("latin-1"), safe=UNRESERVED)
    return ORIGIN.sub("", str(raw).partition("?")[0], count=1)
