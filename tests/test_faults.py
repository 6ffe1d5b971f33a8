"""A short form of `python -m benchmarks.faults`: nothing is lost, doubled or half."""

import json
import subprocess
import sys
from typing import Any

WRONGS = ("lost", "back again", "doubled", "never sent", "half")


def run(*options: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.faults", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout)


def test_what_was_acknowledged_outlives_every_kill():
    figures = run("kill", "--times", "4", "--writers", "2")

    assert {name: figures[name] for name in WRONGS} == dict.fromkeys(WRONGS, 0)
    assert figures["killed"] == {"worker": 2, "all workers": 1, "server": 1}
    assert figures["acknowledged"] > 0


def test_what_postgresql_does_at_a_restart_nobody_notices():
    figures = run("storage", "server-restarted")

    assert figures["server-restarted"]["during"]["answers"] == {
        "GET easel 200": 3,
        "GET staff 200": 3,
        "POST easel 201": 3,
        "POST staff 201": 3,
    }


def test_slow_and_hostile_clients_starve_nobody():
    figures = run("clients", *SLOW)

    others = [figures[name]["others"]["failed"] for name in figures if name in SLOW]
    assert others == [0] * len(SLOW)
    assert figures["bodies"]["answers"]["200 MB gzipped"].startswith("HTTP/1.1 400")
    assert figures["framing"]["answers"]["TE and CL"].endswith("; 1 answers")


SLOW = ("slow-bodies", "bodies", "framing")
