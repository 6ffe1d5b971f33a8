"""For who tests a client: the operations' names, what each reads, and the faults."""

from typing import NoReturn

from werkzeug.exceptions import HTTPException, InternalServerError, TooManyRequests

from core import Invalid, Problem
from dialects.bigcommerce.customer_filters import KNOWN
from dialects.bigcommerce.filters import FILTERS
from dialects.bigcommerce.forms import CUSTOMER_POST, CUSTOMER_PUT, POST, PUT
from dialects.bigcommerce.v2_schemas import V3_NAMES
from dialects.current import g, request
from dialects.rehearsal import (
    Fault,
    Reads,
    Rehearsal,
    by_endpoint,
    fields_of,
    sent_json,
)

V2 = dict.fromkeys(V3_NAMES)
PAGE = frozenset({"page", "limit"})
IDS = frozenset({"id:in"})
OPERATIONS = {
    "list": Reads(parameters=PAGE | {"include", *FILTERS}),
    "create": Reads(fields=fields_of(POST)),
    "update": Reads(fields=fields_of(PUT)),
    "delete": Reads(parameters=IDS),
    "customers.list": Reads(parameters=frozenset(KNOWN)),
    "customers.create": Reads(fields=fields_of(CUSTOMER_POST)),
    "customers.update": Reads(fields=fields_of(CUSTOMER_PUT)),
    "customers.delete": Reads(parameters=IDS),
    "v2.list": Reads(parameters=PAGE),
    "v2.list_all": Reads(parameters=PAGE),
    "v2.get": Reads(),
    "v2.create": Reads(fields=V2),
    "v2.update": Reads(fields=V2),
    "v2.delete": Reads(),
    "v2.delete_of_customer": Reads(parameters=PAGE),
    "v2.count": Reads(),
    "v2.count_all": Reads(),
}
NAMES = {
    "bigcommerce.get_customers_addresses": "list",
    "bigcommerce.create_customers_addresses": "create",
    "bigcommerce.update_customers_addresses": "update",
    "bigcommerce.delete_customers_addresses": "delete",
    "bigcommerce.get_customers": "customers.list",
    "bigcommerce.create_customers": "customers.create",
    "bigcommerce.update_customers": "customers.update",
    "bigcommerce.delete_customers": "customers.delete",
    "bigcommerce_v2.get_customer_addresses": "v2.list",
    "bigcommerce_v2.get_all_addresses": "v2.list_all",
    "bigcommerce_v2.get_customer_address": "v2.get",
    "bigcommerce_v2.create_customer_address": "v2.create",
    "bigcommerce_v2.update_customer_address": "v2.update",
    "bigcommerce_v2.delete_customer_address": "v2.delete",
    "bigcommerce_v2.delete_customer_addresses": "v2.delete_of_customer",
    "bigcommerce_v2.get_customer_addresses_count": "v2.count",
    "bigcommerce_v2.get_all_addresses_count": "v2.count_all",
}
BATCHES = frozenset({"create", "update", "customers.create", "customers.update"})


class Overloaded(HTTPException):
    """A 429 that has nothing to do with the store's own quota."""

    code = 429
    name = "Too many requests"


class Suspended(HTTPException):
    """A store that is closed by its owner or for its bills."""

    code = 503
    name = "The store is suspended"


class Unavailable(HTTPException):
    """A store that is down or being upgraded."""

    code = 503
    name = "Service Unavailable"


class PlanLimit(HTTPException):
    """More than the store's plan allows."""

    code = 507
    name = "Insufficient Storage"


def rate_limited(retry_after: int) -> NoReturn:
    """Nothing is left of the quota, whatever was before."""
    left_ms = g.quota.reset_ms
    g.quota = g.quota._replace(is_granted=False, left=0)
    raise TooManyRequests(retry_after=retry_after or -(-left_ms // 1000))


def overloaded() -> NoReturn:
    g.pop("quota", None)
    raise Overloaded


def batch_refused() -> NoReturn:
    """The last item is wrong, so none is written."""
    sent = sent_json()
    last = max(0, len(sent) - 1) if isinstance(sent, list) else 0
    what = "customer_id" if request.method == "POST" else "id"
    raise Invalid([Problem(what, "unknown", last)])


def raising(error: type[HTTPException]) -> Fault:
    def bring() -> NoReturn:
        raise error

    return Fault(source=SOURCES[error], bring=bring)


STATUS = "API status codes"
SOURCES: dict[type[HTTPException], str] = {
    Suspended: f"{STATUS}: 503; a client library looks for this title",
    Unavailable: f"{STATUS}: 503, the store is down or being upgraded",
    PlanLimit: f"{STATUS}: 507, a limit of the plan; its body is not documented",
    InternalServerError: f"{STATUS}: 500",
}
FAULTS = {
    "rate_limited": Fault(
        source="API rate limits: 429 with four headers; 0 for the rest of the window",
        bring=rate_limited,
        options={"retry_after": 0},
    ),
    "overloaded": Fault(
        source="API rate limits: 429 without the headers while the platform is loaded",
        bring=overloaded,
    ),
    "suspended": raising(Suspended),
    "unavailable": raising(Unavailable),
    "plan_limit": raising(PlanLimit),
    "server_error": raising(InternalServerError),
    "batch_refused": Fault(
        source="V3 reference: 422; no item is written if one is wrong",
        bring=batch_refused,
        operations=BATCHES,
    ),
}


def rehearsal() -> Rehearsal:
    """What there is to know for who tests a client."""
    return Rehearsal(operation=by_endpoint(NAMES), operations=OPERATIONS, faults=FAULTS)
