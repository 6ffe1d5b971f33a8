"""Measures the gateway against a bare Flask app: `python -m benchmarks --help`."""

import argparse
import json
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial

from benchmarks import report
from benchmarks.data import Data, filled
from benchmarks.load import HOST, Job, Load, Result, load, trivial_responder
from benchmarks.operations import (
    CLIENTS,
    OPERATIONS,
    SOME,
    Client,
    Operation,
    encode,
    keys_of,
)
from benchmarks.report import TARGETS, Row, Side
from benchmarks.servers import GATEWAY, HELLO, SERVERS, Server, served
from dialects.base import Dialect
from gateway import registry

GREETING = [encode("GET", "/", {})]
WARM_UP = 0.5
"""The share of a round's time that each server is warmed up for."""

Make = Callable[[int], Sequence[bytes]]


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("benchmarks", description=__doc__)
    add = parser.add_argument
    add("--rounds", type=int, default=5)
    add("--seconds", type=float, default=2.0, help="of each server in each round")
    add("--workers", type=int, default=2, help="processes of each server")
    add("--connections", type=int, default=8)
    add("--addresses", type=int, default=10_000)
    add("--dialect", nargs="+", metavar="NAME", help="all that can be, unless given")
    add("--operation", nargs="+", choices=OPERATIONS, default=[*OPERATIONS])
    add("--floor", choices=SERVERS, default="bridge", help="what serves the hello app")
    add("--postgresql", action="store_true", help="instead of SQLite")
    add("--durable", action="store_true", help="a write survives a power cut")
    add("--json", action="store_true", help="print one JSON document")
    add("--check", action="store_true", help="exit with 1 if a target is missed")
    return parser


class Benchmarks:
    """One run: the servers alternate, an operation at a time."""

    def __init__(self, options: argparse.Namespace, load: Load) -> None:
        self._options = options
        self._load = load

    def capacity(self) -> float:
        """How many requests a second the load makes if answers cost next to nothing."""
        with trivial_responder() as port:
            return self._send(port, GREETING, seconds=1).rate

    def rows(self) -> Iterator[Row]:
        """Every operation of every dialect, as soon as it is measured."""
        options = self._options
        dialects = chosen(options.dialect)
        with ExitStack() as stack:
            data = stack.enter_context(
                filled(
                    addresses=options.addresses,
                    keys={d.name: keys_of(d, CLIENTS[d.name].scope) for d in dialects},
                    durable=options.durable,
                    postgresql=options.postgresql,
                )
            )
            self._hello = self._serve(stack, HELLO, options.floor)
            if options.floor != "bridge":
                bridge = self._serve(stack, HELLO, "bridge")
                yield self._row("bridge", bridge, GREETING.__mul__)
            gateway = self._serve(stack, GATEWAY, "bridge", data)
            for dialect in dialects:
                client = CLIENTS[dialect.name](dialect=dialect, data=data)
                for name, operation in client.operations.items():
                    if name in options.operation:
                        yield self._operation(client, name, operation, gateway)

    def _serve(
        self, stack: ExitStack, target: str, server: str, data: Data | None = None
    ) -> Server:
        environ = data.config.to_environ() if data else {}
        workers = self._options.workers
        app = served(target, workers=workers, server=server, environ=environ)
        return stack.enter_context(app)

    def _operation(
        self, client: Client, name: str, operation: Operation, gateway: Server
    ) -> Row:
        title = f"{client.dialect.name} {name}"
        make = partial(operation.make, client)
        return self._row(title, gateway, make, repeats=not operation.once)

    def _row(
        self, title: str, server: Server, make: Make, *, repeats: bool = True
    ) -> Row:
        seconds = self._options.seconds * WARM_UP
        requests = make(SOME)
        self._side(self._hello, GREETING, seconds=seconds)
        warm = self._side(server, requests, seconds=seconds, repeats=repeats)
        enough = int(warm.result.rate * self._options.seconds * 2)
        rounds = []
        for _ in range(self._options.rounds):
            if not repeats:
                requests = make(enough)
            hello = self._side(self._hello, GREETING)
            rounds.append((hello, self._side(server, requests, repeats=repeats)))
        return report.row(title, rounds, TARGETS.get(title))

    def _side(
        self,
        server: Server,
        requests: Sequence[bytes],
        *,
        seconds: float | None = None,
        repeats: bool = True,
    ) -> Side:
        before = server.cpu_seconds()
        result = self._send(server.port, requests, seconds=seconds, repeats=repeats)
        return Side(result=result, cpu_seconds=server.cpu_seconds() - before)

    def _send(
        self,
        port: int,
        requests: Sequence[bytes],
        *,
        seconds: float | None = None,
        repeats: bool = True,
    ) -> Result:
        result = self._load.run(
            Job(
                port=port,
                requests=requests,
                seconds=self._options.seconds if seconds is None else seconds,
                connections=self._options.connections,
                repeats=repeats,
            )
        )
        if result.bad:
            shown = result.bad.decode("utf-8", "replace")
            raise SystemExit(f"a request failed on port {port} of {HOST}:\n{shown}")
        return result


def chosen(names: Sequence[str] | None) -> list[Dialect]:
    """The dialects to measure: those with the names, or all that can be."""
    try:
        dialects = registry.load(names)
    except registry.RegistryError as error:
        raise SystemExit(str(error)) from None
    unknown = [d.name for d in dialects if d.name not in CLIENTS]
    if unknown:
        told = f"it is not known how to spell requests of {', '.join(unknown)}"
        if names:
            raise SystemExit(told)
        print(told, file=sys.stderr)
    return [d for d in dialects if d.name in CLIENTS]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if a target is missed that was to be checked."""
    options = parser().parse_args(arguments)
    # The servers are stopped on the way out, so there has to be one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with load() as generator:
        benchmarks = Benchmarks(options, generator)
        told = {**report.machine(), "options": vars(options)}
        told["load"] = f"{benchmarks.capacity():.0f} req/s against a trivial server"
        rows = []
        if not options.json:
            print(*(f"{name}: {value}" for name, value in told.items()), sep="\n")
            print(f"\n{report.headings()}", flush=True)
        for row in benchmarks.rows():
            rows.append(row)
            if not options.json:
                print(report.line(row), flush=True)
    if options.json:
        print(json.dumps({**told, "rows": [report.as_json(r) for r in rows]}, indent=2))
    return int(options.check and not all(row.is_met for row in rows))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
