"""What a server does with signals while clients are at it."""

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.gateway.test_server import certificate_for, eventually, free_port

APPLICATION = """
import os, sys, time

def factory():
    if sys.argv[-1] == "slow":
        open("loading", "w").close()
        time.sleep(20)
    done = os.open("done", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    def application(environ, start_response):
        body = environ["wsgi.input"].read()
        os.write(done, body + b"\\n")
        time.sleep(0.002)
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]
    return application
"""

RUN = """
import os, pathlib, sys, time
from gateway.server import Limits, serve

port, workers, secure, extra = sys.argv[1:]
if extra == "fork":
    os.register_at_fork(after_in_child=lambda: time.sleep(0.3))
files = {"tls_certificate": pathlib.Path("cert"), "tls_key": pathlib.Path("key")}
serve(
    "application:factory",
    host="127.0.0.1",
    port=int(port),
    workers=int(workers),
    limits=Limits(stop_seconds=10),
    on_bound=lambda: print("bound", flush=True),
    **(files if secure == "tls" else {}),
)
"""


@dataclass
class Server:
    process: subprocess.Popen[bytes]
    port: int
    folder: Path

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def serves(self) -> bool:
        assert self.process.poll() is None, self.errors()
        self.connect().close()
        return True

    def done(self) -> list[str]:
        """The requests that the application did."""
        return (self.folder / "done").read_text().split()

    def errors(self) -> str:
        return (self.folder / "stderr").read_text()


def started(folder: Path, workers: int, secure: str = "", extra: str = "") -> Server:
    (folder / "application.py").write_text(APPLICATION)
    (folder / "run.py").write_text(RUN)
    port, root = free_port(), Path(__file__).parents[2]
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "run.py", str(port), str(workers), secure, extra],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": f"{root}:{folder}"},
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
    return Server(process, port, folder)


@pytest.fixture
def servers() -> Iterator[list[Server]]:
    found: list[Server] = []
    yield found
    for server in found:
        server.process.kill()
        server.process.wait()


