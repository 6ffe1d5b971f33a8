"""The bodies that Easel takes; what is absent, null or empty is one thing."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from marshmallow import ValidationError, fields

from dialects.forms import Form, Partial

LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Text(fields.String):
    """A JSON string; half a character becomes U+FFFD, as typed decoders make it."""

    default_error_messages = {"invalid": "type"}  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__(load_default="", allow_none=True)

    def is_plain(self, value: Any) -> bool:
        return value is None or (type(value) is str and value.isascii())

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        return LONE_SURROGATE.sub("\ufffd", value)


class Number(fields.Integer):
    """A JSON integer of 64 bits; neither 1.0 nor "1" nor true is one."""

    def __init__(self) -> None:
        super().__init__(load_default=0, allow_none=True)

    def is_plain(self, value: Any) -> bool:
        return value is None or (type(value) is int and -(2**63) <= value < 2**63)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> int:
        if not self.is_plain(value):
            raise ValidationError("type")
        return int(value)


class Body(Form):
    """The body of create and update."""

    def read(
        self, said: Mapping[str, Any], *, partial: Partial = None
    ) -> Mapping[str, Any]:
        """All fields; what is absent or null is "" or 0. Raises Unsound."""
        known = super().read(said, partial=partial)
        return {name: known.get(name) or empty for name, empty in self.empties.items()}

    @cached_property
    def empties(self) -> Mapping[str, Any]:
        """What each field is when it is absent."""
        return {name: field.load_default for name, field in self.fields.items()}


class AddressBody(Body):
    """The fields of an address."""

    first_name = Text()
    last_name = Text()
    street1 = Text()
    street2 = Text()
    city = Text()
    state = Text()
    country_id = Number()
    zip = Text()


class CustomerBody(Body):
    """The fields of a customer."""

    first_name = Text()
    last_name = Text()
    email = Text()
    phone = Text()


ADDRESS = AddressBody()
CUSTOMER = CustomerBody()
