"""A gateway as a process of its own, for tests."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

from address_gateway_client import ControlError, Gateway, Shop

HOME = Path(__file__).resolve().parents[1]
DIED = '{"error": "its process ended at once; what it said of that is on stderr"}'
PROGRAM = "from gateway.local_process import main; main()"


class Own(Gateway):
    """A gateway for the tests of one process, which follow each other."""

    @contextmanager
    def shop(self, **said: Any) -> Iterator[Shop]:
        """A new shop; what came to none before is forgotten."""
        self.ask("DELETE", "/strays")
        with super().shop(**said) as shop:
            yield shop


class Processes:
    """Gateways as processes of their own: one for each way in which one is set."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._by_setting: dict[str, Gateway] = {}

    def get(self, **setting: Any) -> Gateway:
        """The gateway that is set so. Raises ControlError."""
        text = json.dumps(setting, sort_keys=True)
        if text not in self._by_setting:
            self._by_setting[text] = self._stack.enter_context(started(text))
        return self._by_setting[text]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()


@contextmanager
def started(setting: str) -> Iterator[Gateway]:
    """A gateway as a process, which ends with this one. Raises ControlError."""
    # What hides the gateway's packages comes after them there.
    path = os.pathsep.join([str(HOME), *filter(None, sys.path)])
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", PROGRAM, setting],
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdin
        assert process.stdout
        said = json.loads(process.stdout.readline() or DIED)
        try:
            if "error" in said:
                raise ControlError(said["error"])
            yield Own(said["url"], said["token"])
        finally:
            process.stdin.close()
