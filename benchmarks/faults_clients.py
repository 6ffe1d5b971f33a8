"""Clients that are slow, many or hostile, and how soon another one is answered."""

import gzip
import json
import resource
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from select import POLLIN, poll
from statistics import median
from time import monotonic, sleep
from typing import Any

from benchmarks.data import database
from benchmarks.faults_service import Service, service
from benchmarks.faults_writers import Party, Writer, party
from benchmarks.load import HOST
from core import Draft, Store, schema

OTHERS = 30
"""How many ordinary requests are sent beside the hostile ones."""

WIDE = 3000
"""How many addresses the list has that is not read."""

READERS = 50
SAMPLE = 50
SPARE = 200
"""Descriptors for other things than connections."""

Result = dict[str, Any]


class Target:
    """A gateway, and an ordinary client of it."""

    def __init__(self, gateway: Service, clients: Party) -> None:
        self.gateway = gateway
        [self.staff, self.easel] = clients.make(gateway.port)
        self.wide = self.easel.path

    def connect(self) -> socket.socket:
        return socket.create_connection((HOST, self.gateway.port), timeout=30)

    def ask(self, request: bytes) -> bytes:
        """What is answered until the connection is closed, or for a while."""
        with self.connect() as connection:
            connection.sendall(request)
            connection.settimeout(5)
            parts = []
            try:
                while part := connection.recv(65536):
                    parts.append(part)
            except TimeoutError:
                parts.append(b"[open]")
            except ConnectionError:
                parts.append(b"[reset]")
        return b"".join(parts)

    def others(self) -> Result:
        """How ordinary requests fare: each on a connection of its own."""
        times, bad = [], 0
        request = head(self.staff, "GET", "Connection: close\r\n") + b"\r\n"
        for _ in range(OTHERS):
            began = monotonic()
            bad += not self.ask(request).startswith(b"HTTP/1.1 200")
            times.append(monotonic() - began)
        return {
            "median ms": round(median(times) * 1000, 1),
            "most ms": round(max(times) * 1000, 1),
            "failed": bad,
        }


def head(writer: Writer, method: str, more: str = "", path: str = "") -> bytes:
    """The head of a request with the writer's key, but for its empty line."""
    own = "".join(f"{name}: {value}\r\n" for name, value in writer.headers.items())
    return (
        f"{method} {path or writer.path} HTTP/1.1\r\nHost: {HOST}\r\n{own}{more}"
    ).encode()


def post(writer: Writer, body: bytes, more: str = "") -> bytes:
    length = f"Content-Length: {len(body)}\r\nConnection: close\r\n{more}"
    return head(writer, "POST", length) + b"\r\n" + body


