"""`serve --control`, as a process of its own."""

import http.client
import json
import os
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from click.testing import CliRunner

from gateway.cli import main
from gateway.config import Config, ControlConfig

COMMAND = [sys.executable, "-c", "from gateway.cli import main; main()"]
TOKEN = "the-token-of-the-test"


class Served:
    """A gateway with a control side, and one shop."""

    def __init__(self, port: int, control_port: int) -> None:
        self.port, self.control_port = port, control_port

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """What the control side answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.control_port)
        headers = {"Authorization": f"Bearer {TOKEN}"}
        sent = None if body is None else json.dumps(body)
        connection.request(method, f"/_gateway{path}", sent, headers)
        found = connection.getresponse().read()
        connection.close()
        return json.loads(found) if found else None

    def list_customers(self, shop: Any) -> tuple[int, bytes]:
        """The status and the body of an answer of one dialect."""
        key = shop["credentials"]["easel"]["admin"]["token"]
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Authorization": f"Bearer {key}"}
        connection.request("GET", "/api/v1/customers", headers=headers)
        answer = connection.getresponse()
        found = answer.status, answer.read()
        connection.close()
        return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    found = Served(free_port(), free_port())
    process = subprocess.Popen(
        [
            *COMMAND,
            "serve",
            "--control",
            f"--port={found.port}",
            f"--control-port={found.control_port}",
            f"--control-token={TOKEN}",
        ],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 120
    for port in (found.control_port, found.port):
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                assert time.monotonic() < deadline
                time.sleep(0.02)
    yield found
    process.terminate()
    text, _ = process.communicate(timeout=60)
    assert f"Control token: {TOKEN}" in text
    assert process.returncode == 0


def test_a_shop_is_made_and_served(served: Served) -> None:
    shop = served.control("POST", "/shops", {})

    assert served.list_customers(shop)[0] == 200
    assert shop["base_urls"]["easel"] == f"http://127.0.0.1:{served.port}/api/v1"
    journal = served.control("GET", f"/shops/{shop['hash']}/journal")
    assert journal["entries"][-1]["operation"] == "easel.customers.list"


@pytest.mark.parametrize("fault", ["reset", "commit_then_drop"])
def test_a_connection_is_really_reset(served: Served, fault: str) -> None:
    shop = served.control("POST", "/shops", {})
    served.control("POST", f"/shops/{shop['hash']}/faults", {"fault": fault})

    with pytest.raises(ConnectionResetError):
        served.list_customers(shop)

    assert served.list_customers(shop)[0] == 200


def test_an_answer_really_comes_slowly(served: Served) -> None:
    shop = served.control("POST", "/shops", {})
    options = {"bytes": 20, "milliseconds": 30}
    fault = {"fault": "trickle", "options": options}
    served.control("POST", f"/shops/{shop['hash']}/faults", fault)
    key = shop["credentials"]["easel"]["admin"]["token"]

    with socket.create_connection(("127.0.0.1", served.port), 20) as connection:
        connection.sendall(
            b"GET /api/v1/customers HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
            b"Authorization: Bearer " + key.encode() + b"\r\n\r\n"
        )
        chunks = [*iter(lambda: connection.recv(4096), b"")]

    assert b'{"customers":[]' in b"".join(chunks)
    assert len(chunks) > 3


ADDRESS = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "street1": "1 New Street",
    "city": "Akron",
    "state": "OH",
    "country_id": 1,
}


def write(served: Served, shop: Any, turns: int) -> list[tuple[int, Any]]:
    """The answers to writes, of which every other is refused, and to lists."""
    key = shop["credentials"]["easel"]["admin"]["token"]
    path = "/api/v1/customers/cus_00000000000000000001/addresses"
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    headers = {"Authorization": f"Bearer {key}"}
    found = []
    for turn in range(turns):
        for method, body in (
            ("POST", ADDRESS if turn % 2 else {}),
            ("GET", None),
        ):
            sent = None if body is None else json.dumps(body)
            connection.request(method, path, sent, headers)
            answer = connection.getresponse()
            found.append((answer.status, json.loads(answer.read())))
    connection.close()
    return found


@pytest.mark.parametrize("shops", [1, 4])
def test_clients_may_write_at_once(served: Served, shops: int) -> None:
    """In memory all threads share a connection; none is in another's unit."""
    people = {"seed": {"customers": [{"first_name": "Ada"}]}}
    made = [served.control("POST", "/shops", people) for _ in range(shops)]
    clients, turns = 4, 12

    with ThreadPoolExecutor(clients) as threads:
        given = [(served, made[n % shops], turns) for n in range(clients)]
        answers = [*threads.map(lambda one: write(*one), given)]

    for shop in range(shops):
        own = [answer for n in range(shop, clients, shops) for answer in answers[n]]
        stored = [body["id"] for status, body in own if status == 201]
        assert {status for status, _ in own} == {200, 201, 400}
        assert len({*stored}) == len(stored) == turns // 2 * clients // shops
        assert len(write(served, made[shop], 1)[1][1]["addresses"]) == len(stored)
        hash = made[shop]["hash"]
        counted = served.control("GET", f"/shops/{hash}/journal")["total"]
        assert counted == 2 * turns * clients // shops + 2


def test_the_dialects_port_does_not_reach_the_control_side(served: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port)
    connection.request(
        "GET", "/_gateway/shops", headers={"Authorization": f"Bearer {TOKEN}"}
    )

    answer = connection.getresponse()

    assert answer.status == 404
    assert b"The base URLs are:" in answer.read()
    connection.close()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--workers", "2"], "a single worker"),
        (["--host", "0.0.0.0"], "--control-remote lets other machines in"),
        (["--control-host", "0.0.0.0"], "--control-remote lets other machines in"),
    ],
)
def test_a_control_side_is_one_process_for_one_machine(
    arguments: list[str], complaint: str
) -> None:
    result = CliRunner().invoke(main, ["serve", "--control", *arguments])

    assert result.exit_code == 2
    assert complaint in result.output


def test_the_settings_of_the_control_side_survive_the_environment() -> None:
    control = ControlConfig(host="127.0.0.1", port=1, token="t", origin="http://a")
    config = Config(control=control)

    assert Config.from_environ(config.to_environ()) == config


def test_what_resets_a_connection_is_as_the_kernel_has_it() -> None:
    from gateway.control.quiet import RST

    assert struct.calcsize("ii") == len(RST)
