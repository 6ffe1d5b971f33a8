"""What is stored of a password: a text that is slow to compute (scrypt, RFC 7914)."""

import hashlib
import hmac
import secrets

METHOD = "scrypt"

# "N=2^14 (16 MiB), r=8 (1024 bytes), p=5" (OWASP, Password Storage Cheat Sheet): of
# the settings named as equally strong, one that leaves memory to other threads.
COST = (2**14, 8, 5)

NOBODYS = "$".join((METHOD, *map(str, COST), "00" * 16, ""))
"""A text that no password makes, which is as slow to find out as with any other."""


def hashed(password: str) -> str:
    """The password as it is stored: never twice the same."""
    return computed(password, secrets.token_bytes(16), COST)


def is_hashed(stored: str) -> bool:
    """Whether this is a text that `hashed` makes, and no password."""
    return stored.startswith(f"{METHOD}$") and stored.count("$") == NOBODYS.count("$")


def is_password(password: str, stored: str) -> bool:
    """Whether the stored text was made from this password."""
    _, n, r, p, salt, _ = stored.split("$")
    made = computed(password, bytes.fromhex(salt), (int(n), int(r), int(p)))
    return hmac.compare_digest(made, stored)


def computed(password: str, salt: bytes, cost: tuple[int, int, int]) -> str:
    """The method, its cost, the salt and the hash, in one text."""
    n, r, p = cost
    made = hashlib.scrypt(
        password.encode("utf-8", "surrogatepass"),
        salt=salt,
        n=n,
        r=r,
        p=p,
        # A little more than the 128 * n * r that it needs.
        maxmem=132 * n * r + 1024 * r * p,
    )
    return "$".join((METHOD, *map(str, cost), salt.hex(), made.hex()))
