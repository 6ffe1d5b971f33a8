"""The items that are taken (source: V3 and V2 reference, schemas).

What belongs to a part of the platform that is not imitated (passwords, store credit,
channels, attributes) is judged by its type.
"""

from marshmallow import validate

from core import Kind
from dialects.bigcommerce.customer_schemas import MOST_ADDRESSES
from dialects.bigcommerce.fields import (
    Amount,
    Array,
    Flag,
    FormValue,
    Number,
    Numbers,
    Object,
    Part,
    Text,
    between,
    few,
)
from dialects.bigcommerce.shapes import INT32


class FormField(Part):
    """A custom field of an address or a customer, and its value."""

    name = Text(required=True)
    value = FormValue(
        required=True,
        metadata={
            "anyOf": [
                {"type": "string"},
                {"type": "number"},
                {"type": "array", "items": {"type": "string"}},
            ]
        },
    )


class Item(Part):
    """What create and update have in common."""

    first_name = Text(required=True, validate=between(1, 255))
    last_name = Text(required=True, validate=between(1, 255))
    company = Text(validate=between(0, 255))
    address1 = Text(required=True)
    address2 = Text()
    city = Text(required=True, validate=between(0, 100))
    state_or_province = Text(required=True, validate=between(0, 100))
    postal_code = Text(required=True, validate=between(0, 30))
    country_code = Text(
        required=True, validate=validate.Length(2, 2, error="must be 2 characters")
    )
    phone = Text(validate=between(0, 50))
    address_type = Text(
        validate=validate.OneOf(
            [kind.value for kind in Kind], error="must be residential or commercial"
        )
    )
    form_fields = Array(FormField)


class Post(Item):
    """An address to create; `id` is no part of it."""

    customer_id = Number(required=True, metadata=INT32)


class Put(Item):
    """An address to change; `customer_id` was taken out of it on purpose."""

    id = Number(required=True, metadata=INT32)


class Nested(Item):
    """An address of a customer to create; where a country needs more, it must be."""

    state_or_province = Text(validate=between(0, 100))
    postal_code = Text(validate=between(0, 30))


class Authentication(Part):
    """How a customer signs in to a storefront; there is none."""

    force_password_reset = Flag()
    new_password = Text()


class StoreCredit(Part):
    """What a store owes a customer; there are no orders."""

    amount = Amount()


class Attribute(Part):
    """A value of an attribute, which would have to be defined before."""

    attribute_id = Number(metadata=INT32)
    attribute_value = Text(validate=between(0, 255))


class CustomerItem(Part):
    """What create and update have in common."""

    email = Text(required=True, validate=between(3, 255))
    first_name = Text(required=True, validate=between(1, 100))
    last_name = Text(required=True, validate=between(1, 100))
    company = Text(validate=between(0, 255))
    phone = Text(validate=between(0, 50))
    notes = Text()
    tax_exempt_category = Text(validate=between(0, 255))
    customer_group_id = Number(metadata=INT32)
    accepts_product_review_abandoned_cart_emails = Flag()
    form_fields = Array(FormField)
    authentication = Object(Authentication)
    store_credit_amounts = Array(StoreCredit)
    origin_channel_id = Number(metadata=INT32)
    channel_ids = Numbers(allow_none=True)


class CustomerPost(CustomerItem):
    """A customer to create."""

    email = Text(required=True, validate=between(3, 250))
    addresses = Array(Nested, validate=few(MOST_ADDRESSES))
    attributes = Array(Attribute, validate=few(10))
    trigger_account_created_notification = Flag()


class CustomerPut(CustomerItem):
    """A customer to change; the addresses are not changed with it."""

    id = Number(required=True, metadata=INT32)


class V2Post(Item):
    """An address to create: "first_name, last_name, phone, street_1, city, state, zip,
    country" are required."""

    country_code = Text(required=True)
    phone = Text(required=True, validate=between(0, 50))

    class Meta(Item.Meta):
        exclude = ("form_fields",)


POST = Post()
NESTED = Nested()
PUT = Put(partial=[name for name in Put().fields if name != "id"])
CUSTOMER_POST = CustomerPost()
CUSTOMER_PUT = CustomerPut(
    partial=[name for name in CustomerPut().fields if name != "id"]
)
V2_POST = V2Post()
V2_PUT = V2Post(partial=True)
