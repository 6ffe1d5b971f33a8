"""Files by their names: compressed or not, and "-" for a pipe."""

import bz2
import gzip
import io
import lzma
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

PIPE = Path("-")
FORMATS = ("jsonl", "csv")
ENDINGS = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv"}
COMPRESSIONS: dict[str, Any] = {".gz": gzip, ".bz2": bz2, ".xz": lzma}
BUFFER = 2**20

DAMAGE = (EOFError, gzip.BadGzipFile, lzma.LZMAError, OSError)
"""What reading a file raises that is damaged or cut off."""


class BulkError(Exception):
    """A file cannot be read or written; the text says why and what to do."""


def format_of(path: Path, given: str | None) -> str:
    """The format that was given, or the one that the file's name tells."""
    if given:
        return given
    suffixes = [suffix for suffix in path.suffixes if suffix not in COMPRESSIONS]
    found = ENDINGS.get(suffixes[-1].lower()) if suffixes else None
    if found is None:
        what = "a pipe" if path == PIPE else f"{path.name}"
        raise BulkError(f"the format of {what} is not known; add --format jsonl or csv")
    return found


class Source:
    """A file to read, which knows how much of it was read already."""

    def __init__(self, raw: BinaryIO, size: int | None) -> None:
        self._raw = raw
        self.size = size
        """The bytes of the file as it lies on the disk; None for a pipe."""

    def position(self) -> int:
        """How many of the bytes were read."""
        return self._raw.tell() if self.size else 0


@contextmanager
def reading(path: Path) -> Iterator[tuple[BinaryIO, Source]]:
    """The file's content, decompressed, and how far it is read."""
    if path == PIPE:
        yield sys.stdin.buffer, Source(sys.stdin.buffer, None)
        return
    with path.open("rb") as raw:
        source = Source(raw, os.fstat(raw.fileno()).st_size)
        module = COMPRESSIONS.get(path.suffix)
        if module is None:
            yield raw, source
            return
        with module.open(raw, "rb") as opened:
            yield cast("BinaryIO", io.BufferedReader(opened, BUFFER)), source


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """A file to write, for its owner alone, which takes its name when it is whole."""
    if path == PIPE:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    part = path.with_name(f"{path.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with open(descriptor, "wb", BUFFER) as raw:
            module = COMPRESSIONS.get(path.suffix)
            if module is None:
                yield raw
            else:
                with module.open(raw, "wb") as opened:
                    yield opened
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
