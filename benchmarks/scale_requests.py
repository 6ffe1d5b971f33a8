"""The requests that scale is measured by, sent to an app in this process."""

import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.data import Data
from benchmarks.instructions import environ_of
from benchmarks.operations import CLIENTS, Client, sendable
from benchmarks.scale_stores import Filled
from dialects.base import Dialect
from gateway.app import create_app
from gateway.config import Config

OWNERS = 20
"""How many customers a filtered page is of: more addresses than fit on it."""


class App:
    """The gateway for one store."""

    def __init__(self, filled: Filled, dialects: Mapping[str, Dialect]) -> None:
        self.filled = filled
        self._dialects = dialects
        self._config = Config(
            database_url=filled.url,
            dialects=tuple(dialects),
            secret_key="benchmark",
            durable=False,
        )
        self._app = create_app(self._config)

    def client(self, name: str, chance: random.Random) -> Client:
        """A client of the dialect, who knows one address by chance."""
        filled = self.filled
        with filled.store.book("", shop=filled.shop, writes=False) as book:
            address = book.get(chance.randint(1, filled.addresses))
            owner = book.customer(address.customer_id)
        data = Data(
            config=self._config,
            store=filled.store,
            shop=filled.shop,
            addresses=[(owner, address)],
            writers=[owner],
        )
        return CLIENTS[name](dialect=self._dialects[name], data=data)

    def send(self, request: bytes) -> tuple[float, Any]:
        """The seconds until it is answered, and the body."""
        heads: list[str] = []
        environ = environ_of(request)
        start = perf_counter()
        answer = self._app(environ, lambda status, *_: heads.append(status))  # type: ignore[arg-type]
        body = b"".join(answer)
        elapsed = perf_counter() - start
        if not heads[0].startswith("2"):
            raise SystemExit(f"a request failed: {body[:500]!r}")
        return elapsed, json.loads(body)


Make = Callable[[App, random.Random], bytes]
"""Makes a request whose answer shows something, but for one of what is there."""


def staff(operation: str) -> Make:
    """Staff's request for an operation on one customer's addresses."""

    def make(app: App, chance: random.Random) -> bytes:
        client = app.client("staff", chance)
        [request] = client.operations[operation].make(client, 1)
        return request

    return make


def duplicate(app: App, chance: random.Random) -> bytes:
    """BigCommerce's request for an address that is there already, and is skipped."""
    client = app.client("bigcommerce", chance)
    [(_, address)] = client.data.addresses
    wire = sendable(client.dialect.encode(address))
    return client.request("POST", "/customers/addresses", [wire])


def filtered(app: App, chance: random.Random) -> bytes:
    """BigCommerce's request for a page of some customers' addresses."""
    client = app.client("bigcommerce", chance)
    owners = chance.sample(range(1, app.filled.customers), OWNERS)
    ids = ",".join(map(str, owners))
    path = f"/customers/addresses?limit=50&customer_id:in={ids}"
    return client.request("GET", path)


REQUESTS: Mapping[str, Make] = {
    "get": staff("get"),
    "list": staff("list"),
    "create": staff("create"),
    "duplicate check": duplicate,
    "filtered page": filtered,
}


def request_cost(app: App, make: Make, chance: random.Random) -> float:
    """The time of one answer, in seconds."""
    elapsed, body = app.send(make(app, chance))
    shown = body.get("data", body)
    if bool(shown) == (make is duplicate):
        raise SystemExit(f"an answer is not as it should be: {body!r}")
    return elapsed


@dataclass(frozen=True, kw_only=True, slots=True)
class Pages:
    """A list with numbered pages: where one is, and what tells the total."""

    dialect: str
    kind: str
    path: Callable[[int], str]
    size: int
    total: Callable[[Any], int]


def total_in_meta(body: Any) -> int:
    """The total that a page of BigCommerce's tells."""
    return int(body["meta"]["pagination"]["total"])


LISTS: Mapping[str, Pages] = {
    "bigcommerce addresses": Pages(
        dialect="bigcommerce",
        kind="addresses",
        path=lambda page: f"/customers/addresses?limit=50&page={page}",
        size=50,
        total=total_in_meta,
    ),
    "bigcommerce customers": Pages(
        dialect="bigcommerce",
        kind="customers",
        path=lambda page: f"/customers?limit=50&page={page}",
        size=50,
        total=total_in_meta,
    ),
    "staff customers": Pages(
        dialect="staff",
        kind="customers",
        path=lambda page: f"/customers?limit=10&offset={10 * (page - 1)}",
        size=10,
        total=lambda body: int(body["count"]),
    ),
}


def pages(
    app: App, listed: Pages, rounds: int, chance: random.Random
) -> dict[str, float]:
    """The medians of pages here and there; how many times the first is the slowest."""
    filled = app.filled
    client = app.client(listed.dialect, chance)
    with filled.store.extract("", shop=filled.shop) as extract:
        total = extract.counts()[listed.kind]
    last = -(-total // listed.size)
    times: dict[str, list[float]] = {}
    for _ in range(rounds):
        for where, page in {
            "first": 1,
            "middle": -(-last // 2),
            "random": chance.randint(1, last),
            "last": last,
        }.items():
            elapsed, body = app.send(client.request("GET", listed.path(page)))
            if listed.total(body) != total:
                raise SystemExit(f"a total is not {total}, but {listed.total(body)}")
            times.setdefault(where, []).append(elapsed)
    medians = {where: 1e6 * median(some) for where, some in times.items()}
    return {
        **{f"{where}_us": round(some) for where, some in medians.items()},
        "ratio": round(max(medians.values()) / medians["first"], 2),
    }
