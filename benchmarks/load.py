"""The load: keep-alive connections, each of which waits for its answer.

It runs in a process of its own. One thread on bare sockets makes several times the
requests that a Flask app answers, so it takes little from what is measured.
"""

import re
import select
import signal
import socket
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import cycle
from multiprocessing import get_context
from multiprocessing.connection import Connection
from time import perf_counter

HOST = "127.0.0.1"
PATIENCE = 10.0
"""How long an answer may take, in seconds."""

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
TRIVIAL = b"HTTP/1.1 200 OK\r\ncontent-length: 17\r\n\r\n" + b'{"hello":"world"}'
# A child that is forked would hold the servers' pipes open.
processes = get_context("spawn")


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """Requests to send for some seconds; they begin anew at the end if they repeat.

    A server that `closes` a connection after each answer is sent each on a new one.
    """

    port: int
    requests: Sequence[bytes]
    seconds: float
    connections: int
    repeats: bool = True
    closes: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """The time each answer took and the time of all; `bad` is an answer but no 2xx."""

    seconds: float
    latencies: "array[float]" = field(default_factory=lambda: array("d"))
    bad: bytes = b""

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds


class Load:
    """The process that sends requests."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def run(self, job: Job) -> Result:
        """Do the job, and tell what came of it."""
        self._pipe.send(job)
        result: Result = self._pipe.recv()
        return result


@contextmanager
def load() -> Iterator[Load]:
    """A process that sends requests, gone when left."""
    ours, theirs = processes.Pipe()
    process = processes.Process(target=work, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Load(ours)
    finally:
        ours.close()
        process.join(1)
        process.kill()


def work(jobs: Connection) -> None:
    """Do one job after the other, until nobody is there to give another."""
    # Ctrl-C reaches every process of the terminal; the first one ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(EOFError, OSError):
        while True:
            jobs.send(attempt(jobs.recv()))


def attempt(job: Job) -> Result:
    """What came of the job; a connection that breaks is a bad answer too."""
    try:
        return drive(job)
    except OSError as error:
        return Result(seconds=0, bad=str(error).encode())


def drive(job: Job) -> Result:
    """Send the requests over new connections, and wait for the last answer."""
    connections = [connect(job.port) for _ in range(job.connections)]
    sockets = {connection.fileno(): connection for connection in connections}
    try:
        return exchange(job, sockets)
    finally:
        for connection in sockets.values():
            connection.close()


def connect(port: int) -> socket.socket:
    connection = socket.create_connection((HOST, port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setblocking(False)
    return connection


def exchange(job: Job, sockets: dict[int, socket.socket]) -> Result:
    # One long function, as calls are most of what a generator in Python costs.
    requests = cycle(job.requests) if job.repeats else iter(job.requests)
    latencies: array[float] = array("d")
    sent: dict[int, float] = {}
    parts: dict[int, bytes] = {}
    poll = select.epoll()
    started = perf_counter()
    deadline = started + job.seconds
    for number, connection in sockets.items():
        if request := next(requests, None):
            poll.register(number, select.EPOLLIN)
            sent[number] = perf_counter()
            connection.send(request)
    while sent:
        ready = poll.poll(PATIENCE)
        if not ready:
            raise TimeoutError("no answer")
        for number, _ in ready:
            connection = sockets[number]
            part = connection.recv(65536)
            answer = parts.pop(number) + part if number in parts else part
            if not is_whole(answer):
                if not part:
                    raise ConnectionError("the server closed a connection")
                parts[number] = answer
                continue
            now = perf_counter()
            latencies.append(now - sent.pop(number))
            if answer[9:10] != b"2":
                return Result(seconds=now - started, latencies=latencies, bad=answer)
            if job.closes:
                sockets.pop(number).close()
            if now < deadline and (request := next(requests, None)):
                if job.closes:
                    connection = connect(job.port)
                    number = connection.fileno()
                    sockets[number] = connection
                    poll.register(number, select.EPOLLIN)
                sent[number] = now
                connection.send(request)
    return Result(seconds=perf_counter() - started, latencies=latencies)


def is_whole(answer: bytes) -> bool:
    """Whether nothing of the answer is still to come."""
    head = answer.find(b"\r\n\r\n")
    if head < 0:
        return False
    length = LENGTH.search(answer, 0, head)
    return length is None or len(answer) >= head + 4 + int(length[1])


@contextmanager
def trivial_responder() -> Iterator[int]:
    """The port of a server that gives one answer to whatever it reads."""
    listener = socket.create_server((HOST, 0))
    process = processes.Process(target=respond, args=(listener,), daemon=True)
    process.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        process.kill()
        process.join()


def respond(listener: socket.socket) -> None:
    """Answer for ever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    poll = select.epoll()
    poll.register(listener, select.EPOLLIN)
    clients: dict[int, socket.socket] = {}
    while True:
        for number, _ in poll.poll():
            if number == listener.fileno():
                client, _ = listener.accept()
                clients[client.fileno()] = client
                poll.register(client, select.EPOLLIN)
            elif clients[number].recv(65536):
                clients[number].send(TRIVIAL)
            else:
                poll.unregister(number)
                clients.pop(number).close()
