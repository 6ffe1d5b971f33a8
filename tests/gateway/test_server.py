import datetime
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

TINY = """
import json, os, pathlib, time
from werkzeug.exceptions import HTTPException

def wait_for(name):
    pathlib.Path(name + ".reached").touch()
    while not pathlib.Path(name).exists():
        time.sleep(0.01)

def slow_factory():
    wait_for("factory")

def late_factory():
    with open("tries", "a") as tries:
        tries.write("x")
    if not pathlib.Path("ready").exists():
        raise OSError("not yet")
    return factory()

def factory():
    def application(environ, start_response):
        if environ["PATH_INFO"] == "/wait":
            wait_for("release")
        if environ["PATH_INFO"] == "/nothing":
            start_response("204 No Content", [])
            return []
        if environ["PATH_INFO"] == "/crash":
            raise ValueError("crashed")
        try:
            body = environ["wsgi.input"].read()
        except HTTPException as error:
            return error(environ, start_response)
        seen = {k: v for k, v in environ.items() if isinstance(v, str)}
        answer = json.dumps(seen | {"body": body.decode(), "pid": os.getpid()}).encode()
        start_response("200 OK", [("Content-Length", str(len(answer)))])
        return [answer]
    return application
"""

RUN = """
import json, multiprocessing, pathlib, sys
from gateway.server import Limits, serve

if __name__ == "__main__":
    options = {"target": "tiny:factory", "host": "127.0.0.1"} | json.loads(sys.argv[1])
    multiprocessing.set_start_method(options.pop("start_method", "fork"))
    options["limits"] = Limits(**options.pop("limits", {}))
    for name in {"tls_certificate", "tls_key"} & set(options):
        options[name] = pathlib.Path(options[name])
    serve(**options, on_bound=lambda: print("bound", flush=True))
"""

HEAD = b" HTTP/1.1\r\nHost: a\r\n"
CLOSE = b"Connection: close\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
BODY = b"3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"


@dataclass
class Server:
    process: subprocess.Popen[bytes]
    port: int
    folder: Path

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def ask(self, request: bytes) -> bytes:
        """Everything the server sends until it closes the connection."""
        with self.connect() as connection:
            connection.sendall(request)
            return rest(connection)

    def seen(self, request: bytes) -> dict[str, Any]:
        """The environ in which the application sees the request."""
        return parsed(self.ask(request))

    def pids(self) -> set[int]:
        request = b"GET /" + HEAD + CLOSE + b"\r\n"
        return {self.seen(request)["pid"] for _ in range(8)}

    def stop(self) -> tuple[int, str]:
        self.process.terminate()
        return self.ended()

    def ended(self) -> tuple[int, str]:
        return self.process.wait(20), (self.folder / "stderr").read_text()


def rest(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65_536), b""))


def parsed(response: bytes) -> dict[str, Any]:
    seen: dict[str, Any] = json.loads(response.partition(b"\r\n\r\n")[2])
    return seen


def status(response: bytes) -> int:
    return int(response.split()[1])


def headers(seen: dict[str, Any]) -> dict[str, str]:
    names = {"CONTENT_TYPE", "CONTENT_LENGTH"}
    return {k: v for k, v in seen.items() if k.startswith("HTTP_") or k in names}


def eventually(condition: Callable[[], object]) -> Any:
    """The first true value, within 15 seconds; a refused connection counts as false."""
    end = time.monotonic() + 15
    while time.monotonic() < end:
        try:
            if value := condition():
                return value
        except (ConnectionError, json.JSONDecodeError):
            pass
        time.sleep(0.01)
    raise AssertionError("it did not happen in 15 seconds")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def started(folder: Path, variables: dict[str, str], **options: Any) -> Server:
    (folder / "tiny.py").write_text(TINY)
    (folder / "run.py").write_text(RUN)
    options.setdefault("port", free_port())
    root = Path(__file__).parents[2]
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "run.py", json.dumps(options)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": f"{root}:{folder}", **variables},
            stdout=out,
            stderr=err,
            start_new_session=True,
        )
    return Server(process, options["port"], folder)


