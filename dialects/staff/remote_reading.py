"""What a platform that speaks Staff's API shows, as the core has it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from core import City, Country, CustomerDraft, Draft, Gender, Ref, Region, email_key
from dialects.remote import (
    RemoteAddress,
    RemoteCustomer,
    Wire,
    essential,
    instant,
)
from dialects.staff import customer_schemas, schemas

UNNAMED = ("detail", "non_field_errors")
Place = type[Country] | type[Region] | type[City]
PLACES: Mapping[str, Place] = {
    "country_data": Country,
    "state_data": Region,
    "city_data": City,
}


def sent_again(shown: Wire) -> Wire:
    """What would be sent to say what is shown."""
    absent = dict.fromkeys((*schemas.CANONICAL, *PLACES))
    return schemas.sendable({**absent, **shown})


def is_match(found: CustomerDraft, sought: CustomerDraft) -> bool:
    """Whether they have the same e-mail, or, without one, the same name."""
    if sought.email:
        return email_key(found.email) == email_key(sought.email)
    names = essential(found.first_name), essential(found.last_name)
    wanted = essential(sought.first_name), essential(sought.last_name)
    return names == wanted and not found.email


def customer_from(wire: Wire) -> RemoteCustomer:
    """A customer as shown."""
    said = {name: wire.get(name) for name in customer_schemas.CANONICAL}
    born, gender = said["birth_date"], said["gender"]
    said["birth_date"] = date.fromisoformat(born) if born else None
    said["gender"] = Gender(str(gender)) if gender in [*Gender] else None
    said["is_active"] = wire.get("is_active", True)
    return RemoteCustomer(
        ref=wire["id"],
        customer=CustomerDraft(**customer_schemas.canonical(said, None)),
        created_at=instant(wire.get("date_joined")),
        raw=wire,
    )


def address_from(wire: Wire, customer_ref: Ref) -> RemoteAddress:
    """An address as shown, with all that is told of its places."""
    texts = {
        name: wire.get(name)
        for name in schemas.CANONICAL
        if name not in ("default", *schemas.PLACES)
    }
    said = {**texts, "address": texts["address"] or "", "default": wire["default"]}
    made = schemas.canonical(said, {})
    for name, kind in PLACES.items():
        field = schemas.CANONICAL[name.removesuffix("_data")]
        made = {**made, field: place_from(wire.get(name), kind)}
    return RemoteAddress(
        ref=wire["id"],
        customer_ref=customer_ref,
        draft=Draft(**made),
        created_at=instant(wire.get("created_at")),
        updated_at=instant(wire.get("updated_at")),
        raw=wire,
    )


def place_from(shown: Wire | None, kind: Place) -> Country | Region | City | None:
    """A place with its number and whatever else is told of it."""
    if not shown:
        return None
    told = {name: shown.get(name) or "" for name in ("code", "name")}
    if kind is City:
        del told["code"]
    return kind(id=shown["id"], **told)


def words(body: Any) -> str:
    """`{"detail": ...}`, or the errors of each field: `country: This field ...`."""
    if isinstance(body, Mapping):
        return "; ".join(
            words(told) if name in UNNAMED else f"{name}: {words(told)}"
            for name, told in body.items()
        )
    if isinstance(body, list):
        return " ".join(map(words, body))
    return str(body)
