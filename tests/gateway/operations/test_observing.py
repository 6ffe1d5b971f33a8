"""What is told of a request that crosses the bridge to the dialects."""

import asyncio
import json
import logging
from types import SimpleNamespace
from typing import Any

import pytest

from core import Store, schema
from gateway import registry
from gateway.app import create_app
from gateway.bridge import Limits
from gateway.config import Config, ObservingConfig
from gateway.operations import logs
from gateway.operations.observing import Observed

TOKEN = "opens-the-shop"


class Protocol:
    """The end of Granian: it keeps the status."""

    status = 0

    def response_bytes(self, status: int, headers: Any, body: bytes) -> None:
        self.status = status


def scope(target: str, **headers: str) -> Any:
    path, _, query = target.partition("?")
    return SimpleNamespace(
        server="127.0.0.1:80",
        client="127.0.0.1:1024",
        http_version="1.1",
        method="GET",
        scheme="http",
        path=path,
        query_string=query,
        headers={"authorization": f"Token {TOKEN}", **headers},
    )


@pytest.fixture
def bridge(monkeypatch: pytest.MonkeyPatch) -> Observed:
    store = Store()
    schema.create(store.database)
    shop = store.add_shop("main")
    with store.keys() as keyring:
        keyring.add("staff", shop, scope="staff", token=TOKEN)
    config = Config(database_url="sqlite://", observing=ObservingConfig(log="json"))
    for name, value in config.to_environ().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(logs, "to_json", lambda: None)
    app = create_app(config, store=store, dialects=registry.load(None))
    app.add_url_rule("/api/bug", "bug", lambda: {}["secret"])
    return Observed(app, Limits(threads=1))


def told(bridge: Observed, target: str, capfd: pytest.CaptureFixture[str]) -> Any:
    """The line in the log for a request, without what differs each time."""
    asyncio.run(bridge.__rsgi__(scope(target), Protocol()))
    *_, line = capfd.readouterr().err.splitlines()
    fields = json.loads(line)
    assert set(fields) >= {"time", "request_id", "duration_ms", "pid"}
    names = ("dialect", "shop", "operation", "query", "status", "level")
    return [fields[name] for name in names]


@pytest.mark.parametrize(
    ("target", "line"),
    [
        (
            "/api/customers/1/addresses?page=2&q=private",
            ["staff", "main", "list_customer_addresses", ["page", "q"], 404, "info"],
        ),
        ("/api/private", ["staff", "", "unmatched", [], 404, "info"]),
        ("/private", ["none", "", "unmatched", [], 404, "info"]),
        ("/api/v1/private", ["easel", "", "unmatched", [], 401, "info"]),
    ],
)
def test_a_request_is_told_by_dialect_shop_and_operation(
    bridge: Observed, capfd: pytest.CaptureFixture[str], target: str, line: Any
) -> None:
    assert told(bridge, target, capfd) == line


def test_v2_of_bigcommerce_is_bigcommerces(
    bridge: Observed, capfd: pytest.CaptureFixture[str]
) -> None:
    line = told(bridge, "/stores/main/v2/customers/1/addresses", capfd)

    assert (line[0], line[4]) == ("bigcommerce", 401)
    assert line[2] != "unmatched"


def test_a_bug_is_logged_with_its_request_and_without_its_text(
    bridge: Observed,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    line = told(bridge, "/api/bug?name=private", capfd)
    [record] = caplog.records

    assert line == ["none", "", "bug", ["name"], 500, "error"]
    assert record.__dict__["error"] == "KeyError"
    assert record.__dict__["place"].startswith("test_observing.py:")


def test_a_modules_message_is_json_without_the_errors_text() -> None:
    record = logging.LogRecord("a", logging.ERROR, "", 1, "it %s", ("broke",), None)
    try:
        raise ValueError("sesame")
    except ValueError as error:
        record.exc_info = (ValueError, error, error.__traceback__)

    text = logs.Formatter().format(record)

    fields = json.loads(text)
    assert (fields["event"], fields["error"]) == ("it broke", "ValueError")
    assert fields["place"].startswith("test_observing.py:")
    assert "sesame" not in text


@pytest.mark.parametrize(
    ("given", "is_kept"),
    [
        ("7c2f-41", True),
        ("a" * 128, True),
        ("a" * 129, False),
        ('a"b', False),
        ("a\nb", False),
        ("é", False),
        ("", False),
        (None, False),
    ],
)
def test_an_id_is_kept_if_it_is_sane(given: str | None, is_kept: bool) -> None:
    found = logs.request_id(given)

    assert (found == given) is is_kept
    assert logs.SANE.fullmatch(found)


def test_names_of_a_query_are_shown_as_far_as_they_are_names() -> None:
    query = "customer_id:in=1&filter[1][in][]=2&sesame&a%20b=3&" + "c" * 50 + "=4"

    assert logs.query_names(query) == [
        "customer_id:in",
        "filter[1][in][]",
        "a?20b",
        "c" * 40,
    ]


def test_a_line_of_text_cannot_be_taken_for_several() -> None:
    line = logs.line({"event": "a b", "query": ["x", "y"], "shop": ""}, "text")

    assert line == b'event="a b" query=x,y shop=""\n'


def test_what_is_put_around_the_app_hides_nothing(
    bridge: Observed, capfd: pytest.CaptureFixture[str]
) -> None:
    inner = bridge._application
    # As the recorder of the control side does.
    bridge._application = lambda environ, start: inner({**environ}, start)

    line = told(bridge, "/api/customers/1/addresses", capfd)

    assert line[:3] == ["staff", "main", "list_customer_addresses"]
