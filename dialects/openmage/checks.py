"""What any server of this API can be asked, and what it must be asked first."""

import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core import Customer
from dialects.base import Credential, Unsigned, Wire
from dialects.checks import Ask, Check, Checks, Seen
from dialects.openmage import customer_checks, fixtures
from dialects.openmage.customer_schemas import decode, with_emptied, with_values
from dialects.openmage.signing import UNIQUE, sign

Row = Mapping[str, Any]

PAGE = '"REST API: Customer Addresses"'
TABLE = f"{PAGE}, table of status codes"
OBSERVED = "OpenMage LTS 20.18, observed"

LIST = "/customers/{customer}/addresses"
THEIRS = "/customers/{person}/addresses"
ITEM = "/customers/addresses"
MADE = f"{ITEM}/{{created}}"
BY_NUMBER = "filter[1][attribute]=entity_id&filter[1][eq]={customer}"
NOBODY = "2147483646"
FULL: Wire = {
    "firstname": "Johny",
    "lastname": "{mark}",
    "city": "PA",
    "region": "California",
    "postcode": "19103",
    "country_id": "US",
    "telephone": "611-634-1181",
    "street": ["2354 Jody Road Philadelphia", "844 Jefferson Street"],
}
AS_XML = """<?xml version="1.0"?>
<magento_api>
    <firstname>Johny</firstname>
    <lastname>{mark}</lastname>
    <city>PA</city>
    <region>California</region>
    <postcode>19103</postcode>
    <country_id>US</country_id>
    <telephone>611-634-1181</telephone>
    <street>
      <data_item>2354 Jody Road Philadelphia</data_item>
      <data_item>844 Jefferson Street; 4510 Willis Avenue</data_item>
    </street>
</magento_api>
"""
JSON = {"Accept": "application/json", "Content-Type": "application/json"}
XML = {"Accept": "text/xml", "Content-Type": "text/xml"}

ENDPOINTS = {
    "list addresses": ["GET /api/rest/customers/<id>/addresses"],
    "create address": ["POST /api/rest/customers/<id>/addresses"],
    "get address": ["GET /api/rest/customers/addresses/<id>"],
    "update address": ["PUT /api/rest/customers/addresses/<id>"],
    "delete address": ["DELETE /api/rest/customers/addresses/<id>"],
    "list customers": ["GET /api/rest/customers"],
    "create customer": ["POST /api/rest/customers"],
    "get customer": ["GET /api/rest/customers/<id>"],
    "update customer": ["PUT /api/rest/customers/<id>"],
    "delete customer": ["DELETE /api/rest/customers/<id>"],
    "OAuth handshake": [
        f"{method} /oauth/{step}"
        for method in ("GET", "POST", "PUT", "DELETE")
        for step in ("initiate", "token")
    ],
    "consent pages": [
        f"{method} {page}{step}"
        for method in ("GET", "POST")
        for page in ("/oauth/authorize", "/admin/oauth_authorize")
        for step in ("", "/<step>")
    ],
}


def look(ask: Ask, customer: str) -> Seen:
    """The customer and the addresses; a list shows the times as they are stored."""
    found = ask(f"/customers/{customer}/addresses") or []
    shown: list[Row] = [*(found.values() if isinstance(found, dict) else found)]
    defaults = {
        role: next((int(r["entity_id"]) for r in shown if r.get(f"is_{role}")), None)
        for role in ("default_billing", "default_shipping")
    }
    return Seen(
        customers=[owner(ask(f"/customers/{customer}") or {}, int(customer))],
        addresses=[
            fixtures.address(stored(row, int(customer)), defaults) for row in shown
        ],
        known={"address": shown[0]["entity_id"]} if shown else {},
        texts={str(row["entity_id"]): json.dumps(row) for row in shown},
    )


def stored(row: Row, customer: int) -> Row:
    """An address that is shown, as a file of fixtures has it."""
    now = datetime.now(UTC).replace(tzinfo=None).isoformat(" ", "seconds")
    return {
        "entity_id": int(row["entity_id"]),
        "customer_id": customer,
        "stored_values": row,
        "created_at": row.get("created_at", now),
        "updated_at": row.get("updated_at", now),
    }


