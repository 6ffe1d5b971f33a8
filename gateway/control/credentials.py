"""The credentials of a shop to test on, and what a journal calls them."""

from collections.abc import Iterable, Mapping

from dialects.base import Credential, Dialect
from gateway.control.seeds import complete


def made(dialect: Dialect) -> dict[str, Credential]:
    """A new key for each scope of a dialect, that of an application first."""
    scopes = sorted(dialect.scopes, key=lambda scope: scope != dialect.consumer_scope)
    keys: dict[str, Credential] = {}
    for scope in scopes:
        consumer = bound(dialect, scope, keys)
        key = Credential(token="", scope=scope, consumer=consumer)
        keys[scope] = complete(dialect, key)
    return keys


def bound(dialect: Dialect, scope: str, keys: Mapping[str, Credential]) -> str:
    """The token of the application's key that one of the scope is bound to, if any."""
    is_bound = dialect.consumer_scope not in ("", scope)
    return keys[dialect.consumer_scope].token if is_bound else ""


def named(dialect: str, keys: Iterable[Credential]) -> dict[str, str]:
    """What stands in a journal for the tokens and secrets of keys."""
    known = {}
    for key in keys:
        name = key.label or key.scope
        known[key.token] = f"token of the {dialect} key {name}"
        known[key.secret] = f"secret of the {dialect} key {name}"
    return known
