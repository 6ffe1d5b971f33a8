"""The ids that are kept in the store, of what is moved there."""

from core import AddressBook, CustomerDraft, Draft, NotFound, Ref
from dialects.remote import RemoteAddress, RemoteCustomer

TAKEN = " is taken"


def taken(book: AddressBook, moved: RemoteCustomer | RemoteAddress) -> str:
    """Why something cannot keep its id; "" if it can."""
    find = book.customer if isinstance(moved, RemoteCustomer) else book.get
    try:
        find(moved.ref)
    except NotFound:
        return ""
    return "public_id" + TAKEN if is_public(moved.ref) else f"id{TAKEN}: {moved.ref}"


def is_public(ref: Ref) -> bool:
    """Whether the reference is a public id, and no number."""
    return not isinstance(ref, int)


def fresh_customer(book: AddressBook) -> int:
    """A number that nobody had before."""
    probe = book.add_customer(CustomerDraft())
    book.remove_customers([probe])
    return probe.id


def fresh_address(book: AddressBook) -> int:
    """A number that no address had before."""
    [probe] = book.add_many([Draft()])
    book.remove_many([probe])
    return probe.id
