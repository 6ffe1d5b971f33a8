"""Client libraries as they are published, over HTTP.

What they send and expect was read in their sources, `bigcommerce` 0.23.4 and `bigc`
1.1.0; each program is what one of their users would write.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.dialects.bigcommerce.sending import TOKEN, Served, item, served

Run = Callable[..., Any]
OFFICIAL = """
import json, sys
from bigcommerce.connection import OAuthConnection
from bigcommerce.exception import ClientRequestException

token, url, new = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
connection = OAuthConnection("client", "abc123", token)
created = connection.post(url, [new])
id = created["data"][0]["id"]
told = {
    "created": created,
    "again": connection.post(url, [new]),
    "read": connection.get(url, **{"id:in": id}),
    "changed": connection.put(url, [{"id": id, "phone": "1"}]),
    "removed": connection.make_request("DELETE", url, params={"id:in": id}),
    "quota": connection.rate_limit["requests_quota"],
}
try:
    connection.get(url, customer_id=1)
except ClientRequestException as error:
    told["refused"] = error.status_code
print(json.dumps(told))
"""
RESOURCES = """
import json, sys
from bigcommerce.api import BigcommerceApi
from bigcommerce.exception import ClientRequestException

token, customer = sys.argv[1], 1
api = BigcommerceApi(client_id="client", store_hash="abc123", access_token=token)
told = {"none": "id" in api.CustomerAddresses.all(customer)}
new = {
    "first_name": "Jane", "last_name": "Doe", "phone": "123-345-7890",
    "street_1": "123 Main Street", "city": "Austin", "state": "Texas",
    "zip": "78726", "country": "United States",
}
address = api.CustomerAddresses.create(customer, **new)
told["created"] = {name: address[name] for name in ("id", "customer_id", "city")}
changed = address.update(city="Dallas")
told["changed"] = [changed.id, changed.city, changed.zip, changed.country_iso2]
told["read"] = api.CustomerAddresses.get(customer, address.id).city
other = api.CustomerAddresses.create(customer, **new)
told["all"] = [one.id for one in api.CustomerAddresses.all(customer)]
told["page"] = [one.id for one in api.CustomerAddresses.all(customer, limit=1, page=2)]
told["of_all"] = len(api.CustomerAddresses.all())
told["count"] = api.CustomerAddresses.count(customer)
address.delete()
told["left"] = api.CustomerAddresses.count(customer)
api.CustomerAddresses.delete_all(customer)
told["gone"] = api.CustomerAddresses.count(customer)
told["refused"] = []
for call in (
    lambda: api.CustomerAddresses.get(customer, address.id),
    lambda: api.CustomerAddresses.create(customer, **{**new, "country": "Utopia"}),
    lambda: api.CustomerAddresses.all(99),
):
    try:
        call()
    except ClientRequestException as error:
        told["refused"].append([error.status_code, error.response.json()])
print(json.dumps(told))
"""
CUSTOMERS = """
import json, sys
from bigc import BigCommerceAPI
from bigc.exceptions import DoesNotExistError, InvalidDataError

customers = BigCommerceAPI("abc123", sys.argv[1]).customers_v3
new = {"email": "sally@smithers.org", "first_name": "Sally", "last_name": "Smithers"}
sally = customers.create(new)
told = {"created": sally}
try:
    customers.create(new)
except InvalidDataError as error:
    told["refused"] = [error.message, error.errors]
told["changed"] = customers.update(sally["id"], {"phone": "1"})["phone"]
told["read"] = customers.get(sally["id"])["phone"]
many = [{**new, "email": f"{n}@x"} for n in range(9)]
told["many"] = [one["id"] for one in customers.create_many(many)]
told["all"] = [one["id"] for one in customers.all()]
told["paged"] = [
    one["id"]
    for one in customers._api.get_many("/customers", page_size=4, cursor=True)
]
customers.delete(sally["id"])
try:
    customers.get(sally["id"])
except DoesNotExistError:
    told["gone"] = True
print(json.dumps(told))
"""
BIGC = """
import json, sys
from bigc import BigCommerceAPI
from bigc.exceptions import InvalidDataError

