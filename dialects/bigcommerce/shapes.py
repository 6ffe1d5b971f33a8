"""What is said of values of the wrong JSON type, and the numbers that V3 takes.

The codes "error.expected.…" and "error.path.missing" are those of recorded answers.
"""

from typing import Any

MISSING = "error.path.missing"
OBJECT = "error.expected.jsobject"
ARRAY = "error.expected.jsarray"
INT32: dict[str, Any] = {"format": "int32", "minimum": -(2**31), "maximum": 2**31 - 1}
FORM_VALUE = "must be a string, a number or an array of strings"


def is_shape(text: str) -> bool:
    """Whether an error is one of types, and not of what a value says."""
    return text.startswith("error.") or text == FORM_VALUE