@dataclass
class Client:
    """Sends one request after the other, on a connection that it opens when need be.

    `answered` and `closed` are the requests that got an answer, and those whose
    connection was closed without a byte of one.
    """

    server: Server
    name: str
    keeps: bool = True
    is_over: bool = False
    answered: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Ask until nobody listens any more, or the test is over."""
        number = 0
        while not self.is_over:
            try:
                connection = self.server.connect()
            except ConnectionRefusedError:
                return
            except ConnectionResetError:
                continue
            with connection:
                while not self.is_over:
                    number += 1
                    if not self.ask(connection, f"{self.name}-{number}"):
                        break

    def ask(self, connection: socket.socket, id: str) -> bool:
        """Whether the connection can be used for another request."""
        body = id.encode()
        head = f"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n"
        received = b""
        try:
            closing = "" if self.keeps else "Connection: close\r\n"
            connection.sendall(f"{head}{closing}\r\n".encode() + body)
            while not received.endswith(b"\r\n\r\n" + body):
                part = connection.recv(4096)
                received += part
                if not part:
                    break
        except (ConnectionResetError, BrokenPipeError):
            pass
        assert not received or received.endswith(b"\r\n\r\n" + body), received
        (self.answered if received else self.closed).append(id)
        return self.keeps and bool(received) and b"connection: close" not in received


@pytest.mark.parametrize("keeps", [True, False])
def test_a_stop_drops_no_request(
    tmp_path: Path, servers: list[Server], keeps: bool
) -> None:
    servers.append(server := started(tmp_path, 2))
    eventually(server.serves)
    clients = [Client(server, str(n), keeps) for n in range(8)]

    with ThreadPoolExecutor(8) as pool:
        running = [pool.submit(client.run) for client in clients]
        eventually(lambda: all(len(client.answered) > 5 for client in clients))
        server.process.terminate()
        code = server.process.wait(10)
        for one in running:
            one.result(10)

    answered = [id for client in clients for id in client.answered]
    assert (code, server.errors()) == (0, "")
    assert sorted(server.done()) == sorted(answered)


def test_a_reload_drops_no_request(tmp_path: Path, servers: list[Server]) -> None:
    servers.append(server := started(tmp_path, 1))
    eventually(server.serves)
    clients = [Client(server, str(n)) for n in range(3)]
    with ThreadPoolExecutor(3) as pool:
        running = [pool.submit(client.run) for client in clients]
        before = children(server)
        server.process.send_signal(signal.SIGHUP)
        eventually(lambda: (now := children(server)) != before and len(now) == 1)
        for client in clients:
            client.is_over = True
        for one in running:
            one.result(10)

    answered = [id for client in clients for id in client.answered]
    assert sorted(server.done()) == sorted(answered)
    assert server.errors() == ""


def children(server: Server) -> list[int]:
    """The workers."""
    pid = server.process.pid
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(one) for one in text.split()]


def test_a_stop_right_after_the_start_is_not_lost(
    tmp_path: Path, servers: list[Server]
) -> None:
    servers.append(server := started(tmp_path, 2, extra="fork"))
    eventually(lambda: len(children(server)) == 2)

    server.process.terminate()
    began = time.monotonic()
    code = server.process.wait(15)

    assert code == 0
    assert time.monotonic() - began < 5


def test_a_stop_of_the_whole_group_while_it_loads_is_no_failure(
    tmp_path: Path, servers: list[Server]
) -> None:
    servers.append(server := started(tmp_path, 1, extra="slow"))
    eventually((tmp_path / "loading").exists)

    os.killpg(server.process.pid, signal.SIGTERM)

    assert server.process.wait(15) == 0


def write_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "key").write_bytes(pem)
    (folder / "cert").write_bytes(certificate_for(key))


def shown(server: Server) -> str:
    """The certificate that a client sees."""
    return ssl.get_server_certificate(("127.0.0.1", server.port), timeout=10)


def test_a_reload_serves_the_new_certificate_and_refuses_a_bad_one(
    tmp_path: Path, servers: list[Server]
) -> None:
    write_certificate(tmp_path)
    old = (tmp_path / "cert").read_text()
    servers.append(server := started(tmp_path, 1, "tls"))
    eventually(server.serves)
    context = ssl.create_default_context(cadata=old)
    client = Client(server, "secure")

    with context.wrap_socket(server.connect(), server_hostname="localhost") as secure:
        (tmp_path / "cert").write_text("no certificate\n")
        server.process.send_signal(signal.SIGHUP)
        eventually(lambda: "Not reloaded" in server.errors())
        after_bad = shown(server)
        write_certificate(tmp_path)
        server.process.send_signal(signal.SIGHUP)
        # Until its successor has loaded, the old worker goes on.
        kept = [client.ask(secure, f"secure-{number}") for number in range(20)]
        eventually(lambda: shown(server) == (tmp_path / "cert").read_text())

    assert after_bad == old
    assert kept == [True] * 20
    assert "the old one is served" in server.errors()


def test_a_worker_that_hears_of_a_stop_first_has_not_failed(
    tmp_path: Path, servers: list[Server]
) -> None:
    servers.append(server := started(tmp_path, 2))
    eventually(lambda: server.serves() and len(children(server)) == 2)
    for worker in children(server):
        os.kill(worker, signal.SIGTERM)
    time.sleep(0.5)

    server.process.terminate()

    assert server.process.wait(10) == 0
    assert server.errors() == ""


ORPHAN = """
import os, signal
from gateway.server import end_with

parent = os.getpid()
if os.fork():
    os._exit(0)
while os.getppid() == parent:
    pass
signal.signal(signal.SIGTERM, lambda *_: os.write(1, b"stopped"))
end_with(parent)
"""


def test_a_worker_whose_server_was_killed_before_it_looked_stops() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", ORPHAN],
        capture_output=True,
        text=True,
        cwd=root,
        timeout=20,
        check=True,
    )

    assert done.stdout == "stopped"
