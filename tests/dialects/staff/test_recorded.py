"""Staff answers as a Django REST Framework project does.

`exchanges.jsonl` and `customers.jsonl` were recorded from Django REST Framework 3.18.3
on Django 5.2.19 with django-filter 26.2, whose serializers, filters and settings follow
the documented pages; every exchange began with `fixtures.json`. Those with the source
"choice" were answered by a page of Django's in HTML, and have the JSON that we chose in
its place, or by what we chose to be the rule there. The README of the dialect lists
what was recorded and is not here. A sign-in's token is compared by its form: each is
new here. When a customer joined is not compared.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from core import Store, schema
from dialects.staff import DIALECT
from dialects.staff.fixtures import read_fixtures
from gateway.app import create_app
from gateway.compare import Answer, Rules, differences
from gateway.config import Config
from gateway.recording import Exchange, exchanges_from
from gateway.replay import instants
from gateway.seed import plant_fixtures
from tests.dialects.staff.sending import send

HERE = Path(__file__).parent
FIXTURES = json.loads((HERE / "fixtures.json").read_text())
EXCHANGES = [
    exchange
    for name in ("exchanges.jsonl", "customers.jsonl")
    for exchange in exchanges_from(HERE / name)
]
HELD = read_fixtures(FIXTURES)
KNOWN = frozenset(instants(FIXTURES))
TOKEN = re.compile(rb'(?<="token":")[0-9a-f]{40}(?=")')


@pytest.fixture(scope="module")
def store() -> Store:
    """A store in memory, with the clock of the machine."""
    store = Store()
    schema.create(store.database)
    return store


@pytest.fixture(scope="module")
def staff(store: Store) -> Flask:
    return create_app(Config(), store=store, dialects=[DIALECT])


@pytest.fixture
def app(staff: Flask, store: Store) -> Iterator[Flask]:
    """The app on a shop that is as the recorded server was."""
    shop = plant_fixtures(store, "recorded", DIALECT.name, HELD)
    yield staff
    store.remove_shop(shop)


@pytest.mark.parametrize("exchange", EXCHANGES, ids=[one.id for one in EXCHANGES])
def test_it_answers_as_recorded(app: Flask, exchange: Exchange) -> None:
    for before in exchange.setup:
        send(app, before)

    answer = send(app, exchange.request)

    given = {name.lower() for name, _ in exchange.request.headers}
    rules = Rules(known=KNOWN, is_untyped="content-type" not in given)
    assert differences(formal(exchange.answer), formal(answer), rules) == []


def formal(answer: Answer) -> Answer:
    """The answer, with every token the same."""
    if answer.body is None:
        return answer
    return replace(answer, body=TOKEN.sub(b"a token", answer.body))
