"""Exchanges that build on one another, are signed anew, and differ in configuration."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Response, request

from core import Customer, CustomerDraft, Query
from dialects.base import Fixtures, Quirk, Unsigned, current_store, quirk
from gateway.recording import exchange
from gateway.replay import Replay, ReplayError, Report, Server, replay
from tests.gateway import toy

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)

blueprint = Blueprint("echo", __name__)


@blueprint.route("/seen", methods=["GET", "POST"])
def seen() -> Response:
    """What a request finds; a POST adds a customer before."""
    store = current_store()
    with store.book("echo", shop=store.shop("replay")) as book:
        if request.method == "POST":
            book.add_customer(CustomerDraft())
        count = book.customers(Query()).total
    return toy.answer(
        {
            "now": store.now().isoformat(),
            "mode": quirk("echo", "mode"),
            "signed": request.headers.get("X-Signed"),
            "customers": count,
        }
    )


def read_fixtures(file: Mapping[str, Any]) -> Fixtures:
    held = [
        Customer(id=id, public_id=f"cus_{id}", created_at=NOW, updated_at=NOW)
        for id in file["customers"]
    ]
    return Fixtures(customers=held, now=NOW, settings={"loud": {"mode": "loud"}})


def sign(
    auth: Mapping[str, Any], file: Mapping[str, Any], unsigned: Unsigned
) -> Mapping[str, str]:
    return {"X-Signed": f"{file['secret']} {auth['who']} {unsigned.url}"}


ECHO = replace(
    toy.DIALECT,
    name="echo",
    root="/echo",
    blueprint=blueprint,
    quirks={"mode": Quirk(source="a test", documented="plain", observed="real")},
    fixtures=read_fixtures,
    sign=sign,
)
FIXTURES = {"customers": [1, 2], "secret": "s3cret"}
SEEN = {"now": NOW.isoformat(), "mode": "real", "signed": None, "customers": 2}


def recorded(id: int, method: str, answer: Mapping[str, Any], **more: Any) -> Any:
    asked = {"method": method, "path": "/echo/seen", "query": "", "headers": {}}
    response = {
        "status": 200,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps({**SEEN, **answer}),
    }
    return {"id": id, "request": asked, "response": response, **more}


def replayed(folder: Path, *exchanges: Any, **options: Any) -> Report:
    fixtures, lines = folder / "fixtures.json", folder / "exchanges.jsonl"
    fixtures.write_text(json.dumps(FIXTURES))
    lines.write_text("".join(json.dumps(one) + "\n" for one in exchanges))
    return replay(ECHO, fixtures, lines, **options)


def test_an_exchange_builds_on_the_one_before_unless_it_began_fresh(
    tmp_path: Path,
) -> None:
    report = replayed(
        tmp_path,
        recorded(1, "POST", {"customers": 3}, reset_before=True),
        recorded(2, "POST", {"customers": 4}, reset_before=False),
        recorded(3, "GET", {"customers": 4}, reset_before=False),
        recorded(4, "GET", {"customers": 2}, reset_before=True),
    )

    assert report == Report(agreed=["1", "2", "3", "4"])


def test_what_is_skipped_is_sent_if_the_next_builds_on_it(tmp_path: Path) -> None:
    crash = {"answered_by": "php-fatal-error"}

    report = replayed(
        tmp_path,
        recorded(1, "POST", {}, reset_before=True, **crash),
        recorded(2, "GET", {"customers": 3}, reset_before=False),
        recorded(3, "GET", {}, reset_before=True, answered_by="front-end"),
    )

    assert report == Report(
        agreed=["2"],
        skipped={"1": "answered by php-fatal-error", "3": "answered by front-end"},
    )


def test_an_answer_that_tells_of_a_bad_request_is_compared(tmp_path: Path) -> None:
    unusable = recorded(1, "GET", {}, answered_by="renderer-unavailable")

    assert replayed(tmp_path, unusable).agreed == ["1"]


def test_the_clock_stands_where_it_stood(tmp_path: Path) -> None:
    elsewhere = recorded(1, "GET", {"now": "2026-01-15T12:00:01+00:00"})

    report = replayed(tmp_path, elsewhere)

    assert [one.what for one in report.differing["1"]] == ["body.now"]


def test_each_configuration_has_its_quirks(tmp_path: Path) -> None:
    report = replayed(
        tmp_path,
        recorded(1, "GET", {}, config="default"),
        recorded(2, "POST", {"mode": "loud", "customers": 3}, config="loud"),
        recorded(3, "GET", {"customers": 3}, config="default", reset_before=False),
    )

    assert report == Report(agreed=["1", "2", "3"])


def test_a_recording_is_replayed_as_documented_if_told_so(tmp_path: Path) -> None:
    asked = recorded(1, "GET", {"mode": "plain"})

    assert replayed(tmp_path, asked, fidelity="documented").agreed == ["1"]


def test_a_configuration_that_the_dialect_does_not_know_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReplayError, match="echo has no configuration 'odd'"):
        replayed(tmp_path, recorded(1, "GET", {}, config="odd"))


def test_a_request_is_signed_for_the_url_that_it_is_sent_to(tmp_path: Path) -> None:
    asked = recorded(1, "GET", {"signed": "s3cret ada http://a.example:81/echo/seen"})
    asked["request"]["headers"] = {"Host": "a.example:81"}
    other = recorded(
        2, "GET", {"signed": "s3cret bob http://www.example.com/echo/seen?a[]=%20"}
    )
    other["request"]["query"] = "a[]=%20"

    report = replayed(
        tmp_path, {**asked, "auth": {"who": "ada"}}, {**other, "auth": {"who": "bob"}}
    )

    assert report == Report(agreed=["1", "2"])


def test_a_request_that_cannot_be_signed_is_told(tmp_path: Path) -> None:
    asked = recorded(1, "GET", {}, auth={})

    with pytest.raises(ReplayError, match="GET /echo/seen cannot be signed: KeyError"):
        replayed(tmp_path, asked)


def test_a_dialect_may_sign_nothing() -> None:
    server = Server(url=lambda _: "http://127.0.0.1:9", reset=lambda: None)
    request = recorded(1, "GET", {}, auth={"who": "ada"})
    player = Replay(toy.DIALECT, FIXTURES, server)

    with pytest.raises(ReplayError, match="the dialect 'toy' signs no requests"):
        player.signed(exchange(request).request, "http://127.0.0.1:9")
