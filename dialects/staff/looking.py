"""What a server of this API shows, as the store has it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from core import Address, City, Country, Customer, PlaceRow, Region
from dialects.checks import Ask, Seen
from dialects.staff.schemas import NAME

Row = dict[str, Any]
Places = dict[tuple[str, int], PlaceRow]

NAMES = ("country", "state", "city")
TEXTS = {
    "postal_code": "postal_code",
    "first_name": "first_name",
    "last_name": "last_name",
    "national_code": "national_id",
    "mobile_number": "phone",
    "text": "note",
}


def look(ask: Ask, customer: str) -> Seen:
    """The customer's addresses, and places to write one with."""
    shown = list(addresses(ask, customer))
    places: Places = {}
    for row in shown:
        note_places(places, row)
    known: dict[str, Any] = {"address": shown[0]["id"]} if shown else {}
    whole = [
        r for r in shown if r["country_data"] and r["state_data"] and r["city_data"]
    ]
    if whole:
        known |= {name: whole[0][f"{name}_data"]["id"] for name in NAMES}
    else:
        known |= listed_place(ask, places)
    known |= foreign_state(ask, places, known.get("country"))
    return Seen(
        customers=[owner(customer)],
        addresses=[address(row, int(customer)) for row in shown],
        places=[*places.values()],
        known=known,
        texts={str(row["id"]): json.dumps(row) for row in shown},
    )


def addresses(ask: Ask, customer: str) -> Iterator[Row]:
    """Every address that is shown, page after page."""
    offset, total = 0, 1
    while offset < total:
        page = ask(f"/customers/{customer}/addresses?limit=100&offset={offset}")
        if not page or not page["results"]:
            return
        yield from page["results"]
        offset, total = offset + len(page["results"]), page["count"]


def note_places(places: Places, row: Row) -> None:
    """Keep the places that an address shows."""
    country, state, city = (row[f"{name}_data"] for name in NAMES)
    code = country["code"] if country else ""
    if country:
        keep(places, "country", country, code=code)
    if state:
        keep(places, "region", state, code=state["code"], country=code)
    if city:
        region = state["id"] if state else None
        keep(places, "city", city, country=code, region=region)


def keep(places: Places, kind: str, shown: Row, **more: Any) -> None:
    """Keep a place by its number."""
    row = PlaceRow(kind=kind, number=shown["id"], name=shown["name"], **more)
    places.setdefault((kind, shown["id"]), row)


def listed_place(ask: Ask, places: Places) -> Row:
    """A city from the list, with what lies around it, for who has no address yet."""
    found = ask("/locations/cities?limit=1") or {}
    city = next(iter(found.get("results") or ()), None)
    state = city and ask(f"/locations/states/{city['state']}")
    country = state and ask(f"/locations/countries/{state['country']}")
    if not country:
        return {}
    around = {"country_data": country, "state_data": state, "city_data": city}
    note_places(places, around)
    return {name: around[f"{name}_data"]["id"] for name in NAMES}


def foreign_state(ask: Ask, places: Places, country: int | None) -> Row:
    """A state that lies in another country."""
    page = ask("/locations/states?limit=100") if country is not None else None
    for state in (page or {}).get("results", ()):
        around = state["country"] != country and ask(
            f"/locations/countries/{state['country']}"
        )
        if around:
            row = {"country_data": around, "state_data": state, "city_data": None}
            note_places(places, row)
            return {"foreign": state["id"]}
    return {}


def owner(customer: str) -> Customer:
    """The customer, of whom only the number counts."""
    now = datetime.now(UTC)
    return Customer(
        id=int(customer), public_id=f"cus_{customer}", created_at=now, updated_at=now
    )


def address(row: Row, customer: int) -> Address:
    """An address as it is shown."""
    country, state, city = (row[f"{name}_data"] for name in NAMES)
    names = ("address", *TEXTS)
    texts: Row = {field: row.get(name) or "" for name, field in TEXTS.items()}
    blank = {name: "" for name in names if row.get(name) == ""}
    return Address(
        id=int(row["id"]),
        public_id=f"adr_{row['id']}",
        customer_id=customer,
        **texts,
        street=tuple(row["address"].split("\n")) if row["address"] else (),
        country=Country(id=country["id"]) if country else None,
        region=Region(id=state["id"]) if state else None,
        city=City(id=city["id"]) if city else None,
        default_billing=row["default"],
        default_shipping=row["default"],
        extras={NAME: blank} if blank else {},
        created_at=datetime.fromisoformat(row["created_at"]),
        updated_at=datetime.fromisoformat(row["updated_at"]),
    )
