"""Reads what a recorded server held: the `fixtures.json` beside recorded exchanges."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from core import Address, City, Country, Customer, Region
from dialects.base import Credential, Fixtures
from dialects.openmage.customer_schemas import with_values

Row = Mapping[str, Any]

TEXTS = {
    "prefix": "prefix",
    "firstname": "first_name",
    "middlename": "middle_name",
    "lastname": "last_name",
    "suffix": "suffix",
    "company": "company",
    "postcode": "postal_code",
    "telephone": "phone",
    "fax": "fax",
    "vat_id": "tax_id",
}

SETTINGS: Mapping[str, Mapping[str, str]] = {
    "default": {},
    "limited-attributes": {
        "admin_reads": "entity_id,firstname,city,street",
        "admin_writes": "firstname,city",
        "admin_customer_reads": "",
        "admin_customer_writes": "",
    },
    "no-admin-attributes": {
        "admin_reads": "",
        "admin_writes": "",
        "admin_customer_reads": "",
        "admin_customer_writes": "",
    },
}
"""The attribute rules under which exchanges were recorded, as quirks."""


def read_fixtures(file: Mapping[str, Any]) -> Fixtures:
    """What the file says: customers with addresses, and who may call."""
    owners = {row["entity_id"]: row for row in file["customers"]}
    return Fixtures(
        now=datetime.fromisoformat(file["frozen_clock"]),
        customers=[customer(row) for row in file["customers"]],
        addresses=[
            address(row, owners[row["customer_id"]]) for row in file["addresses"]
        ],
        keys=credentials(file["oauth"], admin_scopes(file["rest_roles"])),
        next_ids=file.get("next_ids", {}),
        settings=SETTINGS,
    )


def credentials(
    oauth: Mapping[str, Any], scopes: Mapping[str, str]
) -> list[Credential]:
    """The applications' keys, and the tokens that were issued to them.

    A token that was never exchanged for an access token is left out: it is refused as
    an unknown one is (observed).
    """
    consumers = {str(row["id"]): row["key"] for row in oauth["consumers"]}
    return [
        *(consumer(row) for row in oauth["consumers"]),
        *(
            token(row, consumers[str(row["consumer_id"])], scopes)
            for row in oauth["tokens"]
            if row["type"] == "access"
        ),
    ]


def customer(row: Row) -> Customer:
    """A customer; nothing in this API shows a public id.

    What a row does not tell is as a new shop has it.
    """
    own = {code: row[code] for code in ("website_id", "group_id")}
    return Customer(
        id=row["entity_id"],
        public_id=f"cus_{row['entity_id']}",
        first_name=row["firstname"] or "",
        last_name=row["lastname"] or "",
        email=row["email"] or "",
        extras=with_values({}, own),
        created_at=instant(row["created_at"]),
        updated_at=instant(row["updated_at"]),
    )


def address(row: Row, owner: Row) -> Address:
    """A customer's address; of an attribute without a value it keeps whether it is
    stored as empty or not at all."""
    stored = row["stored_values"]
    country = stored.get("country_id")
    texts: Row = {field: stored.get(name) or "" for name, field in TEXTS.items()}
    nulls = [name for name, value in stored.items() if value is None]
    return Address(
        id=row["entity_id"],
        public_id=f"adr_{row['entity_id']}",
        customer_id=row["customer_id"],
        **texts,
        street=tuple(stored.get("street") or ()),
        city=City(name=stored["city"]) if stored.get("city") else None,
        region=Region(name=stored["region"]) if stored.get("region") else None,
        country=Country(code=country) if country else None,
        default_billing=owner["default_billing"] == row["entity_id"],
        default_shipping=owner["default_shipping"] == row["entity_id"],
        extras={"openmage": {"nulls": nulls}} if nulls else {},
        created_at=instant(row["created_at"]),
        updated_at=instant(row["updated_at"]),
    )


def instant(text: str) -> datetime:
    """A time as the database shows it, which is in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def consumer(row: Row) -> Credential:
    """An application: its key and secret."""
    return Credential(
        token=row["key"], secret=row["secret"], scope="consumer", label=row["name"]
    )


def token(row: Row, consumer_key: str, scopes: Mapping[str, str]) -> Credential:
    """An access token of an administrator or a customer, issued to an application.

    Its label ends with the administrator's number, which an error message names.
    """
    customer_id = row["customer_id"]
    is_customers = customer_id is not None
    return Credential(
        token=row["token"],
        secret=row["secret"],
        scope="customer" if is_customers else scopes[str(row["admin_id"])],
        customer_id=customer_id,
        consumer=consumer_key,
        label=f"customer {customer_id}" if is_customers else f"user {row['admin_id']}",
        is_active=not row["revoked"],
    )


def admin_scopes(roles: Mapping[str, Any]) -> Mapping[str, str]:
    """What each administrator may do, by the user's number."""
    rules: dict[str, set[tuple[str, str | None]]] = {}
    for rule in roles["rules"]:
        allowed = rules.setdefault(str(rule["role_id"]), set())
        allowed.add((rule["resource_id"], rule["privilege"]))
    return {
        str(user["id"]): scope(rules.get(str(user["role_id"]), set()))
        if user["role_id"] is not None
        else "no-role"
        for user in roles["admin_users"]
    }


def scope(rules: set[tuple[str, str | None]]) -> str:
    """The scope that stands for a role's rules."""
    if ("all", None) in rules:
        return "admin"
    if rules == {("customer_address", "retrieve")}:
        return "address-reader"
    told = sorted(f"{resource} {privilege}" for resource, privilege in rules)
    raise ValueError(f"no scope stands for a role that may: {', '.join(told)}")
