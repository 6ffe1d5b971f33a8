"""Adds to a shop what a test needs, past all APIs, and says it as a seed does."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from core import Address, AddressBook, Customer, Invalid, NotFound, Query
from gateway.control.errors import NotHere
from gateway.control.sandboxes import Sandbox
from gateway.control.seeds import contents, told
from gateway.seed import Person, SeedError, drafted

FEW = 10
"""How many customers an error names."""


def add_customer(
    sandbox: Sandbox, fields: Mapping[str, Any]
) -> tuple[Customer, list[Address]]:
    """Store a customer with the addresses that are given. Raises SeedError."""
    someone = person(sandbox, fields, "")
    with sandbox.book() as book:
        with problems("customer"):
            owner = book.add_customer(someone.customer).id
        with problems("addresses"):
            added = book.add_many([drafted(one, owner) for one in someone.addresses])
        return book.customer(owner), added


def add_address(sandbox: Sandbox, customer: int, fields: Mapping[str, Any]) -> Address:
    """Store an address of the customer's. Raises SeedError and NotHere."""
    [given] = person(sandbox, {"addresses": [fields]}, "addresses[0].").addresses
    with sandbox.book() as book:
        owner = found(book, customer)
        with problems("address"):
            [address] = book.add_many([drafted(given, owner.id)])
        return address


def found(book: AddressBook, number: int) -> Customer:
    """The customer with the number. Raises NotHere, which tells who is there."""
    try:
        return book.customer(number)
    except NotFound:
        some = book.customers(Query(order=["id"], limit=FEW))
        known = ", ".join(str(one.id) for one in some.items) or "none"
        more = ", …" if some.total > FEW else ""
        told = f"there is no customer {number}; there are: {known}{more}"
        raise NotHere(told) from None


def person(sandbox: Sandbox, fields: Mapping[str, Any], path: str) -> Person:
    """What is said of a customer. Raises SeedError, with paths from there on."""
    try:
        said = {"customers": [fields]}
        return contents(said, sandbox.dialects, sandbox.clock()).people[0]
    except SeedError as error:
        text = str(error).removeprefix(f"customers[0].{path}")
        raise SeedError(text) from None


@contextmanager
def problems(path: str) -> Iterator[None]:
    """Tell what the core refuses. Raises SeedError."""
    try:
        yield
    except Invalid as invalid:
        raise told(path, invalid) from None
