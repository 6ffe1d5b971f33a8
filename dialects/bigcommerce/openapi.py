"""The OpenAPI document of what the dialect takes and answers, from its schemas."""

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, fields

from core import Kind
from dialects.bigcommerce.fields import INT32
from dialects.bigcommerce.filters import DEFAULT_LIMIT, FILTERS, MOST, NUMBERS
from dialects.bigcommerce.quirks import QUIRKS
from dialects.bigcommerce.schemas import POST, PUT, FormField

PATH = "/stores/{store_hash}/v3/customers/addresses"
JSON = "application/json"
ID = {"type": "integer", **INT32}
COUNT = {**ID, "minimum": 1}


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


class Error(Schema):
    """The envelope of errors; `detail` is there for what is no JSON."""

    status = fields.Integer(required=True)
    title = fields.String(required=True)
    type = fields.String(required=True)
    detail = fields.String()
    errors = fields.Dict(keys=fields.String(), values=fields.String())


def document() -> dict[str, Any]:
    """The document, of version 3.1."""
    spec = APISpec(
        title="Customer addresses as in BigCommerce V3",
        version="1",
        openapi_version="3.1.0",
        plugins=[MarshmallowPlugin()],
        security=[{"X-Auth-Token": []}],
    )
    spec.components.security_scheme(
        "X-Auth-Token", {"type": "apiKey", "in": "header", "name": "X-Auth-Token"}
    )
    schemas: dict[str, Any] = {
        "AddressPost": POST,
        "AddressPut": PUT,
        "Address": Address,
        "Pagination": Pagination,
        "Error": Error,
    }
    for name, schema in schemas.items():
        spec.components.schema(name, schema=schema)
    spec.path(
        PATH,
        parameters=[parameter("store_hash", {"type": "string"}, place="path")],
        operations={
            "get": {
                "operationId": "getCustomersAddresses",
                "parameters": [
                    parameter("page", COUNT),
                    parameter("limit", {**COUNT, "default": DEFAULT_LIMIT}),
                    csv("include", {"type": "string", "enum": ["formfields"]}),
                    *(csv(name, member(name)) for name in FILTERS),
                ],
                "responses": {"200": collection(MOST), **errors(413, 422)},
            },
            "post": write("createCustomersAddresses", "AddressPost"),
            "put": write("updateCustomersAddresses", "AddressPut"),
            "delete": {
                "operationId": "deleteCustomersAddresses",
                "parameters": [csv("id:in", ID)],
                "responses": {"204": {"description": "Removed"}, **errors(422)},
            },
        },
    )
    return spec.to_dict()


def parameter(name: str, schema: Any, place: str = "query") -> dict[str, Any]:
    is_required = place == "path"
    return {"name": name, "in": place, "required": is_required, "schema": schema}


def csv(name: str, schema: Any) -> dict[str, Any]:
    """A parameter with several values, with commas between them."""
    of_array = parameter(name, {"type": "array", "items": schema})
    return {**of_array, "style": "form", "explode": False}


def member(name: str) -> dict[str, Any]:
    return ID if name in NUMBERS else {"type": "string"}


def write(name: str, schema: str) -> dict[str, Any]:
    """An operation that takes an array of items."""
    most = QUIRKS["batch_limit"].documented
    items = {"$ref": f"#/components/schemas/{schema}"}
    body = {"type": "array", "items": items, "maxItems": most}
    return {
        "operationId": name,
        "requestBody": {"required": True, "content": {JSON: {"schema": body}}},
        "responses": {"200": collection(), **errors(400, 413, 415, 422)},
    }


def collection(most: int = 0) -> dict[str, Any]:
    """An answer with addresses; with pages if there can be more."""
    pages = {"$ref": "#/components/schemas/Pagination"}
    meta: dict[str, Any] = {"type": "object", "maxProperties": 0}
    data: dict[str, Any] = {
        "type": "array",
        "items": {"$ref": "#/components/schemas/Address"},
    }
    if most:
        data["maxItems"] = most
        meta = {
            "type": "object",
            "required": ["pagination"],
            "properties": {"pagination": pages},
        }
    schema = {
        "type": "object",
        "required": ["data", "meta"],
        "properties": {"data": data, "meta": meta},
        "additionalProperties": False,
    }
    return {"description": "Addresses", "content": {JSON: {"schema": schema}}}


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
