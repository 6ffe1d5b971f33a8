"""The shop's customers (source: the pages "List Customers" to "Delete Customer")."""

from flask import Response
from werkzeug.exceptions import Conflict, HTTPException

from core import AddressBook, AddressError, CustomerDraft
from dialects.base import open_book
from dialects.current import g, request
from dialects.staff import bodies, listings, metadata
from dialects.staff.bodies import Form
from dialects.staff.customer_schemas import decode_customer, encode_customer
from dialects.staff.lookups import narrowed, sought_customer
from dialects.staff.metadata import CUSTOMER_FIELDS, NEW_CUSTOMER_FIELDS
from dialects.staff.queries import envelope, window
from dialects.staff.responses import respond
from dialects.staff.routing import route

CUSTOMERS = "/customers"
CUSTOMER = f"{CUSTOMERS}/<staff_id:id>"
FORM = Form(box="is_active", dates=("birth_date",))


@route(CUSTOMERS, "GET")
def list_customers() -> Response:
    shown = window(g.arguments)
    query = narrowed(listings.CUSTOMERS, shown)
    with open_book(large=True) as book:
        found = book.customers(query)
    results = [encode_customer(customer) for customer in found.items]
    return respond(envelope(results, found.total, shown, g.arguments))


@route(CUSTOMERS, "POST")
def create_customer() -> Response:
    wire = bodies.read(whole=False, form=FORM)
    draft = CustomerDraft(**decode_customer(wire, None))
    with open_book() as book:
        refuse_taken(book, draft.email)
        customer = book.add_customer(draft)
    return respond(encode_customer(customer), 201)


@route(CUSTOMER, "GET")
def retrieve_customer(id: str) -> Response:
    with open_book() as book:
        customer = sought_customer(book, id)
    return respond(encode_customer(customer))


@route(CUSTOMER, "PUT", "PATCH")
def update_customer(id: str) -> Response:
    whole = request.method == "PUT"
    request.get_data()
    with open_book() as book:
        customer = sought_customer(book, id)
        wire = bodies.read(whole=whole, form=FORM)
        changes = decode_customer(wire, customer)
        refuse_taken(book, changes.get("email", ""), customer.id)
        [updated] = book.update_customers([(customer, changes)])
    return respond(encode_customer(updated))


@route(CUSTOMER, "DELETE")
def delete_customer(id: str) -> Response:
    with open_book() as book:
        book.remove_customers([sought_customer(book, id)])
    return respond(None, 204)


@route(CUSTOMERS, "OPTIONS")
def describe_customers() -> Response:
    return respond(metadata.described("Customer List", POST=NEW_CUSTOMER_FIELDS))


@route(CUSTOMER, "OPTIONS")
def describe_customer(id: str) -> Response:
    """Only a customer who is there can be written to."""
    name = "Customer Instance"
    try:
        with open_book() as book:
            sought_customer(book, id)
    except (AddressError, HTTPException):
        return respond(metadata.described(name))
    return respond(metadata.described(name, PUT=CUSTOMER_FIELDS))


def refuse_taken(book: AddressBook, email: str, owner: int | None = None) -> None:
    """Raise Conflict if the e-mail is another customer's. None is nobody's."""
    if any(number != owner for number in book.with_email([email])[email]):
        raise Conflict
