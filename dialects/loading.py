"""Bodies are read by forms, each of which is imported for the first of its bodies.

A form is a schema of marshmallow, which takes longer to import than the rest of a
dialect; a server that starts can save that.
"""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from werkzeug.utils import import_string

if TYPE_CHECKING:
    from dialects.forms import Form


class Unsound(Exception):
    """Fields of a body are wrong: `wrong` tells of each, `valid` is what others say."""

    def __init__(self, valid: Mapping[str, Any], wrong: Mapping[Any, Any]) -> None:
        super().__init__(wrong)
        self.valid = valid
        self.wrong = wrong


@cache
def form(target: str) -> "Form":
    """The form that "module:NAME" names."""
    found: Form = import_string(target)
    return found
