"""Calls to platforms: repeated, paced, and failing with words."""

import json
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from core import City, Country, Draft, Region
from dialects.remote import (
    Denied,
    Manner,
    Platform,
    RemoteError,
    Unanswered,
    by_words,
    essential,
    root_url,
)
from dialects.remote.client import Client
from gateway.intercept_certificates import authority_in
from tests.dialects.remotes import Time, quickly, serving

Answer = httpx2.Response | Exception
URL = "https://platform.example/api"


def platform(**options: Any) -> Platform:
    """A platform whose errors are texts."""
    said: dict[str, Any] = {
        "name": "test",
        "url": URL,
        "sign": lambda _method, _url: {"Authorization": "Key s3cret"},
        "words": str,
        "secrets": ("s3cret",),
    }
    return Platform(**{**said, **options})


def answering(
    answers: Sequence[Answer], *, time: Time | None = None, **options: Any
) -> tuple[Client, list[httpx2.Request]]:
    """A client whom these answers are given in turn, and what it asked."""
    remaining: Iterator[Answer] = iter(answers)
    asked: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        found = next(remaining)
        if isinstance(found, Exception):
            raise found
        return found

    transport = httpx2.MockTransport(answer)
    manner = quickly(time, transport=transport)
    return Client(platform(**options), manner), asked


def status(code: int, text: str = "", **headers: str) -> httpx2.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.Response(code, text=text, headers=named)


DONE = httpx2.Response(200, json={"done": True})


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_what_can_be_repeated_is(method: str, code: int) -> None:
    client, asked = answering([status(code), httpx2.ReadError("reset"), DONE])

    assert client.call(method, "/x").body == {"done": True}

    assert [one.method for one in asked] == [method] * 3
    assert client.calls == 3


def test_a_create_is_not_repeated_unseen() -> None:
    client, asked = answering([])

    with pytest.raises(ValueError, match="not to be repeated unseen"):
        client.call("POST", "/x")

    assert asked == []


@pytest.mark.parametrize(
    ("answer", "is_lost"),
    [
        (status(429), False),
        (httpx2.ConnectError("refused"), False),
        (httpx2.ConnectTimeout("slow"), False),
        (status(500), True),
        (status(503), True),
        (status(200, "<html>"), True),
        (httpx2.ReadTimeout("slow"), True),
        (httpx2.ReadError("reset"), True),
        (httpx2.RemoteProtocolError("cut off"), True),
    ],
)
def test_it_tells_what_may_have_been_done(answer: Answer, is_lost: bool) -> None:
    client, _ = answering([answer])

    with pytest.raises(Unanswered) as unanswered:
        client.attempt("POST", "/x", body={})

    assert unanswered.value.is_lost is is_lost


def test_attempts_are_bounded_and_the_last_error_is_told() -> None:
    client, asked = answering([status(500, '"it broke"')] * 11)

    with pytest.raises(RemoteError, match=r"^test: GET /x: 500 it broke$"):
        client.call("GET", "/x")

    assert len(asked) == 10


@pytest.mark.parametrize("code", [400, 404, 409, 413, 422])
def test_a_refusal_is_an_answer(code: int) -> None:
    client, asked = answering([status(code, '"no"')])

    assert client.call("PUT", "/x").status == code

    assert len(asked) == 1


@pytest.mark.parametrize("code", [401, 403])
def test_a_credential_that_is_refused_ends_it(code: int) -> None:
    client, asked = answering([status(code, '"bad key s3cret"')])

    with pytest.raises(Denied) as denied:
        client.call("GET", "/x")

    assert str(denied.value) == f"test: GET /x: {code} bad key ***"
    assert len(asked) == 1


NEXT_YEAR = format_datetime(datetime.now(UTC) + timedelta(days=400), usegmt=True)


@pytest.mark.parametrize(
    ("headers", "waited"),
    [
        # RFC 9110, 10.2.3; a wait is followed for a quarter of an hour at most.
        ({"Retry_After": "7"}, 7.0),
        ({"Retry_After": NEXT_YEAR}, 900.0),
        # BigCommerce: "X-Retry-After", in seconds.
        ({"X_Retry_After": "3"}, 3.0),
        # BigCommerce, "API rate limits": the quota is used up until the window ends.
        (
            {
                "X_Rate_Limit_Requests_Left": "0",
                "X_Rate_Limit_Time_Reset_Ms": "1500",
            },
            1.5,
        ),
        (
            {
                "X_Retry_After": "2",
                "X_Rate_Limit_Requests_Left": "0",
                "X_Rate_Limit_Time_Reset_Ms": "1500",
            },
            2.0,
        ),
        # Too many at once: the window's end does not matter.
        (
            {
                "X_Retry_After": "1",
                "X_Rate_Limit_Requests_Left": "99",
                "X_Rate_Limit_Time_Reset_Ms": "29000",
            },
            1.0,
        ),
        ({}, 0.0),
        ({"Retry_After": "soon"}, 0.0),
    ],
)
def test_it_waits_as_long_as_it_is_told(headers: dict[str, str], waited: float) -> None:
    time = Time()
    client, _ = answering([status(429, **headers), DONE], time=time)

    client.call("GET", "/x")

    assert sum(time.sleeps) == waited


def test_a_quota_that_is_used_up_is_respected_before_it_is_exceeded() -> None:
    time = Time()
    told = {"X_Rate_Limit_Requests_Left": "0", "X_Rate_Limit_Time_Reset_Ms": "27320"}
    client, _ = answering([status(200, "{}", **told), DONE], time=time)

    client.call("GET", "/x")
    assert time.sleeps == []
    client.call("GET", "/x")

    assert time.sleeps == [27.32]