def owner(row: Row, number: int) -> Customer:
    """The customer as shown; what is not shown does not count."""
    said = dict(decode(row, None)) if row else {}
    extras = with_emptied(said.pop("extras", {}), row)
    if row.get("created_in"):
        extras = with_values(extras, {"created_in": row["created_in"]})
    created = row.get("created_at") or datetime.now(UTC).isoformat()
    updated = row.get("updated_at") or created
    return Customer(
        id=number,
        public_id=f"cus_{number}",
        **said,
        extras=extras,
        created_at=datetime.fromisoformat(created),
        updated_at=datetime.fromisoformat(updated).replace(tzinfo=UTC),
    )


def made(headers: Mapping[str, str], _body: Any) -> Any:
    """The number of what was created: the answer has no body, but a Location."""
    return headers["location"].rpartition("/")[2]


def signed(
    key: Credential, consumer: Credential | None, request: Unsigned
) -> Mapping[str, str]:
    """The header of a request that is signed by HMAC-SHA1, now and once."""
    application = consumer or key
    auth = {
        "scheme": "oauth1",
        "identity": "caller",
        "consumer": 1,
        "signature_method": "HMAC-SHA1",
        "timestamp": int(time.time()),
        "nonce": UNIQUE,
    }
    token = {"identity": "caller", "token": key.token, "secret": key.secret}
    oauth = {
        "consumers": [
            {"id": 1, "key": application.token, "secret": application.secret}
        ],
        "tokens": [token],
    }
    return sign(auth, {"oauth": oauth}, request)


def reading(name: str, call: str, source: str, **more: Any) -> Check:
    """A request that asks for JSON."""
    return Check(name, call, source, headers=JSON, **more)


def create(name: str, source: str, body: Any, **more: Any) -> Check:
    """A POST of an address; should it be taken, it is removed again."""
    undo = f"DELETE {ITEM}/{{refused}}"
    wanted = {
        "headers": JSON,
        "writes": True,
        "makes": "refused",
        "undo": undo,
        **more,
    }
    return Check(name, f"POST {THEIRS}", source, body=body, **wanted)


def lacking(name: str) -> Check:
    """A POST of an address without an attribute that is required."""
    body = {code: value for code, value in FULL.items() if code != name}
    return create(f"create without {name}", TABLE, body)


def update(name: str, source: str, body: Any, **more: Any) -> Check:
    """A PUT of what was created."""
    wanted = {"headers": JSON, **more}
    return Check(name, f"PUT {MADE}", source, body=body, writes=True, **wanted)


def header(name: str, value: str, source: str = OBSERVED) -> Check:
    """A list with an Authorization header that is not right."""
    headers = {**JSON, "Authorization": value}
    return Check(name, f"GET {LIST}", source, key="none", headers=headers)


def accepting(name: str, value: str, source: str) -> Check:
    """A list in the format of an Accept header."""
    return Check(name, f"GET {LIST}", source, headers={"Accept": value})


