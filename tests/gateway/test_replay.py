"""A recording is sent to a gateway over HTTP, and every difference is told."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.recording import Request, exchange
from gateway.sending import wire
from tests.gateway.cli import home, run

__all__ = ["home"]

TIME = "2024-01-01T10:00:00.123456Z"
AUTH = {"Authorization": "Token " + "a" * 40}
ROOT = "/api/customers/123/addresses"
ALLOW = {"Allow": "PATCH, DELETE, GET, PUT, HEAD, OPTIONS"}
PLACES = {
    "countries": [{"id": 1, "name": "United States", "code": "US"}],
    "states": [{"id": 5, "name": "New York", "code": "NY", "country": 1}],
    "cities": [{"id": 25, "name": "New York City", "state": 5}],
}
ADDRESS = {
    "id": 456,
    "customer": 123,
    "default": True,
    "address": "123 Main Street",
    "postal_code": None,
    "first_name": "John",
    "last_name": "Doe",
    "national_code": None,
    "mobile_number": None,
    "text": None,
    "country": 1,
    "state": 5,
    "city": 25,
    "created_at": TIME,
    "updated_at": TIME,
}
TOKEN = {
    "token": "a" * 40,
    "user": "staff",
    "is_staff": True,
    "is_superuser": False,
    "is_active": True,
}
FIXTURES = {
    **PLACES,
    "customers": [{"id": 123, "first_name": "John", "last_name": "Doe"}],
    "addresses": [ADDRESS],
    "next_ids": {"address": 500},
    "tokens": [TOKEN],
}
SHOWN = {
    "id": 456,
    "default": True,
    "country_data": {"id": 1, "name": "United States", "code": "US"},
    "state_data": {"id": 5, "name": "New York", "code": "NY"},
    "city_data": {"id": 25, "name": "New York City"},
    **{name: ADDRESS[name] for name in list(ADDRESS)[3:10]},
    "created_at": TIME,
    "updated_at": TIME,
}
JSON = {"Content-Type": "application/json"}
WHERE = {"country": 1, "state": 5, "city": 25}
CREATE = {
    "method": "POST",
    "path": ROOT,
    "headers": {**AUTH, **JSON},
    "body": json.dumps(WHERE),
}
CREATED = {
    **dict.fromkeys(SHOWN),
    **{name: SHOWN[name] for name in ("country_data", "state_data", "city_data")},
    "id": 500,
    "default": False,
    "created_at": "2026-11-21T21:16:02.883676Z",
    "updated_at": "2026-11-21T21:16:02Z",
}
LIST_HEADERS = {**JSON, "Vary": "Accept", "Allow": "POST, GET, HEAD, OPTIONS"}


def recorded(
    id: str, request: dict[str, Any], status: int, body: Any, **more: Any
) -> dict[str, Any]:
    headers = more.pop("headers", LIST_HEADERS)
    text = "" if body is None else json.dumps(body)
    answer = {"status": status, "headers": headers, "body": text, **more}
    return {"id": id, "note": "", "request": request, "response": answer}


def get(path: str, headers: dict[str, Any] = AUTH) -> dict[str, Any]:
    return {"method": "GET", "path": path, "headers": headers, "body": None}


DETAIL = recorded(
    "detail", get(f"{ROOT}/456"), 200, SHOWN, headers={**LIST_HEADERS, **ALLOW}
)
CREATION = recorded("create", CREATE, 201, CREATED)


def replayed(home: Path, *exchanges: dict[str, Any], options: str = "--json") -> Any:
    """The exit code and what is printed, for these exchanges."""
    (home / "fixtures.json").write_text(json.dumps(FIXTURES))
    lines = "".join(json.dumps(one) + "\n" for one in exchanges)
    (home / "exchanges.jsonl").write_text(lines)
    files = ("fixtures.json", "exchanges.jsonl")
    result = run("replay", "--dialect", "staff", *files, *options.split())
    text = result.stdout or result.stderr
    return result.exit_code, json.loads(text) if "--json" in options else text


def test_answers_as_recorded_agree(home: Path) -> None:
    code, report = replayed(home, DETAIL, CREATION)

    assert report == {"agree": 2, "differ": 0, "skipped": [], "differences": []}
    assert code == 0


def test_every_exchange_finds_the_fixtures_as_they_were(home: Path) -> None:
    again = {**CREATION, "id": "again"}

    code, report = replayed(home, CREATION, again, DETAIL)

    assert (code, report["agree"]) == (0, 3)


def test_what_is_set_up_comes_first(home: Path) -> None:
    gone = {"detail": "No CustomerAddress matches the given query."}
    remove = {**get(f"{ROOT}/456"), "method": "DELETE"}
    headers = {**LIST_HEADERS, **ALLOW}
    asked = recorded("gone", get(f"{ROOT}/456"), 404, gone, headers=headers)

    code, report = replayed(home, {**asked, "setup": [remove]})

    assert (code, report["agree"]) == (0, 1)


def test_a_difference_is_told_and_ends_with_2(home: Path) -> None:
    wrong = {**SHOWN, "first_name": "Johnny", "text": "Home"}
    headers = {**LIST_HEADERS, **ALLOW, "Vary": "Cookie"}
    asked = recorded("wrong", get(f"{ROOT}/456"), 201, wrong, headers=headers)

    code, report = replayed(home, asked)

    assert code == 2
    assert report["differences"] == [
        {"id": "wrong", "what": "status", "expected": 201, "got": 200},
        {"id": "wrong", "what": "header Vary", "expected": "Cookie", "got": "Accept"},
        {
            "id": "wrong",
            "what": "body.first_name",
            "expected": "Johnny",
            "got": "John",
        },
        {"id": "wrong", "what": "body.text", "expected": "Home", "got": None},
    ]


def test_a_report_in_words_ends_with_the_numbers(home: Path) -> None:
    wrong = recorded("wrong", get(f"{ROOT}/456"), 404, {}, body_cut=True)
    elsewhere = recorded("elsewhere", get("/other"), 200, {})

    code, text = replayed(home, DETAIL, wrong, elsewhere, options="")

    assert code == 2
    assert text.startswith("wrong: status\n  expected: 404\n  got:      200\n")
    assert text.endswith(
        "elsewhere: skipped, /other is outside /api\n"
        "1 of 2 agree, 1 differ, 1 skipped\n"
    )


def test_a_body_that_was_cut_is_not_compared(home: Path) -> None:
    headers = {**LIST_HEADERS, **ALLOW}
    cut = recorded("cut", get(f"{ROOT}/456"), 200, {}, body_cut=True, headers=headers)

    code, report = replayed(home, cut)

    assert (code, report["agree"]) == (0, 1)


def test_links_show_the_host_of_the_recording(home: Path) -> None:
    link = f"http://www.example.com{ROOT}?limit=10"
    page: dict[str, Any] = {"count": 1, "next": None, "previous": link, "results": []}

    code, report = replayed(home, recorded("page", get(f"{ROOT}?offset=5"), 200, page))

    assert (code, report["differences"]) == (0, [])


def test_bytes_that_are_no_text_are_sent_as_they_are(home: Path) -> None:
    body = base64.b64encode(b'{"text": "\xff"}').decode()
    error = {"detail": "JSON parse error - in other words"}
    request = {**CREATE, "body_base64": body}
    del request["body"]

    code, report = replayed(home, recorded("bytes", request, 400, error))

    assert (code, report["differences"]) == (0, [])


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "exchanges.jsonl, line 1, is no recorded exchange"),
        ('{"id": "a"}', "exchanges.jsonl, line 1, is no recorded exchange"),
        ("", "holds no exchange below /api"),
    ],
)
def test_a_file_that_is_no_recording_is_told_in_one_line(
    home: Path, line: str, said: str
) -> None:
    (home / "fixtures.json").write_text(json.dumps(FIXTURES))
    (home / "exchanges.jsonl").write_text(line)

    result = run("replay", "--dialect=staff", "fixtures.json", "exchanges.jsonl")

    assert result.exit_code == 1
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_fixtures_of_something_else_are_told_in_one_line(home: Path) -> None:
    (home / "fixtures.json").write_text("{}")
    (home / "exchanges.jsonl").write_text(json.dumps(DETAIL))

    result = run("replay", "--dialect=staff", "fixtures.json", "exchanges.jsonl")

    assert result.exit_code == 1
    assert "these are no fixtures of staff: KeyError('countries')" in result.stderr


def test_a_dialect_may_read_no_fixtures(home: Path) -> None:
    (home / "fixtures.json").write_text("{}")
    (home / "exchanges.jsonl").write_text(json.dumps(DETAIL))

    result = run("replay", "--dialect=easel", "fixtures.json", "exchanges.jsonl")

    assert result.exit_code == 1
    assert "the dialect 'easel' reads no fixtures" in result.stderr


def test_a_server_that_is_not_there_is_a_difference(home: Path) -> None:
    code, text = replayed(home, DETAIL, options="--base-url http://127.0.0.1:9")

    assert code == 2
    assert "got:      no answer: ConnectionRefusedError" in text


def test_a_header_with_several_values_is_sent_several_times() -> None:
    given = {"method": "GET", "path": "/a", "headers": {"X-A": ["1", "\xe9"]}}

    sent = exchange({**DETAIL, "request": given}).request

    assert wire(sent, "") == (
        b"GET /a HTTP/1.1\r\nHost: www.example.com\r\n"
        b"X-A: 1\r\nX-A: \xe9\r\nConnection: close\r\n\r\n"
    )


def test_a_request_keeps_the_host_and_the_length_that_it_says() -> None:
    headers = [("host", "a.example"), ("Content-Length", "99")]
    request = Request(method="POST", path="/a", headers=headers, body=b"{}")

    assert wire(request, "/at") == (
        b"POST /at/a HTTP/1.1\r\nhost: a.example\r\nContent-Length: 99\r\n"
        b"Connection: close\r\n\r\n{}"
    )


@pytest.mark.parametrize("fidelity", ["observed", "documented", "staff=observed"])
def test_a_fidelity_may_be_named_with_its_dialect(home: Path, fidelity: str) -> None:
    code, _ = replayed(home, DETAIL, options=f"--json --fidelity {fidelity}")

    assert code == 0


def test_an_unknown_fidelity_is_told(home: Path) -> None:
    code, text = replayed(home, DETAIL, options="--fidelity easel=observed")

    assert code == 1
    assert "the fidelity of staff is 'easel=observed'" in text
