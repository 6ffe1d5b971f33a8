"""How often a password may be tried: counted for all workers, and hosts with Redis.

Every attempt counts, before the password is looked at: to find out whether it is right
takes a tenth of a second on purpose.
"""

from hashlib import blake2b
from ipaddress import ip_address, ip_network

from dialects.base import current_limits, current_store

WINDOW = 300_000
"""In milliseconds."""

BY_ADDRESS = 10
"""How many times as many attempts come from one address, which several may share."""

BUCKETS = 4096
"""A count is a file, or a key of Redis; made-up names shall not make one each."""


def seconds_to_wait(
    dialect: str, username: str, address: str | None, *, limit: int
) -> int:
    """Count an attempt to sign in: how long to wait if it is one too many, else 0.

    In each window a name has `limit` attempts; with 0 nothing is counted.
    """
    if not limit:
        return 0
    counts = {
        "name": (username, limit),
        "address": (network(address), limit * BY_ADDRESS),
    }
    now = current_store().now()
    taken = [
        current_limits().take(
            f"{dialect}.signing_in.{kind}.{bucket(text)}", most, WINDOW, now
        )
        for kind, (text, most) in counts.items()
    ]
    return max((-(-t.reset_ms // 1000) for t in taken if not t.is_granted), default=0)


def network(address: str | None) -> str:
    """Whose address it is: of IPv6, a subscriber has 64 bits (RFC 6177)."""
    try:
        known = ip_address(address or "")
    except ValueError:
        return ""
    if known.version == 4:
        return str(known)
    return str(ip_network((known, 64), strict=False))


def bucket(text: str) -> int:
    """The number under which a text is counted, along with a few others."""
    made = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(made) % BUCKETS
