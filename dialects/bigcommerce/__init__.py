"""BigCommerce V3: arrays in and out, duplicates skipped in silence."""

from dialects.base import Dialect
from dialects.bigcommerce.auth import SCOPES, authorization
from dialects.bigcommerce.errors import fail
from dialects.bigcommerce.quirks import QUIRKS
from dialects.bigcommerce.routes import blueprint
from dialects.bigcommerce.schemas import decode, encode

NO_FIELD = "the API has no field for it"

DIALECT = Dialect(
    name="bigcommerce",
    title="BigCommerce V3",
    root="/stores/<store_hash>/v3",
    blueprint=blueprint,
    decode=decode,
    encode=encode,
    fail=fail,
    authorization=authorization,
    scopes=SCOPES,
    batch_limit=QUIRKS["batch_limit"].documented,
    quirks=QUIRKS,
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
)
