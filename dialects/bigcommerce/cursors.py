"""Cursors: where a list of customers stands, as a text (source: V3 reference).

The example there, `eyJpZCI6MjA0fQ`, is `{"id":204}` in base64 without its padding.
Where a list is in another order, the cursor holds what it is ordered by, too.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Any, NamedTuple

from core import Customer
from dialects.bigcommerce.errors import BadQuery

INSTANTS = ("created_at", "updated_at")


class Cursor(NamedTuple):
    """A place in a list: a customer's id, and what the customers are ordered by."""

    id: int
    value: Any = None


def write_cursor(customer: Customer, order: str) -> str:
    """The place of a customer in a list of that order."""
    field = order.removeprefix("-")
    held: dict[str, Any] = {"id": customer.id}
    if field != "id":
        value = getattr(customer, field)
        held[field] = value.isoformat() if field in INSTANTS else value
    text = json.dumps(held, separators=(",", ":"))
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(name: str, text: str, order: str) -> Cursor:
    """The place that a text stands for. Raises BadQuery."""
    try:
        held = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return Cursor(number(held["id"]), ordered_by(held, order.removeprefix("-")))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadQuery(
            f'Query parameter "{name}" value must be a cursor of this list. For input'
            f' string: "{text}".'
        ) from error


def number(value: Any) -> int:
    """The id. Raises TypeError for anything else."""
    if not isinstance(value, int):
        raise TypeError(value)
    return value


def ordered_by(held: Any, field: str) -> Any:
    """The value of the field. Raises KeyError, TypeError or ValueError."""
    if field == "id":
        return None
    value = held[field]
    if not isinstance(value, str):
        raise TypeError(value)
    if field not in INSTANTS:
        return value
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError(value)
    return instant