def answers(server: Server) -> bool:
    assert server.process.poll() is None, server.ended()
    server.connect().close()
    return True


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(ready: bool = True, **options: Any) -> Server:
        variables = options.pop("variables", {})
        folder = tmp_path / str(len(servers))
        folder.mkdir()
        servers.append(started(folder, variables, **options))
        if ready:
            eventually(lambda: answers(servers[-1]))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    limits = {"header_seconds": 0.5, "body_seconds": 0.5, "body_bytes": 1000}
    server = started(tmp_path_factory.mktemp("server"), {}, limits=limits)
    try:
        eventually(lambda: answers(server))
        yield server
    finally:
        server.stop()


@pytest.mark.parametrize("start_method", ["fork", "spawn"])
def test_a_variable_of_the_process_is_no_request_header(start, start_method):
    variables = {"HTTP_AUTHORIZATION": "Bearer stolen", "HTTP_X_AUTH_TOKEN": "stolen"}
    server = start(variables=variables, start_method=start_method)

    seen = server.seen(b"GET /" + HEAD + CLOSE + b"\r\n")

    assert headers(seen) == {"HTTP_HOST": "a", "HTTP_CONNECTION": "close"}


def test_a_header_spelled_with_underscores_is_dropped(server):
    spoofed = b"X_Auth_Token: a\r\nX-Auth_Token: a\r\nContent_Type: a\r\nHo_st: a\r\n"
    lengths = b"Content_Length: 7\r\nTransfer_Encoding: chunked\r\n"

    seen = server.seen(b"GET /" + HEAD + CLOSE + spoofed + lengths + b"\r\n")

    assert headers(seen) == {"HTTP_HOST": "a", "HTTP_CONNECTION": "close"}


def test_an_underscore_spelling_does_not_replace_the_real_header(server):
    tokens = b"X_Auth_Token: forged\r\nX-Auth-Token: real\r\nX_Auth_Token: forged\r\n"

    seen = server.seen(b"GET /" + HEAD + CLOSE + tokens + b"\r\n")

    assert seen["HTTP_X_AUTH_TOKEN"] == "real"


def test_a_header_sent_twice_is_joined(server):
    seen = server.seen(b"GET /" + HEAD + CLOSE + b"X-D: 1\r\nX-D: 2\r\n\r\n")

    assert seen["HTTP_X_D"] == "1,2"


# RFC 9112, 6.3: "a server MAY reject the request or process it in accordance with the
# Transfer-Encoding alone. Regardless, the server MUST close the connection".
@pytest.mark.parametrize("length", [b"Content-Length: 3\r\n", b"Content-Length: 9\r\n"])
@pytest.mark.parametrize("length_first", [True, False])
def test_two_framings_hide_no_second_request(server, length, length_first):
    framing = length + CHUNKED if length_first else CHUNKED + length
    hidden = b"GET /hidden" + HEAD + b"\r\n"

    response = server.ask(b"POST /" + HEAD + framing + b"\r\n" + BODY + hidden)

    assert b"\r\nconnection: close\r\n" in response
    assert response.count(b"HTTP/1.1 ") == 1
    assert (parsed(response)["PATH_INFO"], parsed(response)["body"]) == ("/", "abcdef")


def test_two_different_lengths_are_refused(server):
    lengths = b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"

    response = server.ask(b"POST /" + HEAD + lengths)

    assert status(response) == 400


@pytest.mark.parametrize(
    ("coding", "body", "refusal"),
    [
        (b"gzip, chunked", BODY, 501),
        (b"chunked, chunked", BODY, 501),
        (b"gzip", BODY, 400),
        (b"chunked", b"3\r\nabcd\r\nzz\r\n", 400),
    ],
)
def test_a_body_framed_otherwise_is_refused(server, coding, body, refusal):
    head = b"POST /" + HEAD + b"Transfer-Encoding: " + coding + b"\r\n\r\n"

    response = server.ask(head + body)

    assert status(response) == refusal
    assert b"\r\nconnection: close\r\n" in response


def test_a_header_block_over_64_kilobytes_is_refused(server):
    response = server.ask(b"GET /" + HEAD + b"X-Long: " + b"a" * 70_000 + b"\r\n\r\n")

    assert status(response) == 431


def test_a_header_block_under_32_kilobytes_is_taken(server):
    long = b"X-Long: " + b"a" * 30_000 + b"\r\n\r\n"

    seen = server.seen(b"GET /" + HEAD + CLOSE + long)

    assert len(seen["HTTP_X_LONG"]) == 30_000


def test_half_a_header_is_not_waited_for(server):
    response = server.ask(b"GET /" + HEAD)

    assert response == b""


