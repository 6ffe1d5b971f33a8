"""What OPTIONS tells: SimpleMetadata of Django REST Framework."""

from functools import cache
from typing import Any

from dialects.staff.schemas import SHORT

JSON = "application/json"
FORMS = ["application/x-www-form-urlencoded", "multipart/form-data"]
CODE = 10
"""The longest code of a country or state."""


@cache
def described(name: str, writes: str = "") -> dict[str, Any]:
    """What a view is called, speaks, and takes with the method that `writes`."""
    description: dict[str, Any] = {
        "name": name,
        "description": "",
        "renders": [JSON, "text/html"],
        "parses": [JSON, *FORMS],
    }
    if writes:
        description["actions"] = {writes: address_fields()}
    return description


@cache
def described_sign_in() -> dict[str, Any]:
    """What signing in takes and gives."""
    fields = {
        "username": field("string", "Username", required=True),
        "password": field("string", "Password", required=True),
        "token": field("string", "Token", read_only=True),
    }
    return {
        "name": "Obtain Auth Token",
        "description": "",
        "renders": [JSON],
        "parses": [*FORMS, JSON],
        "actions": {"POST": fields},
    }


def address_fields() -> dict[str, Any]:
    coded = {"code": field("string", "Code", required=True, max_length=CODE)}
    return {
        "id": field("integer", "ID", read_only=True),
        "default": field("boolean", "Default"),
        "country": field("field", "Country", required=True),
        "state": field("field", "State", required=True),
        "city": field("field", "City", required=True),
        "country_data": nested("Country data", coded),
        "state_data": nested("State data", coded),
        "city_data": nested("City data", {}),
        "address": field("string", "Address"),
        "postal_code": field("string", "Postal code", max_length=SHORT),
        "first_name": field("string", "First name", max_length=SHORT),
        "last_name": field("string", "Last name", max_length=SHORT),
        "national_code": field("string", "National code", max_length=SHORT),
        "mobile_number": field("string", "Mobile number", max_length=SHORT),
        "text": field("string", "Text"),
        "created_at": field("datetime", "Created at", read_only=True),
        "updated_at": field("datetime", "Updated at", read_only=True),
    }


def field(
    type: str,
    label: str,
    *,
    required: bool = False,
    read_only: bool = False,
    **more: Any,
) -> dict[str, Any]:
    return {
        "type": type,
        "required": required,
        "read_only": read_only,
        "label": label,
        **more,
    }


def nested(label: str, more: dict[str, Any]) -> dict[str, Any]:
    children = {
        "id": field("integer", "ID", read_only=True),
        "name": field("string", "Name", required=True, max_length=SHORT),
        **more,
    }
    return field("nested object", label, read_only=True, children=children)