def room(wanted: int) -> int:
    """How many connections this process may have, up to the number wanted."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return min(wanted, max(soft, hard) - SPARE)


@contextmanager
def many(target: Target, count: int, sent: bytes) -> Iterator[list[socket.socket]]:
    """So many connections, on which so much was sent and nothing more."""
    with ExitStack() as stack:
        connections = [stack.enter_context(target.connect()) for _ in range(count)]
        for connection in connections:
            connection.sendall(sent)
        yield connections


def beside(target: Target, count: int, sent: bytes) -> Result:
    with many(target, count, sent):
        sleep(0.5)
        return {"connections": count, "others": target.others()}


def slow_headers(target: Target) -> Result:
    """Heads that do not end."""
    return beside(target, 500, b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")


def slow_bodies(target: Target) -> Result:
    """Bodies that do not end."""
    length = "Content-Length: 1000\r\n"
    return beside(target, 500, head(target.easel, "POST", length) + b"\r\n{")


def slow_readers(target: Target) -> Result:
    """Clients that ask for much, and read one byte of it."""
    request = head(target.easel, "GET", path=f"{target.wide}?limit={WIDE}") + b"\r\n"
    with ExitStack() as stack:
        for _ in range(READERS):
            connection = stack.enter_context(target.connect())
            connection.sendall(request)
            connection.recv(1)
        return {"connections": READERS, "others": target.others()}


def idle(target: Target) -> Result:
    """Connections that are kept after a request, and do nothing."""
    count = room(10_000)
    request = head(target.staff, "GET") + b"\r\n"
    with many(target, count, b"") as connections:
        sample = connections[:: max(count // SAMPLE, 1)]
        first = [is_served(one, request) for one in sample]
        others = target.others()
        still = [one for one in connections if not is_closed(one)]
        served = [is_served(one, request) for one in sample]
    return {
        "connections": count,
        "still open": len(still),
        "others": others,
        "asked and served": f"{sum(first)} of {len(sample)}",
        "asked again and served": f"{sum(served)} of {len(sample)}",
    }


def is_served(connection: socket.socket, request: bytes) -> bool:
    """Whether a request on a kept connection succeeds."""
    try:
        connection.sendall(request)
        return connection.recv(65536).startswith(b"HTTP/1.1 200")
    except ConnectionError:
        return False


def is_closed(connection: socket.socket) -> bool:
    """Whether the server has closed the connection."""
    closed = poll()
    closed.register(connection, POLLIN)
    return bool(closed.poll(0))


def bodies(target: Target) -> Result:
    """Bodies that are large, deep or packed."""
    address = json.dumps(target.easel.said("mark-9-9", is_default=False)).encode()
    packed = gzip.compress(b" " * 200_000_000)
    told = {
        "2 MB": post(target.easel, b" " * 2_000_000),
        "100,000 brackets deep": post(target.easel, b"[" * 100_000),
        "100,000 objects deep": post(target.easel, b'{"a":' * 100_000),
        "200 MB gzipped": post(target.easel, packed, "Content-Encoding: gzip\r\n"),
        "an address, gzipped": post(
            target.easel, gzip.compress(address), "Content-Encoding: gzip\r\n"
        ),
        "1e400": post(target.easel, address[:-1] + b', "x": 1e400}'),
        "half UTF-8": post(target.easel, b'{"first_name": "\xc3'),
        "60,000 keys": post(
            target.easel,
            json.dumps({f"k{n}": n for n in range(60_000)}).encode(),
        ),
    }
    return {
        "answers": {name: first_line(target.ask(sent)) for name, sent in told.items()},
        "others": target.others(),
    }


def framing(target: Target) -> Result:
    """Requests that a proxy in front might understand otherwise."""
    get = head(target.staff, "GET")
    hidden = get.replace(b"GET", b"DELETE", 1) + b"\r\n"
    chunked = b"Transfer-Encoding: chunked\r\n"
    body = b"0\r\n\r\n"
    told = {
        "ten at once": (get + b"\r\n") * 9 + get + b"Connection: close\r\n\r\n",
        "TE and CL": head(target.easel, "POST")
        + b"Content-Length: 5\r\n"
        + chunked
        + b"\r\n"
        + body
        + hidden,
        "two CL": head(target.easel, "POST")
        + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\n12345",
        "CL of +5": head(target.easel, "POST") + b"Content-Length: +5\r\n\r\n12345",
        "TE: xchunked": head(target.easel, "POST")
        + b"Transfer-Encoding: xchunked\r\n\r\n"
        + body,
        "TE and a tab": head(target.easel, "POST")
        + b"Transfer-Encoding:\tchunked\r\n\r\n"
        + b"2\r\n{}\r\n"
        + body,
        "space before colon": get + b"Content-Length : 5\r\n\r\n12345",
        "folded header": get + b"X-A: 1\r\n folded\r\n\r\n",
        "bare LF": get.replace(b"\r\n", b"\n") + b"Connection: close\n\n",
        "NUL in a header": get + b"X-A: a\0b\r\n\r\n",
        "no Host": b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
        "underscored key": b"GET /stores/a/v3/customers HTTP/1.1\r\nHost: a\r\n"
        b"X_Auth_Token: a\r\nConnection: close\r\n\r\n",
        "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "70 KB of header": get + b"X-A: " + b"a" * 70_000 + b"\r\n\r\n",
    }
    answers = {}
    for name, sent in told.items():
        answer = target.ask(sent)
        answers[name] = f"{first_line(answer)}; {answer.count(b'HTTP/1.1 ')} answers"
    return {"answers": answers, "others": target.others()}


def first_line(answer: bytes) -> str:
    return answer.partition(b"\r\n")[0].decode("latin-1") or "closed"


TESTS: Mapping[str, Callable[[Target], Result]] = {
    "slow-headers": slow_headers,
    "slow-bodies": slow_bodies,
    "slow-readers": slow_readers,
    "idle": idle,
    "bodies": bodies,
    "framing": framing,
}


def clients(names: list[str], workers: int) -> tuple[Result, bool]:
    """What became of each kind of client, and of the others beside them."""
    with database(durable=False, postgresql=False) as url:
        store = Store(url, secret_key="faults", durable=False)
        schema.upgrade(store.database)
        some = party(store, 2)
        owner = some.journals[1].customer.id
        with store.book("", shop=some.shop) as book:
            book.add_many(
                [
                    Draft(customer_id=owner, note="x" * 500, street=(f"{n}",))
                    for n in range(WIDE)
                ]
            )
        store.close()
        with service(url, workers=workers) as gateway:
            target = Target(gateway, some)
            found = {"nobody": {"others": target.others()}}
            found |= {name: TESTS[name](target) for name in names or TESTS}
            kept = gateway.starts == 1 and gateway.answers()
    is_well = all(not one["others"]["failed"] for one in found.values())
    return {**found, "without a restart": kept}, is_well and kept
