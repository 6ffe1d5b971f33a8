"""What `deploy/` and docs/operations.md say holds for the program."""

import re
import shlex
from configparser import RawConfigParser
from pathlib import Path

import click
import pytest

from gateway.bridge import Limits
from gateway.cli import main
from gateway.cli.serve import serve
from gateway.config import Config

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")


def variables() -> set[str]:
    """Every variable that the program reads."""
    options = {one.envvar for one in serve.params if isinstance(one.envvar, str)}
    return options | set(Config().to_environ())


def named(text: str) -> set[str]:
    """The variables that a text names, also in comments."""
    return set(re.findall(r"ADDRESS_GATEWAY_[A-Z_]+", text))


@pytest.mark.parametrize(
    "file",
    ["deploy/address-gateway.env", "deploy/Containerfile", "docs/operations.md"],
)
def test_variables_that_are_named_are_read(file: str) -> None:
    assert named((ROOT / file).read_text("utf-8")) - variables() == set()


def unit() -> dict[str, str]:
    """The settings of the service; of one that is there twice, the last."""
    parser = RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / "address-gateway.service", "utf-8")
    return dict(parser["Service"])


def test_systemd_waits_for_requests_to_finish() -> None:
    service = unit()

    assert service["KillMode"] == "mixed"
    assert int(service["TimeoutStopSec"]) > Limits().stop_seconds
    assert service["ExecReload"] == "/bin/sh -c 'kill -HUP $MAINPID'"


def test_systemd_listens_where_the_service_would() -> None:
    parser = RawConfigParser()
    parser.read(DEPLOY / "address-gateway.socket", "utf-8")
    settings = (DEPLOY / "address-gateway.env").read_text("utf-8")
    [host] = re.findall(r"^ADDRESS_GATEWAY_HOST=(.*)", settings, re.MULTILINE)
    [port] = re.findall(r"^ADDRESS_GATEWAY_PORT=(.*)", settings, re.MULTILINE)

    assert parser["Socket"]["ListenStream"] == f"{host}:{port}"
    # Workers tell that they are ready.
    assert (unit()["Type"], unit()["NotifyAccess"]) == ("notify", "all")


def test_systemd_gives_the_service_no_more_than_it_needs() -> None:
    service = unit()

    assert service["User"] == "address-gateway"
    assert service["CapabilityBoundingSet"] == ""
    assert {name for name, value in service.items() if value == "yes"} >= {
        *("NoNewPrivileges", "PrivateDevices", "PrivateTmp", "PrivateUsers"),
        *("ProtectHome", "ProtectKernelTunables", "RestrictNamespaces"),
    }
    # A worker may choose its processor: sched_setaffinity is one of @resources.
    assert "@resources" not in service["SystemCallFilter"]


def instructions() -> list[tuple[str, str]]:
    """The container's, each on one line."""
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [(line.split()[0], line.partition(" ")[2].strip()) for line in lines]


def test_the_container_is_made_of_what_is_pinned_and_there() -> None:
    said = instructions()

    bases = [value.split()[0] for name, value in said if name == "FROM"]
    copied = [value.split()[:-1] for name, value in said if name == "COPY"]
    sources = [one for files in copied for one in files if files[0][:2] != "--"]
    installs = [value for name, value in said if "pip install" in value]
    assert bases == ["python:3.11-slim", "python:3.11-slim"]
    assert [one for one in sources if not (ROOT / one).exists()] == []
    assert ["--require-hashes" in one or "--no-deps" in one for one in installs] == [
        True,
        True,
    ]


def test_the_container_runs_as_nobody_and_tells_its_health() -> None:
    said = dict(instructions())

    assert said["USER"] == "10001"
    assert "/readyz" in said["HEALTHCHECK"]
    assert said["CMD"] == '["address-gateway", "serve"]'


def test_what_a_server_installs_is_pinned_with_its_databases() -> None:
    lines = (ROOT / "requirements" / "serve.txt").read_text("utf-8").splitlines()

    pinned = {line.partition("==")[0] for line in lines if "==" in line}
    assert {"granian", "prometheus-client", "psycopg", "redis"} <= {
        name.partition("[")[0] for name in pinned
    }


COMMANDS = sorted(set(re.findall(r"^gateway ([a-z].*)$", PAGE, re.MULTILINE)))


@pytest.mark.parametrize("line", COMMANDS)
def test_commands_of_the_page_are_the_programs(line: str) -> None:
    words = shlex.split(line)
    command: click.Command | None = main
    while isinstance(command, click.Group):
        command = command.get_command(click.Context(command), words.pop(0))

    assert command

    known = {option for one in command.params for option in one.opts} | {"--help"}

    assert {word for word in words if word.startswith("--")} <= known


def test_the_page_has_commands() -> None:
    assert len(COMMANDS) > 8
