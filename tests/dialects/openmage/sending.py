"""A gateway with the page's addresses, and what is sent to it and answered."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from core import City, Country, CustomerDraft, Draft, Region, Store, schema
from dialects.base import Credential
from dialects.openmage import DIALECT
from gateway.app import create_app
from gateway.config import Config
from gateway.testing.world import Clock

CONSUMER = Credential(
    token="consumer".ljust(32, "0"), secret="0" * 32, scope="consumer"
)
ADMIN, ADA, GRACE = "admin", "ada", "grace"
"""Who may send: an administrator, and customers 1 and 2."""

USERS = {
    ADMIN: {"scope": "admin"},
    ADA: {"scope": "customer", "customer_id": 1},
    GRACE: {"scope": "customer", "customer_id": 2},
}
HEADERS = {
    user: DIALECT.authorization(
        Credential(token=user.ljust(32, "0"), secret="1" * 32, scope=""), CONSUMER
    )
    for user in USERS
}

JSON, XML, TEXT = "application/json", "text/xml", "text/plain"
LIST, ITEM = "/customers/1/addresses", "/customers/addresses/1"
SECOND = "/customers/addresses/2"

NAMED = [CustomerDraft(first_name=name) for name in ("Ada", "Grace", "Nobody")]

# The page's examples: of a list in XML, and of an address in JSON.
DEFAULT = Draft(
    prefix="Dr.",
    first_name="John",
    last_name="Doe",
    suffix="Jr.",
    street=(
        "2356 Jody Road Philadelphia",
        "844 Jefferson Street; 4510 Willis Avenue",
    ),
    city=City(name="PA"),
    region=Region(name="Palau"),
    country=Country(code="US"),
    postal_code="19103",
    phone="610-634-1181",
    tax_id="123456789",
    default_billing=True,
    default_shipping=True,
    extras={"openmage": {"nulls": ["middlename", "company", "fax"]}},
)
PLAIN = Draft(
    first_name="John",
    last_name="Doe",
    street=("123 Easy St",),
    city=City(name="San Jose"),
    region=Region(name="California"),
    country=Country(code="US"),
    postal_code="94070",
    phone="898-555-1212",
)

VALID: Mapping[str, Any] = {
    "firstname": "John",
    "lastname": "Doe",
    "street": ["123 Easy St"],
    "city": "San Jose",
    "country_id": "US",
    "region": "California",
    "postcode": "94070",
    "telephone": "898-555-1212",
}


def but(*without: str, **changes: Any) -> dict[str, Any]:
    """A body that is valid but for this."""
    changed = {**VALID, **changes}
    return {name: value for name, value in changed.items() if name not in without}


@dataclass(frozen=True, slots=True)
class Sent:
    """A request below the root: of a user, None for a guest; a body is sent as JSON."""

    method: str
    target: str
    body: Any = None
    user: str | None = ADMIN
    accept: str | None = JSON
    type: str | None = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> bytes | None:
        """The body as it is sent: bytes and text are sent as they are."""
        if self.body is None or isinstance(self.body, bytes):
            return self.body
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        return text.encode()


@dataclass(frozen=True, slots=True)
class Answer:
    """What is compared of a response."""

    status: int
    body: bytes = b""
    type: str = "text/html; charset=UTF-8"
    location: str | None = None


Send = Callable[[Sent], Answer]


@cache
def new_store() -> Store:
    """A store in memory, for one gateway after another: it takes long to make."""
    store = Store("sqlite://", secret_key="test", durable=False, now=Clock())
    schema.create(store.database)
    return store


@contextmanager
def new_gateway(
    *drafts: Draft,
    customers: Sequence[CustomerDraft] = NAMED,
    max_body: int = Config().max_body,
    **quirks: Any,
) -> Iterator[Send]:
    """What sends to a gateway where customer 1 has these addresses; there are 3."""
    store = new_store()
    shop = store.add_shop("ours")
    with store.book("test", shop=shop) as book:
        book.add_customers(customers)
    with store.book("test", shop=store.shop("ours")) as book:
        book.add_many([replace(draft, customer_id=1) for draft in drafts])
    with store.keys() as keys:
        keys.add(
            DIALECT.name,
            shop,
            token=CONSUMER.token,
            secret=CONSUMER.secret,
            scope=CONSUMER.scope,
        )
        consumer_id = keys.id_of(DIALECT.name, CONSUMER.token)
        for user, options in USERS.items():
            keys.add(
                DIALECT.name,
                shop,
                token=user.ljust(32, "0"),
                secret="1" * 32,
                consumer_id=consumer_id,
                **options,
            )
    config = Config(max_body=max_body, quirks={DIALECT.name: quirks})
    client = create_app(config, store=store, dialects=[DIALECT]).test_client()

    def send(sent: Sent) -> Answer:
        headers = {**(HEADERS[sent.user] if sent.user else {}), **sent.headers}
        if sent.accept is not None:
            headers["Accept"] = sent.accept
        if sent.data is not None and sent.type is not None:
            headers["Content-Type"] = sent.type
        response = client.open(
            DIALECT.root + sent.target,
            method=sent.method,
            headers=headers,
            data=sent.data,
        )
        return Answer(
            response.status_code,
            response.get_data(),
            response.headers["Content-Type"],
            response.headers.get("Location"),
        )

    try:
        yield send
    finally:
        store.remove_shop(shop)


def get(target: str, **options: Any) -> Sent:
    """A request to read."""
    return Sent("GET", target, **options)


def post(body: Any, target: str = LIST, **options: Any) -> Sent:
    """A request to create an address."""
    return Sent("POST", target, body, **options)


def put(body: Any, target: str = SECOND, **options: Any) -> Sent:
    """A request to change an address."""
    return Sent("PUT", target, body, **options)


def delete(target: str, **options: Any) -> Sent:
    """A request to remove an address."""
    return Sent("DELETE", target, **options)


def php_json(value: Any) -> bytes:
    """JSON as PHP writes it: without blanks, and with slashes escaped."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/").encode()


def shown(value: Any) -> Answer:
    """A success in JSON."""
    return Answer(200, php_json(value), f"{JSON}; charset=utf-8")


def errors(*items: tuple[int, str]) -> Answer:
    """These errors in JSON, of which the last one gives the status."""
    listed = [{"code": code, "message": message} for code, message in items]
    body = php_json({"messages": {"error": listed}})
    return Answer(items[-1][0] or 500, body, f"{JSON}; charset=utf-8")


def error(code: int, message: str) -> Answer:
    """One error in JSON."""
    return errors((code, message))


DONE = Answer(200)
CRASH = Answer(500)


def created(number: int) -> Answer:
    """A success that tells where the new address lies."""
    return Answer(200, location=f"/api/rest/customers/addresses/{number}")
