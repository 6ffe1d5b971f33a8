"""What befalls the SQLite file of a gateway, and its clock."""

import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.faults_told import tried

FILLER = "filler"


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A file system of a few megabytes; making one needs root."""
    with tempfile.TemporaryDirectory(prefix="gateway-faults-") as folder:
        options = ["-t", "tmpfs", "-o", f"size={megabytes}m", "faults", folder]
        subprocess.run(["mount", *options], check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True)


def full_disk() -> dict[str, Any]:
    """The disk of a SQLite file is full, and has room again."""
    with small_disk(32) as folder:

        def fault() -> Callable[[], object]:
            fill(folder / FILLER)
            return (folder / FILLER).unlink

        return tried(f"sqlite:///{folder}/gateway.db", fault)


def fill(path: Path) -> None:
    """Leave no byte free."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            return


def locked_file() -> dict[str, Any]:
    """Another program holds the write lock of a SQLite file for longer than we wait."""
    with tempfile.TemporaryDirectory(prefix="gateway-faults-") as folder:
        path = f"{folder}/gateway.db"

        def fault() -> Callable[[], object]:
            other = sqlite3.connect(path, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            return other.close

        return tried(f"sqlite:///{path}", fault)


def read_only_file() -> dict[str, Any]:
    """A SQLite file and its directory can only be read; needs root, and no tmpfs.

    To whom has them open, permissions matter no more. The attribute matters to all.
    """
    with tempfile.TemporaryDirectory(prefix="gateway-faults-") as folder:

        def fault() -> Callable[[], object]:
            names = [folder, *map(str, Path(folder).iterdir())]
            subprocess.run(["chattr", "+i", *names], check=True)
            return lambda: subprocess.run(["chattr", "-i", *names], check=True)

        return tried(f"sqlite:///{folder}/gateway.db", fault)


LIBRARIES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib/faketime/*MT.so.1")
JUMPS = ("+1d", "-1d", "-3650d", "+3650d")


def jumping_clock() -> dict[str, Any]:
    """The clock jumps a day and ten years, ahead and back; needs libfaketime."""
    found = [
        path for pattern in LIBRARIES for path in Path("/").glob(pattern.lstrip("/"))
    ]
    if not found:
        raise SystemExit("there is no libfaketime: as root, apt-get install faketime")
    with tempfile.TemporaryDirectory(prefix="gateway-faults-") as folder:
        offset = Path(folder) / "offset"
        offset.write_text("+0\n")
        environ = {
            "LD_PRELOAD": str(found[0]),
            "FAKETIME_TIMESTAMP_FILE": str(offset),
            "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }
        jumps: dict[str, Any] = {}
        for jump in JUMPS:

            def fault(jump: str = jump) -> Callable[[], object]:
                offset.write_text(f"{jump}\n")
                return lambda: offset.write_text("+0\n")

            url = f"sqlite:///{folder}/{len(jumps)}.db"
            jumps[jump] = tried(url, fault, environ=environ)
        for figures in jumps.values():
            told = figures["during"]["answers"]
            figures["is well"] &= all(n.split()[2].startswith("2") for n in told)
    return {"jumps": jumps, "is well": all(f["is well"] for f in jumps.values())}
