"""The process whose import is measured, with no more modules than the command has."""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import URL

from core import Shop, Store
from gateway.bulk.exporting import export
from gateway.bulk.importing import Import, Options, Summary
from gateway.bulk.progress import Progress

SHOP = "benchmark"


def import_file(store: Store, shop: Shop, file: Path) -> Summary:
    def refuse(reject: object) -> None:
        raise SystemExit(f"a row was rejected: {reject}")

    work = Import(
        store, shop, Options(), progress=Progress(sys.stderr, "row"), reject=refuse
    )
    work.run([file])
    return work.summary


def timed(work: Callable[[], object], rows: int, url: URL) -> dict[str, float]:
    """The time of the work, and the processor time of its processes and of a server."""
    server = server_seconds(url)
    wall, cpu = time.perf_counter(), sum(os.times()[:4])
    work()
    found = {
        "us": time.perf_counter() - wall,
        "cpu_us": sum(os.times()[:4]) - cpu,
        "server_cpu_us": server_seconds(url) - server,
    }
    return {name: round(1e6 * seconds / rows, 2) for name, seconds in found.items()}


def server_seconds(url: URL) -> float:
    """The processor time that the server has used, if there is one."""
    folder = url.query.get("host")
    if not folder:
        return 0.0
    # Not above: the process that parses imports this file, too, as its main module.
    from benchmarks.servers import Server

    pid = (Path(str(folder)) / "postmaster.pid").read_text().split()[0]
    return Server(port=0, pid=int(pid)).cpu_seconds()


def main(given: str, file: Path) -> None:
    """Import the addresses, then export them, and print what was measured."""
    store = Store(given)
    shop = store.shop(SHOP)
    stored: list[int] = []
    url = store.database.url
    work = timed(lambda: stored.append(import_file(store, shop, file).stored), 1, url)
    [rows] = stored
    found = {name: round(us / rows, 2) for name, us in work.items()}
    found["peak_mb"] = peak_mb()
    wall = time.perf_counter()
    with open(os.devnull, "w") as null:
        export(
            store,
            shop,
            Path(f"{file}.out.jsonl"),
            what="addresses",
            format=None,
            progress=Progress(null, "row"),
        )
    found["export_us"] = round(1e6 * (time.perf_counter() - wall) / rows, 2)
    store.close()
    print(json.dumps({**found, "stored": rows}))


def peak_mb() -> int:
    """The most memory that this process had; `getrusage` counts its parent's too."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
