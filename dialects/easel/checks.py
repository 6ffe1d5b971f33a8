"""What any server of this API can be asked, and what it must be asked first."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core import Address, City, Customer, Region
from dialects.base import Wire
from dialects.checks import Ask, Check, Checks, Seen
from dialects.easel import customer_checks
from dialects.easel.customer_schemas import decode_customer
from dialects.easel.schemas import NAME

PAGE = '"Customer Addresses API"'
KEYS = '"Authentication"'
INFERRED = "inferred: the pages are silent"

LIST = "/customers/{customer}/addresses"
MADE = f"{LIST}/{{created}}"
NOBODY = "cus_00000000000000000000"
NOTHING = "adr_00000000000000000000"
FULL: Wire = {
    "first_name": "John",
    "last_name": "{mark}",
    "street1": "123 Main St",
    "street2": "Apt 4B",
    "city": "New York",
    "state": "NY",
    "country_id": 1,
    "zip": "10001",
}

ENDPOINTS = {
    "list addresses": ["GET /api/v1/customers/<id>/addresses"],
    "get address": ["GET /api/v1/customers/<id>/addresses/<id>"],
    "create address": ["POST /api/v1/customers/<id>/addresses"],
    "update address": ["PUT /api/v1/customers/<id>/addresses/<id>"],
    "delete address": ["DELETE /api/v1/customers/<id>/addresses/<id>"],
    "list customers": ["GET /api/v1/customers"],
    "get customer": ["GET /api/v1/customers/<id>"],
    "create customer": ["POST /api/v1/customers"],
    "update customer": ["PUT /api/v1/customers/<id>"],
}


def look(ask: Ask, customer: str) -> Seen:
    """The customer's addresses."""
    shown = (ask(f"/customers/{customer}/addresses") or {}).get("addresses") or []
    row = ask(f"/customers/{customer}") or {}
    return Seen(
        customers=[owner(row, customer)],
        addresses=[address(one, number) for number, one in enumerate(shown, 1)],
        known={
            **({"address": shown[0]["id"]} if shown else {}),
            **(customer_checks.known(row) if row else {}),
        },
        texts={one["id"]: json.dumps(one) for one in shown},
    )


def owner(row: Mapping[str, Any], id: str) -> Customer:
    """The customer as shown, or as little as there must be of one."""
    said = decode_customer(row, None) if row else {}
    created = row.get("created_at") or datetime.now(UTC).isoformat()
    return Customer(
        id=1,
        public_id=id,
        **said,
        created_at=datetime.fromisoformat(created),
        updated_at=datetime.fromisoformat(row.get("updated_at") or created),
    )


def address(row: Mapping[str, Any], number: int) -> Address:
    """An address as it is shown; its country is kept by the number alone."""
    return Address(
        id=number,
        public_id=row["id"],
        customer_id=1,
        first_name=row["first_name"] or "",
        last_name=row["last_name"] or "",
        street=tuple(filter(None, (row["street1"], row["street2"]))),
        city=City(name=row["city"]) if row["city"] else None,
        region=Region(name=row["state"]) if row["state"] else None,
        postal_code=row["zip"] or "",
        extras={NAME: {"state": row["state"], "country_id": row["country_id"]}},
        created_at=datetime.fromisoformat(row["created_at"]),
        updated_at=datetime.fromisoformat(row["updated_at"]),
    )


def made(_headers: Mapping[str, str], body: Any) -> Any:
    """The id of what was created."""
    return body["id"]


def create(name: str, source: str, body: Any, **more: Any) -> Check:
    """A POST of an address; should it be taken, it is removed again."""
    undo = f"DELETE {LIST}/{{refused}}"
    wanted = {"writes": True, "makes": "refused", "undo": undo, **more}
    return Check(name, f"POST {LIST}", source, body=body, **wanted)


def lacking(name: str) -> Check:
    """A POST of an address without a field that is required."""
    body = {field: value for field, value in FULL.items() if field != name}
    return create(f"create without {name}", PAGE, body)


def header(name: str, value: str, source: str = KEYS) -> Check:
    """A list with an Authorization header that is not right."""
    headers = {"Authorization": value}
    return Check(name, f"GET {LIST}", source, key="none", headers=headers)


READING = (
    Check("list addresses", f"GET {LIST}", PAGE),
    Check("list addresses, head", f"HEAD {LIST}", INFERRED),
    Check("get address", f"GET {LIST}/{{address}}", PAGE),
    Check("get unknown address", f"GET {LIST}/{NOTHING}", PAGE),
    Check("addresses of nobody", f"GET /customers/{NOBODY}/addresses", INFERRED),
    Check("addresses of an empty id", "GET /customers//addresses", PAGE),
    Check("address of nobody", f"GET /customers/{NOBODY}/addresses/{NOTHING}", PAGE),
    Check("no such route", "GET /customer-addresses", INFERRED),
    Check("without a key", f"GET {LIST}", KEYS, key="none"),
    Check("with an unknown key", f"GET {LIST}", KEYS, key="unknown"),
    header("with another scheme", "Basic eDp4"),
    header("with an empty key", "Bearer"),
    header("with words after the key", "Bearer a b", INFERRED),
    Check("with a key that reads", f"GET {LIST}", KEYS, key="read"),
)
WRITING = (
    create("create", PAGE, FULL, makes="created", undo=f"DELETE {MADE}"),
    Check("get what was created", f"GET {MADE}", PAGE, writes=True),
    Check("list what was created", f"GET {LIST}", PAGE, writes=True),
    Check("replace", f"PUT {MADE}", PAGE, body={**FULL, "city": "X"}, writes=True),
    Check(
        "replace without optional fields",
        f"PUT {MADE}",
        PAGE,
        body={**FULL, "street2": None, "zip": ""},
        writes=True,
    ),
    Check(
        "replace without a name", f"PUT {MADE}", PAGE, body={"city": "X"}, writes=True
    ),
    Check("change in part", f"PATCH {MADE}", KEYS, body={"city": "X"}, writes=True),
    *(lacking(name) for name in FULL if name not in ("street2", "zip")),
    create("create without anything", PAGE, {}),
    create("create with broken JSON", PAGE, '{"first_name": "John",'),
    create("create with a list", PAGE, []),
    create("create with an empty body", PAGE, ""),
    create("create with a number for a text", INFERRED, {**FULL, "city": 1}),
    create("create with a text for a number", INFERRED, {**FULL, "country_id": "1"}),
    create("create with a negative country", INFERRED, {**FULL, "country_id": -1}),
    create("create without a key", KEYS, FULL, key="none"),
    create("create with a key that reads", KEYS, FULL, key="read"),
    Check(
        "replace an unknown address",
        f"PUT {LIST}/{NOTHING}",
        PAGE,
        body=FULL,
        writes=True,
    ),
    Check(
        "delete with a key that reads", f"DELETE {MADE}", KEYS, key="read", writes=True
    ),
    Check("delete", f"DELETE {MADE}", PAGE, writes=True),
    Check("get what was deleted", f"GET {MADE}", PAGE, writes=True),
    Check("delete again", f"DELETE {MADE}", PAGE, writes=True),
)


def checks() -> Checks:
    """All that can be asked, and what is to be known to ask it."""
    return Checks(
        endpoints=ENDPOINTS,
        all=(
            *READING,
            *customer_checks.READING,
            *WRITING,
            *customer_checks.WRITING,
        ),
        look=look,
        made=made,
        remove=f"DELETE {LIST}/{{id}}",
        customer="the id of a customer, such as cus_abc123, best one with addresses",
        headers=("Content-Type", "Allow", "WWW-Authenticate"),
    )
