"""What the OpenAPI document says of addresses and of customers alike."""

from typing import Any

from marshmallow import Schema, fields

from core import Kind
from dialects.bigcommerce.forms import FormField
from dialects.bigcommerce.shapes import INT32

JSON = "application/json"
ID = {"type": "integer", **INT32}
COUNT = {**ID, "minimum": 1}
NO_META: dict[str, Any] = {"type": "object", "maxProperties": 0}


class ShownFormField(FormField):
    """A form field in an answer."""

    address_id = fields.Integer(required=True)


class Address(Schema):
    """An address in an answer; other APIs' addresses keep to no limits of this one."""

    id = fields.Integer(required=True)
    address1 = fields.String(required=True)
    address2 = fields.String(required=True)
    address_type = fields.Enum(Kind, by_value=True, required=True)
    city = fields.String(required=True)
    company = fields.String(required=True)
    country = fields.String(required=True)
    country_code = fields.String(required=True)
    customer_id = fields.Integer(required=True)
    first_name = fields.String(required=True)
    last_name = fields.String(required=True)
    phone = fields.String(required=True)
    postal_code = fields.String(required=True)
    state_or_province = fields.String(required=True)
    form_fields = fields.List(fields.Nested(ShownFormField))


class Links(Schema):
    """Query strings of the pages around one."""

    previous = fields.String()
    current = fields.String(required=True)
    next = fields.String()


class Pagination(Schema):
    """Where a page stands."""

    total = fields.Integer(required=True)
    count = fields.Integer(required=True)
    per_page = fields.Integer(required=True)
    current_page = fields.Integer(required=True)
    total_pages = fields.Integer(required=True)
    links = fields.Nested(Links, required=True)


def parameter(name: str, schema: Any, place: str = "query") -> dict[str, Any]:
    is_required = place == "path"
    return {"name": name, "in": place, "required": is_required, "schema": schema}


def csv(name: str, schema: Any) -> dict[str, Any]:
    """A parameter with several values, with commas between them."""
    of_array = parameter(name, {"type": "array", "items": schema})
    return {**of_array, "style": "form", "explode": False}


def write(name: str, schema: str, shown: str, most: int) -> dict[str, Any]:
    """An operation that takes an array of items."""
    items = {"$ref": f"#/components/schemas/{schema}"}
    body = {"type": "array", "items": items, "maxItems": most}
    return {
        "operationId": name,
        "requestBody": {"required": True, "content": {JSON: {"schema": body}}},
        "responses": {
            "200": collection(shown, NO_META),
            **errors(400, 413, 415, 422),
        },
    }


def collection(shown: str, meta: Any, most: int = 0) -> dict[str, Any]:
    """An answer with what is shown; with no more than so many, if there is a most."""
    items = {"$ref": f"#/components/schemas/{shown}"}
    data: dict[str, Any] = {"type": "array", "items": items}
    if most:
        data["maxItems"] = most
    schema = {
        "type": "object",
        "required": ["data", "meta"],
        "properties": {"data": data, "meta": meta},
        "additionalProperties": False,
    }
    return {"description": "Found", "content": {JSON: {"schema": schema}}}


def errors(*codes: int) -> dict[str, Any]:
    """The answers to what is wrong; some say so in a text."""
    envelope = {"schema": {"$ref": "#/components/schemas/Error"}}
    text = {"schema": {"type": "string"}}
    told: dict[str, Any] = {
        str(code): {"description": "Refused", "content": {JSON: envelope}}
        for code in sorted({403, 406, 429, 503, *codes})
    }
    for code in ("401", "404"):
        content = {JSON: envelope, "text/plain": text}
        told[code] = {"description": "Refused", "content": content}
    return told
