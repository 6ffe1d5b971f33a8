"""What is not to be served."""

import socket
from typing import TYPE_CHECKING

from gateway.cli.common import fail
from gateway.cli.database import sqlite_file

if TYPE_CHECKING:
    from core import Store


def require_writable(url: str) -> None:
    """Fail if this user could only read the SQLite file that is to be served."""
    from gateway.cli.doctor_files import unwritable

    file = sqlite_file(url)
    if file and file.exists() and (found := unwritable(file)):
        fail("; ".join(found))


def require_private(store: "Store", host: str) -> None:
    """Fail if keys that everyone knows would be served to other machines."""
    if is_private(host):
        return
    with store.keys() as keyring:
        demo = [key.id for key in keyring.all() if key.is_demo]
    if demo:
        fail(
            f"the database holds demo keys and {host} is open to other machines;"
            " serve another --database, or remove the keys with"
            f" `address-gateway key revoke` ({', '.join(map(str, demo))})"
        )


def is_private(host: str) -> bool:
    """Whether a host is reached from this machine only."""
    from dialects.base import is_loopback

    try:
        found = socket.getaddrinfo(host, None)
    except OSError as error:
        fail(f"the host {host!r} is not known: {error.strerror}; choose another --host")
    return all(is_loopback(str(address[0])) for *_, address in found)
