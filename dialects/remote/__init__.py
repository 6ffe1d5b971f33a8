"""The other direction: reads and writes a platform that speaks a dialect's API.

A dialect's `remote.py` has a subclass of `Remote`, which translates by the schemas of
the dialect. Here is what is common to all: the calls, what is read and what comes of a
write, and how a create is repeated whose answer was lost.
"""

from dialects.remote.calls import (
    Denied,
    Manner,
    Platform,
    RemoteError,
    Reply,
    Unanswered,
)
from dialects.remote.remote import Remote, Unfit
from dialects.remote.values import (
    Outcome,
    RemoteAddress,
    RemoteCustomer,
    Wire,
    as_address,
    as_customer,
    by_words,
    differing,
    essential,
    instant,
    is_since,
    root_url,
)

__all__ = [
    "Denied",
    "Manner",
    "Outcome",
    "Platform",
    "Remote",
    "RemoteAddress",
    "RemoteCustomer",
    "RemoteError",
    "Reply",
    "Unanswered",
    "Unfit",
    "Wire",
    "as_address",
    "as_customer",
    "by_words",
    "differing",
    "essential",
    "instant",
    "is_since",
    "root_url",
]
