"""What any server of this API can be asked, and what it must be asked first."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from core import Address, City, Country, Customer, Kind, Region
from dialects.base import Wire
from dialects.bigcommerce.schemas import NAME
from dialects.bigcommerce.v2_checks import V2_READING, V2_WRITING
from dialects.checks import Ask, Check, Checks, Seen

PAGE = 'V3 reference, "Customer Addresses"'
CUSTOMERS = 'V3 reference, "Customers"'
STATUSES = '"API status codes"'
RECORDED = "recorded in fixtures and logs that client libraries publish"
INFERRED = "inferred: the reference is silent"

PATH = "/customers/addresses"
MINE = f"{PATH}?customer_id:in={{customer}}"
THEIRS = f"{PATH}?customer_id:in={{person}}"
NOBODY = 2147483646
FULL: Wire = {
    "customer_id": "{person}",
    "first_name": "John",
    "last_name": "{mark}",
    "company": "BigCommerce",
    "address1": "111 E West Street",
    "address2": "654",
    "city": "Akron",
    "state_or_province": "Ohio",
    "postal_code": "44325",
    "country_code": "US",
    "phone": "1234567890",
    "address_type": "residential",
}
TEXTS = ("first_name", "last_name", "company", "phone", "postal_code")

ROOT = "/stores/<store_hash>/v3/customers"
V2 = "/stores/<store_hash>/v2/customers"
ENDPOINTS = {
    "list addresses": [f"GET {ROOT}/addresses"],
    "create addresses": [f"POST {ROOT}/addresses"],
    "update addresses": [f"PUT {ROOT}/addresses"],
    "delete addresses": [f"DELETE {ROOT}/addresses"],
    "list customers": [f"GET {ROOT}"],
    "create customers": [f"POST {ROOT}"],
    "update customers": [f"PUT {ROOT}"],
    "delete customers": [f"DELETE {ROOT}"],
    "V2 list addresses": [f"GET {V2}/addresses", f"GET {V2}/<id>/addresses"],
    "V2 count addresses": [
        f"GET {V2}/addresses/count",
        f"GET {V2}/<id>/addresses/count",
    ],
    "V2 get address": [f"GET {V2}/<id>/addresses/<id>"],
    "V2 create address": [f"POST {V2}/<id>/addresses"],
    "V2 update address": [f"PUT {V2}/<id>/addresses/<id>"],
    "V2 delete addresses": [
        f"DELETE {V2}/<id>/addresses",
        f"DELETE {V2}/<id>/addresses/<id>",
    ],
}


def look(ask: Ask, customer: str) -> Seen:
    """The customer's addresses, with form fields."""
    shown = list(addresses(ask, customer))
    now = datetime.now(UTC)
    number = int(customer)
    people, held = [owner(number, now)], [address(row, now) for row in shown]
    # A list that goes on shows a link to what follows.
    if total(ask("/customers?limit=1")) > 1:
        people.append(owner(number + 1, now))
        last = max((one.id for one in held), default=0)
        wanted = min(total(ask(f"{PATH}?limit=1")), 2) - len(held)
        held += [stranger(last + n, number + 1, now) for n in range(1, wanted + 1)]
    return Seen(
        customers=people,
        addresses=held,
        known={"address": shown[0]["id"]} if shown else {},
        texts={str(row["id"]): json.dumps(row) for row in shown},
    )


def total(found: Any) -> int:
    """How many there are of what a list shows."""
    return int(found["meta"]["pagination"]["total"]) if found else 0


def owner(number: int, now: datetime) -> Customer:
    """A customer, of whom only the number counts."""
    return Customer(
        id=number, public_id=f"cus_{number}", created_at=now, updated_at=now
    )


def stranger(number: int, customer: int, now: datetime) -> Address:
    """An address that stands for those of others."""
    return Address(
        id=number,
        public_id=f"adr_{number}",
        customer_id=customer,
        created_at=now,
        updated_at=now,
    )


