"""What OPTIONS tells: SimpleMetadata of Django REST Framework."""

from collections.abc import Mapping
from typing import Any

from core import Gender
from dialects.staff.emails import LONGEST
from dialects.staff.schemas import SHORT

JSON = "application/json"
FORMS = ["application/x-www-form-urlencoded", "multipart/form-data"]
CODE = 10
"""The longest code of a country or state."""

Fields = Mapping[str, Mapping[str, Any]]


def described(name: str, **actions: Fields) -> dict[str, Any]:
    """What a view is called, speaks, and takes with each method that writes."""
    description: dict[str, Any] = {
        "name": name,
        "description": "",
        "renders": [JSON, "text/html"],
        "parses": [JSON, *FORMS],
    }
    if actions:
        description["actions"] = actions
    return description


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


CODED = {"code": field("string", "Code", required=True, max_length=CODE)}
ADDRESS_FIELDS = {
    "id": field("integer", "ID", read_only=True),
    "default": field("boolean", "Default"),
    "country": field("field", "Country", required=True),
    "state": field("field", "State", required=True),
    "city": field("field", "City", required=True),
    "country_data": nested("Country data", CODED),
    "state_data": nested("State data", CODED),
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


def customer_fields(*, is_new: bool) -> Fields:
    return {
        "id": field("integer", "ID", read_only=True),
        "first_name": field("string", "First name", max_length=SHORT),
        "last_name": field("string", "Last name", max_length=SHORT),
        "email": field("email", "Email", max_length=LONGEST),
        "mobile_number": field("string", "Mobile number", max_length=SHORT),
        "national_code": field("string", "National code", max_length=SHORT),
        "birth_date": field("date", "Birth date"),
        "gender": field("choice", "Gender", choices=GENDERS),
        "notes": field("string", "Notes"),
        "is_active": field("boolean", "Is active", read_only=is_new),
        "is_profile_completed": field(
            "boolean", "Is profile completed", read_only=True
        ),
        "date_joined": field("datetime", "Date joined", read_only=True),
        "last_login": field("datetime", "Last login", read_only=True),
        "total_orders": field("integer", "Total orders", read_only=True),
        "total_spent": field(
            "decimal", "Total spent", read_only=True, max_digits=20, decimal_places=2
        ),
    }


GENDERS = [{"value": one, "display_name": one.capitalize()} for one in Gender]
NEW_CUSTOMER_FIELDS = customer_fields(is_new=True)
CUSTOMER_FIELDS = customer_fields(is_new=False)
