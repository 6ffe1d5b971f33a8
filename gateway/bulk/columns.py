"""A record as the cells of CSV. `docs/bulk.md` tells of each column."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core import RECORD_FIELDS

COLUMNS = RECORD_FIELDS
"""The columns of each kind of file, in the order of an export."""
NUMBERS = ("id", "customer_id")
BOOLEANS = ("is_active", "default_billing", "default_shipping")
WORDS = {"true": True, "false": False, "1": True, "0": False}


def number(cell: str) -> Any:
    return int(cell) if re.fullmatch(r"-?[0-9]{1,20}", cell) else cell


def boolean(cell: str) -> Any:
    return WORDS.get(cell.lower(), cell)


def mapping(cell: str) -> Any:
    try:
        return json.loads(cell)
    except ValueError:
        return cell


def lines(cell: str) -> Any:
    """A line each; a list of JSON where one holds a line break of its own."""
    if cell.startswith('["'):
        return mapping(cell)
    return cell.replace("\r\n", "\n").split("\n")


READERS: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(NUMBERS, number),
    **dict.fromkeys(BOOLEANS, boolean),
    "extras": mapping,
    "street": lines,
}


def record(columns: Sequence[str], cells: Sequence[str]) -> dict[str, Any]:
    """The record that a row of cells holds; what cannot be read stays as it is."""
    return {
        name: READERS[name](cell) if name in READERS else cell
        for name, cell in zip(columns, cells, strict=True)
        if cell
    }


def cells(columns: Sequence[str], record: Mapping[str, Any]) -> list[str]:
    """The record as cells, empty for what it has not."""
    row = []
    for name in columns:
        value = record.get(name, "")
        if isinstance(value, bool):
            value = "true" if value else "false"
        elif isinstance(value, dict):
            value = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        elif isinstance(value, list):
            value = street(value)
        row.append(value)
    return row


def street(given: list[str]) -> str:
    """The lines of a street as one cell."""
    text = "\n".join(given)
    is_plain = text.count("\n") == len(given) - 1 and "\r" not in text
    if is_plain and not text.startswith('["') and text:
        return text
    return json.dumps(given, ensure_ascii=False)
