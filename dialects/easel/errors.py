"""What every error looks like: one sentence and one code.

Quoted from the pages "Customer Addresses" (addresses), "Customers" (lists of them, bad
cursors) and "Authentication" (keys); what goes wrong with one customer is told as of an
address.
"""

import json
from collections.abc import Iterable

from flask import Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from core import Forbidden, Invalid, NotFound, Problem, Unauthenticated
from dialects.current import g, request
from dialects.easel.auth import authenticate

Answer = tuple[int, str, str]

UNAUTHENTICATED: dict[str, Answer] = {
    "missing": (401, "Authorization header is required", "MISSING_AUTHORIZATION"),
    "malformed": (
        401,
        "Authorization header must be 'Bearer <token>'",
        "INVALID_AUTHORIZATION",
    ),
    "empty": (401, "API key cannot be empty", "EMPTY_TOKEN"),
    "unknown": (401, "Invalid API key", "INVALID_API_KEY"),
}
FORBIDDEN: Answer = (
    403,
    "API key does not have write permissions",
    "INSUFFICIENT_PERMISSIONS",
)
METHOD: Answer = (405, "HTTP method not allowed", "METHOD_NOT_ALLOWED")
NO_ROUTE: Answer = (404, "Not found", "NOT_FOUND")
NO_ADDRESS: Answer = (404, "Address not found", "NOT_FOUND")
NO_CUSTOMER: Answer = (404, "Customer not found", "NOT_FOUND")
SYNTAX: Answer = (400, "Invalid JSON body", "INVALID_JSON")
COUNTRY: Answer = (400, "Invalid 'country_id' field", "INVALID_FIELD")
CURSOR: Answer = (400, "Invalid 'after' parameter", "INVALID_FIELD")
MISSING = {
    "customer_id": "Customer ID is required",
    "address_id": "Address ID is required",
    "first_name": "First name is required",
    "last_name": "Last name is required",
    "street1": "Street1 is required",
    "city": "City is required",
    "state": "State is required",
    "country_id": "Country ID is required",
}
NO_KEYS: Answer = (500, "Failed to authenticate API key", "AUTHENTICATION_ERROR")
FAILED: dict[str, Answer] = {
    "list_customer_addresses": (500, "Failed to list addresses", "LIST_ERROR"),
    "create_customer_address": (500, "Failed to create address", "CREATE_ERROR"),
    "get_customer_address": (500, "Failed to get address", "GET_ERROR"),
    "update_customer_address": (500, "Failed to update address", "UPDATE_ERROR"),
    "delete_customer_address": (500, "Failed to delete address", "DELETE_ERROR"),
    "list_customers": (500, "Failed to list customers", "LIST_ERROR"),
    "create_customer": (500, "Failed to create customer", "CREATE_ERROR"),
    "get_customer": (500, "Failed to get customer", "GET_ERROR"),
    "update_customer": (500, "Failed to update customer", "UPDATE_ERROR"),
}
WRITTEN: dict[str, Answer] = {
    "create_customer_address": (
        500,
        "Address created but failed to retrieve",
        "GET_ERROR",
    ),
    "update_customer_address": (
        500,
        "Address updated but failed to retrieve",
        "GET_ERROR",
    ),
    "create_customer": (500, "Customer created but failed to retrieve", "GET_ERROR"),
    "update_customer": (500, "Customer updated but failed to retrieve", "GET_ERROR"),
}
# Where a customer who is not there is told as such, and not by the address.
OF_CUSTOMERS = {
    "list_customer_addresses",
    "create_customer_address",
    "get_customer",
    "update_customer",
}
UNKNOWN: Answer = (500, "Internal server error", "INTERNAL_ERROR")


def fail(error: Exception) -> Response:
    """The answer to any error."""
    status, text, code = answer(authenticated(error))
    body = json.dumps({"error": text, "code": code}, separators=(",", ":"))
    response = Response(body, status=status, mimetype="application/json")
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, MethodNotAllowed) and error.valid_methods and status == 405:
        response.headers["Allow"] = ", ".join(sorted(allowed(error.valid_methods)))
    return response


def allowed(methods: Iterable[str]) -> set[str]:
    """What a resource takes; what says on a collection that an id is missing is not."""
    found = set(methods)
    return found - {"PUT", "DELETE"} if "POST" in found else found


def authenticated(error: Exception) -> Exception:
    """The error, or the caller's own if a request went astray unauthenticated.

    405 stands under the page's "Permission Errors": the key comes before the route.
    """
    if not isinstance(error, HTTPException) or "key" in g:
        return error
    try:
        authenticate()
    except Exception as refusal:
        # The store may fail as well, and that is told of the key.
        return refusal
    return error


def answer(error: Exception) -> Answer:
    """Status, sentence and code."""
    match error:
        case Unauthenticated(code=code):
            return UNAUTHENTICATED[code]
        case Forbidden():
            return FORBIDDEN
        case Invalid(problems=problems):
            return invalid(problems[0])
        case NotFound(kind="customer") if operation() in OF_CUSTOMERS:
            return NO_CUSTOMER
        case NotFound():
            return NO_ADDRESS
        case MethodNotAllowed():
            return METHOD
        case RequestEntityTooLarge():
            return SYNTAX
        case HTTPException(code=404):
            return NO_ROUTE
        case HTTPException(code=code, name=name) if code is not None:
            return code, name, name.upper().replace(" ", "_")
    return failed()


def invalid(problem: Problem) -> Answer:
    """The answer to the first thing that is wrong with a request."""
    match problem:
        case Problem(code="missing", path=path):
            return 400, MISSING[path], "MISSING_FIELD"
        case Problem(path="country_id" | "country", code="negative" | "unknown"):
            return COUNTRY
        case Problem(code="cursor"):
            return CURSOR
    return SYNTAX


def failed() -> Answer:
    """The answer when the store fails: each operation has its own."""
    if "key" not in g:
        return NO_KEYS
    if "written" in g and operation() in WRITTEN:
        return WRITTEN[operation()]
    return FAILED.get(operation(), UNKNOWN)


def operation() -> str:
    """The documented operation of the request: "list_customers", …"""
    return (request.endpoint or "").partition(".")[2]
