"""`verify` names every difference that is planted in a server."""

import re
import socket
from pathlib import Path
from typing import Any

import pytest

from core import Store
from gateway.cli.verify import exit_code
from gateway.verify import Outcome
from tests.gateway.cli import run
from tests.gateway.planting import (
    DIALECTS,
    backwards,
    body,
    having,
    header,
    objects,
    only_v2,
    retyped,
    status,
    store,
    text,
    told,
    without,
    wrongly,
)
from tests.gateway.verifying import Exchange, Wrong, credentials_file, served

__all__ = ["store"]


def paged(value: Any) -> None:
    if "results" in value:
        value["next"] = None


def counted(value: Any) -> None:
    if "count" in value:
        value["count"] += 1


def totalled(value: Any) -> None:
    if value.get("meta", {}).get("pagination"):
        value["meta"]["pagination"]["total_pages"] += 1


def shuffled_xml(exchange: Exchange) -> None:
    """The postcode before the city."""
    found = rb"(\s*<city>.*?)(\s*<postcode>[^<]*</postcode>)"
    exchange.answer = re.sub(found, rb"\2\1", exchange.answer, flags=re.DOTALL)


def enveloped(exchange: Exchange) -> None:
    if exchange.status == 200:
        exchange.json = {"data": exchange.json, "meta": {}}


STAFF = [
    ("a status", status(200, 203), "list addresses: status"),
    ("another error", status(404, 400), "get unknown address: status"),
    ("no Allow", header("Allow", ""), "list addresses: header Allow"),
    ("no Vary", header("Vary", ""), "list addresses: header Vary"),
    (
        "a charset",
        header("Content-Type", "application/json; charset=utf-8"),
        "list addresses: header Content-Type",
    ),
    (
        "the scheme",
        header("WWW-Authenticate", "Bearer"),
        "without a token: header WWW-Authenticate",
    ),
    ("order of keys", objects(backwards), "get address: body: order of keys"),
    ("an id in quotes", objects(retyped("id", str)), "get address: body.id"),
    (
        "a number for a flag",
        objects(retyped("default", int)),
        "get address: body.default",
    ),
    ("null left out", objects(without("text")), "get address: body.text"),
    ("one key more", objects(having(x=None)), "get address: body.x"),
    (
        "no full stop",
        text("matches the given query\\.", "matches the given query"),
        "get unknown address: body.detail",
    ),
    ("no next page", body(paged), "list addresses, one a page: body.next"),
    ("a wrong count", body(counted), "list addresses: body.count"),
    (
        "times without a zone",
        objects(lambda value: {**value, "created_at": value["created_at"][:-1]}),
        "get address: body.created_at",
    ),
    (
        "times of another zone",
        text("T10:15:00Z", "T11:15:00+01:00"),
        "list addresses: body.results[1].updated_at",
    ),
]
EASEL = [
    ("a status", status(401, 403), "without a key: status"),
    (
        "a code",
        text("MISSING_AUTHORIZATION", "NO_AUTHORIZATION"),
        "without a key: body.code",
    ),
    (
        "words",
        text("Customer not found", "No customer"),
        "get unknown customer: body.error",
    ),
    (
        "no scheme",
        header("WWW-Authenticate", ""),
        "without a key: header WWW-Authenticate",
    ),
    ("an empty zip", objects(having(zip="")), "get address: body.zip"),
    (
        "country in quotes",
        objects(retyped("country_id", str)),
        "get address: body.country_id",
    ),
    (
        "fractions of a second",
        text("T10:00:00Z", "T10:00:00.500Z"),
        "get address: body.created_at",
    ),
    (
        "a bare list",
        lambda exchange: body_of_list(exchange),
        "list addresses: body",
    ),
    (
        "no cursor",
        body(lambda v: v.get("pagination", {}).pop("next_cursor", None)),
        "list customers by e-mail: body.pagination.next_cursor",
    ),
    (
        "a phone left out",
        text('"phone":null,', ""),
        "get customer: body.phone",
    ),
    (
        "words of a cursor",
        text("Invalid 'after' parameter", "Bad cursor"),
        "list customers after a word: body.error",
    ),
]
BIGCOMMERCE = [
    (
        "no quota",
        header("X-Rate-Limit-Requests-Left", ""),
        "list addresses: header X-Rate-Limit-Requests-Left",
    ),
    ("pages", body(totalled), "list addresses: body.meta.pagination.total_pages"),
    (
        "one key more",
        body(lambda v: v.update(errors={})),
        "list addresses: body.errors",
    ),
    (
        "order of keys",
        objects(backwards),
        "list addresses: body.data[0]: order of keys",
    ),
    (
        "null for none",
        text('"company":""', '"company":null'),
        "list addresses: body.data[0].company",
    ),
    ("an unknown token", status(401, 403), "with an unknown token: status"),
    ("V2: an envelope", only_v2(enveloped), "V2 list addresses: body"),
    (
        "V2: a code for a country",
        only_v2(text('"country":"[^"]*"', '"country":"US"')),
        "V2 list addresses: body[0].country",
    ),
    (
        "V2: order of keys",
        only_v2(objects(backwards)),
        "V2 get address: body: order of keys",
    ),
    (
        "V2: an empty list",
        only_v2(status(204, 200)),
        "V2 list addresses, last page: status",
    ),
    (
        "V2: an error of V3",
        only_v2(text('"message":"The requested', '"title":"The requested')),
        "V2 get unknown address: body[0].message",
    ),
    (
        "V2: a bare number",
        only_v2(text(r'\{"count":(\d+)\}', r"\1")),
        "V2 count addresses: body",
    ),
]
OPENMAGE = [
    (
        "no declaration",
        text(r"<\?xml.*?\?>\n", ""),
        "list addresses in XML: body: XML declaration",
    ),
    (
        "order of elements",
        shuffled_xml,
        "get address in XML: body.magento_api: order of keys",
    ),
    (
        "another root",
        text("magento_api", "response"),
        "get address in XML: body.magento_api",
    ),
    (
        "no charset",
        header("Content-Type", "application/json"),
        "list addresses in JSON: header Content-Type",
    ),
    (
        "a flag in quotes",
        objects(lambda v: {**v, "is_default_billing": str(v["is_default_billing"])}),
        "get address in JSON: body.is_default_billing",
    ),
    (
        "a full stop",
        text("Resource not found\\.", "Resource not found"),
        "get unknown address: body.messages.error[0].message",
    ),
    (
        "a number for an id",
        objects(lambda v: {**v, "entity_id": int(v["entity_id"])}),
        "get address in JSON: body.entity_id",
    ),
    ("a guest is unknown", status(403, 401), "as a guest: status"),
]


