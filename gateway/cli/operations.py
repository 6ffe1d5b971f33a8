"""Options of `serve` for who operates a server: its own port, and the log."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from gateway.operations.process import Operations

Command = TypeVar("Command", bound=Callable[..., Any])

OPTIONS = (
    click.option(
        "--operations-port",
        type=click.IntRange(1, 65535),
        envvar="ADDRESS_GATEWAY_OPERATIONS_PORT",
        show_envvar=True,
        help="Answer /healthz, /readyz and /metrics there. None by default.",
    ),
    click.option(
        "--operations-host",
        default="127.0.0.1",
        envvar="ADDRESS_GATEWAY_OPERATIONS_HOST",
        show_default=True,
        show_envvar=True,
    ),
    click.option(
        "--log",
        type=click.Choice(["text", "json"]),
        envvar="ADDRESS_GATEWAY_LOG",
        show_envvar=True,
        help="Write a line a request to stderr. None by default.",
    ),
    click.option(
        "--answer-request-id",
        is_flag=True,
        envvar="ADDRESS_GATEWAY_ANSWER_REQUEST_ID",
        show_envvar=True,
        help="Add X-Request-Id to answers, which no documentation has.",
    ),
)


def operations_options(command: Command) -> Command:
    """The options of the operations' side."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def operations_side(
    host: str, port: int | None, database_url: str
) -> "Operations | None":
    """What answers on the operations' port, if there is to be one."""
    if port is None:
        return None
    from gateway.listening import free_address
    from gateway.operations.process import Operations

    address = free_address(host, port)
    return Operations(host=address, port=port, database_url=database_url)
