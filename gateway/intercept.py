"""Runs a command for which the gateway stands in place of named hosts.

The command's environment names a proxy of ours and the authority that it is to trust.
These variables replace the system's authorities by ours; as the proxy reaches no host
but the named, ours is all that is needed. Nothing outside the command is changed.
"""

import asyncio
import os
import signal
from asyncio.subprocess import Process
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from gateway.intercept_certificates import Authority
from gateway.intercept_relay import Address, proxy

# HTTP as well, lest a link with `http` lead a token out of this machine.
PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
DIRECT = ("NO_PROXY", "no_proxy")
TRUST = (
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
    "NODE_EXTRA_CA_CERTS",
)
# Node's own `fetch` and `https` look at no proxy without it; 20 and older never do.
NODE = {"NODE_USE_ENV_PROXY": "1"}
FORWARDED = (signal.SIGINT, signal.SIGTERM)


def environment(port: int, certificate: Path) -> dict[str, str]:
    """What is set for the command alone."""
    return {
        **dict.fromkeys(PROXIES, f"http://127.0.0.1:{port}"),
        **dict.fromkeys(TRUST, str(certificate)),
        **dict.fromkeys(DIRECT, "localhost,127.0.0.1"),
        **NODE,
    }


async def run(
    command: Sequence[str],
    *,
    hosts: Sequence[str],
    gateway: Address,
    authority: Authority,
) -> int:
    """The exit code of the command, as a shell would give it."""
    signals: asyncio.Queue[signal.Signals] = asyncio.Queue()
    for number in FORWARDED:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(number, signals.put_nowait, number)
    async with proxy(hosts, gateway, authority.server_context(hosts)) as port:
        added = environment(port, authority.file)
        process = await asyncio.create_subprocess_exec(
            *command, env={**os.environ, **added}
        )
        forwarding = asyncio.create_task(forward(signals, process))
        code = await process.wait()
        forwarding.cancel()
    await end_tasks()
    return code if code >= 0 else 128 - code


async def forward(signals: "asyncio.Queue[signal.Signals]", process: Process) -> None:
    """Send the command the signals that it has not got already."""
    while True:
        number = await signals.get()
        if number is signal.SIGINT and is_in_foreground():
            continue
        with suppress(ProcessLookupError):
            process.send_signal(number)


async def end_tasks() -> None:
    """End what the command left open; connections of the last moment come up late."""
    while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


def is_in_foreground() -> bool:
    """Whether a terminal's Ctrl-C goes to this process, and so to its command, too."""
    try:
        terminal = os.open(os.ctermid(), os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
