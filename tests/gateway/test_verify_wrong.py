"""`verify` names every difference that is planted in a server."""

import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core import Store
from dialects.base import Dialect
from gateway import registry
from gateway.cli.verify import exit_code
from gateway.verify import Outcome, Report, verify
from tests.gateway.cli import run
from tests.gateway.verifying import (
    Exchange,
    Wrong,
    access,
    credentials_file,
    demo,
    everything,
    nothing,
    served,
)

DIALECTS = {dialect.name: dialect for dialect in registry.load()}
Json = Callable[[Any], Any]


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """One for all: what is asked of it leaves it as it was."""
    with demo() as store:
        yield store


def told(report: Report) -> list[str]:
    """The differences, each behind its check's name."""
    return [
        f"{verdict.name}: {difference.what}"
        for verdict in report.of(Outcome.DIFFERENT)
        for difference in verdict.differences
    ]


def wrongly(
    store: Store,
    folder: Path,
    dialect: Dialect,
    *,
    asks: Wrong = nothing,
    answers: Wrong = nothing,
    **options: Any,
) -> Report:
    """What verify says of our own server with something wrong in it."""
    with served(store, dialect, asks=asks, answers=answers) as url:
        return verify(dialect, url, access(folder, dialect), **options)


def status(old: int, new: int) -> Wrong:
    def plant(exchange: Exchange) -> None:
        if exchange.status == old:
            exchange.status = new

    return plant


def header(name: str, value: str) -> Wrong:
    """Another value, or none if it is empty, where there is one."""

    def plant(exchange: Exchange) -> None:
        if exchange.headers.pop(name, None) is not None and value:
            exchange.headers[name] = value

    return plant


def text(old: str, new: str) -> Wrong:
    """Other words in the answer."""

    def plant(exchange: Exchange) -> None:
        exchange.answer = re.sub(old.encode(), new.encode(), exchange.answer)

    return plant


def objects(change: Json) -> Wrong:
    """Something else in place of every object of an answer in JSON that has an id."""

    def walked(value: Any) -> Any:
        if isinstance(value, list):
            return [walked(one) for one in value]
        if not isinstance(value, dict):
            return value
        inner = {name: walked(one) for name, one in value.items()}
        is_address = inner.keys() & {"postal_code", "zip", "postcode"}
        return change(inner) if is_address else inner

    def plant(exchange: Exchange) -> None:
        if "json" in exchange.headers.get("Content-Type", "") and exchange.answer:
            exchange.json = walked(exchange.json)

    return plant


def body(change: Callable[[Any], Any]) -> Wrong:
    """Something else in place of an answer in JSON."""

    def plant(exchange: Exchange) -> None:
        if "json" in exchange.headers.get("Content-Type", "") and exchange.answer:
            value = exchange.json
            change(value)
            exchange.json = value

    return plant


def backwards(value: dict[str, Any]) -> dict[str, Any]:
    return dict(reversed(value.items()))


def without(name: str) -> Json:
    return lambda value: {n: v for n, v in value.items() if n != name}


def having(**more: Any) -> Json:
    return lambda value: {**value, **more}


def retyped(name: str, kind: type) -> Json:
    return lambda value: {**value, name: kind(value[name])}


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


GOOD = b'{"country": 1, "state": 5, "city": 25, "last_name": "%s"}'


def take_anything(exchange: Exchange) -> None:
    """Store something sound for whatever is sent, and keep the mark in it."""
    if exchange.method == "POST" and exchange.path.endswith("/addresses"):
        mark = re.search(rb"Verify-\w+", exchange.body)
        exchange.body = GOOD % (mark[0] if mark else b"unmarked")


def delete_nothing(exchange: Exchange) -> None:
    """Look instead."""
    if exchange.method == "DELETE" and "/addresses/" in exchange.path:
        exchange.method = "GET"


def make_no_customers(exchange: Exchange) -> None:
    if exchange.method == "POST" and exchange.path.endswith("/customers"):
        exchange.method = "BREW"


def forget_ids(exchange: Exchange) -> None:
    """Tell nobody the number of what was made."""
    if exchange.status == 201:
        exchange.json = {}


def test_what_should_have_been_refused_is_removed(store: Store, tmp_path: Path) -> None:
    before = everything(store)

    report = wrongly(store, tmp_path, DIALECTS["staff"], asks=take_anything, write=True)

    assert "create with an unknown country: status" in told(report)
    assert "create with broken JSON: status" in told(report)
    assert report.left_behind == []
    assert everything(store) == before


def test_a_server_without_customers_is_written_to_through_the_one_given(
    store: Store, tmp_path: Path
) -> None:
    before = everything(store)

    report = wrongly(
        store, tmp_path, DIALECTS["staff"], asks=make_no_customers, write=True
    )

    assert told(report)[0].startswith("create customer: status")
    assert {one.split(":")[0] for one in told(report)} == {"create customer"}
    assert everything(store) == before


def test_what_tells_no_id_is_found_by_its_mark(store: Store, tmp_path: Path) -> None:
    """Customers cannot be found again, so none is made."""
    before = everything(store)

    report = wrongly(
        store,
        tmp_path,
        DIALECTS["staff"],
        asks=make_no_customers,
        answers=forget_ids,
        write=True,
    )

    assert "create address: body.id" in told(report)
    assert "delete" in {one.name for one in report.of(Outcome.NOT_RUN)}
    assert report.left_behind == []
    assert everything(store) == before


def test_what_cannot_be_removed_is_listed(tmp_path: Path) -> None:
    dialect = DIALECTS["staff"]

    def refuse(exchange: Exchange) -> None:
        if exchange.method == "DELETE":
            exchange.method = "BREW"

    with demo() as store:
        report = wrongly(store, tmp_path, dialect, asks=refuse, write=True)

    assert "delete: status" in told(report)
    assert [call.split()[0] for call in report.left_behind] == ["DELETE"] * 3
    assert report.left_behind[0].endswith("the target answers 405")


def test_a_removal_that_only_looks_like_one_is_a_difference(
    store: Store, tmp_path: Path
) -> None:
    before = everything(store)

    report = wrongly(
        store, tmp_path, DIALECTS["staff"], asks=delete_nothing, write=True
    )

    assert "get what was deleted: status" in told(report)
    # The customer who was made went with the address.
    assert everything(store) == before


def test_what_looks_like_other_data_is_found_by_writing(
    store: Store, tmp_path: Path
) -> None:
    """A text may be "" here if it was written so, but not if it was left out."""
    plant = objects(having(text=""))

    report = wrongly(store, tmp_path, DIALECTS["staff"], answers=plant, write=True)

    assert "create with places alone: body.text" in told(report)


def test_a_duplicate_that_is_stored_is_a_difference_and_removed(
    store: Store, tmp_path: Path
) -> None:
    """V3 reference: "a unique customer address"; the answer leaves it out."""
    before = everything(store)
    sent = []

    def vary(exchange: Exchange) -> None:
        if exchange.method == "POST" and exchange.path.endswith("/addresses"):
            sent.append(exchange)
            company = b"Company %d" % len(sent)
            exchange.body = exchange.body.replace(b"BigCommerce", company)

    report = wrongly(store, tmp_path, DIALECTS["bigcommerce"], asks=vary, write=True)

    assert "create a duplicate: body.data: number of items" in told(report)
    assert everything(store) == before


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