def addresses(ask: Ask, customer: str) -> Iterator[dict[str, Any]]:
    """Every address that is shown, page after page."""
    page, pages = 1, 1
    while page <= pages:
        asked = f"customer_id:in={customer}&include=formfields&limit=250&page={page}"
        found = ask(f"{PATH}?{asked}")
        if not found:
            return
        yield from found["data"]
        pages = found["meta"]["pagination"]["total_pages"]
        page += 1


def address(row: Mapping[str, Any], now: datetime) -> Address:
    """An address as it is shown; no answer has its times."""
    texts: Wire = {name: row[name] or "" for name in TEXTS}
    state, city, code = row["state_or_province"], row["city"], row["country_code"]
    forms = [
        {"name": field["name"], "value": field["value"]}
        for field in row.get("form_fields") or ()
    ]
    return Address(
        id=int(row["id"]),
        public_id=f"adr_{row['id']}",
        customer_id=int(row["customer_id"]),
        **texts,
        street=tuple(filter(None, (row["address1"], row["address2"]))),
        city=City(name=city) if city else None,
        region=Region(name=state) if state else None,
        country=Country(code=code) if code else None,
        kind=Kind(row["address_type"]),
        extras={NAME: {"form_fields": forms}} if forms else {},
        created_at=now,
        updated_at=now,
    )


def made(_headers: Mapping[str, str], body: Any) -> Any:
    """The number of what was created, which is one; V2 has no envelope."""
    return (body["data"][0] if "data" in body else body)["id"]


def create(name: str, source: str, body: Any, **more: Any) -> Check:
    """A POST of addresses; should they be taken, the first is removed again."""
    undo = f"DELETE {PATH}?id:in={{refused}}"
    wanted = {"writes": True, "makes": "refused", "undo": undo, **more}
    return Check(name, f"POST {PATH}", source, body=body, **wanted)


def update(name: str, source: str, body: Any) -> Check:
    """A PUT of addresses."""
    return Check(name, f"PUT {PATH}", source, body=body, writes=True)


def customer(name: str, method: str, body: Any) -> Check:
    """A write of a customer; should a new one be taken, they are removed again."""
    wanted: Wire = {"body": body, "is_sample": True, "writes": True}
    if method == "POST":
        undo = "DELETE /customers?id:in={refused}"
        wanted = {**wanted, "makes": "refused", "undo": undo}
    return Check(name, f"{method} /customers", CUSTOMERS, **wanted)


