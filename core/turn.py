"""Whose turn it is to write to an SQLite file."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

MOST = 8
"""How many writers of a process may follow each other while another process waits."""


class Turn:
    """The turn to write to an SQLite file, among all threads and processes.

    SQLite's own waiting sleeps for up to 100 ms, which makes a queue slow; the kernel
    wakes the next writer at once. SQLite's lock still rules over who does not queue.
    What another process wrote must be read anew, so a process whose threads queue
    keeps the turn for a few of them.
    """

    def __init__(self, path: str | None) -> None:
        self._path = path
        # A thread may take its turn early, and again when it begins to write.
        self._thread = threading.RLock()
        self._counting = threading.Lock()
        self._waiting = 0
        self._depth = 0
        self._followed = 0
        self._is_ours = False
        self._file: int | None = None

    @contextmanager
    def among_threads(self) -> Iterator[None]:
        """The turn among this process's threads alone, to be taken well before writing.

        Threads that prepare to write take the interpreter from the one that does, at
        each of its statements; so they wait before they begin.
        """
        self._enter()
        try:
            yield
        finally:
            self._exit()

    def take(self) -> None:
        """Wait for the turn."""
        self._enter()
        try:
            if self._path is not None and not self._is_ours:
                if self._file is None:
                    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
                    self._file = os.open(self._path, flags, 0o600)
                fcntl.flock(self._file, fcntl.LOCK_EX)
                self._is_ours, self._followed = True, 0
        except BaseException:
            self._exit()
            raise

    def leave(self) -> None:
        """Let the next writer have it."""
        self._exit()

    def close(self) -> None:
        """Close the file that the processes queue at."""
        with self._thread:
            if self._file is not None:
                os.close(self._file)
            self._file = None

    def _enter(self) -> None:
        if not self._thread.acquire(blocking=False):
            with self._counting:
                self._waiting += 1
            self._thread.acquire()
            with self._counting:
                self._waiting -= 1
        self._depth += 1

    def _exit(self) -> None:
        """Leave; the last thread of a queue, or of several, lets processes follow."""
        self._depth -= 1
        try:
            if self._depth == 0 and self._is_ours:
                self._followed += 1
                if not self._waiting or self._followed >= MOST:
                    self._is_ours = False
                    assert self._file is not None
                    fcntl.flock(self._file, fcntl.LOCK_UN)
        finally:
            self._thread.release()
