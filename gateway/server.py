"""The embedded HTTP server: Granian in front of a WSGI application."""

import logging
import os
import signal
import socket
import ssl
import time
from collections.abc import Callable
from functools import partial
from multiprocessing import active_children
from pathlib import Path
from threading import Thread, Timer
from typing import Any

from granian import Granian
from granian._granian import SocketHolder
from granian.constants import HTTPModes, Interfaces, Loops, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from werkzeug.utils import import_string

from gateway.bridge import Bridge, Limits
from gateway.listening import BACKLOG, free_address
from gateway.parents import wait_for_end

DEFAULTS = Limits()
STOPS = {signal.SIGTERM, signal.SIGINT}
LOADS = 3.5
"""Seconds that a worker has to load before the one that it replaces is stopped."""
HEARD = 2.0
"""Seconds after which a parent has heard of a signal that its workers have had, too."""

logger = logging.getLogger("_granian")


class Server(Granian):  # type: ignore[misc,valid-type]
    """A Granian whose workers come back, and each keep to one processor, if `pins`.

    To replace one takes no longer than to load it and `stop_seconds`. With a `listener`
    they accept what comes there, and take no port.
    """

    def __init__(
        self,
        *args: Any,
        pins: bool,
        stop_seconds: float,
        listener: socket.socket | None,
        **options: Any,
    ) -> None:
        super().__init__(*args, respawn_interval=LOADS, backlog=BACKLOG, **options)
        self._listener = listener
        self._processors = processors() if pins else []
        self._stop_seconds = stop_seconds
        self._respawned_at = -1.0

    def _init_shared_socket(self) -> None:
        if self._listener is None:
            super()._init_shared_socket()
            return
        # As where SO_REUSEPORT is not to be had: all workers share one socket.
        self._ssp, self._sfd = None, self._listener.fileno()
        self._shd = SocketHolder(self._sfd, False, BACKLOG)  # type: ignore[call-arg]
        self._sso = self._listener

    def _respawn_workers(self, workers: Any, *target: Any, delay: float = 0) -> None:
        if delay:
            self._replace_workers(workers, *target, delay=delay)
            return
        # A worker that cannot start yet is not to be tried without a pause.
        time.sleep(max(0, self._respawned_at + 1 - time.monotonic()))
        self._respawned_at = time.monotonic()
        # Granian forgets a worker that ends while it looks after another.
        dead = [n for n, worker in enumerate(self.wrks) if not worker.is_alive()]
        super()._respawn_workers(dead, *target)
        # It would stop serving if one ended twice within 5.5 seconds.
        self.respawned_wrks.clear()

    def shutdown(self, exit_code: int = 0) -> None:
        """End the workers; one that a signal to all ended before has not failed."""
        if self.interrupt_signal:
            self.interrupt_children.clear()
        super().shutdown(exit_code)

    def _replace_workers(self, workers: Any, *target: Any, delay: float) -> None:
        # Granian replaces all, one after the other, before it looks whether it is to
        # stop, and waits without end for a worker whose client does not read.
        for index in workers:
            if self.interrupt_signal:
                return
            guard = Timer(delay + self._stop_seconds, self.wrks[index].kill)
            guard.daemon = True
            guard.start()
            super()._respawn_workers([index], *target, delay=delay)
            guard.cancel()

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Any) -> Any:
        if self._processors:
            processor = self._processors[idx % len(self._processors)]
            callback_loader = partial(_load_on, processor, callback_loader)
        worker = super()._spawn_worker(idx, target, callback_loader)
        worker._watcher = partial(self._watch, worker, worker._watcher)
        return worker

    def _watch(self, worker: Any, watch: Callable[[], None]) -> None:
        # A signal to all ends a worker, perhaps, before its parent has heard of it.
        worker.inner.join()
        until = time.monotonic() + HEARD
        has_stopped = worker.inner.exitcode in (0, -signal.SIGTERM)
        while has_stopped and time.monotonic() < until:
            if self.interrupt_signal:
                worker.interrupt_by_parent = True
            if worker.interrupt_by_parent:
                break
            time.sleep(0.02)
        watch()


def processors() -> list[int]:
    """The processors for workers, in an order that differs between servers."""
    if not hasattr(os, "sched_getaffinity"):
        return []
    allowed = sorted(os.sched_getaffinity(0))
    first = os.getpid() % len(allowed)
    return allowed[first:] + allowed[:first]