READING = (
    Check("list addresses", f"GET {MINE}", PAGE),
    Check("list addresses, one a page", f"GET {MINE}&limit=1", PAGE),
    Check("list addresses, second page", f"GET {MINE}&limit=1&page=2", PAGE),
    Check("list addresses with form fields", f"GET {MINE}&include=formfields", PAGE),
    Check("list addresses by id", f"GET {PATH}?id:in={{address}}", PAGE),
    Check("list addresses of nobody", f"GET {PATH}?customer_id:in={NOBODY}", PAGE),
    Check("list addresses of a company", f"GET {MINE}&company:in=No%20such", PAGE),
    Check("list addresses, sample", f"GET {PATH}?limit=1", PAGE, is_sample=True),
    Check("list with an unknown filter", f"GET {PATH}?customer_id=1", RECORDED),
    Check("list with a word for a limit", f"GET {MINE}&limit=x", INFERRED),
    Check("list with a word for an id", f"GET {PATH}?id:in=x", INFERRED),
    Check("list customers", "GET /customers?limit=1", CUSTOMERS, is_sample=True),
    Check("get customer", "GET /customers?id:in={customer}", CUSTOMERS, is_sample=True),
    Check("get unknown customer", f"GET /customers?id:in={NOBODY}", CUSTOMERS),
    Check("no such route", "GET /customers-addresses", RECORDED),
    Check("without a token", f"GET {MINE}", RECORDED, key="none"),
    Check("with an unknown token", f"GET {MINE}", STATUSES, key="unknown"),
    Check(
        "with an empty token",
        f"GET {MINE}",
        INFERRED,
        key="none",
        headers={"X-Auth-Token": " "},
    ),
    Check("with a token that reads", f"GET {MINE}", PAGE, key="read-only"),
    Check(
        "asking for XML", f"GET {MINE}", STATUSES, headers={"Accept": "application/xml"}
    ),
)
PERSON: Wire = {
    "first_name": "John",
    "last_name": "{mark}",
    "email": "{mark}@example.com",
}
UPDATED: Wire = {"id": "{created}", "phone": "1"}
WRITING = (
    Check(
        "create customer",
        "POST /customers",
        CUSTOMERS,
        body=[PERSON],
        is_sample=True,
        writes=True,
        makes="person",
        undo="DELETE /customers?id:in={person}",
    ),
    customer("create customer again", "POST", [PERSON]),
    customer("create customer without an e-mail", "POST", [{"first_name": "John"}]),
    customer("update customer", "PUT", [{"id": "{new_person}", "company": "X"}]),
    customer("update unknown customer", "PUT", [{"id": NOBODY, "company": "X"}]),
    Check(
        "get updated customer",
        "GET /customers?id:in={new_person}",
        CUSTOMERS,
        is_sample=True,
        writes=True,
    ),
    Check(
        "delete unknown customer",
        f"DELETE /customers?id:in={NOBODY}",
        CUSTOMERS,
        writes=True,
    ),
    create(
        "create",
        PAGE,
        [FULL],
        makes="created",
        undo=f"DELETE {PATH}?id:in={{created}}",
    ),
    create("create a duplicate", PAGE, [FULL]),
    Check("list what was created", f"GET {THEIRS}", PAGE, writes=True),
    update("update", PAGE, [UPDATED]),
    update("update an unknown address", INFERRED, [{"id": NOBODY, "phone": "1"}]),
    update("update without an id", PAGE, [{"phone": "1"}]),
    update("update with a long phone", PAGE, [{**UPDATED, "phone": "1" * 51}]),
    update("update a country", PAGE, [{**UPDATED, "country_code": "XX"}]),
    create("create with nothing", PAGE, [{"last_name": "{mark}"}]),
    create("create with an empty name", PAGE, [{**FULL, "first_name": ""}]),
    create("create in an unknown country", PAGE, [{**FULL, "country_code": "XX"}]),
    create("create with a country's name", PAGE, [{**FULL, "country_code": "USA"}]),
    create(
        "create with a code for a state", PAGE, [{**FULL, "state_or_province": "OH"}]
    ),
    create("create for nobody", INFERRED, [{**FULL, "customer_id": NOBODY}]),
    create("create with a text for a number", PAGE, [{**FULL, "customer_id": "a"}]),
    create("create with an unknown type", PAGE, [{**FULL, "address_type": "villa"}]),
    create("create with an object", RECORDED, FULL),
    create("create with broken JSON", RECORDED, '[{"first_name":'),
    create("create without a token", RECORDED, [FULL], key="none"),
    create("create with a token that reads", PAGE, [FULL], key="read-only"),
    create(
        "create with plain text",
        STATUSES,
        "address",
        headers={"Content-Type": "text/plain"},
    ),
    Check("delete nothing", f"DELETE {PATH}?id:in={NOBODY}", PAGE, writes=True),
    Check("delete", f"DELETE {PATH}?id:in={{created}}", PAGE, writes=True),
    Check("list what was deleted", f"GET {THEIRS}", PAGE, writes=True),
)


def checks() -> Checks:
    """All that can be asked, and what is to be known to ask it."""
    return Checks(
        endpoints=ENDPOINTS,
        all=(*READING, *V2_READING, *WRITING, *V2_WRITING),
        look=look,
        made=made,
        remove=f"DELETE {PATH}?id:in={{id}}",
        customer="the number of a customer, best one with addresses",
        headers=(
            "Content-Type",
            "Allow",
            "X-Rate-Limit-Time-Window-Ms",
            "X-Rate-Limit-Time-Reset-Ms",
            "X-Rate-Limit-Requests-Quota",
            "X-Rate-Limit-Requests-Left",
        ),
    )
