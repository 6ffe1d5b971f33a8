"""Easel: public ids, Bearer keys, one error at a time."""

from dialects.base import Dialect, Operation, imported

# These put their views on the blueprint.
from dialects.easel import customers, routes  # noqa: F401
from dialects.easel.auth import SCOPES, authorization
from dialects.easel.blueprint import blueprint
from dialects.easel.customer_schemas import decode_customer, encode_customer
from dialects.easel.errors import fail
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
    remote=imported("dialects.easel.remote:EaselRemote"),
    checks=imported("dialects.easel.checks:checks"),
    rehearsal=imported("dialects.easel.faults:rehearsal"),
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
    decode_customer=decode_customer,
    encode_customer=encode_customer,
    customer_operations=frozenset(Operation) - {Operation.REMOVE},
    customer_losses={
        "middle_name": NO_FIELD,
        "prefix": NO_FIELD,
        "suffix": NO_FIELD,
        "company": NO_FIELD,
        "note": NO_FIELD,
        "tax_id": NO_FIELD,
        "national_id": NO_FIELD,
        "birth_date": NO_FIELD,
        "gender": NO_FIELD,
        "is_active": NO_FIELD,
        "extras": "other dialects' extras are not shown",
    },
)
