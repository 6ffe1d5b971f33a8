"""What clients of an intercepted host send and get, each run by `intercept`."""

import json
import socket
import sys
from threading import Thread

import pytest

from tests.gateway.cli import run
from tests.gateway.interception import (
    HOST,
    REQUESTS,
    TUNNEL,
    Python,
    gateway,
    home,
    python,
)

__all__ = ["gateway", "home", "python"]


def test_a_named_host_is_answered_by_the_gateway(python: Python) -> None:
    program = f"print(requests.get('https://{HOST}/v1/a?b=%20c').text)"

    came = json.loads(python(REQUESTS + program))

    assert came["request"] == "GET /v1/a?b=%20c HTTP/1.1"
    assert ["Host", HOST] in came["headers"]
    assert ["X-Forwarded-Proto", "https"] in came["headers"]


def test_each_named_host_is_answered(python: Python) -> None:
    program = """
for host in ("one.example.com", "two.example.com"):
    print(requests.get(f"https://{host}/").status_code)
"""

    printed = python(REQUESTS + program, "one.example.com", "Two.Example.com")

    assert printed == "200\n200\n"


def test_the_strictest_check_of_certificates_is_passed(python: Python) -> None:
    program = f"""
context = ssl.create_default_context()
context.verify_flags |= ssl.VERIFY_X509_STRICT
connection = tunnel("{HOST}", context=context)
connection.request("GET", "/")
print(answer(connection)[0])
"""

    assert python(TUNNEL + program) == "200\n"


@pytest.mark.parametrize(
    ("host", "port"),
    [("other.example.com", 443), (HOST, 8443), (f"{HOST}.other.example", 443)],
)
def test_a_tunnel_to_another_host_is_refused(
    python: Python, host: str, port: int
) -> None:
    program = f"""
try:
    tunnel("{host}", {port}).connect()
except OSError as error:
    print(error)
"""

    assert python(TUNNEL + program) == (
        "Tunnel connection failed:"
        " 403 Forbidden: not a --host of address-gateway intercept\n"
    )


def test_a_named_host_is_answered_over_http_too(python: Python) -> None:
    program = f"print(requests.post('http://{HOST}/v1/a?b=c', data='body').text)"

    came = json.loads(python(REQUESTS + program))

    headers = dict(came["headers"])
    assert (came["request"], came["body"]) == ("POST /v1/a?b=c HTTP/1.1", "body")
    assert (headers["Host"], headers["Connection"]) == (HOST, "close")
    assert "X-Forwarded-Proto" not in headers


@pytest.mark.parametrize("url", ["http://other.example.com/", f"http://{HOST}:81/"])
def test_another_host_is_refused_over_http_too(python: Python, url: str) -> None:
    program = f"answer = requests.get('{url}'); print(answer.status_code, answer.text)"

    assert python(REQUESTS + program) == (
        "403 403 Forbidden: not a --host of address-gateway intercept\n\n"
    )


def test_a_client_that_asks_for_https_without_a_tunnel_is_answered(
    python: Python,
) -> None:
    program = f"""
connection = http.client.HTTPConnection(proxy)
connection.request("GET", "https://{HOST}", headers={{"Proxy-Connection": "a"}})
print(answer(connection)[1])
"""

    came = json.loads(python(TUNNEL + program))

    assert came["request"] == "GET / HTTP/1.1"
    assert came["headers"] == [
        ["Host", HOST],
        ["Accept-Encoding", "identity"],
        ["X-Forwarded-Proto", "https"],
        ["Connection", "close"],
    ]


def test_headers_come_as_they_were_sent(python: Python) -> None:
    program = f"""
connection = tunnel("{HOST}")
connection.putrequest("GET", "/a", skip_accept_encoding=True)
connection.putheader("x-b", "1")
connection.putheader("X-A", "2")
connection.putheader("X-b", "3")
connection.endheaders()
print(answer(connection)[1])
"""

    came = json.loads(python(TUNNEL + program))

    assert came["headers"] == [
        ["Host", HOST],
        ["x-b", "1"],
        ["X-A", "2"],
        ["X-b", "3"],
        ["X-Forwarded-Proto", "https"],
    ]


def test_requests_of_all_kinds_share_a_connection(python: Python) -> None:
    program = f"""
connection = tunnel("{HOST}")
connection.request("HEAD", "/a")
print(*answer(connection))
connection.request("DELETE", "/a")
print(*answer(connection))
connection.request("POST", "/echo", b"whole")
print(*answer(connection))
connection.request("POST", "/echo", iter([b"in ", b"chunks"]), encode_chunked=True)
print(*answer(connection))
connection.request("PUT", "/a", b"")
first = json.loads(answer(connection)[1])
connection.request("GET", "/a")
last = json.loads(answer(connection)[1])
print(first["port"] == last["port"], last["headers"][-1])
"""

    assert python(TUNNEL + program).splitlines() == [
        "200 ",
        "204 ",
        "200 whole",
        "200 in chunks",
        "True ['X-Forwarded-Proto', 'https']",
    ]


@pytest.mark.parametrize("body", ["body", "iter([body[:9], body[9:]])"])
def test_a_large_body_goes_both_ways(python: Python, body: str) -> None:
    program = f"""
body = os.urandom(2 ** 20)
print(requests.post("https://{HOST}/echo", data={body}).content == body)
"""

    assert python(REQUESTS + program) == "True\n"


def test_requests_run_in_parallel(python: Python) -> None:
    program = f"""
from concurrent.futures import ThreadPoolExecutor
url = "https://{HOST}/echo"
with ThreadPoolExecutor(10) as pool:
    answers = pool.map(lambda n: requests.post(url, data=str(n)).text, range(40))
print([int(answer) for answer in answers] == list(range(40)))
"""

    assert python(REQUESTS + program) == "True\n"


def test_a_request_that_cannot_be_understood_is_left_to_the_gateway(
    python: Python,
) -> None:
    program = f"""
connection = tunnel("{HOST}")
connection.request("GET", "/" + 70_000 * "a")
print(answer(connection)[0])
"""

    assert python(TUNNEL + program) == "414\n"


@pytest.mark.usefixtures("home")
def test_a_gateway_that_has_gone_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    program = f"answer = requests.get('https://{HOST}/'); print(answer.text)"
    command = ("--", sys.executable, "-c", REQUESTS + program)
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        thread = Thread(target=accept_once, args=[server])
        thread.start()
        run("intercept", "--host", HOST, "--gateway", url, *command)
        thread.join()

    printed, _ = capfd.readouterr()

    assert printed == "502 Bad Gateway: the address gateway does not answer\n\n"


def accept_once(server: socket.socket) -> None:
    connection, _ = server.accept()
    server.close()
    connection.close()