READING = (
    accepting("list addresses in XML", "text/xml", PAGE),
    accepting("list addresses in JSON", "application/json", PAGE),
    accepting("list addresses as text", "text/plain", OBSERVED),
    accepting("list addresses in any format", "*/*", OBSERVED),
    accepting("list addresses in the default format", "", PAGE),
    accepting("list addresses in an unknown format", "image/png", OBSERVED),
    Check("get address in XML", f"GET {ITEM}/{{address}}", PAGE, headers=XML),
    reading("get address in JSON", f"GET {ITEM}/{{address}}", PAGE),
    reading("get some attributes", f"GET {ITEM}/{{address}}?attrs=city", OBSERVED),
    reading("get unknown address", f"GET {ITEM}/{NOBODY}", TABLE),
    Check("get unknown address in XML", f"GET {ITEM}/{NOBODY}", TABLE, headers=XML),
    reading("addresses of nobody", f"GET /customers/{NOBODY}/addresses", TABLE),
    reading("get customer", "GET /customers/{customer}", OBSERVED),
    reading("get unknown customer", f"GET /customers/{NOBODY}", OBSERVED),
    reading("find customer", f"GET /customers?{BY_NUMBER}", OBSERVED),
    reading("list customers", "GET /customers?limit=1", OBSERVED, is_sample=True),
    reading("no such route", "GET /customer-addresses", OBSERVED),
    Check("as a guest", f"GET {LIST}", OBSERVED, key="none", headers=JSON),
    Check("as a guest in XML", f"GET {LIST}", OBSERVED, key="none", headers=XML),
    reading("with an unknown token", f"GET {LIST}", OBSERVED, key="unknown"),
    reading("with a customer's token", f"GET {LIST}", PAGE, key="customer"),
    header("with another scheme", "Basic eDp4"),
    header("with an empty header", "OAuth "),
    header("with an unknown application", 'OAuth oauth_consumer_key="x"'),
)
PERSON: Wire = {
    "firstname": "Johny",
    "lastname": "{mark}",
    "email": "{mark}@example.com",
    "website_id": 1,
    "group_id": 1,
}
WRITING = (
    Check(
        "create customer",
        "POST /customers",
        OBSERVED,
        headers=JSON,
        body=PERSON,
        writes=True,
        makes="person",
        undo="DELETE /customers/{person}",
    ),
    create("create", PAGE, FULL, makes="created", undo=f"DELETE {MADE}"),
    reading("get what was created", f"GET {MADE}", PAGE, writes=True),
    reading("list what was created", f"GET {THEIRS}", PAGE, writes=True),
    create(
        "create in XML",
        PAGE,
        AS_XML,
        headers=XML,
        makes="second",
        undo=f"DELETE {ITEM}/{{second}}",
    ),
    Check(
        "get what was created in XML",
        f"GET {ITEM}/{{second}}",
        PAGE,
        headers=XML,
        writes=True,
    ),
    update("update", PAGE, {"city": "Los Angeles", "region": "CA"}),
    update("update in XML", PAGE, "<a><city>Oslo</city></a>", headers=XML),
    reading("get what was updated", f"GET {MADE}", PAGE, writes=True),
    update("update with an empty name", TABLE, {"firstname": ""}),
    update("update with an unknown country", TABLE, {"country_id": "XX"}),
    *(lacking(name) for name in FULL),
    create("create with an unknown region", TABLE, {**FULL, "region": "Nowhere"}),
    create("create with a long country", TABLE, {**FULL, "country_id": "USAA"}),
    create("create with a list for a country", TABLE, {**FULL, "country_id": ["US"]}),
    create("create with broken JSON", OBSERVED, '{"firstname": '),
    create("create with broken XML", OBSERVED, "<a>", headers=XML),
    create(
        "create with plain HTML",
        OBSERVED,
        "<p>",
        headers={**JSON, "Content-Type": "text/html"},
    ),
    create("create as a guest", OBSERVED, FULL, key="none"),
    Check("put a list", f"PUT {THEIRS}", TABLE, body=FULL, headers=JSON, writes=True),
    Check(
        "post to an address",
        f"POST {MADE}",
        TABLE,
        body=FULL,
        headers=JSON,
        writes=True,
    ),
    reading("delete", f"DELETE {MADE}", PAGE, writes=True),
    reading("get what was deleted", f"GET {MADE}", TABLE, writes=True),
    reading("delete again", f"DELETE {MADE}", TABLE, writes=True),
)


def checks() -> Checks:
    """All that can be asked, and what is to be known to ask it."""
    return Checks(
        endpoints=ENDPOINTS,
        all=(*READING, *WRITING, *customer_checks.writing(PERSON)),
        look=look,
        made=made,
        remove=f"DELETE {ITEM}/{{id}}",
        customer="the number of a customer, best one with addresses",
        headers=("Content-Type", "Location"),
        sign=signed,
    )
