"""Differences to plant in a server, and what verify says of them."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core import Store
from dialects.base import Dialect
from gateway import registry
from gateway.verify import Outcome, Report, verify
from tests.gateway.verifying import Exchange, Wrong, access, demo, nothing, served

DIALECTS = {dialect.name: dialect for dialect in registry.load()}
Json = Callable[[Any], Any]


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """One for all: what is asked of it leaves it as it was."""
    with demo() as store:
        yield store


def told(report: Report) -> list[str]:
    """The differences, each behind its check's name."""
    return [
        f"{verdict.name}: {difference.what}"
        for verdict in report.of(Outcome.DIFFERENT)
        for difference in verdict.differences
    ]


def wrongly(
    store: Store,
    folder: Path,
    dialect: Dialect,
    *,
    asks: Wrong = nothing,
    answers: Wrong = nothing,
    **options: Any,
) -> Report:
    """What verify says of our own server with something wrong in it."""
    with served(store, dialect, asks=asks, answers=answers) as url:
        return verify(dialect, url, access(folder, dialect), **options)


def status(old: int, new: int) -> Wrong:
    def plant(exchange: Exchange) -> None:
        if exchange.status == old:
            exchange.status = new

    return plant


def header(name: str, value: str) -> Wrong:
    """Another value, or none if it is empty, where there is one."""

    def plant(exchange: Exchange) -> None:
        if exchange.headers.pop(name, None) is not None and value:
            exchange.headers[name] = value

    return plant


def text(old: str, new: str) -> Wrong:
    """Other words in the answer."""

    def plant(exchange: Exchange) -> None:
        exchange.answer = re.sub(old.encode(), new.encode(), exchange.answer)

    return plant


def objects(change: Json) -> Wrong:
    """Something else in place of every object of an answer in JSON that has an id."""

    def walked(value: Any) -> Any:
        if isinstance(value, list):
            return [walked(one) for one in value]
        if not isinstance(value, dict):
            return value
        inner = {name: walked(one) for name, one in value.items()}
        is_address = inner.keys() & {"postal_code", "zip", "postcode"}
        return change(inner) if is_address else inner

    def plant(exchange: Exchange) -> None:
        if "json" in exchange.headers.get("Content-Type", "") and exchange.answer:
            exchange.json = walked(exchange.json)

    return plant


def body(change: Callable[[Any], Any]) -> Wrong:
    """Something else in place of an answer in JSON."""

    def plant(exchange: Exchange) -> None:
        if "json" in exchange.headers.get("Content-Type", "") and exchange.answer:
            value = exchange.json
            change(value)
            exchange.json = value

    return plant


def backwards(value: dict[str, Any]) -> dict[str, Any]:
    return dict(reversed(value.items()))


def without(name: str) -> Json:
    return lambda value: {n: v for n, v in value.items() if n != name}


def having(**more: Any) -> Json:
    return lambda value: {**value, **more}


def retyped(name: str, kind: type) -> Json:
    return lambda value: {**value, name: kind(value[name])}


def only_v2(plant: Wrong) -> Wrong:
    """What is planted, in answers of V2."""

    def planted(exchange: Exchange) -> None:
        if "/v2/" in exchange.path:
            plant(exchange)

    return planted
