"""Causes that the wire does not tell, for who listens: a journal of requests."""

from contextvars import ContextVar
from typing import Any, Protocol


class Recorder(Protocol):
    """Who listens to what is noted during a request."""

    def note(self, name: str, value: Any) -> None:
        """Remember it with the request."""


RECORDER: ContextVar[Recorder | None] = ContextVar("recorder", default=None)
"""Who listens to the request that is being answered, if anyone does."""


def note(name: str, value: Any) -> None:
    """Tell a cause that the answer does not tell.

    A value that takes time to find is given as a function, which only a listener calls.
    """
    recorder = RECORDER.get()
    if recorder is not None:
        recorder.note(name, value)
