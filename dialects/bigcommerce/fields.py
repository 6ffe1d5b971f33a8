"""The types of JSON that V3 takes; each error is the text that stands in the answer.

A value of the right type that breaks a limit is told in words.
"""

from functools import cached_property
from math import inf
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from dialects.bigcommerce.shapes import ARRAY, FORM_VALUE, INT32, MISSING, OBJECT
from dialects.forms import Form, Plain, never


def texts(expected: str) -> dict[str, Any]:
    """The errors of a field that expects one type; null is of none."""
    return dict.fromkeys(("invalid", "null", "type"), expected) | {"required": MISSING}


class Part(Form):
    """A JSON object, whose other keys do not matter."""

    error_messages = {"type": OBJECT}  # noqa: RUF012


class Text(fields.String):
    """A JSON string."""

    default_error_messages = texts("error.expected.jsstring")

    @cached_property
    def is_plain(self) -> Plain:
        """Whether a value is a text within its bounds, or one of its choices."""
        match self.validators:
            case []:
                return lambda value: type(value) is str
            case [validate.Length(min=least, max=most, equal=None)]:
                shortest, longest = least or 0, inf if most is None else most
                return lambda value: (
                    type(value) is str and shortest <= len(value) <= longest
                )
            case [validate.OneOf(choices=choices)]:
                return lambda value: type(value) is str and value in choices
        return never

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        return value


class Number(fields.Integer):
    """A JSON number that is an integer of 32 bits, as 1 and 1.0 are; "1" is not."""

    default_error_messages = texts("error.expected.jsnumber")

    def is_plain(self, value: Any) -> bool:
        """Whether it is an integer of 32 bits; none has other bounds."""
        return type(value) is int and INT32["minimum"] <= value <= INT32["maximum"]

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid")
        is_small = INT32["minimum"] <= value <= INT32["maximum"]
        if value != int(value) or not is_small:
            raise ValidationError("error.expected.int")
        return int(value)


class Amount(fields.Float):
    """A JSON number."""

    default_error_messages = texts("error.expected.jsnumber")

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid")
        return value


class Flag(fields.Boolean):
    """A JSON boolean."""

    default_error_messages = texts("error.expected.jsboolean")

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class FormValue(fields.Field[Any]):
    """A string, a number or an array of strings."""

    default_error_messages = texts(FORM_VALUE)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        members = value if isinstance(value, list) else []
        is_known = isinstance(value, str | int | float | list)
        if isinstance(value, bool) or not is_known:
            raise self.make_error("invalid")
        if not all(isinstance(member, str) for member in members):
            raise self.make_error("invalid")
        return value


class Object(fields.Nested):
    """A JSON object."""

    def __init__(self, schema: type[Schema], **options: Any) -> None:
        super().__init__(schema, error_messages=texts(OBJECT), **options)


class Array(fields.List[Any]):
    """A JSON array of objects."""

    default_error_messages = texts(ARRAY)

    def __init__(self, schema: type[Schema], **options: Any) -> None:
        super().__init__(Object(schema), **options)


class Numbers(fields.List[int]):
    """A JSON array of integers."""

    default_error_messages = texts(ARRAY)

    def __init__(self, **options: Any) -> None:
        super().__init__(Number(metadata=INT32), **options)


def few(most: int) -> validate.Length:
    """The documented bound of an array."""
    return validate.Length(max=most, error=f"must have at most {most} items")


def between(least: int, most: int) -> validate.Length:
    """The documented bounds of a text, in characters."""
    text = f"must be between {least} and {most} characters"
    return validate.Length(least, most, error=text)
