"""A gateway in memory with its control side, and a shop of its own for each test."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core import Store, schema
from gateway import registry
from gateway.app import create_app
from gateway.config import Config
from gateway.control import Control, Sandbox
from tests.gateway.control.calls import SEED


@pytest.fixture(scope="session")
def memory() -> Iterator[Store]:
    """A store in memory, with its tables and the places that all shops share."""
    store = Store(secret_key="test")
    schema.create(store.database)
    yield store
    store.close()


@pytest.fixture(scope="session")
def app(memory: Store) -> Flask:
    """The app of all four dialects."""
    return create_app(Config(), store=memory, dialects=registry.load())


@pytest.fixture
def control(app: Flask, memory: Store) -> Iterator[Control]:
    """The control side of the app, which is gone when the test ends."""
    dialects = [*app.extensions["dialects"].values()]
    control = Control(memory, dialects, app)
    yield control
    control.close()


@pytest.fixture
def shop(control: Control) -> Sandbox:
    """A shop with one customer, who has one address."""
    return control.new_shop(seed=SEED)


@pytest.fixture
def client(app: Flask, control: Control) -> FlaskClient:
    """A client of the app."""
    return app.test_client()