def test_half_a_body_is_not_waited_for(server):
    response = server.ask(b"POST /" + HEAD + b"Content-Length: 10\r\n\r\nabc")

    assert status(response) == 408


@pytest.mark.parametrize(
    "request_",
    [
        b"POST /" + HEAD + CLOSE + b"Content-Length: 1001\r\n\r\n" + b"a" * 1001,
        b"POST /" + HEAD + CLOSE + CHUNKED + b"\r\n3e9\r\n" + b"a" * 1001 + b"\r\n",
    ],
)
def test_the_application_answers_a_body_over_the_limit(server, request_):
    response = server.ask(request_)

    assert status(response) == 413
    assert b"<title>413 Request Entity Too Large</title>" in response


def test_a_chunked_body_reaches_the_application(server):
    seen = server.seen(b"POST /" + HEAD + CLOSE + CHUNKED + b"\r\n" + BODY)

    assert seen["body"] == "abcdef"


def test_a_body_of_known_length_reaches_the_application(server):
    seen = server.seen(b"PUT /" + HEAD + CLOSE + b"Content-Length: 3\r\n\r\nabc")

    assert (seen["body"], seen["CONTENT_LENGTH"]) == ("abc", "3")


def test_a_client_that_expects_100_continue_gets_it(server):
    expecting = b"Expect: 100-continue\r\nContent-Length: 3\r\n\r\n"
    with server.connect() as connection:
        connection.sendall(b"POST /" + HEAD + CLOSE + expecting)

        interim = connection.recv(100)
        connection.sendall(b"abc")
        final = rest(connection)

    assert interim == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert parsed(final)["body"] == "abc"


def test_a_connection_carries_several_requests(server):
    first = b"POST /nothing" + HEAD + b"Content-Length: 3\r\n\r\nabc"
    second = b"GET /second" + HEAD + CLOSE + b"\r\n"

    responses = server.ask(first + second)

    assert responses.count(b"HTTP/1.1 ") == 2
    assert b'"PATH_INFO": "/second"' in responses


def test_head_has_the_length_and_no_body(server):
    response = server.ask(b"HEAD /" + HEAD + CLOSE + b"\r\n")

    head, _, body = response.partition(b"\r\n\r\n")
    assert b"\r\ncontent-length: " in head
    assert body == b""


def test_204_has_neither_length_nor_body(server):
    response = server.ask(b"DELETE /nothing" + HEAD + CLOSE + b"\r\n")

    head, _, body = response.partition(b"\r\n\r\n")
    assert status(response) == 204
    assert b"content-length" not in head
    assert b"transfer-encoding" not in head
    assert body == b""


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"/v1/customers//addresses?q=%2F+", "/v1/customers//addresses", "q=%2F+"),
        (b"//a/../b/./c", "//a/../b/./c", ""),
        (b"/a%2Fb", "/a/b", ""),
        (b"/a%20b", "/a b", ""),
        (b"/%E2%82%AC", "/\xe2\x82\xac", ""),
        (b"/\xe2\x82\xac?\xe2\x82\xac", "/\xe2\x82\xac", "\xe2\x82\xac"),
        # Not UTF-8: the replacement character, as Werkzeug would decode it.
        (b"/%FF", "/\xef\xbf\xbd", ""),
        (b"http://b:80/c?d", "/c", "d"),
    ],
)
def test_the_path_is_decoded_and_otherwise_as_sent(server, target, path, query):
    seen = server.seen(b"GET " + target + HEAD + CLOSE + b"\r\n")

    assert (seen["PATH_INFO"], seen["QUERY_STRING"]) == (path, query)


def test_an_error_of_the_application_is_500_and_logged(start):
    server = start()

    response = server.ask(b"GET /crash" + HEAD + CLOSE + b"\r\n")

    assert status(response) == 500
    assert "ValueError: crashed" in server.stop()[1]


# A terminal signals the whole process group, and so does systemd.
@pytest.mark.parametrize("send", [os.kill, os.killpg])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_lets_running_requests_finish(start, send, number):
    server = start()
    with server.connect() as connection, server.connect():
        connection.sendall(b"GET /wait" + HEAD + b"\r\n")
        eventually((server.folder / "release.reached").exists)

        send(server.process.pid, number)
        eventually(lambda: refused(server))
        (server.folder / "release").touch()
        response = rest(connection)

    assert parsed(response)["PATH_INFO"] == "/wait"
    assert server.ended() == (0, "")


