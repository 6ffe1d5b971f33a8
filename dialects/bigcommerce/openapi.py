"""The OpenAPI document of what the dialect takes and answers, from its schemas."""

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, fields

from dialects.bigcommerce import customer_openapi
from dialects.bigcommerce.filters import DEFAULT_LIMIT, FILTERS, MOST, NUMBERS
from dialects.bigcommerce.forms import POST, PUT
from dialects.bigcommerce.openapi_parts import (
    COUNT,
    ID,
    Address,
    Pagination,
    collection,
    csv,
    errors,
    parameter,
    write,
)
from dialects.bigcommerce.quirks import QUIRKS

PATH = "/stores/{store_hash}/v3/customers/addresses"


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
        title="Customers and their addresses as in BigCommerce V3",
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
        **customer_openapi.SCHEMAS,
    }
    for name, schema in schemas.items():
        spec.components.schema(name, schema=schema)
    store = parameter("store_hash", {"type": "string"}, place="path")
    for path, operations in (
        (PATH, of_addresses()),
        (customer_openapi.PATH, customer_openapi.operations()),
    ):
        spec.path(path, parameters=[store], operations=operations)
    return spec.to_dict()


def of_addresses() -> dict[str, Any]:
    """The operations on addresses."""
    most = QUIRKS["batch_limit"].documented
    pages = {
        "type": "object",
        "required": ["pagination"],
        "properties": {"pagination": {"$ref": "#/components/schemas/Pagination"}},
    }
    found = {"200": collection("Address", pages, MOST), **errors(413, 422)}
    return {
        "get": {
            "operationId": "getCustomersAddresses",
            "parameters": [
                parameter("page", COUNT),
                parameter("limit", {**COUNT, "default": DEFAULT_LIMIT}),
                csv("include", {"type": "string", "enum": ["formfields"]}),
                *(csv(name, member(name)) for name in FILTERS),
            ],
            "responses": found,
        },
        "post": write("createCustomersAddresses", "AddressPost", "Address", most),
        "put": write("updateCustomersAddresses", "AddressPut", "Address", most),
        "delete": {
            "operationId": "deleteCustomersAddresses",
            "parameters": [csv("id:in", ID)],
            "responses": {"204": {"description": "Removed"}, **errors(422)},
        },
    }


def member(name: str) -> dict[str, Any]:
    return ID if name in NUMBERS else {"type": "string"}
