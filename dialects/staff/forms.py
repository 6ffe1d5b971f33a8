"""The bodies that Staff takes (source: Create Customer Address, Create Customer)."""

import re
from datetime import date
from typing import Any, TypeVar

from marshmallow import ValidationError, fields

from core import Gender, Problem
from dialects.forms import Form
from dialects.staff import emails
from dialects.staff.schemas import SHORT

T = TypeVar("T")

TRUE = {"t", "y", "yes", "true", "on", "1", 1}
FALSE = {"f", "n", "no", "false", "off", "0", 0}

LENIENT = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\n?")
"""A date without its zeros, in any digits, as Django reads it."""


class Checked(fields.Field[T]):
    """A field whose errors are problems, for `errors.py` to put into words."""

    def make_error(self, key: str, **params: Any) -> ValidationError:
        return ValidationError([Problem("", key, params=params)])


class PlaceNumber(Checked[int]):
    """A number as Python's `int` takes it: "1", " 1 " and 1.5 are 1."""

    def is_plain(self, value: Any) -> bool:
        return type(value) is int

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return super().deserialize(None if value == "" else value, *args, **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise self.make_error("type", received=type(value).__name__)
        try:
            return int(value)
        except ValueError:
            raise self.make_error("type", received=type(value).__name__) from None
        except OverflowError:
            raise self.make_error("unknown", value=value) from None


class Text(Checked[str]):
    """A text, trimmed; a number is taken for its digits."""

    wrong = "string"
    """The problem with what is no text."""

    def __init__(self, *, most: int | None = None, **options: Any) -> None:
        super().__init__(**{"allow_none": True, **options})
        self._most = most

    def is_plain(self, value: Any) -> bool:
        """Whether it is ASCII text that needs no trimming, or null."""
        return value is None or (
            type(value) is str
            and value.isascii()
            and "\0" not in value
            and (not value or (value[0] > " " and value[-1] > " "))
            and (self._most is None or len(value) <= self._most)
        )

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise self.make_error(self.wrong)
        text = self.trimmed(value)
        problems = self.problems(text)
        if problems:
            raise ValidationError(problems)
        return text

    def problems(self, text: str) -> list[Problem]:
        """What is wrong with the text, in the order in which it is told."""
        problems = []
        if self._most is not None and len(text) > self._most:
            problems.append(Problem("", "length", params={"most": self._most}))
        if "\0" in text:
            problems.append(Problem("", "nul"))
        halves = (ord(c) for c in text if "\ud800" <= c <= "\udfff")
        problems += [Problem("", "surrogate", params={"code": c}) for c in halves][:1]
        return problems

    def trimmed(self, value: float | str) -> str:
        return str(value).strip()


class Flag(Checked[bool]):
    """A boolean or one of the words for it, in any case."""

    def is_plain(self, value: Any) -> bool:
        return type(value) is bool

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> bool:
        if isinstance(value, str):
            value = value.lower()
        if isinstance(value, (str, int, float)) and value in TRUE | FALSE:
            return value in TRUE
        raise self.make_error("boolean")


class Day(Checked[date]):
    """A date of ISO 8601, or one nearly so."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> date:
        if not isinstance(value, str):
            raise self.make_error("format")
        try:
            return date.fromisoformat(value)
        except ValueError:
            return self.lenient(value)

    def lenient(self, text: str) -> date:
        found = LENIENT.fullmatch(text)
        try:
            return date(*map(int, found.groups() if found else ()))
        except (TypeError, ValueError):
            raise self.make_error("format") from None


class GenderField(Checked[str]):
    """One of the two words, or none."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        if value == "":
            return ""
        try:
            return Gender(str(value))
        except ValueError:
            raise self.make_error("choice", value=value) from None


class Email(Text):
    """An e-mail address; none is empty."""

    wrong = "email"

    def __init__(self) -> None:
        super().__init__(most=emails.LONGEST)

    def is_plain(self, value: Any) -> bool:
        return False

    def problems(self, text: str) -> list[Problem]:
        """What is wrong with the text, in the order in which it is told."""
        found = super().problems(text)
        if text and not emails.is_email(text):
            found.append(Problem("", self.wrong))
        return found


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


class AddressBody(Form):
    """The request's fields, in the order in which errors are told."""

    default = Flag()
    country = PlaceNumber(required=True)
    state = PlaceNumber(required=True)
    city = PlaceNumber(required=True)
    address = Text()
    postal_code = Text(most=SHORT)
    first_name = Text(most=SHORT)
    last_name = Text(most=SHORT)
    national_code = Text(most=SHORT)
    mobile_number = Text(most=SHORT)
    text = Text()


class CustomerBody(Form):
    """The request's fields, in the order in which errors are told."""

    first_name = Text(most=SHORT)
    last_name = Text(most=SHORT)
    email = Email()
    mobile_number = Text(most=SHORT)
    national_code = Text(most=SHORT)
    birth_date = Day(allow_none=True)
    gender = GenderField(allow_none=True)
    notes = Text()
    is_active = Flag()


class SignInBody(Form):
    """The request's fields, in the order in which errors are told."""

    username = Required()
    password = Untrimmed()


ADDRESS = AddressBody()
CUSTOMER = CustomerBody()
SIGN_IN = SignInBody()