token, new = sys.argv[1], json.loads(sys.argv[3])
customers = BigCommerceAPI("abc123", token).customers_v3
created = customers.create_address(new)
told = {"created": created, "refused": []}
for bad in (new, {**new, "first_name": "", "country_code": "XX"}):
    try:
        customers.create_address(bad)
    except InvalidDataError as error:
        told["refused"].append([error.message, error.errors])
changed = {"id": created["id"], "phone": "1"}
told["changed"] = customers.update_addresses([changed])
told["read"] = customers.get_address(created["id"])
told["all"] = list(customers.all_addresses(params={"customer_id:in": [1, 2]}))
customers.delete_addresses(params={"id:in": created["id"]})
told["left"] = list(customers.all_addresses())
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served")) as server:
        yield server


@pytest.fixture
def run(server: Served, tmp_path: Path) -> Run:
    """Runs a program with a token, a URL and a new address; gives what it told.

    The gateway stands in for the host, if there is one.
    """

    def run(library: str, program: str, host: str = "") -> Any:
        new = json.dumps(item(company=library))
        command = [sys.executable, "-c", program, TOKEN, server.addresses, new]
        if host:
            main = [sys.executable, "-c", "from gateway.cli import main; main()"]
            options = ["--host", host, "--gateway", server.url, "--"]
            command = [*main, "intercept", *options, *command]
        result = subprocess.run(
            command,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    return run


def test_the_official_library_creates_reads_changes_and_removes(run: Run) -> None:
    told = run("bigcommerce", OFFICIAL)

    [address] = told["created"]["data"]
    assert address["company"] == "bigcommerce"
    assert told["again"] == {"data": [], "meta": {}}
    assert told["read"]["data"] == [address]
    assert told["changed"] == {"data": [{**address, "phone": "1"}], "meta": {}}
    assert told["removed"] == {}
    assert told["quota"] == 1_000_000
    assert told["refused"] == 422


def test_bigc_reaches_the_gateway_by_the_services_own_name(run: Run) -> None:
    told = run("bigc", BIGC, "api.bigcommerce.com")

    address = told["created"]
    changed = {**address, "phone": "1"}
    assert address["company"] == "bigc"
    assert told["refused"] == [
        ["This address already exists.", None],
        [
            "Create customer addresses failed.",
            {
                "0.first_name": "must be between 1 and 255 characters",
                "0.country_code": "invalid country code",
            },
        ],
    ]
    assert (told["changed"], told["read"]) == ([changed], changed)
    assert (told["all"], told["left"]) == ([changed], [])


def test_the_official_librarys_addresses_run_as_they_are(run: Run) -> None:
    """Its resource speaks V2 alone; 204 is an empty object to it."""
    told = run("bigcommerce", RESOURCES, "api.bigcommerce.com")

    first, second = told["all"]
    assert not told["none"]
    assert told["created"] == {"id": first, "customer_id": 1, "city": "Austin"}
    assert told["changed"] == [first, "Dallas", "78726", "US"]
    assert told["read"] == "Dallas"
    assert told["page"] == [second]
    assert told["of_all"] >= 2
    assert (told["count"], told["left"], told["gone"]) == (2, 1, 0)
    missing = [
        404,
        [{"status": 404, "message": "The requested resource was not found."}],
    ]
    refused, invalid, unknown = told["refused"]
    assert (refused, unknown) == (missing, missing)
    assert invalid[0] == 400
    assert invalid[1][0]["message"] == "The field 'country' is invalid."


def test_bigc_creates_lists_and_removes_customers(run: Run) -> None:
    """It lists them by cursors, until there is no next one."""
    told = run("bigc", CUSTOMERS, "api.bigcommerce.com")

    sally = told["created"]["id"]
    assert told["refused"] == [
        "Create customers failed.",
        {
            ".customer_create": "Error creating customers:"
            " email sally@smithers.org already in use"
        },
    ]
    assert (told["changed"], told["read"]) == ("1", "1")
    assert told["all"] == [1, 2, sally, *told["many"]]
    assert told["paged"] == told["all"]
    assert told["gone"]
