"""For who tests a client: the operations' names, what each reads, and the faults."""

from flask import Response

from dialects.current import g
from dialects.easel import forms
from dialects.easel.errors import fail
from dialects.rehearsal import Fault, Reads, Rehearsal, by_endpoint, fields_of

ADDRESS = Reads(fields=fields_of(forms.ADDRESS))
CUSTOMER = Reads(fields=fields_of(forms.CUSTOMER))
OPERATIONS = {
    "list": Reads(),
    "create": ADDRESS,
    "get": Reads(),
    "update": ADDRESS,
    "delete": Reads(),
    "customers.list": Reads(parameters=frozenset({"after", "email", "search"})),
    "customers.create": CUSTOMER,
    "customers.get": Reads(),
    "customers.update": CUSTOMER,
}
NAMES = {
    "easel.list_customer_addresses": "list",
    "easel.create_customer_address": "create",
    "easel.get_customer_address": "get",
    "easel.update_customer_address": "update",
    "easel.delete_customer_address": "delete",
    "easel.list_customers": "customers.list",
    "easel.create_customer": "customers.create",
    "easel.get_customer": "customers.get",
    "easel.update_customer": "customers.update",
}
PAGE = 'the pages "Customer Addresses API" and "Customers API", Errors'


class Failed(Exception):
    """The store fails."""


def failed() -> Response:
    """What the operation says when the store fails."""
    return fail(Failed())


def failed_to_retrieve() -> Response:
    """What a write says that was done, when it cannot be read."""
    g.written = True
    return fail(Failed())


def failed_to_authenticate() -> Response:
    """What is said when the keys cannot be read."""
    g.pop("key", None)
    return fail(Failed())


def failure(code: str, operation: str) -> Fault:
    both = frozenset({operation, f"customers.{operation}"})
    return Fault(
        source=f"{PAGE}: {code}", bring=failed, operations=both & OPERATIONS.keys()
    )


def unread(code: str, operation: str) -> Fault:
    return Fault(
        source=f'{PAGE}: {code}, "{operation}d but failed to retrieve"',
        bring=failed_to_retrieve,
        operations=frozenset({operation, f"customers.{operation}"}),
        is_late=True,
    )


FAULTS = {
    "list_error": failure("LIST_ERROR", "list"),
    "create_error": failure("CREATE_ERROR", "create"),
    "get_error": failure("GET_ERROR", "get"),
    "update_error": failure("UPDATE_ERROR", "update"),
    "delete_error": failure("DELETE_ERROR", "delete"),
    "created_get_error": unread("GET_ERROR", "create"),
    "updated_get_error": unread("GET_ERROR", "update"),
    "authentication_error": Fault(
        source='the page "Authentication": AUTHENTICATION_ERROR',
        bring=failed_to_authenticate,
    ),
}


def rehearsal() -> Rehearsal:
    """What there is to know for who tests a client."""
    return Rehearsal(operation=by_endpoint(NAMES), operations=OPERATIONS, faults=FAULTS)
