"""For who tests a client: the operations' names, what each reads, and the faults."""

from collections.abc import Callable
from typing import Any, NoReturn

from flask import Response

from dialects.current import request
from dialects.openmage import customer_attributes
from dialects.openmage.attributes import WRITABLE
from dialects.openmage.errors import INTERNAL, NoFormat, Refused, answer, bare_500
from dialects.openmage.oauth1 import OAuthProblem
from dialects.openmage.routes import ENDPOINT, routed, segments_of
from dialects.openmage.wire import BadBody, decoded
from dialects.rehearsal import Fault, Reads, Rehearsal

LISTS = frozenset({"page", "limit", "order", "dir", "filter", "attrs"})
SHOWN = frozenset({"attrs"})
ADDRESS = Reads(fields=dict.fromkeys(WRITABLE))
CUSTOMER = Reads(fields=dict.fromkeys(customer_attributes.WRITABLE["admin"]))
HANDSHAKE = Reads(
    parameters=frozenset(
        f"oauth_{name}"
        for name in (
            "callback",
            "consumer_key",
            "nonce",
            "signature",
            "signature_method",
            "timestamp",
            "token",
            "verifier",
            "version",
        )
    )
)
RESOURCES = {
    "list": Reads(parameters=LISTS),
    "create": ADDRESS,
    "get": Reads(parameters=SHOWN),
    "update": ADDRESS,
    "delete": Reads(),
    "customers.list": Reads(parameters=LISTS),
    "customers.create": CUSTOMER,
    "customers.get": Reads(parameters=SHOWN),
    "customers.update": CUSTOMER,
    "customers.update_many": Reads(),
    "customers.delete": Reads(),
}
OPERATIONS = {
    **RESOURCES,
    "initiate": HANDSHAKE,
    "token": HANDSHAKE,
    "authorize": Reads(
        parameters=frozenset({"oauth_token", "ticket"}),
    ),
}
NAMES = {
    ("customers/addresses/{id}", "GET"): "get",
    ("customers/addresses/{id}", "PUT"): "update",
    ("customers/addresses/{id}", "DELETE"): "delete",
    ("customers/{id}/addresses", "GET"): "list",
    ("customers/{id}/addresses", "POST"): "create",
    ("customers/{id}", "GET"): "customers.get",
    ("customers/{id}", "PUT"): "customers.update",
    ("customers/{id}", "DELETE"): "customers.delete",
    ("customers", "GET"): "customers.list",
    ("customers", "POST"): "customers.create",
    ("customers", "PUT"): "customers.update_many",
}


def operation() -> str:
    """The operation's name, by the path and the method."""
    endpoint = request.endpoint or ""
    if endpoint != ENDPOINT:
        last = endpoint.rpartition(".")[2]
        return last if last in OPERATIONS else endpoint and "authorize"
    try:
        path = (request.view_args or {}).get("path", "")
        route, _ = routed(segments_of(path))
    except Refused:
        return ""
    return NAMES.get((route.path, str(request.environ["REQUEST_METHOD"])), "")


def body() -> Any:
    """What the body says, in any format."""
    try:
        return decoded(request.headers.get("Content-Type"), request.get_data())
    except BadBody:
        return None


def internal_error() -> Response:
    return answer([INTERNAL])


def unavailable() -> NoReturn:
    raise NoFormat


def refusing(problem: str) -> Callable[[], Response]:
    def bring() -> NoReturn:
        raise OAuthProblem(problem)

    return bring


FAULTS = {
    **{
        problem: Fault(
            source=f"OpenMage 20.18, OAuth: {problem}", bring=refusing(problem)
        )
        for problem in (
            "nonce_used",
            "timestamp_refused",
            "consumer_key_rejected",
            "token_rejected",
            "token_revoked",
            "signature_invalid",
        )
    },
    "internal_error": Fault(
        source='OpenMage, observed: "Resource internal error."',
        bring=internal_error,
        operations=frozenset(RESOURCES),
    ),
    "crash": Fault(
        source="OpenMage, observed: a PHP error is a bare 500", bring=bare_500
    ),
    "unavailable": Fault(
        source="OpenMage, observed: the text of a server that cannot answer",
        bring=unavailable,
        operations=frozenset(RESOURCES),
    ),
}


def rehearsal() -> Rehearsal:
    """What there is to know for who tests a client."""
    return Rehearsal(
        operation=operation, operations=OPERATIONS, faults=FAULTS, body=body
    )
