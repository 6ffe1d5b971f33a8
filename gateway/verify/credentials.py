"""The file that says who asks: JSON, or TOML if its name ends so."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dialects.base import Credential, Dialect

PART = re.compile(r"<(?:\w+:)?(\w+)>")


class CredentialsError(Exception):
    """The file of credentials cannot be used; the text says what is needed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """Who asks, and of whom: a key for each scope, under "main" the chief one.

    `parts` are those of the root's path that each shop has its own.
    """

    customer: str
    keys: Mapping[str, Credential]
    consumer: Credential | None
    parts: Mapping[str, str]

    def all_keys(self) -> list[Credential]:
        """Every key, an application's first."""
        first = [self.consumer] if self.consumer else []
        return [*first, *{key.token: key for key in self.keys.values()}.values()]

    def unknown(self) -> Credential:
        """A key of the right form that nobody has."""
        key = self.keys["main"]
        return replace(key, token="0" * len(key.token))


def needed(dialect: Dialect, *, asks: bool = True) -> Mapping[str, str]:
    """What a file must name for a dialect, and what each is; who asks questions needs
    a customer to ask of."""
    said = {"token": f"a key with the scope {dialect.scopes[0]}"}
    if dialect.consumer_scope:
        said |= {
            "secret": "the secret of the token",
            "consumer": "the application's key",
            "consumer_secret": "the secret of the application's key",
        }
    said |= dict.fromkeys(PART.findall(dialect.root), f"it stands in {dialect.root}")
    if dialect.checks and asks:
        said["customer"] = dialect.checks().customer
    return said


def told(dialect: Dialect, *, asks: bool = True) -> str:
    """The same in words, and what may be there as well."""
    names = "; ".join(
        f"{name}: {what}" for name, what in needed(dialect, asks=asks).items()
    )
    others = [s for s in dialect.scopes[1:] if s != dialect.consumer_scope]
    if not others:
        return names
    example = f'{{"{others[0]}": {{"token": ...}}}}'
    return f"{names}; and if you like `scopes`, keys that may do less: {example}"


def read_credentials(dialect: Dialect, path: Path, *, asks: bool = True) -> Access:
    """The access that a file gives. Raises CredentialsError."""
    given = content(path)
    wanted = needed(dialect, asks=asks)
    lacking = [name for name in wanted if not given.get(name)]
    if lacking:
        raise CredentialsError(
            f"{path} lacks {', '.join(lacking)}; for {dialect.name} it must have"
            f" {told(dialect, asks=asks)}"
        )
    consumer = application(dialect, given)
    return Access(
        customer=str(given.get("customer", "")),
        keys=dict(keys(dialect, given, path)),
        consumer=consumer,
        parts={name: str(given[name]) for name in PART.findall(dialect.root)},
    )


def content(path: Path) -> Mapping[str, Any]:
    """What the file says. Raises CredentialsError."""
    text = path.read_text("utf-8")
    try:
        given = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except ValueError as error:
        raise CredentialsError(f"{path} is neither JSON nor TOML: {error}") from error
    if not isinstance(given, dict):
        raise CredentialsError(f"{path} must hold one object, of names and values")
    return given


def application(dialect: Dialect, given: Mapping[str, Any]) -> Credential | None:
    """The application's own key, where clients sign as one."""
    if not dialect.consumer_scope:
        return None
    return Credential(
        token=str(given["consumer"]),
        secret=str(given["consumer_secret"]),
        scope=dialect.consumer_scope,
    )


def keys(
    dialect: Dialect, given: Mapping[str, Any], path: Path
) -> Iterator[tuple[str, Credential]]:
    """The chief key and those of other scopes. Raises CredentialsError."""
    scopes = given.get("scopes") or {}
    unknown = [name for name in scopes if name not in dialect.scopes]
    if unknown:
        raise CredentialsError(
            f"{path}: {dialect.name} has no scope {unknown[0]!r};"
            f" it has: {', '.join(dialect.scopes)}"
        )
    for name, row in {dialect.scopes[0]: given, **scopes}.items():
        customer = row.get("customer") if row is not given else None
        key = Credential(
            token=str(row.get("token", "")),
            secret=str(row.get("secret", "")),
            scope=name,
            label="user 1",
            customer_id=customer,
            consumer=str(given.get("consumer", "")),
        )
        if row is given:
            yield "main", key
        yield name, key
