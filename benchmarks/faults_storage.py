"""The faults of what a gateway stores in, by their names."""

from collections.abc import Callable, Mapping
from typing import Any

from benchmarks import faults_files as files
from benchmarks import faults_postgresql as postgresql

FAULTS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "full-disk": files.full_disk,
    "locked-file": files.locked_file,
    "read-only-file": files.read_only_file,
    "server-stopped": postgresql.stopped_server,
    "server-crashed": postgresql.crashed_server,
    "server-restarted": postgresql.restarted_server,
    "server-frozen": postgresql.frozen_server,
    "server-read-only": postgresql.read_only_server,
    "no-connections": postgresql.no_connection,
    "locked-rows": postgresql.locked_rows,
    "clock": files.jumping_clock,
}
