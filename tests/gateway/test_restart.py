"""A restart under load, with the socket that systemd keeps meanwhile."""

import os
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from threading import Event

import pytest

from gateway import listening
from tests.gateway.cli import run

SYSTEMD = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
main = "from gateway.cli import main; main()"
os.execv(sys.executable, [sys.executable, "-c", main, *sys.argv[2:]])
"""


@dataclass
class Unit:
    """What systemd has of a service: its socket, and where it hears of its start."""

    folder: Path
    listener: socket.socket
    notified: socket.socket

    @property
    def port(self) -> int:
        port: int = self.listener.getsockname()[1]
        return port

    def start(self) -> "subprocess.Popen[bytes]":
        serve = ("serve", "--demo", "--database", f"sqlite:///{self.folder}/demo.db")
        process = subprocess.Popen(
            [sys.executable, "-c", SYSTEMD, str(self.listener.fileno()), *serve],
            pass_fds=[self.listener.fileno()],
            env={**os.environ, "NOTIFY_SOCKET": str(self.folder / "notify")},
            stdout=subprocess.DEVNULL,
        )
        assert self.notified.recv(100) == b"READY=1"
        return process


@pytest.fixture
def unit(tmp_path: Path) -> Iterator[Unit]:
    with (
        socket.create_server(("127.0.0.1", 0), backlog=100) as listener,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified,
    ):
        notified.bind(str(tmp_path / "notify"))
        notified.settimeout(60)
        yield Unit(tmp_path, listener, notified)


def ask(port: int) -> str:
    """What a new connection brings."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        path = "/api/customers/123/addresses"
        connection.request("GET", path, headers={"Authorization": "Token demo-staff"})
        answer = connection.getresponse()
        answer.read()
        return str(answer.status)
    except OSError as error:
        return type(error).__name__
    finally:
        connection.close()


def asked_until(ends: Event, port: int) -> Counter[str]:
    told: Counter[str] = Counter()
    while not ends.is_set():
        told[ask(port)] += 1
    return told


def test_no_request_fails_while_the_server_is_restarted(unit: Unit) -> None:
    ends, codes = Event(), []
    process = unit.start()

    with ThreadPoolExecutor(3) as pool:
        told = [pool.submit(asked_until, ends, unit.port) for _ in range(3)]
        for _ in range(2):
            process.terminate()
            codes.append(process.wait(60))
            process = unit.start()
        ends.set()
    process.terminate()

    assert process.wait(60) == 0
    assert codes == [0, 0]
    assert {answer for one in told for answer in one.result()} == {"200"}


def test_a_socket_that_is_anothers_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LISTEN_FDS", "1")
    monkeypatch.setenv("LISTEN_PID", "1")

    assert listening.handed_over() is None


def test_two_sockets_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTEN_FDS", "2")
    monkeypatch.setenv("LISTEN_PID", str(os.getpid()))

    result = run("serve")

    assert result.exit_code == 1
    assert "ListenStream=ADDRESS:PORT once" in str(result.exception)
