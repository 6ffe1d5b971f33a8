"""What the gateway does when things go wrong: `python -m benchmarks.faults --help`.

Each command makes one kind of fault happen to a gateway of its own under load, prints
figures as JSON, and ends with 1 if something was lost, doubled, half done or stuck.
"""

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from typing import Any


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "benchmarks.faults",
        description=__doc__,
        epilog="Example: python -m benchmarks.faults kill --times 200 --postgresql",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    kill = commands.add_parser("kill", help="kill -9 of workers and of the server")
    kill.add_argument("--times", type=int, default=20)
    kill.add_argument("--workers", type=int, default=2)
    kill.add_argument("--writers", type=int, default=4)
    kill.add_argument("--postgresql", action="store_true", help="instead of SQLite")
    kill.add_argument("--seed", type=int, default=1)
    storage = commands.add_parser("storage", help="the database cannot do its work")
    storage.add_argument("name", nargs="*", help="all, unless some are named")
    clients = commands.add_parser("clients", help="slow, many and hostile clients")
    clients.add_argument("name", nargs="*", help="all, unless some are named")
    clients.add_argument("--workers", type=int, default=1)
    over = commands.add_parser("failover", help="PostgreSQL's leader is killed")
    over.add_argument("--writers", type=int, default=4)
    over.add_argument("--workers", type=int, default=2)
    over.add_argument("--seconds", type=float, default=5, help="between the faults")
    return parser


def killing(options: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    from benchmarks.faults_kill import kill
    from benchmarks.faults_writers import is_sound

    figures = kill(**options)
    return figures, is_sound(figures) and figures["answers in the end"]


def storing(options: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    from benchmarks.faults_storage import FAULTS

    figures = {name: FAULTS[name]() for name in options["name"] or FAULTS}
    return figures, all(one["is well"] for one in figures.values())


def serving(options: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    from benchmarks.faults_clients import clients

    return clients(options["name"], options["workers"])


def failing_over(options: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    from benchmarks.faults_failover import failover
    from benchmarks.faults_writers import is_sound

    figures = failover(**options)
    kept = figures["without a restart of the gateway"]
    return figures, is_sound(figures) and kept


COMMANDS = {
    "failover": failing_over,
    "clients": serving,
    "kill": killing,
    "storage": storing,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 1 if the gateway failed it."""
    options = vars(parser().parse_args(arguments))
    # The servers are stopped on the way out, so there has to be one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    figures, is_well = COMMANDS[options.pop("command")](options)
    print(json.dumps(figures, indent=2))
    return 0 if is_well else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
