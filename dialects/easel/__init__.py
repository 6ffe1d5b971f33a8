"""Easel: public ids, Bearer keys, one error at a time."""

from dialects.base import Dialect
from dialects.easel.auth import SCOPES, authorization
from dialects.easel.errors import fail
from dialects.easel.routes import blueprint
from dialects.easel.schemas import decode, encode

NO_FIELD = "the API has no field for it"

DIALECT = Dialect(
    name="easel",
    title="Easel",
    root="/api/v1",
    blueprint=blueprint,
    decode=decode,
    encode=encode,
    fail=fail,
    authorization=authorization,
    scopes=SCOPES[::-1],
    example="GET /customers/cus_abc123/addresses",
    losses={
        "middle_name": NO_FIELD,
        "prefix": NO_FIELD,
        "suffix": NO_FIELD,
        "company": NO_FIELD,
        "street": "the third line and those after it are shown as one with the second",
        "phone": NO_FIELD,
        "fax": NO_FIELD,
        "tax_id": NO_FIELD,
        "national_id": NO_FIELD,
        "note": NO_FIELD,
        "kind": NO_FIELD,
        "default_billing": NO_FIELD,
        "default_shipping": NO_FIELD,
        "extras": "other dialects' extras are not shown",
    },
)
