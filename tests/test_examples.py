"""The examples do what they say, as their users run them."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
TOKEN = "example"
PROGRAM = f"#!{sys.executable}\nfrom gateway.cli import main\nmain()\n"
SECONDS = 120


@pytest.fixture
def ports() -> tuple[int, int]:
    """Two ports that are free."""
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as other,
    ):
        return one.getsockname()[1], other.getsockname()[1]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment that has the package and its program."""
    program = tmp_path / "bin" / "address-gateway"
    program.parent.mkdir()
    program.write_text(PROGRAM)
    program.chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "TOKEN": TOKEN,
    }


@pytest.fixture
def control(environment: dict[str, str], ports: tuple[int, int]) -> Iterator[str]:
    """The URL of the control side of a gateway that is served."""
    port, control_port = map(str, ports)
    process = subprocess.Popen(
        (
            *("address-gateway", "serve", "--port", port, "--control"),
            *("--control-port", control_port, "--control-token", TOKEN),
        ),
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    for number in ports:
        wait_for(number)
    yield f"http://127.0.0.1:{control_port}/_gateway"
    process.terminate()
    process.wait(SECONDS)


def wait_for(port: int) -> None:
    """Return when something listens to the port."""
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


def run(
    *command: str | Path, folder: str, env: dict[str, str]
) -> "subprocess.CompletedProcess[str]":
    """What the command did in the example's folder."""
    return subprocess.run(
        command,
        cwd=EXAMPLES / folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )


@pytest.mark.parametrize("folder", ["python", "node", "curl"])
def test_a_readme_has_at_most_thirty_lines(folder: str) -> None:
    assert len((EXAMPLES / folder / "README.md").read_text().splitlines()) <= 30


def test_the_python_suite_passes(environment: dict[str, str], tmp_path: Path) -> None:
    suite = shutil.copytree(EXAMPLES / "python", tmp_path / "suite")

    result = run(
        *(sys.executable, "-m", "pytest", "-q", "-W", "error"),
        *("-p", "no:cacheprovider", "-p", "no:schemathesis", "--rootdir", suite, suite),
        folder="python",
        env=environment,
    )

    assert result.returncode == 0, result.stdout
    assert "7 passed" in result.stdout


def test_the_node_script_runs(environment: dict[str, str], control: str) -> None:
    env = {**environment, "CONTROL": control}

    result = run("node", "addresses.mjs", folder="node", env=env)

    assert result.stderr == ""
    assert result.stdout == "All is well\n"


def test_the_shell_script_runs(
    environment: dict[str, str], ports: tuple[int, int]
) -> None:
    port, control_port = map(str, ports)
    env = {**environment, "PORT": port, "CONTROL_PORT": control_port}

    result = run("sh", "contract.sh", folder="curl", env=env)

    assert result.returncode == 0, result.stderr
    created, verdict = result.stdout.splitlines()
    assert '"address1":"12 Analytical Row"' in created
    assert verdict == '{"holds":true,"text":""}'
