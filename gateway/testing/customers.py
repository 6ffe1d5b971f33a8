"""How a client of an API writes and reads customers, and the laws that hold for them.

The laws are those of `gateway.testing.laws`, from the first to the fourth.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, ClassVar

from werkzeug.test import TestResponse

from core import Changes, Customer, CustomerDraft, Gender, Ref
from dialects.base import Dialect, Wire
from gateway.testing.driver import Call
from gateway.testing.laws import over_the_wire
from gateway.testing.world import World

CANONICAL = tuple(field.name for field in fields(CustomerDraft))

ORDINARY = CustomerDraft(
    first_name="Emmy",
    last_name="Noether",
    email="Emmy@example.com",
    phone="212 555 0100",
)
"""A customer whom every dialect takes."""

FULL = replace(
    ORDINARY,
    middle_name="Amalie",
    prefix="Prof.",
    suffix="PhD",
    company="Engines & Co",
    note="Rings twice",
    tax_id="GB123456789",
    national_id="AB123456C",
    birth_date=date(1982, 3, 23),
    gender=Gender.FEMALE,
    is_active=False,
    extras={"suite": {"seen": "by nobody"}},
)
"""A customer with something in every field: what a dialect drops shows in it."""


class CustomerDriver(ABC):
    """A client of one API, for one customer at a time: a part of its `Driver`.

    What the API does not do with customers is not called, and need not be here.
    """

    scope: ClassVar[str]
    echoes_customers: ClassVar[bool] = True
    """Whether the answer to `add_customers` shows the customer."""

    def add_customers(self, *wires: Wire) -> Call:
        """The request that creates customers."""
        raise NotImplementedError

    def get_customer(self, customer: Customer) -> Call:
        """The request for one customer."""
        raise NotImplementedError

    def find_customers(self) -> Call:
        """The request for all customers; there are a handful."""
        raise NotImplementedError

    def update_customer(self, customer: Customer, wire: Wire) -> Call:
        """The request that changes a customer."""
        raise NotImplementedError

    def remove_customer(self, customer: Customer) -> Call:
        """The request that removes a customer."""
        raise NotImplementedError

    @abstractmethod
    def customer_as_request(self, shown: Wire) -> Wire:
        """What a client sends back of a customer that it was shown."""

    @abstractmethod
    def customer_ref(self, shown: Wire) -> Ref:
        """The id in a customer that was shown."""

    def added_customer(self, response: TestResponse) -> Ref:
        """The id of the customer that the answer to `add_customers` tells of."""
        return self.customer_ref(self.shown_customer(response))

    def shown_customer(self, response: TestResponse) -> Wire:
        """The one customer in an answer."""
        wire: Wire = response.get_json()
        return wire

    @abstractmethod
    def listed_customers(self, response: TestResponse) -> Sequence[Wire]:
        """The customers in an answer to `find_customers`."""


Speaker = tuple[Dialect, CustomerDriver]
"""A dialect that speaks of customers, and a client of it."""


def shown(dialect: Dialect, customer: Customer) -> Wire:
    """The customer as the dialect shows it, when it arrives."""
    assert dialect.encode_customer is not None
    wire: Wire = over_the_wire(dialect.encode_customer(customer))
    return wire


def said(dialect: Dialect, wire: Wire, known: Customer | None) -> Changes:
    """What a request says of a new or a known customer."""
    assert dialect.decode_customer is not None
    return dialect.decode_customer(wire, known)


def as_request(speaker: Speaker, customer: Customer) -> Wire:
    """What a client sends that was shown the customer."""
    dialect, driver = speaker
    return driver.customer_as_request(shown(dialect, customer))


def written_back(speaker: Speaker, customer: Customer) -> Customer:
    """The customer after a client sent back what it was shown (law 1)."""
    wire = as_request(speaker, customer)
    return replace(customer, **said(speaker[0], wire, customer))


@contextmanager
def written_through(
    world: World, speaker: Speaker, draft: CustomerDraft
) -> Iterator[Customer]:
    """The customer that a client makes of what the dialect shows of one.

    No two are in the store at a time, as an e-mail may be allowed only once. Raises
    AssertionError when the dialect refuses it.
    """
    dialect, driver = speaker
    original = world.add_customer(draft)
    world.remove_customer(original)
    call = driver.add_customers(as_request(speaker, original))
    response = world.call(dialect, call, driver.scope)
    assert response.status_code < 300, response.get_data(as_text=True)
    written = world.get_customer(driver.added_customer(response))
    try:
        yield written
    finally:
        world.remove_customer(written)


def kept(customer: CustomerDraft, losses: Iterable[str] = ()) -> Mapping[str, Any]:
    """The canonical fields of a customer without the losses."""
    return {name: getattr(customer, name) for name in CANONICAL if name not in losses}


def lost(customer: CustomerDraft, original: CustomerDraft) -> set[str]:
    """The fields in which a customer is not the original."""
    there, here = kept(original), kept(customer)
    return {name for name in CANONICAL if here[name] != there[name]}


@dataclass(frozen=True, kw_only=True, slots=True)
class Crossing:
    """What was written through one dialect, and what was read through another.

    Neither has the losses of the two.
    """

    written: Mapping[str, Any]
    read: Mapping[str, Any]


def crossed(
    world: World, writer: Speaker, reader: Speaker, draft: CustomerDraft
) -> Crossing:
    """A customer on the way through two dialects (law 4)."""
    dialect, driver = reader
    with written_through(world, writer, draft) as written:
        answer = world.call(dialect, driver.get_customer(written), driver.scope)
        wire = driver.customer_as_request(driver.shown_customer(answer))
        read = CustomerDraft(**said(dialect, wire, None))
    losses = {*writer[0].customer_losses, *dialect.customer_losses}
    return Crossing(written=kept(draft, losses), read=kept(read, losses))
