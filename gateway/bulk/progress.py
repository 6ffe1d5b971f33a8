"""How far a long work is: a bar on a terminal, else a line every few seconds."""

import time
from collections.abc import Callable
from typing import TextIO

WIDTH = 24
ON_TERMINAL, ELSEWHERE = 0.2, 5.0
"""How often to tell, in seconds."""


class Progress:
    """Tells on a stream how many rows are done, how fast, and how long is left."""

    def __init__(
        self, stream: TextIO, word: str, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream
        self._word = word
        self._clock = clock
        self._is_terminal = stream.isatty()
        self._started = self._told = clock()
        self._width = 0

    def tell(self, rows: int, part: float | None) -> None:
        """Say that `rows` are done, this part of all, if it was said a while ago."""
        now = self._clock()
        if now - self._told < (ON_TERMINAL if self._is_terminal else ELSEWHERE):
            return
        self._told = now
        line = self._line(rows, part, now - self._started)
        if self._is_terminal:
            self._stream.write(f"\r{line.ljust(self._width)}")
            self._width = len(line)
        else:
            self._stream.write(f"{line}\n")
        self._stream.flush()

    def clear(self) -> None:
        """Leave the line of the bar to what is said next."""
        if self._width:
            self._stream.write(f"\r{' ' * self._width}\r")
            self._stream.flush()
            self._width = 0

    def seconds(self) -> float:
        """How long it took."""
        return self._clock() - self._started

    def _line(self, rows: int, part: float | None, seconds: float) -> str:
        told = f"{self._word} {rows:,} rows  {rows / max(seconds, 1e-9):,.0f}/s"
        if not part:
            return told
        part = min(part, 1.0)
        filled = round(WIDTH * part)
        bar = f"[{'#' * filled}{'.' * (WIDTH - filled)}] " if self._is_terminal else ""
        return f"{bar}{part:4.0%} {told}  {clock_time(seconds / part - seconds)} left"


def clock_time(seconds: float) -> str:
    """A length of time as 1:02:03, or 2:03."""
    hours, rest = divmod(round(seconds), 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