def serve(
    target: str,
    *,
    host: str,
    port: int,
    listener: socket.socket | None = None,
    workers: int = 1,
    tls_certificate: Path | None = None,
    tls_key: Path | None = None,
    limits: Limits = DEFAULTS,
    bridge: type[Bridge] = Bridge,
    pins: bool = True,
    formatter: str = "",
    on_bound: Callable[[], object] = lambda: None,
    on_stop: Callable[[], object] = lambda: None,
) -> None:
    """Serves what the factory `target` ("module:name") makes, until SIGTERM or SIGINT.

    A `listener` is served instead of a port of the host, and is not closed.
    With `pins` each worker keeps to one processor, where the system can do that.
    SIGHUP replaces the workers, one after the other, and so reads the certificate anew.
    `formatter` is the class that the server's own messages go through. `on_bound` is
    called when the port is taken, just before the workers start, and `on_stop` when a
    stop is asked for.
    """
    server = Server(
        target,
        pins=pins,
        stop_seconds=limits.stop_seconds,
        listener=listener,
        address=host if listener else free_address(host, port),
        port=port,
        interface=Interfaces.RSGI,
        workers=workers,
        respawn_failed_workers=True,
        loop=Loops.asyncio,
        websockets=False,
        # HTTP/2 has limits of its own, 16 MB of headers among them.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=int(limits.header_seconds * 1000),
            max_buffer_size=limits.header_bytes,
        ),
        log_level=LogLevels.warning,
        log_dictconfig=logging_config(formatter),
        ssl_cert=tls_certificate,
        ssl_key=tls_key,
        # Granian's default of 1.3 shuts out clients on OpenSSL 1.0.
        ssl_protocol_min=SSLProtocols.tls12,
    )
    # A signal between a fork and what follows it would be lost on the child.
    os.register_at_fork(
        before=partial(signal.pthread_sigmask, signal.SIG_BLOCK, STOPS),
        after_in_parent=partial(signal.pthread_sigmask, signal.SIG_UNBLOCK, STOPS),
        after_in_child=_forget_handlers,
    )
    server.on_startup(partial(_bound_stop, limits.stop_seconds, on_stop))
    if tls_certificate and tls_key:
        server.on_startup(partial(_checked_reload, tls_certificate, tls_key))
    server.on_startup(on_bound)
    server.serve(target_loader=partial(_load, os.getpid(), limits, bridge))


def certificate_problem(certificate: Path, key: Path) -> str:
    """Why a server cannot speak TLS with these files; "" if it can."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, "")
    except OSError as error:
        reason = getattr(error, "reason", None) or error.strerror or "no PEM file"
        return f"the certificate or its key cannot be used ({reason})"
    return ""


def logging_config(formatter: str) -> dict[str, Any]:
    """How Granian's own messages are written: to stderr, where all others are."""
    handler = {"class": "logging.StreamHandler", "formatter": "generic"}
    config: dict[str, Any] = {"handlers": {"console": handler, "access": handler}}
    if formatter:
        config["formatters"] = {"generic": {"()": formatter}}
    return config


def _forget_handlers() -> None:
    # The parent's handlers would swallow a stop until Granian sets the worker's own.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)


def _checked_reload(certificate: Path, key: Path) -> None:
    # A worker that cannot read its certificate ends, and the server with it.
    def reload(number: int, frame: Any) -> None:
        problem = certificate_problem(certificate, key)
        if problem:
            logger.error("Not reloaded: %s; the old one is served", problem)
        else:
            granian_reload(number, frame)

    granian_reload: Any = signal.getsignal(signal.SIGHUP)
    signal.signal(signal.SIGHUP, reload)


def _bound_stop(seconds: float, on_stop: Callable[[], object]) -> None:
    # One client that does not read its response would put off the stop for ever, and
    # Granian's workers_kill_timeout warns of killing workers that have just ended.
    def stop(number: int, frame: Any) -> None:
        on_stop()
        guard = Timer(seconds, _kill_workers)
        guard.daemon = True
        guard.start()
        granian_stop(number, frame)

    granian_stop: Any = signal.getsignal(signal.SIGTERM)
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def _kill_workers() -> None:
    for worker in active_children():
        worker.kill()


def end_with(parent: int) -> None:
    """Stop this process when its parent ends, or has ended before this was called.

    A parent that was killed cannot stop its workers, which would keep the port.
    """
    wait_for_end(parent)
    os.kill(os.getpid(), signal.SIGTERM)


def _load_on(processor: int, load: Callable[[], Any]) -> Any:
    # Threads that take turns with the interpreter wake each other at every query, which
    # costs far more between processors. What starts later inherits the choice.
    os.sched_setaffinity(0, {processor})
    return load()


def _load(parent: int, limits: Limits, bridge: type[Bridge], target: str) -> Any:
    Thread(target=end_with, args=(parent,), daemon=True).start()
    return bridge(import_string(target)(), limits)
