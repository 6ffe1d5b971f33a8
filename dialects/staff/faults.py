"""For who tests a client: the operations' names, what each reads, and the faults."""

from typing import Any

from flask import Response
from werkzeug.exceptions import HTTPException

from core import AddressError
from dialects.forms import Form
from dialects.rehearsal import Fault, Reads, Rehearsal, by_endpoint, fields_of
from dialects.staff import bodies, customer_schemas, forms, listings
from dialects.staff.errors import SERVER_ERROR, throttled
from dialects.staff.filters import Listing
from dialects.staff.responses import respond_bare

FORMAT = frozenset({"format"})


def reads_one(listing: Listing) -> Reads:
    """One thing is sought among those that the list's filters leave."""
    return Reads(parameters=FORMAT | listing.filters.keys() | {"search"})


def reads_list(listing: Listing) -> Reads:
    one = reads_one(listing)
    return Reads(parameters=one.parameters | {"limit", "offset", "ordering"})


def writes(listing: Listing, form: Form) -> Reads:
    one = reads_one(listing)
    return Reads(parameters=one.parameters, fields=fields_of(form))


NEW_CUSTOMER = {
    name: None
    for name in fields_of(forms.CUSTOMER)
    if name not in customer_schemas.OF_UPDATES
}
OPERATIONS = {
    "list": reads_list(listings.ADDRESSES),
    "create": Reads(parameters=FORMAT, fields=fields_of(forms.ADDRESS)),
    "get": reads_one(listings.ADDRESSES),
    "update": writes(listings.ADDRESSES, forms.ADDRESS),
    "delete": reads_one(listings.ADDRESSES),
    "customers.list": reads_list(listings.CUSTOMERS),
    "customers.create": Reads(parameters=FORMAT, fields=NEW_CUSTOMER),
    "customers.get": reads_one(listings.CUSTOMERS),
    "customers.update": writes(listings.CUSTOMERS, forms.CUSTOMER),
    "customers.delete": reads_one(listings.CUSTOMERS),
    **{
        f"{kind}.{verb}": reads(listing)
        for kind, listing in (
            ("countries", listings.COUNTRIES),
            ("states", listings.STATES),
            ("cities", listings.CITIES),
        )
        for verb, reads in (("list", reads_list), ("get", reads_one))
    },
    "permissions.list": Reads(parameters=FORMAT | {"search", "ordering"}),
    "sign_in": Reads(parameters=FORMAT, fields=fields_of(forms.SIGN_IN)),
    "describe": Reads(parameters=FORMAT),
}
NAMES = {
    "staff.list_customer_addresses": "list",
    "staff.create_customer_address": "create",
    "staff.retrieve_customer_address": "get",
    "staff.update_customer_address": "update",
    "staff.delete_customer_address": "delete",
    "staff.list_customers": "customers.list",
    "staff.create_customer": "customers.create",
    "staff.retrieve_customer": "customers.get",
    "staff.update_customer": "customers.update",
    "staff.delete_customer": "customers.delete",
    "staff.list_countries": "countries.list",
    "staff.retrieve_country": "countries.get",
    "staff.list_states": "states.list",
    "staff.retrieve_state": "states.get",
    "staff.list_cities": "cities.list",
    "staff.retrieve_city": "cities.get",
    "staff.list_permissions": "permissions.list",
    "staff.sign_in": "sign_in",
}
named = by_endpoint(NAMES)


def operation() -> str:
    """The operation's name; whatever is described, to describe it is one."""
    name = named()
    return "describe" if name.startswith("describe") else name


def body() -> Any:
    """What the body says, in any of the types that are taken."""
    try:
        return bodies.read(whole=False)
    except (AddressError, HTTPException):
        return None


def server_error() -> Response:
    return respond_bare(SERVER_ERROR, 500)


FAULTS = {
    "throttled": Fault(
        source="Django REST Framework, exceptions.py: Throttled; views.py: Retry-After",
        bring=throttled,
        options={"retry_after": 60},
    ),
    "server_error": Fault(
        source="Django REST Framework, exceptions.py: server_error", bring=server_error
    ),
}


def rehearsal() -> Rehearsal:
    """What there is to know for who tests a client."""
    return Rehearsal(
        operation=operation, operations=OPERATIONS, faults=FAULTS, body=body
    )
