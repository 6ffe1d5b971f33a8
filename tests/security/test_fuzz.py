"""The short form of `python -m benchmarks.fuzz`, and that it finds what is wrong."""

import json
import logging
from collections.abc import Callable
from random import Random

import pytest
from flask import Flask, Response, request

from benchmarks.fuzz import Report, fuzz, main, run
from benchmarks.fuzz_inputs import Input, Mutator
from benchmarks.fuzz_judge import Target
from gateway import registry

DIALECTS = [dialect.name for dialect in registry.load(None)]


@pytest.mark.parametrize("name", DIALECTS)
def test_no_input_is_answered_by_a_crash_or_a_leak(name: str) -> None:
    report = fuzz(name, inputs=600, seed=7)

    assert report.findings == {}
    assert report.kinds > 30


def test_the_same_seed_sends_the_same_inputs() -> None:
    first, second = (fuzz(DIALECTS[0], inputs=300, seed=3) for _ in range(2))

    assert (first.statuses, first.kinds) == (second.statuses, second.kinds)


def crash(text: str) -> Response:
    raise KeyError(text)


WRONG: dict[str, tuple[Callable[[str], Response], str]] = {
    "a crash": (crash, "unexpected: "),
    "a trace": (lambda text: Response("Traceback (most recent"), "leaks a trace"),
    "SQL": (lambda text: Response("near SELECT id FROM keys"), "leaks SQL"),
    "a file": (lambda text: Response("root:x:0:0:"), "leaks a file"),
    "a password": (lambda text: Response("scrypt$16384$8"), "leaks a password"),
    "a key": (lambda text: Response("planted-secret"), "leaks a credential"),
    "a header": (
        lambda text: Response(headers=[("Location", f"/{text}")]),
        "unexpected: ",
    ),
    "no JSON": (lambda text: Response("{", mimetype="application/json"), "is no "),
    "no XML": (lambda text: Response("<a>", mimetype="text/xml"), "is no "),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_it_finds_what_is_wrong(wrong: str) -> None:
    view, told = WRONG[wrong]
    app = Flask(__name__)
    app.logger.handlers = [logging.NullHandler()]
    app.post("/")(lambda: view((request.get_json(silent=True) or {}).get("a") or ""))
    seeds = [Input("POST", "/", (("Content-Type", "application/json"),), b'{"a": ""}')]

    with Target(app, app.logger) as target:
        report = run(
            target,
            Mutator(seeds, Random(1)),
            Report("toy", 1),
            inputs=400,
            secrets=[b"planted-secret"],
        )

    assert any(finding.startswith(told) for finding in report.findings)


def test_the_command_tells_programs_what_became_of_the_inputs(capsys):
    assert main(["--dialect", DIALECTS[0], "--inputs", "50", "--json"]) == 0

    [report] = json.loads(capsys.readouterr().out)
    assert report["inputs"] == sum(report["statuses"].values()) == 50
    assert report["findings"] == {}
