"""Media types and header parameters, read as Django reads them."""

from email.message import Message
from email.utils import collapse_rfc2231_value
from functools import lru_cache
from typing import NamedTuple

LONGEST = 256
"""A longer media type is refused unread."""


class MediaType(NamedTuple):
    """A media type or range, in lower case, with its parameters."""

    main: str
    sub: str
    params: dict[str, str]

    def matches(self, other: "MediaType") -> bool:
        """Whether the two can mean the same, where `*` means anything."""
        return all(
            "*" in (mine, yours) or mine == yours
            for mine, yours in zip(self[:2], other[:2], strict=True)
        )


@lru_cache(maxsize=256)
def media_type(text: str) -> MediaType:
    """The media type that a header, or one entry of Accept, names."""
    name, params = parameters(text)
    main, _, sub = name.partition("/")
    return MediaType(main, sub, params)


def parameters(text: str) -> tuple[str, dict[str, str]]:
    """A header's value in lower case, and the parameters after it."""
    if ";" not in text:
        return text.strip().lower(), {}
    message = Message()
    message["Content-Type"] = text
    (name, _), *pairs = message.get_params() or [("", "")]
    named = {key: collapse_rfc2231_value(value) for key, value in pairs if key}
    return name.lower(), named
