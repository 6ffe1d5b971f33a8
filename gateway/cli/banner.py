"""What `serve` prints: where each dialect is, and a line to try it with."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dialects.base import Credential, Dialect

VARIABLE = re.compile(r"<[^>]*>")
TOKEN = "TOKEN-PLACEHOLDER"


def origin(host: str, port: int, *, is_secure: bool) -> str:
    """The part of a URL that is the server's."""
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if is_secure else 'http'}://{shown}:{port}"


def banner(
    dialects: "Sequence[Dialect]",
    *,
    server: str,
    mounts: Mapping[str, str],
    shop: str | None,
    demo_keys: "Mapping[str, Sequence[Credential]]",
    certificate: Path | None,
) -> str:
    """The text; `demo_keys` are those to show, the first of a dialect to try."""
    width = max(len(dialect.title) for dialect in dialects)
    bases = {
        dialect.name: server + at(mounts.get(dialect.name, dialect.root), shop)
        for dialect in dialects
    }
    lines = ["Serving:"]
    lines += [f"  {d.title.ljust(width)}  {bases[d.name]}" for d in dialects]
    if demo_keys:
        lines += ["", "Demo keys, for this machine only:"]
        lines += [
            f"  {dialect.title.ljust(width)}  {described(key)}"
            for dialect in dialects
            for key in demo_keys.get(dialect.name, ())
        ]
    lines += ["", "Try:"]
    lines += [
        "  " + curl(dialect, bases[dialect.name], demo_keys, certificate)
        for dialect in dialects
    ]
    if not demo_keys:
        maker = "key add" if shop else "init"
        lines.append(f"  (TOKEN is a key's; `address-gateway {maker}` makes one)")
    return "\n".join([*lines, "", "Stop with Ctrl-C, or SIGTERM."])


def at(root: str, shop: str | None) -> str:
    """A dialect's root, in which a variable stands for the shop."""
    return VARIABLE.sub(shop or "SHOP", root)


def described(key: "Credential") -> str:
    """A demo key as it is shown."""
    secret = f"  secret {key.secret}" if key.secret else ""
    return f"{key.token or key.username}{secret}  ({key.label or key.scope})"


def curl(
    dialect: "Dialect",
    base: str,
    demo_keys: "Mapping[str, Sequence[Credential]]",
    certificate: Path | None,
) -> str:
    """A line for the shell that sends the dialect's example."""
    from dialects.base import Credential, authorization

    keys = demo_keys.get(dialect.name) or [Credential(token=TOKEN, scope="")]
    method, _, path = dialect.example.partition(" ")
    parts = ["curl -i"]
    if method not in ("", "GET"):
        parts.append(f"-X {method}")
    if certificate:
        parts.append(f"--cacert {certificate}")
    for name, value in authorization(dialect, keys[0], keys).items():
        quoted = f"{name}: {value}".replace("'", "'\\''")
        header = f"-H '{quoted}'".replace(TOKEN, "'\"$TOKEN\"'")
        parts.append(header.removesuffix("''"))
    return " ".join([*parts, f"'{base}{path}'"])
