"""Platforms to migrate between: this gateway's own dialects, served over HTTP."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gateway import registry
from tests.dialects.remotes import Served, served
from tests.gateway.migrate.moving import Serve


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Serves a dialect from a shop of its own, by the dialect's name."""
    with ExitStack() as stack:

        def serve(name: str) -> Served:
            folder = tmp_path / f"{name}{len([*tmp_path.iterdir()])}"
            folder.mkdir()
            [dialect] = registry.load([name])
            return stack.enter_context(served(dialect, folder))

        yield serve
