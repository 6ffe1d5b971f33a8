"""The servers that answer for other hosts: a proxy, and the TLS behind its tunnels."""

import asyncio
import re
import ssl
from asyncio import LimitOverrunError, StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager, suppress
from functools import partial
from urllib.parse import urlsplit

Address = tuple[str, int]
Answer = Callable[[StreamReader, StreamWriter], Awaitable[None]]

HERE = "127.0.0.1"
SIZE = 65_536
PORTS = {"http": 80, "https": 443}
ORIGIN = re.compile(rb"(\w+)://[^/?]*")
BROKEN = (OSError, EOFError, ValueError, LimitOverrunError)
OF_ONE_HOP = (b"connection:", b"keep-alive:", b"proxy-")
# An OAuth 1 client signs the URL it calls, and links are to lead back here.
BY_HTTPS = b"X-Forwarded-Proto: https"
CONNECTED = b"HTTP/1.1 200 Connection established\r\n\r\n"
REFUSED = b"403 Forbidden: not a --host of address-gateway intercept"
UNREACHABLE = b"502 Bad Gateway: the address gateway does not answer"


@asynccontextmanager
async def proxy(
    hosts: Collection[str], gateway: Address, context: ssl.SSLContext
) -> AsyncIterator[int]:
    """The port, on this machine, of a proxy that knows these hosts alone."""
    answer_tls = closing(partial(relay, gateway, pass_requests))
    tls = await asyncio.start_server(answer_tls, HERE, 0, ssl=context)
    answer = closing(partial(answer_proxied, hosts, gateway, address_of(tls)))
    plain = await asyncio.start_server(answer, HERE, 0)
    try:
        yield address_of(plain)[1]
    finally:
        plain.close()
        tls.close()


def address_of(server: asyncio.Server) -> Address:
    host, port = server.sockets[0].getsockname()
    return host, port


def closing(answer: Answer) -> Answer:
    """Close the connection after the answer; a broken connection is nobody's error."""

    # The loop would let go of a task whose client has left, and with it the gateway's
    # connection, open as it is.
    running = set()

    async def answer_and_close(reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        running.add(task)
        try:
            # Python 3.11 would print that a connection's task was cancelled.
            with suppress(*BROKEN, asyncio.CancelledError):
                with suppress(*BROKEN):
                    await answer(reader, writer)
                writer.close()
                await writer.wait_closed()
        finally:
            # Python 3.11.2 fails at TLS that is closed already.
            with suppress(AttributeError):
                writer.transport.abort()
            running.discard(task)

    return answer_and_close


async def answer_proxied(
    hosts: Collection[str],
    gateway: Address,
    tls: Address,
    reader: StreamReader,
    writer: StreamWriter,
) -> None:
    """Answer one request to the proxy: most often a CONNECT, after which it is deaf."""
    head = await reader.readuntil(b"\r\n\r\n")
    method, target, _ = head.split(b" ", 2)
    is_tunnel = method == b"CONNECT"
    if not is_named(hosts, b"https://" + target if is_tunnel else target):
        refuse(writer, REFUSED)
    elif is_tunnel:
        writer.write(CONNECTED)
        await relay(tls, pass_bytes, reader, writer)
    else:
        await relay(gateway, pass_bytes, reader, writer, first=unproxied(head))


def is_named(hosts: Collection[str], target: bytes) -> bool:
    """Whether a URL leads to one of the hosts, at the usual port."""
    url = urlsplit(target.decode())
    port = PORTS.get(url.scheme)
    return url.hostname in hosts and port is not None and url.port in (port, None)


def unproxied(head: bytes) -> bytes:
    """The head of a proxy's request, as its host expects it; no second one follows.

    That an `https` URL comes this way is a fault of some clients, axios among them.
    """
    request, *fields = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    method, target, version = request.split(b" ")
    origin = ORIGIN.match(target)
    path = ORIGIN.sub(b"", target, count=1)
    if not path.startswith(b"/"):
        path = b"/" + path
    lines = [b" ".join([method, path, version])]
    lines += [field for field in fields if not field.lower().startswith(OF_ONE_HOP)]
    if origin and origin[1].lower() == b"https":
        lines.append(BY_HTTPS)
    return b"\r\n".join([*lines, b"Connection: close", b"", b""])


def refuse(writer: StreamWriter, status: bytes) -> None:
    """Answer with an error, in the status line too, which is what clients show."""
    writer.write(
        b"HTTP/1.1 %b\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n"
        b"Connection: close\r\n\r\n%b\n" % (status, len(status) + 1, status)
    )


async def relay(
    address: Address,
    pass_on: Answer,
    reader: StreamReader,
    writer: StreamWriter,
    *,
    first: bytes = b"",
) -> None:
    """Join a client with a server until the server has said all."""
    try:
        far_reader, far_writer = await asyncio.open_connection(*address)
    except OSError:
        refuse(writer, UNREACHABLE)
        return
    far_writer.write(first)
    sending = asyncio.create_task(pass_all(pass_on, reader, far_writer))
    try:
        await pass_bytes(far_reader, writer)
    finally:
        sending.cancel()
        far_writer.transport.abort()


async def pass_all(pass_on: Answer, reader: StreamReader, writer: StreamWriter) -> None:
    """Pass on what a client says, and that it has ended."""
    with suppress(OSError, EOFError):
        await pass_on(reader, writer)
    with suppress(OSError):
        writer.write_eof()


async def pass_bytes(reader: StreamReader, writer: StreamWriter) -> None:
    """Pass on all that comes."""
    while data := await reader.read(SIZE):
        writer.write(data)
        await writer.drain()


async def pass_requests(reader: StreamReader, writer: StreamWriter) -> None:
    """Pass on requests, each with the word that it came by HTTPS."""
    with suppress(ValueError, LimitOverrunError):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            writer.write(head[:-2] + BY_HTTPS + b"\r\n\r\n")
            await pass_body(reader, writer, head)
    # Where this request ends cannot be told: it is the gateway that judges it.
    await pass_bytes(reader, writer)


async def pass_body(reader: StreamReader, writer: StreamWriter, head: bytes) -> None:
    """Pass on the body that a head announces; ValueError if that is not understood."""
    fields = (line.partition(b":") for line in head.lower().split(b"\r\n"))
    framing = {name: value.strip() for name, _, value in fields}
    if b"transfer-encoding" not in framing:
        await pass_part(reader, writer, int(framing.get(b"content-length", b"0")))
        return
    # RFC 9112, 7.1: chunks, each after its size; the last is empty.
    while size := int((await pass_line(reader, writer)).partition(b";")[0], 16):
        await pass_part(reader, writer, size + len(b"\r\n"))
    while await pass_line(reader, writer) != b"\r\n":
        pass


async def pass_line(reader: StreamReader, writer: StreamWriter) -> bytes:
    line = await reader.readuntil(b"\r\n")
    writer.write(line)
    return line


async def pass_part(reader: StreamReader, writer: StreamWriter, size: int) -> None:
    while size > 0:
        data = await reader.read(min(size, SIZE))
        if not data:
            raise EOFError
        size -= len(data)
        writer.write(data)
        await writer.drain()
