"""`serve`, as a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.cli import fresh, home, initialized, run

__all__ = ["fresh", "home", "initialized"]

COMMAND = [sys.executable, "-c", "from gateway.cli import main; main()"]
Serve = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return str(server.getsockname()[1])


@pytest.fixture
def serve() -> Iterator[Serve]:
    started = []

    def serve(*arguments: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [*COMMAND, "serve", *arguments],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield serve
    for process in started:
        process.terminate()
        process.communicate(timeout=120)


def banner(process: "subprocess.Popen[str]", port: str) -> str:
    """What the process prints before it serves; returns when it does."""
    assert process.stdout
    text = ""
    for line in iter(process.stdout.readline, ""):
        text += line
        if line.startswith("Stop with"):
            wait_for(port)
            return text
    assert process.stderr
    raise AssertionError(text + process.stderr.read())


def wait_for(port: str) -> None:
    """Return when something listens to the port: workers start after the banner."""
    deadline = time.monotonic() + 120
    while True:
        try:
            socket.create_connection(("127.0.0.1", int(port))).close()
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        else:
            return


def get(url: str, headers: dict[str, str]) -> dict[str, Any]:
    """The body of the answer."""
    request = urllib.request.Request(url, headers=headers)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=120) as response:
        body: dict[str, Any] = json.load(response)
        return body


@pytest.mark.usefixtures("home")
def test_the_demo_is_served_as_it_says_until_it_is_stopped(
    serve: Serve, port: str
) -> None:
    process = serve("--demo", "--port", port)
    text = banner(process, port)

    headers = {"Authorization": "Bearer demo-easel-read"}
    url = f"http://127.0.0.1:{port}/api/v1/customers/cus_abc123/addresses"
    answer = get(url, headers)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=120)

    assert f"curl -i -H 'Authorization: Bearer demo-easel-read' '{url}'" in text
    assert f"Easel  http://127.0.0.1:{port}/api/v1\n" in text
    assert "Easel  demo-easel-read  (read)\n" in text
    assert "demo-bigcommerce" not in text
    names = [address["id"] for address in answer["addresses"]]
    assert names == ["adr_def456", "adr_ghi789"]
    assert (process.returncode, errors) == (0, "")


def test_a_made_key_opens_the_served_shop(
    initialized: Path, serve: Serve, port: str
) -> None:
    new = ("--dialect", "staff", "--shop", "main", "--scope", "staff")
    token = json.loads(run("key", "add", *new, "--json").stdout)["token"]
    who = ("--first-name=Ada", "--last-name=L", "--email=a@example.com", "--id=123")
    run("customer", "add", "--shop", "main", *who)

    process = serve("--port", port, "--fast", "--workers", "2")
    text = banner(process, port)
    headers = {"Authorization": f"Token {token}"}
    url = f"http://127.0.0.1:{port}/api/customers/123/addresses"
    answer = get(url, headers)

    assert answer["count"] == 0
    assert f"curl -i -H 'Authorization: Token '\"$TOKEN\" '{url}'" in text
    assert token not in text


@pytest.mark.usefixtures("home")
def test_demo_keys_are_not_served_to_other_machines(serve: Serve, port: str) -> None:
    process = serve("--demo", "--port", port, "--host", "0.0.0.0")
    text, errors = process.communicate(timeout=120)

    assert (process.returncode, text) == (1, "")
    assert errors.startswith("Error: the database holds demo keys and 0.0.0.0 is open")
    assert "serve another --database, or remove the keys" in errors
    assert errors.count("\n") == 1


@pytest.mark.usefixtures("initialized")
def test_a_database_without_demo_keys_is_served_to_other_machines(
    serve: Serve, port: str
) -> None:
    process = serve("--port", port, "--host", "0.0.0.0")

    assert f"http://0.0.0.0:{port}/api/v1" in banner(process, port)


@pytest.mark.usefixtures("initialized")
def test_a_port_in_use_is_told_in_one_line(
    serve: Serve, port: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    other = port
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        process = serve("--port", port, "--operations-port", other)
        text, errors = process.communicate(timeout=120)

    assert (process.returncode, text) == (1, "")
    assert f"port {port} of 127.0.0.1 cannot be used" in errors
    assert "--port" in errors
    assert [*tmp_path.glob("address-gateway-server-*")] == []
    assert errors.count("\n") == 1


@pytest.mark.usefixtures("home")
def test_an_older_file_gets_the_newest_schema_before_it_is_served(
    serve: Serve, port: str
) -> None:
    url = "sqlite:///new/gateway.db"

    text = banner(serve("--port", port, "--database", url), port)
    status = run("db", "status", "--database", url)

    assert "(TOKEN is a key's; `address-gateway init` makes one)" in text
    assert status.exit_code == 0


@pytest.mark.usefixtures("initialized")
def test_a_certificate_needs_its_key(initialized: Path) -> None:
    (initialized / "cert.pem").touch()

    result = run("serve", "--tls-certificate", "cert.pem")

    assert result.exit_code == 2
    assert "--tls-certificate and --tls-key need each other" in result.stderr


@pytest.mark.usefixtures("initialized")
def test_operations_are_on_a_port_of_their_own(serve: Serve, port: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        other = str(free.getsockname()[1])
    text = banner(serve("--port", port, "--operations-port", other), port)
    wait_for(other)

    pages = ("healthz", "readyz", "metrics")
    here = [status(f"http://127.0.0.1:{port}/{page}") for page in pages]
    there = [status(f"http://127.0.0.1:{other}/{page}") for page in pages]
    dialects = status(f"http://127.0.0.1:{other}/api/v1/customers/x/addresses")

    assert f"Operations: http://127.0.0.1:{other}/readyz" in text
    assert here == [404, 404, 404]
    assert (there[0], there[2], dialects) == (200, 200, 404)


@pytest.mark.usefixtures("initialized")
def test_an_operations_port_in_use_is_told_in_one_line(serve: Serve, port: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken = str(server.getsockname()[1])
        process = serve("--port", port, "--operations-port", taken)
        text, errors = process.communicate(timeout=120)

    assert (process.returncode, text) == (1, "")
    assert f"port {taken} of 127.0.0.1 cannot be used" in errors


def status(url: str) -> int:
    """The status of the answer."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
