"""Records out of files, line by line; what is no record is told and passed over."""

import codecs
import csv
import io
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson

from gateway.bulk.columns import COLUMNS, record
from gateway.bulk.files import BulkError

if TYPE_CHECKING:
    from _csv import Reader as Rows

LONGEST = 2**24
"""How many bytes a line may have, so that a file without lines fills no memory."""
TYPES = {"customer": "customers", "address": "addresses"}


Raw = bytes | Mapping[str, Any]
"""What a record was made of, to show if it is rejected: it takes less room."""
Item = tuple[int, str, Mapping[str, Any], Raw]
"""A line's number, what it holds ("customers" or "addresses"), and its record.

A line that holds no record holds "", and has a `reason` instead.
"""


def records(stream: BinaryIO, format: str) -> Iterator[Item]:
    """What the lines hold. Raises BulkError for a CSV header that cannot be."""
    return json_lines(stream) if format == "jsonl" else csv_rows(stream)


def json_lines(stream: BinaryIO) -> Iterator[Item]:
    number = 0
    loads, types = orjson.loads, TYPES.get
    while line := stream.readline(LONGEST):
        number += 1
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        if len(line) == LONGEST:
            pass_line(stream)
            yield number, "", unreadable("the line is too long"), b""
            continue
        try:
            found = loads(line)
            kind = types(found.pop("type", None))
        except (ValueError, AttributeError, TypeError) as error:
            if line.strip():
                yield number, "", no_object(error), line
            continue
        if kind is None:
            reason = 'type is missing or unknown; it is "customer" or "address"'
            yield number, "", unreadable(reason), line
            continue
        yield number, kind, found, line


def unreadable(reason: str) -> Mapping[str, Any]:
    return {"reason": reason}


def no_object(error: Exception) -> Mapping[str, Any]:
    reason = str(error) if isinstance(error, ValueError) else "it is something else"
    return unreadable(f"the line is no JSON object: {reason}")


def shown(raw: Raw) -> Any:
    """The record as it was written, or its text where it is none."""
    if not isinstance(raw, bytes):
        return raw
    try:
        return orjson.loads(raw)
    except ValueError:
        return raw.decode(errors="replace").rstrip("\r\n")


def pass_line(stream: BinaryIO) -> None:
    """Read to the end of a line."""
    while (part := stream.readline(LONGEST)) and not part.endswith(b"\n"):
        pass


def csv_rows(stream: BinaryIO) -> Iterator[Item]:
    csv.field_size_limit(LONGEST)
    # A byte that is not UTF-8 becomes text that no database keeps: its row is refused.
    decoded = io.TextIOWrapper(
        stream, encoding="utf-8-sig", errors="surrogateescape", newline=""
    )
    rows = csv.reader(iter(partial(decoded.readline, LONGEST), ""), strict=True)
    try:
        yield from rows_below(header(rows), rows)
    finally:
        decoded.detach()


def header(rows: "Rows") -> list[str]:
    try:
        return next(rows, [])
    except csv.Error as error:
        raise BulkError(f"line 1: the header is no CSV: {error}; correct it") from error


def rows_below(columns: list[str], rows: "Rows") -> Iterator[Item]:
    kind = kind_of(columns)
    while True:
        number = rows.line_num + 1
        try:
            cells = next(rows, None)
        except csv.Error as error:
            yield number, "", unreadable(f"the row is no CSV: {error}"), {}
            continue
        if cells is None:
            return
        if len(cells) == len(columns):
            found = record(columns, cells)
            yield number, kind, found, found
        elif cells:
            reason = f"the row has {len(cells)} cells and the header {len(columns)}"
            yield number, "", unreadable(reason), {"cells": cells}


def kind_of(columns: list[str]) -> str:
    """What a file with this header holds. Raises BulkError."""
    kind = "addresses" if "customer_id" in columns else "customers"
    known = ", ".join(COLUMNS[kind])
    for n, name in enumerate(columns):
        if name not in COLUMNS[kind]:
            raise BulkError(
                f"line 1: there is no column {name!r} for {kind}; there are: {known}"
            )
        if name in columns[:n]:
            raise BulkError(f"line 1: the column {name!r} is there twice; remove one")
    if not columns:
        raise BulkError(f"the file has no header line; for {kind} it may name: {known}")
    return kind
