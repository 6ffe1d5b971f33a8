"""Whose turn it is to write to an SQLite file."""

import fcntl
import os
import threading


class Turn:
    """The turn to write to an SQLite file, among all threads and processes.

    SQLite's own waiting sleeps for up to 100 ms, which makes a queue slow; the kernel
    wakes the next writer at once. SQLite's lock still rules over who does not queue.
    """

    def __init__(self, path: str | None) -> None:
        self._path = path
        self._thread = threading.RLock()
        self._taken = 0
        self._file: int | None = None

    def take(self) -> None:
        """Wait for the turn."""
        self._thread.acquire()
        try:
            if self._path is not None and not self._taken:
                if self._file is None:
                    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
                    self._file = os.open(self._path, flags, 0o600)
                fcntl.flock(self._file, fcntl.LOCK_EX)
        except BaseException:
            self._thread.release()
            raise
        self._taken += 1

    def leave(self) -> None:
        """Let the next writer have it."""
        self._taken -= 1
        try:
            if self._file is not None and not self._taken:
                fcntl.flock(self._file, fcntl.LOCK_UN)
        finally:
            self._thread.release()

    def close(self) -> None:
        """Close the file that the processes queue at."""
        with self._thread:
            if self._file is not None:
                os.close(self._file)
            self._file = None
