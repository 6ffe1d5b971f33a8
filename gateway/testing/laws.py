"""The laws that hold for every dialect.

1. No clobber: writing back what was read changes nothing, whatever the address holds.
2. No silent loss: what a client writes and then reads is what it wrote, but for the
   fields that the dialect declares as losses.
3. No stale declaration: each declared loss is one.
4. Across dialects: an address written through A and read through B is the address,
   less the losses of A and of B.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

from core import Address, Draft, Kind
from dialects.base import Dialect
from gateway.testing.driver import Driver
from gateway.testing.world import ORDINARY, World

CANONICAL = tuple(f.name for f in fields(Draft) if f.name != "customer_id")

FULL = replace(
    ORDINARY,
    middle_name="King",
    prefix="Countess",
    suffix="I",
    company="Engines & Co",
    street=("12 Analytical Row", "Flat 3", "The Attic", "left\nright"),
    fax="212 555 0101",
    tax_id="GB123456789",
    national_id="AB123456C",
    note="Ring twice",
    kind=Kind.COMMERCIAL,
    default_billing=True,
    extras={"suite": {"seen": "by nobody"}},
)
"""An address that says something in every field: what a dialect drops shows in it."""

WITNESSES = (
    FULL,
    replace(FULL, default_shipping=True),
    replace(FULL, default_billing=False, default_shipping=True),
)
"""Addresses one of which shows each loss."""


def over_the_wire(wire: Any) -> Any:
    """A body as it arrives: only what JSON carries."""
    return json.loads(json.dumps(wire))


def written_back(dialect: Dialect, driver: Driver, address: Address) -> Address:
    """The address after a client sent back what it was shown (law 1)."""
    shown = over_the_wire(dialect.encode(address))
    changes = dialect.decode(driver.as_request(shown), address)
    return replace(address, **changes)


def written_through(
    world: World, dialect: Dialect, driver: Driver, address: Address
) -> Address:
    """The address that a client of the dialect makes of what the dialect shows of one.

    It is a newcomer's, as some dialects do not store an address twice. Raises
    AssertionError when the dialect refuses it.
    """
    wire = driver.as_request(over_the_wire(dialect.encode(address)))
    response = world.call(dialect, driver.add(world.newcomer(), wire), driver.scope)
    assert response.status_code < 300, response.get_data(as_text=True)
    return world.get(driver.added(response))


def kept(address: Address, losses: Iterable[str] = ()) -> Mapping[str, Any]:
    """The canonical fields of an address, without the losses and the suite's ids."""
    return {name: getattr(address, name) for name in CANONICAL if name not in losses}


def understood(
    world: World, dialect: Dialect, driver: Driver, shown: Mapping[str, Any]
) -> Address:
    """The address that a client of the dialect takes what it was shown for."""
    changes = dialect.decode(driver.as_request(over_the_wire(shown)), None)
    return world.add(Draft(**changes), world.newcomer())
