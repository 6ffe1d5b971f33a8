"""A shop into a file."""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from core import Extract, Shop, Store
from gateway.bulk.columns import COLUMNS, cells
from gateway.bulk.files import BulkError, format_of, writing
from gateway.bulk.progress import Progress
from gateway.bulk.reading import TYPES
from gateway.seed import CANONICAL

Records = Iterator[Mapping[str, Any]]


def export(
    store: Store,
    shop: Shop,
    path: Path,
    *,
    what: str | None,
    format: str | None,
    progress: Progress,
) -> dict[str, int]:
    """Write the shop's customers, its addresses or both; how many of each it wrote.

    Raises BulkError.
    """
    format = format_of(path, format)
    if format == "csv" and what is None:
        raise BulkError(
            "a CSV file holds one kind; add --what customers or --what addresses"
        )
    kinds = [what] if what else list(COLUMNS)
    with store.extract(CANONICAL, shop=shop) as extract, writing(path) as out:
        counts = extract.counts()
        total = sum(counts[kind] for kind in kinds)
        written = 0
        for kind in kinds:
            write = write_json if format == "jsonl" else write_csv
            for _ in write(out, records_of(extract, kind), kind):
                written += 1
                if written % 1000 == 0:
                    progress.tell(written, written / total)
    return {kind: counts[kind] for kind in kinds}


def records_of(extract: Extract, kind: str) -> Records:
    return extract.customers() if kind == "customers" else extract.addresses()


def write_json(out: BinaryIO, records: Records, kind: str) -> Iterator[None]:
    """Write a line for each record."""
    [type] = [name for name, plural in TYPES.items() if plural == kind]
    for record in records:
        out.write(orjson.dumps({"type": type, **record}) + b"\n")
        yield


def write_csv(out: BinaryIO, records: Records, kind: str) -> Iterator[None]:
    """Write a header and a row for each record (RFC 4180)."""
    columns = COLUMNS[kind]
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=False)
    try:
        # Lines end with CRLF, as is the writer's way.
        writer = csv.writer(text)
        writer.writerow(columns)
        for record in records:
            writer.writerow(cells(columns, record))
            yield
        text.flush()
    finally:
        text.detach()