def body_of_list(exchange: Exchange) -> None:
    if exchange.path.endswith("/addresses") and exchange.status == 200:
        exchange.json = exchange.json["addresses"]


PLANTED = [
    pytest.param(name, plant, said, id=f"{name}-{what}")
    for name, plants in (
        ("staff", STAFF),
        ("easel", EASEL),
        ("bigcommerce", BIGCOMMERCE),
        ("openmage", OPENMAGE),
    )
    for what, plant, said in plants
]


@pytest.mark.parametrize(("name", "plant", "said"), PLANTED)
def test_a_planted_difference_is_named(
    store: Store, tmp_path: Path, name: str, plant: Wrong, said: str
) -> None:
    report = wrongly(store, tmp_path, DIALECTS[name], answers=plant)

    assert said in told(report)
    assert exit_code(report) == 2


def with_token(exchange: Exchange) -> None:
    """Let everyone in."""
    exchange.environ["HTTP_AUTHORIZATION"] = "Token demo-staff"


def ignore_paging(exchange: Exchange) -> None:
    query = exchange.environ["QUERY_STRING"]
    exchange.environ["QUERY_STRING"] = re.sub(r"(limit|offset)=\d+", "", query)


def ignore_filters(exchange: Exchange) -> None:
    query = exchange.environ["QUERY_STRING"]
    exchange.environ["QUERY_STRING"] = query.replace("state_id=x", "")


def any_address_is(exchange: Exchange) -> None:
    """Answer for an address that is not there with one that is."""
    exchange.environ["PATH_INFO"] = exchange.path.replace("2147483646", "456")


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        (with_token, "without a token: status"),
        (ignore_paging, "list addresses, one a page: body.results: number of items"),
        (ignore_filters, "list addresses of no state: status"),
        (any_address_is, "get unknown address: status"),
    ],
)
def test_a_server_that_behaves_otherwise_is_named(
    store: Store, tmp_path: Path, plant: Wrong, said: str
) -> None:
    report = wrongly(store, tmp_path, DIALECTS["staff"], asks=plant)

    assert said in told(report)


def test_the_command_shows_each_difference_and_exits_with_two(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ADDRESS_GATEWAY_DIALECTS", raising=False)
    plant = text("Customer not found", "No customer")

    with served(store, DIALECTS["easel"], answers=plant) as url:
        file = str(credentials_file(tmp_path, "easel"))
        asked = ["--dialect", "easel", "--target", url, "--credentials", file]
        result = run("verify", *asked)

    assert result.exit_code == 2
    assert "  body.error\n    ours:   Customer not found\n" in result.stdout
    assert "    theirs: No customer\n" in result.stdout
    assert result.stdout.splitlines()[-1].endswith("2 different, 0 not run")


def test_a_target_that_shows_nonsense_is_told(store: Store, tmp_path: Path) -> None:
    report = wrongly(
        store,
        tmp_path,
        DIALECTS["staff"],
        answers=objects(lambda value: {**value, "created_at": "yesterday"}),
    )

    assert "cannot be read" in report.notes[0]
    assert exit_code(report) == 2


def test_a_server_that_hangs_up_has_not_passed(store: Store, tmp_path: Path) -> None:
    def hang_up(exchange: Exchange) -> None:
        if exchange.path.endswith("/customer-addresses"):
            exchange.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)

    report = wrongly(store, tmp_path, DIALECTS["easel"], answers=hang_up)

    assert told(report) == ["no such route: status"]
    [verdict] = report.of(Outcome.DIFFERENT)
    assert str(verdict.differences[0].got).startswith("no answer")
