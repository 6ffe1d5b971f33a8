"""OpenMage's answers are those of a server that was recorded.

`recorded/exchanges.jsonl` was recorded from OpenMage LTS 20.18.0 on PHP 8.2 and MariaDB
10.11, behind Apache with mod_php; `recorded/fixtures.json` is what it held. Left out of
both are the headers of the web server and of PHP's sessions. Where the program crashed,
or the web server answered, nothing is compared.
"""

from pathlib import Path

import pytest

from dialects.openmage import DIALECT
from gateway.recording import Exchange, exchanges_from
from gateway.replay import Report, replay

RECORDED = Path(__file__).parent / "recorded"
EXCHANGES = list(exchanges_from(RECORDED / "exchanges.jsonl"))


@pytest.fixture(scope="module")
def report() -> Report:
    return replay(DIALECT, RECORDED / "fixtures.json", RECORDED / "exchanges.jsonl")


@pytest.mark.parametrize("exchange", EXCHANGES, ids=[one.id for one in EXCHANGES])
def test_it_answers_as_recorded(report: Report, exchange: Exchange) -> None:
    assert report.differing.get(exchange.id, []) == []


def test_only_what_the_api_did_not_answer_is_not_compared(report: Report) -> None:
    reasons = [*report.skipped.values()]

    assert reasons.count("answered by front-end") == 1
    assert reasons.count("answered by php-fatal-error") == 12
    assert len(reasons) == 13
    assert len(report.agreed) + len(report.differing) + len(reasons) == len(EXCHANGES)
