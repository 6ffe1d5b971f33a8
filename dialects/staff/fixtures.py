"""Reads what a recorded server held: the `fixtures.json` beside recorded exchanges."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from core import Address, City, Country, Customer, Gender, Keyring, PlaceRow, Region
from dialects.base import Credential, Fixtures

Rows = Sequence[Mapping[str, Any]]

SOME_TIME = datetime(2024, 1, 1, tzinfo=UTC)
"""When a customer was made of whom the file does not say it."""


def read_fixtures(file: Mapping[str, Any]) -> Fixtures:
    """What the file says: these places and no others, and who may call."""
    shared = file.get("password_of_every_user")
    password = Keyring.hashed(shared) if shared else ""
    return Fixtures(
        places=place_rows(file["countries"], file["states"], file["cities"]),
        customers=[customer(row) for row in file["customers"]],
        addresses=[address(row) for row in file["addresses"]],
        keys=[credential(row, password) for row in file["tokens"]],
        next_ids=file.get("next_ids", {}),
    )


def place_rows(countries: Rows, states: Rows, cities: Rows) -> list[PlaceRow]:
    """The places, each with the code of the country that it lies in."""
    codes = {row["id"]: row["code"] for row in countries}
    around = {row["id"]: codes[row["country"]] for row in states}
    return [
        *(
            PlaceRow(
                kind="country", number=row["id"], name=row["name"], code=row["code"]
            )
            for row in countries
        ),
        *(
            PlaceRow(
                kind="region",
                number=row["id"],
                name=row["name"],
                code=row["code"],
                country=codes[row["country"]],
            )
            for row in states
        ),
        *(
            PlaceRow(
                kind="city",
                number=row["id"],
                name=row["name"],
                country=around[row["state"]],
                region=row["state"],
            )
            for row in cities
        ),
    ]


def customer(row: Mapping[str, Any]) -> Customer:
    """A customer, of whom only the names need be told; nothing shows a public id."""
    born, gender = row.get("birth_date"), row.get("gender")
    joined = row.get("date_joined")
    return Customer(
        id=row["id"],
        public_id=f"cus_{row['id']}",
        first_name=row["first_name"] or "",
        last_name=row["last_name"] or "",
        email=row.get("email") or "",
        phone=row.get("mobile_number") or "",
        national_id=row.get("national_code") or "",
        birth_date=date.fromisoformat(born) if born else None,
        gender=Gender(gender) if gender else None,
        note=row.get("notes") or "",
        is_active=row.get("is_active", True),
        created_at=datetime.fromisoformat(joined) if joined else SOME_TIME,
        updated_at=datetime.fromisoformat(joined) if joined else SOME_TIME,
    )


def address(row: Mapping[str, Any]) -> Address:
    """An address; the one default of this API is that for billing and shipping."""
    return Address(
        id=row["id"],
        public_id=f"adr_{row['id']}",
        customer_id=row["customer"],
        first_name=row["first_name"] or "",
        last_name=row["last_name"] or "",
        street=(row["address"] or "",),
        city=City(id=row["city"]),
        region=Region(id=row["state"]),
        country=Country(id=row["country"]),
        postal_code=row["postal_code"] or "",
        phone=row["mobile_number"] or "",
        national_id=row["national_code"] or "",
        note=row["text"] or "",
        default_billing=row["default"],
        default_shipping=row["default"],
        created_at=datetime.fromisoformat(row["created_at"]),
        updated_at=datetime.fromisoformat(row["updated_at"]),
    )


def credential(row: Mapping[str, Any], password: str) -> Credential:
    """A user's token and password; a superuser need not be of the staff."""
    scope = "staff" if row["is_staff"] else "user"
    return Credential(
        token=row["token"],
        scope="admin" if row["is_superuser"] else scope,
        label=row["user"],
        username=row["user"],
        password=password,
        is_active=row["is_active"],
    )
