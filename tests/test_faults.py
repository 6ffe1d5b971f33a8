"""A short form of `python -m benchmarks.faults`: nothing is lost, doubled or half."""

import json
import subprocess
import sys

WRONGS = ("lost", "back again", "doubled", "never sent", "half")


def run(*options: str) -> dict[str, object]:
    command = [sys.executable, "-m", "benchmarks.faults", *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout)


def test_what_was_acknowledged_outlives_every_kill():
    figures = run("kill", "--times", "4", "--writers", "2")

    assert {name: figures[name] for name in WRONGS} == dict.fromkeys(WRONGS, 0)
    assert figures["killed"] == {"worker": 2, "all workers": 1, "server": 1}
    assert figures["acknowledged"] > 0
