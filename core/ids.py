"""Public ids, which nobody can guess."""

import os
import time

DIGITS = "0123456789abcdefghijklmnopqrstuv"
PAIRS = [high + low for high in DIGITS for low in DIGITS]


def random_id(prefix: str) -> str:
    """A public id such as "adr_d0b6fmv28q6vn14peun0": unguessable, ascending in time.

    The body has the form of an xid, 96 bits in 20 characters of base32hex; here 48 of
    them are the time, in 2**-16 seconds, and 48 are random.
    """
    ticks = time.time_ns() * 2**16 // 10**9
    number = (ticks % 2**48) << 48 | int.from_bytes(os.urandom(6))
    return f"{prefix}_{base32hex(number << 4, 20)}"


def base32hex(number: int, length: int) -> str:
    """The number in the digits 0-9 and a-v (RFC 4648, 7), most significant first."""
    starts = range(5 * length // 10 * 10, -1, -10)
    return "".join([PAIRS[number >> start & 1023] for start in starts])[-length:]
