"""The control side over HTTP is what its OpenAPI document says."""

from typing import Any

import pytest
import schemathesis
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gateway.control import Control, Sandbox
from gateway.control.api import create_api
from gateway.control.openapi import document
from tests.gateway.control.calls import SEED, call

TOKEN = {"Authorization": "Bearer the-token"}
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
]


def described() -> schemathesis.BaseSchema:
    """The document, of one shop; its first snapshot is there, and its first fault."""
    found = document()
    for path, of in found["paths"].items():
        of["parameters"] = [
            {**one, "schema": {"enum": ["main"]}} if one["name"] == "hash" else one
            for one in of.get("parameters", ())
        ]
        if path.endswith("{hash}"):
            del of["delete"]
    return schemathesis.openapi.from_dict(found)


API = described()
EXAMPLES = settings(
    derandomize=True, max_examples=20, suppress_health_check=list(HealthCheck)
)


@pytest.fixture
def api(control: Control) -> FlaskClient:
    """A client of the control side with its token."""
    client = create_api(control, "the-token").test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = TOKEN["Authorization"]
    return client


@API.parametrize()
@EXAMPLES
def test_every_answer_is_as_the_document_says(
    case: schemathesis.Case[Any], control: Control
) -> None:
    main = next((one for one in control.shops() if one.hash == "main"), None)
    main = main or control.new_shop(hash="main", seed=SEED)
    main.snapshot("0")

    case.call_and_validate(
        app=create_api(control, "the-token"), headers=TOKEN, checks=CHECKS
    )


@pytest.mark.parametrize(
    ("path", "method"),
    [
        (path.replace("{id}", "1"), method)
        for path, of in document()["paths"].items()
        for method in sorted(of.keys() - {"parameters"})
        if path != "/_gateway/openapi.json"
    ],
)
def test_nothing_is_told_without_the_token(
    control: Control, path: str, method: str
) -> None:
    client = create_api(control, "the-token").test_client()

    assert client.open(path, method=method.upper()).status_code == 401


def test_every_route_is_in_the_document(control: Control) -> None:
    rules = create_api(control, "x").url_map.iter_rules()

    served = {
        (rule.rule.replace("<int:", "<").translate(str.maketrans("<>", "{}")), method)
        for rule in rules
        for method in (rule.methods or set()) - {"HEAD"}
    }

    methods = {"get", "post", "put", "patch", "delete"}
    assert served == {
        (path, method.upper())
        for path, of in document()["paths"].items()
        for method in methods & of.keys()
    }


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "bearer the-token"])
def test_another_token_is_refused_with_what_is_needed(
    control: Control, header: str
) -> None:
    client = create_api(control, "the-token").test_client()

    answer = client.get("/_gateway/shops", headers={"Authorization": header})

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "Authorization: Bearer TOKEN" in answer.get_json()["error"]


def test_the_dialects_port_has_no_control_side(
    client: FlaskClient, shop: Sandbox
) -> None:
    answers = [
        client.get(path, headers=TOKEN).status_code
        for path in ("/_gateway/", "/_gateway/shops", "/_gateway/openapi.json")
    ]

    assert answers == [404, 404, 404]


def test_a_shop_is_made_used_and_removed(
    api: FlaskClient, client: FlaskClient, control: Control
) -> None:
    made = api.post("/_gateway/shops", json={"hash": "mine", "seed": SEED}).get_json()
    key = made["credentials"]["easel"]["admin"]["token"]
    base = made["base_urls"]["easel"].removeprefix("http://localhost")

    listed = client.get(f"{base}/customers", headers={"Authorization": f"Bearer {key}"})
    removed = api.delete("/_gateway/shops/mine")

    assert len(listed.get_json()["customers"]) == 1
    assert removed.status_code == 204
    assert api.get("/_gateway/shops").get_json() == {"shops": []}


def test_time_faults_and_claims_go_through_the_api(
    api: FlaskClient, client: FlaskClient, shop: Sandbox
) -> None:
    root = f"/_gateway/shops/{shop.hash}"
    at = "2024-02-29T12:00:00+00:00"

    moved = api.patch(f"{root}/clock", json={"action": "freeze", "instant": at})
    api.post(f"{root}/faults", json={"fault": "easel.list_error", "times": 2})
    call(client, shop, "easel.list")
    claim = {"operation": "easel.list", "status": 500, "times": 1}
    verdict = api.post(f"{root}/journal/assert", json=claim).get_json()
    wrong = api.post(f"{root}/journal/assert", json={"operation": "easel.get"})
    journal = api.get(f"{root}/journal?operation=easel.*&limit=1").get_json()
    [rule] = api.get(f"{root}/faults").get_json()["faults"]

    assert moved.get_json() == {"now": at, "is_frozen": True}
    assert verdict == {"holds": True, "text": ""}
    assert "was called 0 times" in wrong.get_json()["text"]
    assert journal["entries"][0]["fault"] == "easel.list_error"
    assert (rule["left"], rule["fired"]) == (1, 1)


