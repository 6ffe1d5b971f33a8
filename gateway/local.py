"""The gateway served in this process, for tests of clients: on a port of its own."""

import json
import secrets
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread, current_thread
from types import TracebackType
from typing import Any, Self
from wsgiref.types import WSGIApplication, WSGIEnvironment

from werkzeug.serving import ThreadedWSGIServer

from core import Store, schema
from dialects.base import Dialect
from dialects.limits import MemoryLimits
from gateway import registry
from gateway.app import QuirkError, chosen, create_app
from gateway.config import Config
from gateway.control import Control
from gateway.control.errors import unknown
from gateway.control.quiet import RST, Quiet
from gateway.local_shop import LocalShop

HOST = "127.0.0.1"
SECONDS = 5.0
"""How long a close waits for each answer that is still being made."""

Quirks = Mapping[str, Mapping[str, Any]]


class SettingError(ValueError):
    """A gateway cannot be set so; the text says how it can."""


class Handler(Quiet):
    """Resets the connection where the answer is to be lost."""

    # A head and a body in two packets would wait for each other's acknowledgement.
    disable_nagle_algorithm = True

    def connection_dropped(
        self, error: BaseException, environ: WSGIEnvironment | None = None
    ) -> None:
        """End the connection without an answer."""
        self.close_connection = True
        with suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)


class Server(ThreadedWSGIServer):
    """A thread for each connection, and none is left when it is closed."""

    def __init__(self, app: WSGIApplication) -> None:
        super().__init__(HOST, 0, app, Handler)
        self._connections: dict[Thread, Any] = {}
        self._thread = Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    def start(self) -> None:
        """Answer from now on."""
        self._thread.start()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread of the connection's own."""
        given = (request, client_address)
        thread = Thread(target=self.process_request_thread, args=given, daemon=True)
        self._connections[thread] = request
        thread.start()

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and forget the connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._connections.pop(current_thread(), None)

    def shutdown_request(self, request: Any) -> None:
        """Close the connection; a shutdown first would undo a reset."""
        self.close_request(request)

    def close(self) -> None:
        """Answer no more, and wait for the threads to end."""
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        for thread, request in [*self._connections.items()]:
            with suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)
            thread.join(SECONDS)
        self.server_close()


class LocalGateway:
    """A served gateway with a control side, on a database that ends with it."""

    def __init__(self, dialects: Mapping[str, Dialect], quirks: Quirks) -> None:
        with ExitStack() as stack:
            folder = stack.enter_context(TemporaryDirectory(prefix="address-gateway-"))
            # Threads share a database in memory, and would see each other's half work.
            store = Store(
                f"sqlite:///{Path(folder) / 'gateway.db'}",
                secret_key=secrets.token_hex(32),
                durable=False,
            )
            stack.callback(store.close)
            schema.create(store.database)
            installed = [*dialects.values()]
            app = create_app(
                Config(quirks=quirks),
                store=store,
                dialects=installed,
                # A shop counts for itself; the requests of none are to leave no file.
                limits=MemoryLimits(),
            )
            server = Server(app)
            origin = f"http://{HOST}:{server.port}"
            self._control = Control(store, installed, app, origin=origin)
            stack.callback(self._control.close)
            stack.callback(server.close)
            # The first shop takes longer: statements are made.
            self._control.new_shop().delete()
            server.start()
            self._stack = stack.pop_all()

    @contextmanager
    def shop(self) -> Iterator[LocalShop]:
        """A new shop, gone with everything in it when it is left."""
        self._control.strays.clear()
        sandbox = self._control.new_shop()
        try:
            with LocalShop(control=self._control, sandbox=sandbox) as shop:
                yield shop
        finally:
            sandbox.delete()

    def serve_control(self, token: str) -> str:
        """Serve the control side, too, on a port of its own. The URL of it."""
        from gateway.control.api import ROOT, create_api

        server = Server(create_api(self._control, token))
        self._stack.callback(server.close)
        server.start()
        return f"http://{HOST}:{server.port}{ROOT}"

    def close(self) -> None:
        """Stop, and leave no thread and no file."""
        self._stack.close()


class LocalGateways:
    """The gateways of this process: one for each way in which one is set."""

    def __init__(self) -> None:
        self._dialects = {dialect.name: dialect for dialect in registry.load()}
        self._by_setting: dict[str, LocalGateway] = {}

    def get(
        self,
        fidelity: str | Mapping[str, str] = "documented",
        quirks: Quirks | None = None,
    ) -> LocalGateway:
        """The gateway that is set so, made when it is first asked for.

        `fidelity` is "documented" or "observed", or one for each dialect; `quirks` are
        values by name for each dialect. Raises SettingError.
        """
        values = self._values(fidelity, quirks or {})
        setting = json.dumps(values, sort_keys=True)
        if setting not in self._by_setting:
            self._by_setting[setting] = LocalGateway(self._dialects, values)
        return self._by_setting[setting]

    def close(self) -> None:
        """Stop them all."""
        while self._by_setting:
            self._by_setting.popitem()[1].close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def _values(self, fidelity: str | Mapping[str, str], quirks: Quirks) -> Quirks:
        """The value of every quirk."""
        own = {} if isinstance(fidelity, str) else fidelity
        for name in (*own, *quirks):
            if name not in self._dialects:
                raise SettingError(unknown("dialect", name, self._dialects))
        everywhere = fidelity if isinstance(fidelity, str) else "documented"
        try:
            return {
                name: chosen(
                    dialect,
                    {"fidelity": own.get(name, everywhere), **quirks.get(name, {})},
                )
                for name, dialect in self._dialects.items()
            }
        except QuirkError as error:
            raise SettingError(str(error)) from None
