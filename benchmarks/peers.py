"""The gateway beside other mock servers: `python -m benchmarks.peers --help`.

BigCommerce's GET of one address: of the gateway, which finds it among those it stores;
of Prism, which makes an answer of an OpenAPI document; of json-server, which holds the
same addresses. Of moto's server, which has no addresses, the list of its S3 buckets, of
which there are none. Those that are installed take turns with the gateway, on loopback.
"""

import argparse
import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

from benchmarks import report
from benchmarks.data import Data, filled
from benchmarks.load import HOST, Job, Load, load
from benchmarks.operations import CLIENTS, Client, encode, keys_of
from benchmarks.report import Side
from benchmarks.servers import (
    GATEWAY,
    Server,
    free_port,
    served,
    stop,
    wait_until_open,
)
from dialects.bigcommerce.openapi import document
from gateway import registry

ADDRESSES = 10_000
SOME = 2000
CONNECTIONS = 8

QUIET = ("--verboseLevel", "error")
COLUMNS = "{:<12} {:>9} {:>9} {:>7} {:>9} {:>7}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Peer:
    """A server to compare with, how to get it, and what the gateway is to reach."""

    name: str
    program: str
    install: str
    options: Sequence[str]
    target: float
    closes: bool = False


PEERS = (
    Peer(
        name="prism",
        program="prism",
        install="npm install @stoplight/prism-cli",
        options=("mock", "-h", HOST, "-p", "{port}", *QUIET, "{api}"),
        target=1.0,
    ),
    Peer(
        name="json-server",
        program="json-server",
        install="npm install json-server@0.17.4",
        options=("--host", HOST, "--port", "{port}", "--quiet", "{data}"),
        target=1.0,
    ),
    Peer(
        name="moto",
        program="moto_server",
        install="pip install 'moto[server]'",
        options=("-H", HOST, "-p", "{port}"),
        target=2.4,
        closes=True,
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A server that runs, and what it is asked."""

    server: Server
    requests: Sequence[bytes]
    closes: bool = False

    def side(self, generator: Load, seconds: float) -> Side:
        """What it does in some seconds."""
        job = Job(
            port=self.server.port,
            requests=self.requests,
            seconds=seconds,
            connections=CONNECTIONS,
            closes=self.closes,
        )
        before = self.server.cpu_seconds()
        result = generator.run(job)
        if result.bad:
            raise SystemExit(result.bad.decode("utf-8", "replace"))
        return Side(result=result, cpu_seconds=self.server.cpu_seconds() - before)


@contextmanager
def started(peer: Peer, found: str, folder: Path) -> Iterator[Server]:
    """A peer on a loopback port, until left."""
    port = free_port()
    files = {"api": folder / "api.json", "data": folder / "data.json"}
    process = subprocess.Popen(
        [found, *(option.format(port=port, **files) for option in peer.options)],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_open(port, process)
        yield Server(port=port, pid=process.pid)
    finally:
        process.terminate()
        stop(process)


def write(folder: Path, data: Data, client: Client, api: Path | None) -> None:
    """What the peers serve: an OpenAPI document, and all addresses."""
    said = api.read_text("utf-8") if api else json.dumps(document())
    (folder / "api.json").write_text(said, "utf-8")
    shown = [client.dialect.encode(address) for _, address in data.addresses]
    (folder / "data.json").write_text(json.dumps({"addresses": shown}), "utf-8")


def requests(name: str, client: Client) -> Sequence[bytes]:
    """The GETs of one address as a server takes them."""
    known = [address for _, address in client.known(SOME)]
    if name == "json-server":
        return [encode("GET", f"/addresses/{address.id}", {}) for address in known]
    if name == "moto":
        return [encode("GET", "/", {})]
    path = "/customers/addresses?id:in={}"
    return [client.request("GET", path.format(address.id)) for address in known]


def installed(names: Sequence[str]) -> dict[Peer, str]:
    """Where the programs of the named peers are; tells how to install those missing."""
    found = {}
    for peer in PEERS:
        if peer.name in names and (path := which(peer.program)):
            found[peer] = path
        elif peer.name in names:
            print(f"{peer.program} is not on the PATH: {peer.install}", file=sys.stderr)
    return found


def asked(
    stack: ExitStack, found: dict[Peer, str], api: Path | None
) -> tuple[Asked, dict[Peer, Asked]]:
    """The gateway and the peers, all running."""
    [dialect] = registry.load(["bigcommerce"])
    keys = {dialect.name: keys_of(dialect, CLIENTS[dialect.name].scope)}
    data = stack.enter_context(
        filled(addresses=ADDRESSES, keys=keys, durable=False, postgresql=False)
    )
    client = CLIENTS[dialect.name](dialect=dialect, data=data)
    folder = Path(stack.enter_context(TemporaryDirectory(prefix="gateway-peers-")))
    write(folder, data, client, api)
    environ = data.config.to_environ()
    ours = stack.enter_context(served(GATEWAY, workers=1, environ=environ))
    peers = {
        peer: Asked(
            server=stack.enter_context(started(peer, program, folder)),
            requests=requests(peer.name, client),
            closes=peer.closes,
        )
        for peer, program in found.items()
    }
    return Asked(server=ours, requests=requests("", client)), peers


def compared(
    generator: Load, ours: Asked, peer: Asked, rounds: int, seconds: float
) -> list[tuple[Side, Side]]:
    """What the peer and the gateway do, round by round."""
    for one in (peer, ours):
        one.side(generator, seconds / 2)
    return [
        (peer.side(generator, seconds), ours.side(generator, seconds))
        for _ in range(rounds)
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if a target is missed and was to be checked."""
    parser = argparse.ArgumentParser(
        "benchmarks.peers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [peer.name for peer in PEERS]
    add = parser.add_argument
    add("--rounds", type=int, default=7)
    add("--seconds", type=float, default=2.0, help="of each server in each round")
    add("--peer", nargs="+", choices=names, default=names)
    add(
        "--openapi", type=Path, metavar="FILE", help="for Prism; else the gateway's own"
    )
    add("--check", action="store_true", help="exit with 1 if a target is missed")
    options = parser.parse_args(arguments)
    # The servers are stopped on the way out, so there has to be one.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    found = installed(options.peer)
    if not found:
        return 1
    is_met = True
    with ExitStack() as stack:
        generator = stack.enter_context(load())
        ours, peers = asked(stack, found, options.openapi)
        machine = report.machine().items()
        print(*(f"{name}: {value}" for name, value in machine), sep="\n")
        print(COLUMNS.format("peer", "its req/s", "gateway", "ratio", "CPU ratio", ""))
        for peer, running in peers.items():
            pairs = compared(generator, ours, running, options.rounds, options.seconds)
            row = report.row(peer.name, pairs, peer.target)
            is_met &= row.is_met
            rates = (f"{row.hello_rate:.0f}", f"{row.rate:.0f}")
            ratios = (f"{row.ratio:.2f}", f"{row.cpu_ratio:.2f}")
            print(COLUMNS.format(peer.name, *rates, *ratios, row.verdict), flush=True)
    return int(options.check and not is_met)


if __name__ == "__main__":
    sys.exit(main())
