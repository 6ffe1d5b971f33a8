"""Every documented 500 is what a failing store leads to.

The texts are those of the pages "Customer Addresses API", "Customers API" (its list)
and "Authentication"; those of one customer are inferred from an address's.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from core import Store, schema
from dialects.easel import DIALECT
from gateway.testing import Clock, CountedIds, World
from gateway.testing.world import ORDINARY, new_world
from tests.dialects.easel.driver import EaselDriver

DRIVER = EaselDriver()
SPOIL = "CREATE TRIGGER spoil AFTER {} ON addresses BEGIN {} END"
SPOIL_CUSTOMERS = SPOIL.replace("addresses", "customers")
UNREADABLE = "UPDATE addresses SET extras = '{' WHERE id = NEW.id;"
UNREADABLE_CUSTOMER = UNREADABLE.replace("addresses", "customers")
REFUSED = "SELECT RAISE(ABORT, 'no');"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    clock, ids = Clock(), CountedIds()
    store = Store(f"sqlite:///{tmp_path}/failing.db", now=clock, new_id=ids)
    schema.create(store.database)
    with new_world(store, clock, ids, [DIALECT]) as world:
        yield world
    store.close()


def spoil(world: World, *statements: str) -> None:
    """Let the database do what no database should."""
    engine = create_engine(world.store.database.url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.mark.parametrize(
    ("operation", "sql", "error", "code"),
    [
        ("find", [UNREADABLE], "Failed to list addresses", "LIST_ERROR"),
        ("get", [UNREADABLE], "Failed to get address", "GET_ERROR"),
        (
            "add",
            [SPOIL.format("INSERT", REFUSED)],
            "Failed to create address",
            "CREATE_ERROR",
        ),
        (
            "add",
            [SPOIL.format("INSERT", UNREADABLE)],
            "Address created but failed to retrieve",
            "GET_ERROR",
        ),
        (
            "update",
            [SPOIL.format("UPDATE", REFUSED)],
            "Failed to update address",
            "UPDATE_ERROR",
        ),
        (
            "update",
            [SPOIL.format("UPDATE", UNREADABLE)],
            "Address updated but failed to retrieve",
            "GET_ERROR",
        ),
        (
            "remove",
            [SPOIL.format("DELETE", REFUSED)],
            "Failed to delete address",
            "DELETE_ERROR",
        ),
        (
            "get",
            ["DROP TABLE keys"],
            "Failed to authenticate API key",
            "AUTHENTICATION_ERROR",
        ),
    ],
)
def test_a_failing_store_is_answered_in_the_documented_words(
    world: World, operation: str, sql: list[str], error: str, code: str
) -> None:
    held = world.add(ORDINARY)
    wire = DRIVER.as_request(DIALECT.encode(held))
    calls = {
        "find": DRIVER.find(world.customer),
        "get": DRIVER.get(world.customer, held),
        "add": DRIVER.add(world.customer, wire),
        "update": DRIVER.update(world.customer, held, {**wire, "zip": "10002"}),
        "remove": DRIVER.remove(world.customer, held),
    }
    spoil(
        world,
        *(s.replace("NEW.id", str(held.id)) if s is UNREADABLE else s for s in sql),
    )

    answer = world.call(DIALECT, calls[operation], "write")
    spoil(world, "DROP TRIGGER IF EXISTS spoil")

    assert answer.status_code == 500
    assert answer.get_json() == {"error": error, "code": code}


def test_an_address_that_could_not_be_read_back_was_created(world: World) -> None:
    spoil(world, SPOIL.format("INSERT", UNREADABLE))
    wire = DRIVER.as_request(DIALECT.encode(world.add(ORDINARY, world.stranger)))

    answer = world.call(DIALECT, DRIVER.add(world.customer, wire), "write")
    spoil(world, "UPDATE addresses SET extras = ''")

    assert answer.get_json()["code"] == "GET_ERROR"
    assert len(world.addresses()) == 2


@pytest.mark.parametrize(
    ("operation", "sql", "error", "code"),
    [
        ("find", "", "Failed to list customers", "LIST_ERROR"),
        ("get", "", "Failed to get customer", "GET_ERROR"),
        (
            "add",
            SPOIL_CUSTOMERS.format("INSERT", REFUSED),
            "Failed to create customer",
            "CREATE_ERROR",
        ),
        (
            "add",
            SPOIL_CUSTOMERS.format("INSERT", UNREADABLE_CUSTOMER),
            "Customer created but failed to retrieve",
            "GET_ERROR",
        ),
        (
            "update",
            SPOIL_CUSTOMERS.format("UPDATE", REFUSED),
            "Failed to update customer",
            "UPDATE_ERROR",
        ),
        (
            "update",
            SPOIL_CUSTOMERS.format("UPDATE", UNREADABLE_CUSTOMER),
            "Customer updated but failed to retrieve",
            "GET_ERROR",
        ),
    ],
)
def test_so_it_is_with_customers(
    world: World, operation: str, sql: str, error: str, code: str
) -> None:
    wire = {"first_name": "John", "last_name": "Doe", "email": "", "phone": None}
    calls = {
        "find": DRIVER.find_customers(),
        "get": DRIVER.get_customer(world.customer),
        "add": DRIVER.add_customers(wire),
        "update": DRIVER.update_customer(world.customer, wire),
    }
    spoil(world, sql or "UPDATE customers SET extras = '{'")

    answer = world.call(DIALECT, calls[operation], "write")
    spoil(world, "DROP TRIGGER IF EXISTS spoil")

    assert answer.status_code == 500
    assert answer.get_json() == {"error": error, "code": code}