def test_waits_grow_and_are_random(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[tuple[float, float]] = []

    def no_wait(least: float, most: float) -> float:
        waits.append((least, most))
        return 0.0

    monkeypatch.setattr("dialects.remote.client.random.uniform", no_wait)
    transport = httpx2.MockTransport(lambda _: status(500))
    manner = Manner(transport=transport, attempts=6, first_wait=0.5, longest_wait=5)

    with pytest.raises(Unanswered):
        Client(platform(), manner).call("GET", "/x")

    assert waits[:5] == [(0, 0.5), (0, 1.0), (0, 2.0), (0, 4.0), (0, 5.0)]


def test_each_attempt_is_signed_anew() -> None:
    """RFC 5849, 3.3: a nonce is good for one request."""
    nonces = iter("abc")
    client, asked = answering(
        [status(500), status(500), DONE],
        sign=lambda method, url: {"Authorization": f"{method} {url} {next(nonces)}"},
    )

    client.call("GET", "/x", [("filter[1][eq]", "a+b é,")])

    url = f"{URL}/x?filter%5B1%5D%5Beq%5D=a%2Bb%20%C3%A9%2C"
    signed = [one.headers["Authorization"] for one in asked]
    assert signed == [f"GET {url} {nonce}" for nonce in "abc"]
    assert [str(one.url) for one in asked] == [url] * 3


def test_cookies_are_not_kept() -> None:
    client, asked = answering([status(200, "{}", Set_Cookie="sid=1; Path=/"), DONE])

    client.call("GET", "/x")
    client.call("GET", "/x")

    assert "Cookie" not in asked[1].headers


def test_a_slash_at_the_end_is_learned() -> None:
    """Staff: "Not using the trailing slash … results to an extra redirect"."""
    moved = status(301, Location="/api/x/?a=1")
    client, asked = answering([moved, DONE, DONE])

    client.call("GET", "/x", [("a", 1)])
    client.call("GET", "/y")

    paths = [one.url.raw_path for one in asked]
    assert paths == [b"/api/x?a=1", b"/api/x/?a=1", b"/api/y/"]


def test_another_redirect_is_not_followed() -> None:
    client, asked = answering([status(301, Location="https://other.example/z?t=1")])

    with pytest.raises(RemoteError) as error:
        client.call("GET", "/x")

    assert error.value.words == "redirected to https://other.example/z"
    assert len(asked) == 1


def test_so_many_call_at_once_and_no_more() -> None:
    lock, at_work, most = threading.Lock(), [0], [0]
    gate = threading.Event()

    def answer(_: httpx2.Request) -> httpx2.Response:
        with lock:
            at_work[0] += 1
            most[0] = max(most[0], at_work[0])
        gate.wait(0.02)
        with lock:
            at_work[0] -= 1
        return httpx2.Response(200, json={})

    manner = quickly(transport=httpx2.MockTransport(answer))
    client = Client(platform(slots={"PUT": 3}), manner)
    threads = [
        threading.Thread(target=client.call, args=("PUT", "/x")) for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (most[0], client.calls) == (3, 12)


def test_an_untrusted_certificate_is_told_at_once(tmp_path: Path) -> None:
    context = authority_in(tmp_path).server_context(["127.0.0.1"])
    with serving(lambda *_: [], ssl_context=context) as url:
        client = Client(platform(url=url), quickly())

        with pytest.raises(RemoteError) as error:
            client.call("GET", "/x")

    assert not isinstance(error.value, Unanswered)
    assert error.value.words.startswith("its TLS certificate is not trusted: ")
    assert client.calls == 1


def test_a_server_without_tls_is_told() -> None:
    with serving(lambda *_: []) as url:
        url = url.replace("http:", "https:")
        client = Client(platform(url=url), quickly(attempts=2))

        with pytest.raises(RemoteError, match="TLS failed: "):
            client.call("GET", "/x")


@pytest.mark.parametrize(
    "url",
    ["", "shop.example", "ftp://shop.example", "https://", "https://shop.example?a=1"],
)
def test_a_url_must_be_one(url: str) -> None:
    with pytest.raises(ValueError, match="is no URL of a platform"):
        root_url(url, "/api")


def test_a_url_holds_no_credentials() -> None:
    with pytest.raises(ValueError, match="holds no credentials"):
        root_url("https://user:pass@shop.example", "/api")


@pytest.mark.parametrize(
    "url",
    ["https://shop.example", "https://shop.example/", "https://shop.example/api/"],
)
def test_a_url_may_end_with_the_root(url: str) -> None:
    assert root_url(url, "/api") == "https://shop.example/api"


def test_places_are_named_by_codes_and_names() -> None:
    draft = Draft(
        country=Country(id=7, code="US", name="USA"),
        region=Region(id=8, code="NY", name="New York"),
        city=City(id=9, name="Albany"),
    )

    assert by_words(draft) == Draft(
        country=Country(code="US"), region=Region(name="NY"), city=City(name="Albany")
    )
    assert by_words(Draft(city=City(id=9))) == Draft()


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (" Zürich ", "Zürich"),
        ("Flat 3 🎨", "Flat 3 ????"),
        (["a", "b", "c"], ["a", "b; c"]),
        (None, ""),
        ("x" * 300, "x" * 255),
    ],
)
def test_what_platforms_change_does_not_count(sent: Any, shown: Any) -> None:
    assert essential(sent) == essential(shown)


def test_a_body_is_json_in_ascii() -> None:
    client, asked = answering([DONE])

    client.attempt("POST", "/x", body={"name": "Zoë 🎨"})

    assert json.loads(asked[0].content) == {"name": "Zoë 🎨"}
    assert asked[0].content.isascii()
    assert asked[0].headers["Content-Type"] == "application/json"
