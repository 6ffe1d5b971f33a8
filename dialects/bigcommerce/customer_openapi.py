"""The part of the OpenAPI document that tells of customers, from their schemas."""

from typing import Any

from marshmallow import Schema, fields

from dialects.bigcommerce.customer_filters import (
    DATE_FILTERS,
    INCLUDES,
    LISTS,
    NUMBERS,
    SORTS,
)
from dialects.bigcommerce.customer_schemas import MOST_ADDRESSES
from dialects.bigcommerce.forms import CUSTOMER_POST, CUSTOMER_PUT
from dialects.bigcommerce.openapi_parts import (
    COUNT,
    ID,
    Address,
    Pagination,
    ShownFormField,
    collection,
    csv,
    errors,
    parameter,
    write,
)
from dialects.bigcommerce.routes import MOST_CUSTOMERS

PATH = "/stores/{store_hash}/v3/customers"
TEXT = {"type": "string"}


class ShownAuthentication(Schema):
    """How a customer signs in; nobody does."""

    force_password_reset = fields.Boolean(required=True)


class ShownCredit(Schema):
    """What the store owes; it is nothing."""

    amount = fields.Float(required=True)


class CustomerFormField(ShownFormField):
    """A form field of a customer in an answer."""

    class Meta:
        exclude = ("address_id",)

    customer_id = fields.Integer(required=True)


class Customer(Schema):
    """A customer in an answer; other APIs' customers keep to no limits of this one."""

    id = fields.Integer(required=True)
    authentication = fields.Nested(ShownAuthentication, required=True)
    company = fields.String(required=True)
    customer_group_id = fields.Integer(required=True)
    email = fields.String(required=True)
    first_name = fields.String(required=True)
    last_name = fields.String(required=True)
    notes = fields.String(required=True)
    phone = fields.String(required=True)
    registration_ip_address = fields.String(required=True)
    tax_exempt_category = fields.String(required=True)
    date_created = fields.DateTime(required=True)
    date_modified = fields.DateTime(required=True)
    accepts_product_review_abandoned_cart_emails = fields.Boolean(required=True)
    address_count = fields.Integer()
    addresses = fields.List(
        fields.Nested(Address), metadata={"maxItems": MOST_ADDRESSES}
    )
    attribute_count = fields.Integer()
    attributes = fields.List(fields.Dict(), metadata={"maxItems": 0})
    form_fields = fields.List(fields.Nested(CustomerFormField))
    segment_ids = fields.List(fields.String())
    store_credit_amounts = fields.List(fields.Nested(ShownCredit))
    origin_channel_id = fields.Integer(required=True)
    channel_ids = fields.List(fields.Integer(), required=True, allow_none=True)


class CursorLinks(Schema):
    """Query strings of what comes before and after."""

    previous = fields.String()
    next = fields.String()


class CursorPagination(Schema):
    """Where a part of the list stands."""

    count = fields.Integer(required=True)
    per_page = fields.Integer(required=True)
    start_cursor = fields.String()
    end_cursor = fields.String()
    links = fields.Nested(CursorLinks, required=True)


class CustomersMeta(Schema):
    """Pages, cursors, or both on the first page."""

    pagination = fields.Nested(Pagination)
    cursor_pagination = fields.Nested(CursorPagination)


SCHEMAS: dict[str, Any] = {
    "CustomerPost": CUSTOMER_POST,
    "CustomerPut": CUSTOMER_PUT,
    "Customer": Customer,
    "CustomersMeta": CustomersMeta,
}


def operations() -> dict[str, Any]:
    """The operations on customers."""
    meta = {"$ref": "#/components/schemas/CustomersMeta"}
    found = {"200": collection("Customer", meta), **errors(413, 422)}
    dates = (parameter(name, {**TEXT, "format": "date"}) for name in DATE_FILTERS)
    return {
        "get": {
            "operationId": "getCustomers",
            "parameters": [
                parameter("page", COUNT),
                parameter("limit", COUNT),
                parameter("after", TEXT),
                parameter("before", TEXT),
                parameter("sort", {**TEXT, "enum": list(SORTS)}),
                csv("include", {**TEXT, "enum": list(INCLUDES)}),
                *(csv(name, ID if name in NUMBERS else TEXT) for name in LISTS),
                *dates,
            ],
            "responses": found,
        },
        "post": write("createCustomers", "CustomerPost", "Customer", MOST_CUSTOMERS),
        "put": write("updateCustomers", "CustomerPut", "Customer", MOST_CUSTOMERS),
        "delete": {
            "operationId": "deleteCustomers",
            "parameters": [csv("id:in", ID)],
            "responses": {"204": {"description": "Removed"}, **errors(422)},
        },
    }
