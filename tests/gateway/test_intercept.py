"""`intercept`: how it runs a command, and what it keeps."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway import intercept_certificates
from tests.gateway.cli import run
from tests.gateway.interception import (
    HOST,
    REQUESTS,
    TUNNEL,
    Python,
    gateway,
    home,
    python,
)

__all__ = ["gateway", "home", "python"]

MAIN = [sys.executable, "-W", "error", "-c", "from gateway.cli import main; main()"]

pytestmark = pytest.mark.usefixtures("home")


@pytest.mark.parametrize(
    ("program", "code"),
    [("raise SystemExit(7)", 7), ("import os; os.kill(os.getpid(), 9)", 137)],
)
def test_the_exit_code_is_the_commands(gateway: str, program: str, code: int) -> None:
    options = ("--host", HOST, "--gateway", gateway)

    result = run("intercept", *options, sys.executable, "-c", program)

    assert result.exit_code == code


def test_the_environment_is_set_for_the_command_only(
    home: Path, python: Python, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    before = dict(os.environ)

    printed = python("import json, os; print(json.dumps(dict(os.environ)))")

    proxy = r"http://127\.0\.0\.1:\d+"
    certificate = re.escape(f"{home}/var/intercept/ca.pem")
    changed = dict(set(json.loads(printed).items()) - set(before.items()))
    expected = {
        "HTTPS_PROXY": proxy,
        "https_proxy": proxy,
        "HTTP_PROXY": proxy,
        "http_proxy": proxy,
        "NO_PROXY": "localhost,127.0.0.1",
        "no_proxy": "localhost,127.0.0.1",
        "REQUESTS_CA_BUNDLE": certificate,
        "CURL_CA_BUNDLE": certificate,
        "SSL_CERT_FILE": certificate,
        "NODE_EXTRA_CA_CERTS": certificate,
        "NODE_USE_ENV_PROXY": "1",
    }
    assert changed.keys() == expected.keys()
    assert all(re.fullmatch(expected[name], changed[name]) for name in expected)
    assert dict(os.environ) == before


def test_the_keys_are_nobody_elses_to_read(home: Path, python: Python) -> None:
    python("")

    modes = {
        str(path.relative_to(home)): oct(path.stat().st_mode & 0o777)
        for path in home.rglob("*")
        if path.suffix != ".pem"
    }
    assert modes == {
        "var": "0o700",
        "var/intercept": "0o700",
        "var/intercept/ca.key": "0o600",
    }


def test_a_second_run_has_the_same_authority_and_other_hosts(
    home: Path, python: Python
) -> None:
    program = "print(requests.get('https://{}/').status_code)"
    file = home / "var/intercept/ca.pem"

    first = python(REQUESTS + program.format("one.example.com"), "one.example.com")
    authority = file.read_bytes()
    second = python(REQUESTS + program.format("two.example.com"), "two.example.com")

    assert (first, second) == ("200\n", "200\n")
    assert file.read_bytes() == authority


def test_an_authority_that_ends_soon_is_made_anew(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = home / "authority"
    with monkeypatch.context() as patch:
        patch.setattr(intercept_certificates, "AUTHORITY_LIFE", timedelta(days=30))
        old = intercept_certificates.authority_in(folder)

    new = intercept_certificates.authority_in(folder)

    assert new.certificate != old.certificate
    kept = intercept_certificates.authority_in(folder)
    assert kept.certificate == new.certificate


@pytest.mark.parametrize("name", ["ca.pem", "ca.key"])
def test_a_damaged_authority_is_told_in_one_line(
    home: Path, gateway: str, name: str
) -> None:
    folder = home / "authority"
    intercept_certificates.authority_in(folder)
    (folder / name).write_text("nonsense")
    options = ("--host", HOST, "--gateway", gateway, "--directory", "authority")

    result = run("intercept", *options, "true")

    assert result.exit_code == 1
    assert result.stderr == (
        f"Error: {folder}/ca.pem and {folder}/ca.key are no pair;"
        " delete both, and new ones are made\n"
    )


def test_nothing_is_run_without_a_gateway(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"

    result = run("intercept", "--host", HOST, "--gateway", url, "touch", "made")

    assert result.exit_code == 1
    assert result.stderr == (
        f"Error: the gateway at {url} does not answer: Connection refused; start it"
        " with `address-gateway serve`, or say with --gateway where it is\n"
    )
    assert list(home.iterdir()) == []


def test_a_command_that_is_not_there_is_told_as_by_a_shell() -> None:
    result = run("intercept", "--host", HOST, "--", "no-such-command", "--option")

    assert result.exit_code == 127
    assert result.stderr == (
        "Error: there is no command 'no-such-command'; check its name, and PATH\n"
    )


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--", "true"], "Missing option '--host'"),
        (["--host", HOST], "Missing argument 'COMMAND...'"),
        (["--host", f"https://{HOST}", "true"], "is not the name of another machine"),
        (["--host", f"{HOST}:443", "true"], "is not the name of another machine"),
        (["--host", "10.0.0.1", "true"], "is not the name of another machine"),
        (["--host", "localhost", "true"], "is not the name of another machine"),
        (["--host", "", "true"], "is not the name of another machine"),
        (["--host", HOST, "--gateway", "https://[", "true"], "cannot be used; give it"),
        (["--host", HOST, "--gateway", "http://a/b", "true"], "cannot be used; give"),
        (["--host", HOST, "--gateway", "http://a:b", "true"], "cannot be used; give"),
    ],
)
def test_a_wrong_call_is_told_in_one_line(arguments: list[str], reason: str) -> None:
    result = run("intercept", *arguments)

    assert result.exit_code == 2
    assert reason in result.stderr
    assert result.stderr.endswith("; see `address-gateway intercept --help`\n")
    assert result.stderr.count("\n") == 1


WAITING = """
import signal, sys, time
came = []
signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
signal.signal(signal.SIGTERM, lambda number, frame: came.append(number))
print("ready", flush=True)
while not came:
    time.sleep(0.01)
