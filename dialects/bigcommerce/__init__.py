"""BigCommerce V3: arrays in and out, duplicates skipped in silence; V2's addresses."""

from dialects.base import Dialect, Operation, imported
from dialects.bigcommerce import v2
from dialects.bigcommerce.auth import SCOPES, authorization
from dialects.bigcommerce.customer_schemas import decode_customer, encode_customer
from dialects.bigcommerce.quirks import QUIRKS
from dialects.bigcommerce.routes import blueprint
from dialects.bigcommerce.schemas import decode, encode
from dialects.bigcommerce.v2_errors import fail

NO_FIELD = "the API has no field for it"

DIALECT = Dialect(
    name="bigcommerce",
    title="BigCommerce V3",
    root="/stores/<store_hash>/v3",
    others={v2.ROOT: v2.blueprint},
    blueprint=blueprint,
    decode=decode,
    encode=encode,
    fail=fail,
    authorization=authorization,
    scopes=SCOPES,
    remote=imported("dialects.bigcommerce.remote:BigCommerceRemote"),
    batch_limit=QUIRKS["batch_limit"].documented,
    quirks=QUIRKS,
    checks=imported("dialects.bigcommerce.checks:checks"),
    rehearsal=imported("dialects.bigcommerce.faults:rehearsal"),
    example="GET /customers/addresses?customer_id:in=123",
    losses={
        "middle_name": NO_FIELD,
        "prefix": NO_FIELD,
        "suffix": NO_FIELD,
        "street": "the third line and those after it are shown as one with the second",
        "fax": NO_FIELD,
        "tax_id": NO_FIELD,
        "national_id": NO_FIELD,
        "note": NO_FIELD,
        "default_billing": NO_FIELD,
        "default_shipping": NO_FIELD,
        "extras": "form fields are shown, other dialects' extras are not",
    },
    decode_customer=decode_customer,
    encode_customer=encode_customer,
    customer_operations=frozenset(Operation),
    customer_losses={
        "middle_name": NO_FIELD,
        "prefix": NO_FIELD,
        "suffix": NO_FIELD,
        "tax_id": NO_FIELD,
        "national_id": NO_FIELD,
        "birth_date": NO_FIELD,
        "gender": NO_FIELD,
        "is_active": NO_FIELD,
        "extras": "its own fields are shown, other dialects' extras are not",
    },
)
