"""Lines out of files, and the records that they hold.

What is no record is told and passed over. To find the lines takes little, to read what
they say takes more, and may be done elsewhere: so the two are apart.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

import orjson

from gateway.bulk.columns import COLUMNS, record
from gateway.bulk.files import BulkError

if TYPE_CHECKING:
    from _csv import Reader as Rows

LONGEST = 2**24
"""How many bytes a line may have, so that a file without lines fills no memory."""
TYPES = {"customer": "customers", "address": "addresses"}

Record = Mapping[str, Any]


class NoRecord(Exception):
    """What was read holds no record; the text says why."""


Raw = bytes | list[str] | NoRecord
"""A line of JSON, a row's cells, or what could not even be told from others."""
Line = tuple[int, Raw]
"""The number of a line, and what it holds."""


class Reader(Protocol):
    """What reads the lines of one file; it can be sent to another process."""

    def read(self, raw: Raw) -> tuple[str, Record]:
        """What a line holds, "customers" or "addresses", and its record.

        Raises NoRecord.
        """

    def shown(self, raw: Raw) -> Any:
        """The record as it was written, or its text where it is none."""


def opened(stream: BinaryIO, format: str) -> tuple[Reader, Iterator[Line]]:
    """The lines of a file, and what reads them; lines without a word are left out.

    Raises BulkError for a CSV header that cannot be.
    """
    if format == "jsonl":
        return JsonReader(), json_lines(stream)
    csv.field_size_limit(LONGEST)
    # A byte that is not UTF-8 becomes text that no database keeps: its row is refused.
    decoded = io.TextIOWrapper(
        stream, encoding="utf-8-sig", errors="surrogateescape", newline=""
    )
    rows = csv.reader(iter(partial(decoded.readline, LONGEST), ""), strict=True)
    try:
        columns = header(rows)
        reader = CsvReader(tuple(columns), kind_of(columns))
    except BulkError:
        decoded.detach()
        raise
    return reader, csv_rows(decoded, rows)


@dataclass(frozen=True, slots=True)
class JsonReader:
    """Reads an object a line."""

    def read(self, raw: Raw) -> tuple[str, Record]:
        if isinstance(raw, NoRecord):
            raise raw
        try:
            found = orjson.loads(raw)  # type: ignore[arg-type]
            kind = TYPES.get(found.pop("type", None))
        except ValueError as error:
            raise NoRecord(f"the line is no JSON object: {error}") from error
        except (AttributeError, TypeError) as error:
            told = "the line is no JSON object: it is something else"
            raise NoRecord(told) from error
        if kind is None:
            raise NoRecord('type is missing or unknown; it is "customer" or "address"')
        return kind, found

    def shown(self, raw: Raw) -> Any:
        if not isinstance(raw, bytes):
            return ""
        try:
            return orjson.loads(raw)
        except ValueError:
            return raw.decode(errors="replace").rstrip("\r\n")


@dataclass(frozen=True, slots=True)
class CsvReader:
    """Reads rows of cells below these columns."""

    columns: Sequence[str]
    kind: str

    def read(self, raw: Raw) -> tuple[str, Record]:
        if isinstance(raw, NoRecord):
            raise raw
        if len(raw) != len(self.columns):
            told = f"{len(raw)} cells and the header {len(self.columns)}"
            raise NoRecord(f"the row has {told}")
        return self.kind, record(self.columns, raw)  # type: ignore[arg-type]

    def shown(self, raw: Raw) -> Any:
        if not isinstance(raw, list):
            return {}
        if len(raw) != len(self.columns):
            return {"cells": raw}
        return record(self.columns, raw)


def json_lines(stream: BinaryIO) -> Iterator[Line]:
    first = stream.readline(LONGEST).removeprefix(codecs.BOM_UTF8)
    following = iter(partial(stream.readline, LONGEST), b"")
    for number, line in enumerate(chain([first], following), 1):
        if len(line) == LONGEST:
            pass_line(stream)
            yield number, NoRecord("the line is too long")
        elif line and not line.isspace():
            yield number, line


def pass_line(stream: BinaryIO) -> None:
    """Read to the end of a line."""
    while (part := stream.readline(LONGEST)) and not part.endswith(b"\n"):
        pass


def header(rows: "Rows") -> list[str]:
    try:
        return next(rows, [])
    except csv.Error as error:
        raise BulkError(f"line 1: the header is no CSV: {error}; correct it") from error


def csv_rows(decoded: io.TextIOWrapper, rows: "Rows") -> Iterator[Line]:
    try:
        while True:
            number = rows.line_num + 1
            try:
                cells = next(rows, None)
            except csv.Error as error:
                yield number, NoRecord(f"the row is no CSV: {error}")
                continue
            if cells is None:
                return
            if cells:
                yield number, cells
    finally:
        decoded.detach()


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
