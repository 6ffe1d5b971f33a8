"""Who signs in: AuthTokenSerializer of Django REST Framework."""

from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError

from core import Invalid, Problem
from dialects.base import Wire
from dialects.staff.schemas import Text


class Required(Text):
    """A text that must be given."""

    def __init__(self) -> None:
        super().__init__(required=True, allow_none=False)

    def is_plain(self, value: Any) -> bool:
        return False

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        if isinstance(value, str) and not self.trimmed(value):
            raise self.make_error("blank")
        return super()._deserialize(value, *args, **kwargs)


class Untrimmed(Required):
    """A text in which a space counts."""

    def trimmed(self, value: float | str) -> str:
        return str(value)


class SignInBody(Schema):
    """The request's fields, in the order in which errors are told."""

    class Meta:
        unknown = EXCLUDE

    username = Required()
    password = Untrimmed()


BODY = SignInBody()


def decode_sign_in(wire: Wire) -> tuple[str, str]:
    """The name and the password in a body. Raises Invalid."""
    try:
        said = BODY.load(wire)
    except ValidationError as error:
        raise Invalid(
            [
                Problem(name, told.code, params=told.params)
                for name, several in error.messages_dict.items()
                for told in several
            ]
        ) from None
    return said["username"], said["password"]
