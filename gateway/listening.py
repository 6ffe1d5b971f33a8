"""The port that is served: taken here, or handed over by systemd."""

import os
import socket

GIVEN = 3
"""The first file that systemd hands over (sd_listen_fds(3), SD_LISTEN_FDS_START)."""

BACKLOG = 1024
"""How many connections wait to be accepted, at most."""


def free_address(host: str, port: int) -> str:
    """The numeric address of a host, whose port nobody has. Raises SystemExit."""
    # Granian sets SO_REUSEPORT, so a second server would share the port in silence,
    # and it takes numeric addresses only. AF_INET sorts before AF_INET6.
    try:
        resolved = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, *_, address = min(resolved)
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        problem = f"port {port} of {host} cannot be used ({error.strerror})"
        raise SystemExit(f"{problem}; choose another --port or --host") from None
    return str(address[0])


def handed_over() -> socket.socket | None:
    """The socket that systemd has for this process, and keeps while it is restarted.

    Raises SystemExit if that is not one for TCP.
    """
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return None
    is_one = os.environ.get("LISTEN_FDS") == "1"
    given = socket.socket(fileno=GIVEN) if is_one else None
    if given is None or given.family not in (socket.AF_INET, socket.AF_INET6):
        raise SystemExit(
            "systemd has to hand over one socket; let the unit of the socket say"
            " ListenStream=ADDRESS:PORT once"
        )
    given.setblocking(False)
    return given


def tell_ready() -> None:
    """Tell systemd that requests are answered, if it wants to know (sd_notify(3))."""
    path = os.environ.get("NOTIFY_SOCKET")
    if not path:
        return
    # A name that is no file is written with "@".
    address = f"\0{path[1:]}" if path.startswith("@") else path
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.sendto(b"READY=1", address)