def test_a_shop_is_exported_and_seeded_in_yaml(
    api: FlaskClient, control: Control, shop: Sandbox
) -> None:
    root = "/_gateway/shops"
    text = api.get(f"{root}/{shop.hash}/seed").get_data()
    other = control.new_shop()

    seeded = api.put(f"{root}/{other.hash}/seed", data=text)
    refused = api.put(f"{root}/{other.hash}/seed", data="customers: [{id: x}]")

    assert text.startswith(b"shop:\n")
    assert seeded.status_code == 200
    assert other.data()["customers"] == shop.data()["customers"]
    assert refused.status_code == 400
    assert "customers[0].id" in refused.get_json()["error"]


def test_customers_and_addresses_are_added_to_what_is_there(
    api: FlaskClient, client: FlaskClient, shop: Sandbox
) -> None:
    root = f"/_gateway/shops/{shop.hash}/customers"
    grace = {"first_name": "Grace", "addresses": [{"country": "NO", "city": "Oslo"}]}

    customer = api.post(root, json=grace).get_json()
    address = api.post(f"{root}/1/addresses", json={"city": "Akron"}).get_json()

    assert (customer["id"], customer["public_id"]) == (2, "cus_00000000000000000003")
    [own] = customer["addresses"]
    assert (own["id"], own["country"], own["city"]) == (2, "NO", "Oslo")
    assert (address["id"], address["city"]) == (3, "Akron")
    assert len(call(client, shop, "easel.list").get_json()["addresses"]) == 2
    listed = call(client, shop, "easel.customers.list").get_json()["customers"]
    assert [one["first_name"] for one in listed] == ["Ada", "Grace"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "complaint"),
    [
        ("GET", "/shops/man", None, 404, "did you mean 'main'"),
        ("POST", "/shops", {"hush": "x"}, 400, "there are: hash, name, seed, quirks"),
        ("POST", "/shops", {"hash": 5}, 400, "'hash' is no text"),
        ("POST", "/shops", {"hash": "main"}, 400, "there is a shop 'main' already"),
        ("POST", "/shops", {"quirks": {"easel": 1}}, 400, "an object for each"),
        ("POST", "/shops/main/faults", {}, 400, "'fault' is required"),
        ("POST", "/shops/main/faults", {"fault": "rest"}, 400, "mean 'reset'"),
        ("DELETE", "/shops/main/faults/9", None, 404, "no fault 9"),
        ("POST", "/shops/main/snapshots/x/restore", None, 404, "no snapshot 'x'"),
        ("PATCH", "/shops/main/clock", {"action": "stop"}, 400, "action is set"),
        (
            "PATCH",
            "/shops/main/clock",
            {"action": "set", "instant": "noon"},
            400,
            "no instant such as",
        ),
        ("GET", "/shops/main/journal?status=x", None, 400, "and no number"),
        ("GET", "/shops/main/journal?operation=easel.lst", None, 400, "'easel.list'"),
        (
            "POST",
            "/shops/main/journal/assert",
            {"operation": "easel.lst", "times": 0},
            400,
            "did you mean 'easel.list'",
        ),
        (
            "POST",
            "/shops/main/keys",
            {"dialect": "easel", "scope": "rd"},
            400,
            "did you mean 'read'",
        ),
        ("POST", "/shops/main/customers", {"id": 0}, 400, "id is 0, and no number"),
        ("POST", "/shops/main/customers", {"frist_name": ""}, 400, "mean first_name"),
        ("POST", "/shops/main/customers", {"id": 5}, 400, "customer.id is taken: 5"),
        ("POST", "/shops/main/customers", [], 400, "no JSON object"),
        ("POST", "/shops/main/customers/7/addresses", {}, 404, "there are: 5"),
        (
            "POST",
            "/shops/main/customers/5/addresses",
            {"country": "XX"},
            400,
            'country is "XX", and no code',
        ),
        ("GET", "/shop", None, 404, "openapi.json tells"),
        ("PATCH", "/shops", None, 405, "openapi.json tells"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(
    api: FlaskClient,
    control: Control,
    method: str,
    path: str,
    body: object,
    status: int,
    complaint: str,
) -> None:
    control.new_shop(hash="main", seed={"customers": [{"id": 5}]})

    answer = api.open(f"/_gateway{path}", method=method, json=body)

    assert answer.status_code == status
    assert complaint in answer.get_json()["error"]