def refused(server: Server) -> bool:
    try:
        server.connect().close()
    except ConnectionRefusedError:
        return True
    return False


def test_a_stop_while_the_application_is_loaded_is_not_lost(start):
    server = start(ready=False, target="tiny:slow_factory")
    eventually((server.folder / "factory.reached").exists)

    ended = server.stop()

    assert ended == (0, "")


def test_a_request_that_hangs_puts_off_a_stop_for_a_while_only(start):
    server = start(limits={"stop_seconds": 0.2})
    with server.connect() as connection:
        connection.sendall(b"GET /wait" + HEAD + b"\r\n")
        eventually((server.folder / "release.reached").exists)

        ended = server.stop()

    assert ended == (0, "")


def test_a_port_in_use_is_said_so(start):
    first = start()

    second = start(ready=False, port=first.port)

    message = "cannot be used (Address already in use); choose another --port or --host"
    assert second.ended() == (1, f"port {first.port} of 127.0.0.1 {message}\n")


def test_a_host_of_another_machine_is_said_so(start):
    server = start(ready=False, host="192.0.2.1", port=8080)

    reason = "Cannot assign requested address"
    message = f"cannot be used ({reason}); choose another --port or --host"
    assert server.ended() == (1, f"port 8080 of 192.0.2.1 {message}\n")


def test_a_host_may_be_a_name(start):
    server = start(host="localhost")

    seen = server.seen(b"GET /" + HEAD + CLOSE + b"\r\n")

    assert (seen["SERVER_NAME"], seen["SERVER_PORT"]) == ("127.0.0.1", str(server.port))


def test_the_caller_is_told_once_that_the_port_is_taken(start):
    server = start(workers=2)
    server.stop()

    assert (server.folder / "stdout").read_text() == "bound\n"


def test_a_killed_worker_is_replaced(start):
    server = start(workers=2)
    [killed, kept] = eventually(lambda: len(found := server.pids()) == 2 and found)

    os.kill(killed, signal.SIGKILL)

    now = eventually(lambda: (found := server.pids()) - {killed, kept} and found)
    assert killed not in now


def test_workers_that_are_killed_again_and_again_are_replaced(start):
    server = start(workers=2)

    for _ in range(3):
        killed = eventually(lambda: len(found := server.pids()) == 2 and found)
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        eventually(lambda gone=killed: not server.pids() & gone)

    assert server.process.poll() is None


def test_a_worker_that_cannot_start_is_tried_again(start):
    server = start(ready=False, target="tiny:late_factory")
    reached = server.folder / "tries"
    eventually(lambda: reached.exists() and len(reached.read_text()) == 3)

    (server.folder / "ready").touch()

    assert eventually(lambda: server.seen(b"GET /" + HEAD + CLOSE + b"\r\n"))
    assert server.stop()[0] == 0


def processors_of(pid: int) -> set[frozenset[int]]:
    """Where each thread of a process may run."""
    threads = os.listdir(f"/proc/{pid}/task")
    return {frozenset(os.sched_getaffinity(int(thread))) for thread in threads}


def test_each_worker_keeps_to_one_processor(start):
    allowed = sorted(os.sched_getaffinity(0))
    server = start(workers=2)
    pids = eventually(lambda: len(found := server.pids()) == 2 and found)

    places = [processors_of(pid) for pid in pids]

    chosen = [min(place) for place in places if len(place) == 1]
    assert [len(one) for one in chosen] == [1, 1]
    assert len(frozenset.union(*chosen)) == min(2, len(allowed))


def test_workers_that_are_not_pinned_may_move(start):
    server = start(pins=False)
    [pid] = server.pids()

    assert processors_of(pid) == {frozenset(os.sched_getaffinity(0))}


def test_tls_is_spoken_with_the_given_certificate(start, tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    (tmp_path / "certificate").write_bytes(certificate_for(key))
    files = {
        "tls_certificate": str(tmp_path / "certificate"),
        "tls_key": str(tmp_path / "key"),
    }
    server = start(**files)
    context = ssl.create_default_context(cafile=files["tls_certificate"])
    context.maximum_version = ssl.TLSVersion.TLSv1_2

    with context.wrap_socket(server.connect(), server_hostname="localhost") as secure:
        secure.sendall(b"GET /" + HEAD + CLOSE + b"\r\n")
        seen = parsed(rest(secure))

    assert seen["wsgi.url_scheme"] == "https"


def certificate_for(key: ec.EllipticCurvePrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)
