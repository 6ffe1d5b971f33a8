"""What the processes of one server tell each other, by files in a directory of theirs.

A worker holds a lock on its file as long as it lives: the kernel frees it, however the
worker ended, and its process number may be another's later.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

STOPPING = "stopping"
WORKER = "worker-"


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker that lives, and for how long nothing was heard of it."""

    pid: int
    silent_seconds: float


class Presence:
    """This worker's file."""

    def __init__(self, directory: Path) -> None:
        pid = os.getpid()
        new = directory / f"new-{pid}"
        # Named once it is locked, or it would be taken for a dead worker's.
        self._file = os.open(new, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        new.rename(directory / f"{WORKER}{pid}")

    def beat(self) -> None:
        """Tell that this worker is alive."""
        os.utime(self._file)


class Board:
    """The directory, as seen by the processes that do not answer requests."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def stop(self) -> None:
        """Tell that the server is stopping."""
        with suppress(FileNotFoundError):
            (self.directory / STOPPING).touch()

    def is_stopping(self) -> bool:
        """Whether the server is stopping, or gone."""
        return (self.directory / STOPPING).exists() or not self.directory.exists()

    def workers(self) -> list[Worker]:
        """The workers that serve."""
        now = time.time()
        found = []
        for file in self._files():
            with suppress(FileNotFoundError):
                if not is_free(file):
                    silent = max(0.0, now - file.stat().st_mtime)
                    found.append(Worker(pid_of(file), silent))
        return found

    def forget_dead(self) -> Iterator[int]:
        """The process numbers of workers that ended; each is told once."""
        for file in self._files():
            if is_free(file):
                file.unlink()
                yield pid_of(file)

    def _files(self) -> list[Path]:
        return sorted(self.directory.glob(f"{WORKER}*"))


def pid_of(file: Path) -> int:
    """The process that a file is of."""
    return int(file.name.removeprefix(WORKER))


def is_free(file: Path) -> bool:
    """Whether nobody holds the file's lock."""
    opened = os.open(file, os.O_RDWR)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(opened)
    return True
