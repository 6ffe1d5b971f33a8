"""Interception: a command's calls to other hosts, answered by the gateway."""

import re
import shutil
import socket
from pathlib import Path

import click

from gateway.cli.common import example, fail

LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
HOST = re.compile(rf"(?=.{{1,253}}$)(?:{LABEL}\.)*(?![0-9]+$){LABEL}")
SECONDS = 5.0


class NoSuchCommand(click.ClickException):
    """What is to be run is not there; the exit code is a shell's."""

    exit_code = 127


@click.command(
    context_settings={"allow_interspersed_args": False},
    epilog=example(
        "address-gateway serve --demo &",
        "address-gateway intercept --host api.example.com -- python app.py",
    ),
)
@click.option(
    "--host",
    "hosts",
    metavar="NAME",
    multiple=True,
    required=True,
    help="A host to stand in for; may be given more than once.",
)
@click.option(
    "--gateway",
    metavar="URL",
    default="http://127.0.0.1:8080",
    show_default=True,
    help="The gateway, which must be running.",
)
@click.option(
    "--directory",
    type=click.Path(file_okay=False, path_type=Path),
    default="var/intercept",
    show_default=True,
    help="Keeps the certificate authority.",
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def intercept(
    hosts: tuple[str, ...], gateway: str, directory: Path, command: tuple[str, ...]
) -> None:
    """Run COMMAND with the gateway in place of other hosts.

    COMMAND need not be changed. Its environment names a proxy, which answers for each
    --host over HTTPS and HTTP and refuses all others, and a certificate authority of
    its own to trust. It works with clients that look at HTTPS_PROXY, as curl, Python's
    requests and httpx, and axios do; the fetch of Node 20 does not. This machine's own
    ports are reached directly. To have a shell, let COMMAND be one. Exits with what
    COMMAND exits with.
    """
    import asyncio

    from gateway.intercept import run
    from gateway.intercept_certificates import authority_in

    names = host_names(hosts)
    address = gateway_address(gateway)
    if shutil.which(command[0]) is None:
        raise NoSuchCommand(
            f"there is no command {command[0]!r}; check its name, and PATH"
        )
    require_gateway(address, gateway)
    # COMMAND may change its working directory.
    authority = authority_in(directory.absolute())
    code = asyncio.run(run(command, hosts=names, gateway=address, authority=authority))
    click.get_current_context().exit(code)


def host_names(hosts: tuple[str, ...]) -> list[str]:
    """The hosts as clients spell them in a request."""
    names = [host.lower() for host in hosts]
    for name in names:
        if not HOST.fullmatch(name) or name == "localhost":
            raise click.UsageError(
                f"--host {name!r} is not the name of another machine;"
                " give it as in api.example.com, without a scheme or port"
            )
    return names


def gateway_address(url: str) -> tuple[str, int]:
    """The host and port of the gateway's URL."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 80
    except ValueError:
        host, port = None, 0
    if not host or url.rstrip("/") != f"http://{parts.netloc}":
        raise click.UsageError(
            f"--gateway {url!r} cannot be used; give it as in http://127.0.0.1:8080"
        )
    return host, port


def require_gateway(address: tuple[str, int], url: str) -> None:
    """Fail unless something listens there."""
    try:
        socket.create_connection(address, timeout=SECONDS).close()
    except OSError as error:
        reason = error.strerror or error
        fail(
            f"the gateway at {url} does not answer: {reason}; start it with"
            " `address-gateway serve`, or say with --gateway where it is"
        )
