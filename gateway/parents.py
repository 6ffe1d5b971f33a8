"""The process that started this one."""

import os
import select
import time
from contextlib import suppress


def wait_for_end(parent: int) -> None:
    """Wait until the parent of this process ends, or return at once if it has ended."""
    if hasattr(os, "pidfd_open"):
        with suppress(OSError):
            watched = os.pidfd_open(parent)
            if os.getppid() == parent:
                select.select([watched], [], [])
    while os.getppid() == parent:
        time.sleep(0.5)
