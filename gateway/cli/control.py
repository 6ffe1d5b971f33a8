"""`serve --control`: shops to test clients on, made and watched over another port."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gateway.cli.banner import origin

if TYPE_CHECKING:
    from gateway.config import Config

Command = TypeVar("Command", bound=Callable[..., Any])
PORT = 8081
MEMORY = "sqlite://"
TARGET = "gateway.control.serving:app_from_environ"

OPTIONS = (
    click.option(
        "--control", is_flag=True, help="Let clients be tested: shops made on demand."
    ),
    click.option(
        "--control-port", type=click.IntRange(1, 65535), default=PORT, show_default=True
    ),
    click.option("--control-host", default="127.0.0.1", show_default=True),
    click.option("--control-token", metavar="TOKEN", help="Else a random one."),
    click.option(
        "--control-remote",
        is_flag=True,
        help="Let other machines in, to the dialects or to the control side.",
    ),
)


def control_options(command: Command) -> Command:
    """The options of the control side."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def require_alone(workers: int, is_private: bool, is_allowed: bool) -> None:
    """Fail if several processes, or other machines, would share the control side."""
    if workers > 1:
        raise click.UsageError(
            "--control needs a single worker, which holds what is known of its shops"
        )
    if not is_private and not is_allowed:
        raise click.UsageError(
            "--control is for this machine: faults, and tokens that anybody may make;"
            " --control-remote lets other machines in"
        )


def with_control(
    config: "Config",
    *,
    address: str,
    port: int,
    token: str | None,
    served_at: str,
) -> "Config":
    """The configuration of a gateway with a control side."""
    from gateway.config import ControlConfig

    return replace(
        config,
        durable=False,
        secret_key=config.secret_key or secrets.token_hex(32),
        control=ControlConfig(
            host=address,
            port=port,
            token=token or secrets.token_urlsafe(24),
            origin=served_at,
        ),
    )


def control_banner(config: "Config") -> str:
    """What is told of the control side."""
    found = config.control
    assert found
    url = f"{origin(found.host, found.port, is_secure=False)}/_gateway"
    return "\n".join(
        [
            f"Control: {url}/ (described by {url}/openapi.json)",
            f"Control token: {found.token}",
            "",
            f"  curl -X POST -H 'Authorization: Bearer {found.token}' '{url}/shops'",
            "",
        ]
    )