time.sleep(0.3)
print(*came, flush=True)
sys.exit(40 + len(came))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_the_commands_to_answer(gateway: str, number: int) -> None:
    with started([*MAIN, *waiting(gateway)], stdout=subprocess.PIPE) as process:
        assert process.stdout
        ready = process.stdout.readline()

        process.send_signal(number)
        printed, errors = process.communicate(timeout=30)

    assert (ready, printed, errors) == ("ready\n", f"{number:d}\n", "")
    assert process.returncode == 41


def test_control_c_reaches_the_command_once(gateway: str) -> None:
    # The first terminal that the leader of a session opens becomes the session's.
    program = "import os; os.open(os.ttyname(1), os.O_RDWR); " + MAIN[-1]
    ours, theirs = os.openpty()
    with (
        os.fdopen(ours, "rb") as terminal,
        os.fdopen(theirs) as stdout,
        started([sys.executable, "-c", program, *waiting(gateway)], stdout) as process,
    ):
        ready = terminal.readline()

        os.write(ours, b"\x03")
        _, errors = process.communicate(timeout=30)

    assert (ready, errors, process.returncode) == (b"ready\r\n", "", 41)


def test_the_command_has_the_standard_streams(gateway: str) -> None:
    program = "import sys; sys.stderr.write(sys.stdin.read()); print('out')"

    result = finished(gateway, program, input="in")

    assert (result.stdout, result.stderr, result.returncode) == ("out\n", "in", 0)


def test_what_the_command_leaves_behind_is_not_waited_for(gateway: str) -> None:
    left = f"""
connection = tunnel("{HOST}")
connection.request("GET", "/")
print(answer(connection)[0], flush=True)
connection.sock.recv(1)
"""
    program = """
import subprocess, sys
command = [sys.executable, "-c", sys.argv[1]]
streams = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
print(subprocess.Popen(command, **streams).stdout.readline().decode(), end="")
"""

    result = finished(gateway, program, TUNNEL + left)

    assert (result.stdout, result.stderr, result.returncode) == ("200\n", "", 0)


def finished(
    gateway: str, *program: str, input: str = ""
) -> "subprocess.CompletedProcess[str]":
    options = ("intercept", "--host", HOST, "--gateway", gateway)
    return subprocess.run(
        [*MAIN, *options, "--", sys.executable, "-c", *program],
        env=environment(),
        input=input,
        capture_output=True,
        text=True,
        timeout=30,
    )


def waiting(gateway: str) -> list[str]:
    options = ["intercept", "--host", HOST, "--gateway", gateway]
    return [*options, "--", sys.executable, "-c", WAITING]


def started(command: list[str], stdout: Any) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        command,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
