import json
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from threading import Thread
from typing import Any

from benchmarks import instructions
from benchmarks.load import HOST, Job, drive


def run(*options: str) -> "subprocess.CompletedProcess[str]":
    short = ("--rounds", "1", "--seconds", "0.2", "--workers", "1", "--addresses", "20")
    command = [sys.executable, "-m", "benchmarks", *short, *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_the_benchmarks_measure_what_they_are_told_to():
    done = run("--dialect", "easel", "--operation", "get", "delete", "--json")

    assert (done.returncode, done.stderr) == (0, "")
    rows = json.loads(done.stdout)["rows"]
    assert [row["name"] for row in rows] == ["easel get", "easel delete"]
    assert all(row["ratio"] > 0 for row in rows)


def test_the_benchmarks_know_which_dialects_there_are():
    done = run("--dialect", "nobody")

    assert done.returncode == 1
    assert "there is no dialect 'nobody'" in done.stderr


def test_the_load_ends_with_the_first_answer_that_is_no_success():
    with HTTPServer((HOST, 0), BaseHTTPRequestHandler) as server:
        Thread(target=server.handle_request).start()
        job = Job(
            port=server.server_port,
            requests=[b"GET / HTTP/1.1\r\n\r\n"],
            seconds=1,
            connections=1,
        )
        result = drive(job)

    assert result.bad.startswith(b"HTTP/1.0 501 ")
    assert len(result.latencies) == 1


def test_the_journal_is_shown_to_keep_memory_flat():
    short = ("--requests", "1200", "--through-app", "200", "--check")
    command = [sys.executable, "-m", "benchmarks.journal", *short]

    done = subprocess.run(command, capture_output=True, text=True, timeout=120)

    assert (done.returncode, done.stderr) == (0, "")
    assert "1200 requests, of which the journal kept 9" in done.stdout


def figures(name: str, *options: str) -> dict[str, Any]:
    command = [sys.executable, "-m", f"benchmarks.{name}", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_a_start_is_held_against_a_bare_apps():
    told = figures("start", "--rounds", "1", "--addresses", "20")

    assert [told[name]["cpu s"] > 0 for name in ("bare", "gateway")] == [True, True]


def test_a_start_on_sqlite_loads_nothing_of_postgresqls():
    code = "import gateway.app as app, sys; app.registry.load(); print(*sys.modules)"
    command = [sys.executable, "-c", code]

    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert "sqlalchemy.sql" in loaded.split()
    assert "sqlalchemy.dialects.postgresql" not in loaded.split()


def test_what_a_worker_holds_is_measured():
    short = ("--requests", "1100", "--addresses", "20", "--workers", "1")

    told = figures("memory", *short, "--check")

    [before], [after] = (told[when]["RSS MB"] for when in ("at start", "after"))
    assert 10 < before < after < 120


def test_peers_that_are_missing_are_named_with_how_to_get_them():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.peers"],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PATH": ""},
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        "prism is not on the PATH: npm install @stoplight/prism-cli",
        "json-server is not on the PATH: npm install json-server@0.17.4",
        "moto_server is not on the PATH: pip install 'moto[server]'",
    ]


def test_a_server_that_closes_is_sent_each_request_on_a_new_connection():
    server = ThreadingHTTPServer((HOST, 0), Closing)
    Thread(target=server.serve_forever, daemon=True).start()
    job = Job(
        port=server.server_port,
        requests=[b"GET / HTTP/1.1\r\n\r\n"] * 6,
        seconds=9,
        connections=2,
        repeats=False,
        closes=True,
    )

    result = drive(job)

    server.shutdown()
    server.server_close()
    assert (result.bad, len(result.latencies)) == (b"", 6)


class Closing(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


def test_scale_is_measured_on_stores_of_any_size():
    short = ("--small", "150", "--large", "300", "--rounds", "2")
    command = [sys.executable, "-m", "benchmarks.scale", *short]

    done = subprocess.run(command, capture_output=True, text=True, timeout=120)

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert all(row["ratio"] > 0 for row in found["requests"].values())
    assert [*found["pages"]] == ["150", "300"]


def count(*options: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "benchmarks.instructions", *options]
    environ = {**os.environ, **variables}
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, env=environ
    )


def test_instructions_are_counted_of_known_operations_alone():
    done = count("staff fly")

    assert done.returncode == 1
    assert done.stderr.startswith("there is no 'staff fly'; there are: bigcommerce ")


def test_who_counts_instructions_is_told_what_is_missing():
    done = count("staff get", PATH="")

    assert done.returncode == 1
    assert done.stderr == "install valgrind first: apt-get install valgrind\n"


def test_every_operation_has_a_budget():
    kept = json.loads(instructions.BUDGETS.read_text())["budgets"]

    assert kept.keys() == {*instructions.known(), instructions.HELLO}
