"""OpenMage, which is Magento 1: REST in XML and JSON, signed by OAuth 1.0a."""

from dialects.base import Dialect, Operation, imported
from dialects.openmage import customer_schemas
from dialects.openmage.access import SCOPES
from dialects.openmage.errors import fail
from dialects.openmage.handshake import OTHERS
from dialects.openmage.oauth1 import authorization
from dialects.openmage.quirks import NAME, QUIRKS
from dialects.openmage.routes import blueprint
from dialects.openmage.schemas import decode, shown_to_admin

NO_ATTRIBUTE = "there is no attribute for it"

DIALECT = Dialect(
    name=NAME,
    title="OpenMage REST",
    root="/api/rest",
    others=OTHERS,
    blueprint=blueprint,
    decode=decode,
    encode=shown_to_admin,
    fail=fail,
    authorization=authorization,
    scopes=SCOPES,
    remote=imported("dialects.openmage.remote:OpenMageRemote"),
    consumer_scope="consumer",
    token_bytes=16,
    quirks=QUIRKS,
    fixtures=imported("dialects.openmage.fixtures:read_fixtures"),
    sign=imported("dialects.openmage.signing:sign"),
    checks=imported("dialects.openmage.checks:checks"),
    rehearsal=imported("dialects.openmage.faults:rehearsal"),
    customer_scope="customer",
    example="GET /customers/1/addresses",
    losses={
        "street": "the third line and those after it are joined to the second",
        "national_id": NO_ATTRIBUTE,
        "note": NO_ATTRIBUTE,
        "kind": NO_ATTRIBUTE,
        "extras": "other dialects' extras are not shown",
    },
    decode_customer=customer_schemas.decode,
    encode_customer=customer_schemas.shown_to_admin,
    customer_operations=frozenset(Operation),
    customer_losses={
        "middle_name": "the attribute is the system's, neither shown nor set",
        "phone": NO_ATTRIBUTE,
        "company": NO_ATTRIBUTE,
        "note": NO_ATTRIBUTE,
        "national_id": NO_ATTRIBUTE,
        "is_active": NO_ATTRIBUTE,
        "extras": "other dialects' extras are not shown; a new one has its own",
    },
)
