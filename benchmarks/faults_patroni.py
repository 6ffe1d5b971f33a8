"""PostgreSQL under Patroni and etcd, on loopback: Debian's packages, run as root.

apt-get install patroni etcd-server postgresql python3-etcd python3-dnspython
"""

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from time import monotonic, sleep
from typing import Any
from urllib.request import Request, urlopen

import psycopg

from benchmarks.load import HOST
from benchmarks.servers import ROOT, free_port

CONFIG = ROOT / "deploy" / "patroni" / "patroni.yml"
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
USER = "postgres"
PATIENCE = 90.0
"""How long anything here may take, in seconds."""


@dataclass
class Node:
    """One server with the Patroni that looks after it."""

    name: str
    folder: Path
    etcd: str
    port: int = field(default_factory=free_port)
    rest_port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start Patroni, which starts the server."""
        given = {
            "name": self.name,
            "host": HOST,
            "port": self.port,
            "rest_port": self.rest_port,
            "etcd": self.etcd,
            "data": self.folder / self.name,
            "sockets": self.folder,
            "programs": PROGRAMS[-1],
        }
        config = self.folder / f"{self.name}.yml"
        config.write_text(Template(CONFIG.read_text("utf-8")).substitute(given))
        self.process = as_postgres(["patroni", str(config)], self.folder, self.name)

    def is_(self, role: str) -> bool:
        """Whether Patroni says that it is the "primary" or a "replica"."""
        try:
            return ask(self.rest_port, f"/{role}") == 200
        except OSError:
            return False

    def kill(self) -> None:
        """kill -9 of Patroni and of the server, as when their machine is gone."""
        assert self.process is not None
        pid = int((self.folder / self.name / "postmaster.pid").read_text().split()[0])
        for one in (self.process.pid, pid):
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Stop Patroni, and with it the server."""
        if self.process is not None and self.process.poll() is None:
            end(self.process)


def as_postgres(
    command: Sequence[str], folder: Path, name: str
) -> "subprocess.Popen[bytes]":
    """A process of the user that PostgreSQL insists on."""
    with (folder / f"{name}.log").open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=folder,
            user=USER,
            group=USER,
            extra_groups=[],
            stdout=log,
            stderr=log,
            # Debian's Patroni is for Debian's Python.
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        )


def ask(port: int, path: str, body: Any = None) -> int:
    """The status that Patroni's API answers with."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(f"http://{HOST}:{port}{path}", data)
    try:
        with urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except OSError as error:
        status = getattr(error, "code", None)
        if status is None:
            raise
        return int(status)


@dataclass(frozen=True)
class Cluster:
    """Two nodes, one of which leads."""

    nodes: Sequence[Node]

    def leader(self) -> Node:
        """The node that takes writes."""
        return until("there is no leader", lambda: self._with("primary"))

    def standby(self) -> Node:
        """The node that follows it."""
        return until("there is no standby", lambda: self._with("replica"))

    def url(self, attributes: str = "read-write", database: str = "gateway") -> str:
        """The URL of whichever node is of use."""
        hosts = "&".join(f"host={HOST}:{node.port}" for node in self.nodes)
        more = f"{hosts}&target_session_attrs={attributes}"
        return f"postgresql+psycopg://{USER}@/{database}?{more}"

    def is_synchronous(self) -> bool:
        """Whether the leader waits for the standby with each commit."""
        with psycopg.connect(
            host=HOST, port=self.leader().port, user=USER, dbname="postgres"
        ) as connection:
            sql = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"
            return connection.execute(sql).fetchone() is not None

    def switch(self) -> None:
        """Let the standby lead, as planned."""
        old, new = self.leader(), self.standby()
        ask(old.rest_port, "/switchover", {"leader": old.name, "candidate": new.name})

    def _with(self, role: str) -> Node | None:
        return next((node for node in self.nodes if node.is_(role)), None)


def until(otherwise: str, what: Callable[[], Any]) -> Any:
    """The first true value."""
    end = monotonic() + PATIENCE
    while monotonic() < end:
        if value := what():
            return value
        sleep(0.1)
    raise SystemExit(otherwise)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A leader and a synchronous standby, with an empty database for the gateway."""
    missing = [name for name in ("patroni", "etcd") if not shutil.which(name)]
    if missing or not PROGRAMS or os.geteuid():
        raise SystemExit(__doc__)
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="gateway-patroni-"))
        )
        shutil.chown(folder, USER)
        client, peer = (f"http://{HOST}:{free_port()}" for _ in range(2))
        options = {
            "data-dir": folder / "etcd",
            "listen-client-urls": client,
            "advertise-client-urls": client,
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": f"default={peer}",
        }
        etcd = as_postgres(
            ["etcd", *(f"--{name}={value}" for name, value in options.items())],
            folder,
            "etcd",
        )
        stack.callback(end, etcd)
        nodes = [Node(name, folder, client.partition("//")[2]) for name in ("p1", "p2")]
        found = Cluster(nodes)
        for node in nodes:
            stack.callback(node.stop)
        nodes[0].start()
        found.leader()
        nodes[1].start()
        found.standby()
        until("the standby is not synchronous", found.is_synchronous)
        with psycopg.connect(
            host=HOST, port=found.leader().port, user=USER, autocommit=True
        ) as connection:
            connection.execute("CREATE DATABASE gateway")
        yield found


def end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
