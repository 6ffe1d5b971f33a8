"""A request for each operation on addresses, as a client of each API sends it."""

from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gateway.control import Sandbox

ADA = "cus_00000000000000000001"
HERS = "adr_00000000000000000002"
SEED = {
    "customers": [
        {
            "first_name": "Ada",
            "last_name": "Lovelace",
            "email": "ada@example.com",
            "addresses": [
                {
                    "first_name": "Ada",
                    "last_name": "Lovelace",
                    "street": ["12 Analytical Row"],
                    "city": "Akron",
                    "region": "Ohio",
                    "country": "US",
                    "postal_code": "44301",
                    "phone": "123",
                }
            ],
        }
    ]
}
BIGCOMMERCE = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "address1": "1 New Street",
    "city": "Akron",
    "state_or_province": "Ohio",
    "postal_code": "44301",
    "country_code": "US",
    "phone": "123",
}
EASEL = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "street1": "1 New Street",
    "city": "Akron",
    "state": "OH",
    "country_id": 1,
}
OPENMAGE = {
    "firstname": "Ada",
    "lastname": "Lovelace",
    "street": ["1 New Street"],
    "city": "Akron",
    "country_id": "US",
    "region": "Ohio",
    "postcode": "44301",
    "telephone": "123",
}
STAFF = {"country": 1, "state": 39, "city": 2510, "address": "1 New Street"}


@dataclass(frozen=True)
class Call:
    """A request below a dialect's root."""

    method: str
    path: str
    json: Any = None
    headers: dict[str, str] = field(default_factory=dict)


JSON = {"Accept": "application/json"}
CALLS = {
    "bigcommerce.list": Call("GET", "/customers/addresses"),
    "bigcommerce.create": Call(
        "POST", "/customers/addresses", [{**BIGCOMMERCE, "customer_id": 1}]
    ),
    "bigcommerce.update": Call(
        "PUT", "/customers/addresses", [{"id": 1, "first_name": "Augusta"}]
    ),
    "bigcommerce.delete": Call("DELETE", "/customers/addresses?id:in=1"),
    "bigcommerce.customers.list": Call("GET", "/customers"),
    "easel.list": Call("GET", f"/customers/{ADA}/addresses"),
    "easel.create": Call("POST", f"/customers/{ADA}/addresses", EASEL),
    "easel.get": Call("GET", f"/customers/{ADA}/addresses/{HERS}"),
    "easel.update": Call("PUT", f"/customers/{ADA}/addresses/{HERS}", EASEL),
    "easel.delete": Call("DELETE", f"/customers/{ADA}/addresses/{HERS}"),
    "easel.customers.list": Call("GET", "/customers"),
    "openmage.list": Call("GET", "/customers/1/addresses", None, JSON),
    "openmage.create": Call("POST", "/customers/1/addresses", OPENMAGE, JSON),
    "openmage.get": Call("GET", "/customers/addresses/1", None, JSON),
    "openmage.update": Call("PUT", "/customers/addresses/1", {"fax": "1"}, JSON),
    "openmage.delete": Call("DELETE", "/customers/addresses/1", None, JSON),
    "openmage.customers.get": Call("GET", "/customers/1", None, JSON),
    "staff.list": Call("GET", "/customers/1/addresses"),
    "staff.create": Call("POST", "/customers/1/addresses", STAFF),
    "staff.get": Call("GET", "/customers/1/addresses/1"),
    "staff.update": Call("PATCH", "/customers/1/addresses/1", {"text": "x"}),
    "staff.delete": Call("DELETE", "/customers/1/addresses/1"),
    "staff.customers.list": Call("GET", "/customers"),
    "staff.countries.get": Call("GET", "/locations/countries/1"),
}


def call(client: FlaskClient, shop: Sandbox, operation: str) -> TestResponse:
    """The answer to the operation's request, with the key that may do the most."""
    dialect = operation.partition(".")[0]
    return send(client, shop, dialect, CALLS[operation])


def send(
    client: FlaskClient, shop: Sandbox, dialect: str, sent: Call, **headers: str
) -> TestResponse:
    """The answer to a request below the dialect's root."""
    base = shop.base_urls[dialect].removeprefix("http://localhost")
    own = {**shop.headers(dialect), **sent.headers, **headers}
    return client.open(
        base + sent.path, method=sent.method, json=sent.json, headers=own
    )
