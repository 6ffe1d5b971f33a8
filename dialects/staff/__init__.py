"""Staff: numbers for places, one default flag, Django REST Framework's answers."""

from dialects.base import Dialect, Operation, Quirk, imported

# These put their views on the blueprint.
from dialects.staff import customers, permissions, routes  # noqa: F401
from dialects.staff.auth import OPEN_ROUTES, SCOPES, authorization
from dialects.staff.customer_schemas import decode_customer, encode_customer
from dialects.staff.errors import fail
from dialects.staff.routing import blueprint
from dialects.staff.schemas import decode, encode

QUIRKS = {
    "sign_in_attempts": Quirk(
        source="no limit is documented, and this one is beyond what clients do: for one"
        " name in five minutes, 0 for any number; Django REST Framework,"
        " authtoken/views.py: throttle_classes = ()",
        documented=100,
        observed=0,
    ),
}
NO_FIELD = "the API has no field for it"

DIALECT = Dialect(
    name="staff",
    title="Staff",
    root="/api",
    blueprint=blueprint,
    decode=decode,
    encode=encode,
    fail=fail,
    authorization=authorization,
    scopes=SCOPES,
    remote=imported("dialects.staff.remote:StaffRemote"),
    rehearsal=imported("dialects.staff.faults:rehearsal"),
    example="GET /customers/123/addresses",
    fixtures=imported("dialects.staff.fixtures:read_fixtures"),
    open_routes=OPEN_ROUTES,
    checks=imported("dialects.staff.checks:checks"),
    quirks=QUIRKS,
    losses={
        "middle_name": NO_FIELD,
        "prefix": NO_FIELD,
        "suffix": NO_FIELD,
        "company": NO_FIELD,
        "fax": NO_FIELD,
        "tax_id": NO_FIELD,
        "kind": NO_FIELD,
        "street": "one text: a line that holds a line break is written as two lines",
        "default_billing": "the one flag shows the default for shipping, and sets both",
        "extras": "other dialects' extras are not shown",
    },
    decode_customer=decode_customer,
    encode_customer=encode_customer,
    customer_operations=frozenset(Operation),
    customer_losses={
        "middle_name": NO_FIELD,
        "prefix": NO_FIELD,
        "suffix": NO_FIELD,
        "company": NO_FIELD,
        "tax_id": NO_FIELD,
        "is_active": "an update takes it; who is created is active",
        "extras": "other dialects' extras are not shown",
    },
)
