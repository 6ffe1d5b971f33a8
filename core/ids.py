"""Public ids, which nobody can guess."""

import os
import time

DIGITS = "0123456789abcdefghijklmnopqrstuv"
DIGIT = bytes(ord(DIGITS[byte % 32]) for byte in range(256))
"""A digit for each byte, each for as many."""
PAIRS = [high + low for high in DIGITS for low in DIGITS]


def random_id(prefix: str) -> str:
    """A public id such as "adr_d0b6fmv28q6vn14peun0": unguessable, ascending in time.

    The body has the form of an xid, 96 bits in 20 characters of base32hex; here 48 of
    them are the time, in 2**-16 seconds, and 48 are random.
    """
    ticks = time.time_ns() * 2**16 // 10**9 % 2**48
    random = os.urandom(11)
    # A digit has five bits: two of the tenth are random, and one of the last.
    start = base32hex(ticks << 2 | random[0] & 3, 10)
    end = "0g"[random[1] & 1]
    return f"{prefix}_{start}{random[2:].translate(DIGIT).decode()}{end}"


def base32hex(number: int, length: int) -> str:
    """The number in the digits 0-9 and a-v (RFC 4648, 7), most significant first."""
    starts = range(5 * length // 10 * 10, -1, -10)
    return "".join([PAIRS[number >> start & 1023] for start in starts])[-length:]
