"""The operations port and the log of a server that runs."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.gateway.operations.serving import Operated, operated
from tests.gateway.test_server import CLOSE, HEAD, eventually, rest, status

COUNT = "address_gateway_request_duration_seconds_count"
Start = Callable[..., Operated]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    servers = []

    def start(**options: object) -> Operated:
        servers.append(operated(tmp_path, **options))
        eventually(servers[-1].ready)
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


def test_counts_of_all_workers_add_up_and_outlive_them(start: Start) -> None:
    server = start(workers=2)
    eventually(lambda: server.metric("address_gateway_workers ") == 2)
    pids = eventually(lambda: len(found := server.pids()) == 2 and found)
    before = server.answered

    eventually(lambda: server.metric(COUNT) == before)
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: not pids & server.pids() and server.ready())
    eventually(lambda: server.metric(COUNT) == server.answered)
    files = list(Path((server.folder / "directory").read_text()).glob("histogram_*"))

    assert server.answered > before >= 8
    assert {file.stem.partition("_")[2] for file in files} & set(
        map(str, pids)
    ) == set()


def test_a_server_that_stops_is_alive_but_not_ready(start: Start) -> None:
    server = start(workers=1)
    with server.connect() as connection:
        connection.sendall(b"GET /wait" + HEAD + b"\r\n")
        eventually((server.folder / "release.reached").exists)
        eventually(lambda: server.metric("address_gateway_requests_in_flight ") == 1)

        os.killpg(server.process.pid, signal.SIGTERM)
        stopping = eventually(lambda: (now := server.tell("readyz"))[0] == 503 and now)
        health = server.tell("healthz")
        (server.folder / "release").touch()
        answer = rest(connection)
    ended = server.ended()

    assert stopping == (503, "the server is stopping\n")
    assert health == (200, "ok\n")
    assert status(answer) == 200
    assert ended == (0, "")
    assert not Path((server.folder / "directory").read_text()).exists()


def test_the_log_has_a_line_a_request_and_no_value(start: Start) -> None:
    server = start(log="json", tells_request_id=True, limits={"body_seconds": 0.1})
    id = b"X-Request-Id: from-the-proxy\r\nAuthorization: sesame\r\n"

    answer = server.ask(b"GET /p?token=sesame&sesame" + HEAD + CLOSE + id + b"\r\n")
    refusal = server.ask(b"POST /" + HEAD + b"Content-Length: 9\r\n\r\nsesame")
    server.stop()
    logged = server.log()

    shown = ("event", "request_id", "operation", "method", "query", "status")
    assert b"\r\nx-request-id: from-the-proxy\r\n" in answer
    assert status(refusal) == 408
    assert [[line[name] for name in shown] for line in logged] == [
        ["request", "from-the-proxy", "unmatched", "GET", ["token"], 200],
        ["request", logged[1]["request_id"], "refused", "POST", [], 408],
    ]
    assert "sesame" not in (server.folder / "stderr").read_text()


def test_an_error_that_escapes_is_logged_by_class_and_place(start: Start) -> None:
    server = start(log="json")

    server.ask(b"GET /crash" + HEAD + CLOSE + b"\r\n")
    server.stop()
    request, error = sorted(server.log(), key=lambda line: line["event"] != "request")

    assert (request["status"], request["level"]) == (500, "error")
    assert error["level"] == "error"
    assert "crashed" not in str(error)


def test_answers_have_no_request_id_unless_asked_for(start: Start) -> None:
    server = start(log="text")

    answer = server.ask(b"GET /" + HEAD + CLOSE + b"X-Request-Id: a\r\n\r\n")

    assert b"x-request-id" not in answer.partition(b"\r\n\r\n")[0].lower()


def test_the_operations_process_is_replaced_and_ends_with_the_server(
    start: Start,
) -> None:
    server = start()
    directory = Path((server.folder / "directory").read_text())
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    first = int(children.read_text().split()[0])

    os.kill(first, signal.SIGKILL)
    eventually(server.ready)
    server.process.kill()
    server.process.wait()

    eventually(lambda: not directory.exists())
