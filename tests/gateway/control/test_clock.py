"""A shop has its own time, ids and counts, and a reset begins them anew."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import pytest
from flask.testing import FlaskClient
from oauthlib.oauth1 import Client

from core import CustomerDraft, Draft, Store, Use, schema
from gateway import registry
from gateway.app import create_app
from gateway.config import Config
from gateway.control import Control, Sandbox
from gateway.control.clock import MOST_NONCES, Clock, ClockError, Nonces
from tests.gateway.control.calls import CALLS, SEED, Call, call, send

LEAP = datetime(2024, 2, 29, 12, tzinfo=UTC)


def signed(shop: Sandbox, *, timestamp: int, nonce: str) -> dict[str, str]:
    """The header of a request for the shop's list of customers, by HMAC-SHA1."""
    keys = shop.credentials["openmage"]
    url = "http://localhost/api/rest/customers/1/addresses"
    client = Client(
        keys["consumer"].token,
        client_secret=keys["consumer"].secret,
        resource_owner_key=keys["admin"].token,
        resource_owner_secret=keys["admin"].secret,
        timestamp=str(timestamp),
        nonce=nonce,
    )
    _, headers, _ = client.sign(url)
    return dict(headers)


def ask(client: FlaskClient, shop: Sandbox, at: datetime, nonce: str) -> str:
    """What a signed request is answered: "" for success, else the message."""
    headers = signed(shop, timestamp=int(at.timestamp()), nonce=nonce)
    answer = send(client, shop, "openmage", CALLS["openmage.list"], **headers)
    if answer.status_code == 200:
        return ""
    [error] = answer.get_json()["messages"]["error"]
    return str(error["message"])


def test_a_clock_is_set_advanced_frozen_and_released() -> None:
    real = LEAP
    clock = Clock(lambda: real)
    hour = timedelta(hours=1)

    assert clock.advance(3600) == LEAP + hour
    real += hour
    assert clock() == LEAP + 2 * hour
    assert clock.freeze() == LEAP + 2 * hour
    real += hour
    assert clock() == LEAP + 2 * hour
    assert clock.set(LEAP) == LEAP
    assert clock.advance(-60) == LEAP - timedelta(minutes=1)
    assert clock.is_frozen
    assert clock.release() == real
    assert clock.is_real


@pytest.mark.parametrize(
    ("move", "complaint"),
    [
        (lambda clock: clock.set(datetime(2026, 1, 1)), "no offset"),
        (lambda clock: clock.set(datetime(1969, 1, 1, tzinfo=UTC)), "1971 to 2999"),
        (lambda clock: clock.advance(1e300), "too many"),
    ],
)
def test_a_clock_that_cannot_be_is_refused(move: object, complaint: str) -> None:
    with pytest.raises(ClockError, match=complaint):
        move(Clock())  # type: ignore[operator]


def test_what_is_written_bears_the_shops_time(
    client: FlaskClient, shop: Sandbox
) -> None:
    shop.clock.freeze(LEAP)

    created = call(client, shop, "easel.create").get_json()

    assert created["created_at"] == "2024-02-29T12:00:00Z"
    assert shop.journal.last().at == LEAP.isoformat()


def test_timestamps_of_signatures_follow_the_shops_clock(
    client: FlaskClient, control: Control, shop: Sandbox
) -> None:
    """OpenMage refuses what is more than 600 seconds ahead (observed)."""
    other = control.new_shop(seed=SEED)
    shop.clock.freeze(LEAP)
    ahead = LEAP + timedelta(seconds=601)

    assert ask(client, shop, ahead, "a") == "oauth_problem=timestamp_refused"
    assert ask(client, other, ahead, "a") == ""
    shop.clock.advance(1)
    assert ask(client, shop, ahead, "b") == ""


def test_a_shop_remembers_so_many_nonces_and_forgets_the_oldest() -> None:
    """Or its memory would grow with each request that is signed."""
    nonces = Nonces()

    uses = [nonces.use(f"n{number}", 1) for number in range(MOST_NONCES + 1)]

    assert {*uses} == {Use.FRESH}
    assert nonces.use("n1", 1) is Use.USED
    assert nonces.use("n0", 1) is Use.FRESH


def test_nonces_are_a_shops_own_until_it_is_reset(
    client: FlaskClient, control: Control, shop: Sandbox
) -> None:
    other = control.new_shop(seed=SEED)

    said = [ask(client, one, LEAP, "once") for one in (shop, shop, other)]
    shop.reset()

    assert said == ["", "oauth_problem=nonce_used", ""]
    assert ask(client, shop, LEAP, "once") == ""


def test_windows_of_limits_follow_the_shops_clock(
    client: FlaskClient, control: Control
) -> None:
    """The quota's window has 30 seconds (API rate limits)."""
    shop = control.new_shop(quirks={"bigcommerce": {"quota": 1}})
    shop.clock.freeze(LEAP)

    before = [call(client, shop, "bigcommerce.list").status_code for _ in range(2)]
    shop.clock.advance(30)
    after = call(client, shop, "bigcommerce.list")

    assert (*before, after.status_code) == (200, 429, 200)
    assert after.headers["X-Rate-Limit-Time-Reset-Ms"] == "30000"


def test_ids_and_all_else_are_the_same_after_a_reset(
    client: FlaskClient, shop: Sandbox
) -> None:
    shop.clock.freeze(LEAP)
    first = call(client, shop, "easel.create").get_data()
    call(client, shop, "easel.customers.list")
    shop.faults.inject("reset", operation="easel.get")

    shop.reset()

    assert (len(shop.journal), shop.faults.rules()) == (0, [])
    assert not shop.clock.is_frozen
    shop.clock.freeze(LEAP)
    assert call(client, shop, "easel.create").get_data() == first


def test_a_snapshot_brings_everything_back(client: FlaskClient, shop: Sandbox) -> None:
    shop.clock.freeze(LEAP)
    created = call(client, shop, "easel.create").get_json()["id"]
    shop.snapshot("with two")
    before = shop.data()
    client.delete(
        f"/api/v1/customers/cus_00000000000000000001/addresses/{created}",
        headers=shop.headers("easel"),
    )
    call(client, shop, "easel.create")
    shop.clock.advance(60)

    shop.restore("with two")

    assert shop.data() == before
    assert shop.snapshots() == ["with two"]
    shop.remove_snapshot("with two")
    assert shop.snapshots() == []


def test_a_fork_goes_its_own_way(
    client: FlaskClient, control: Control, shop: Sandbox
) -> None:
    shop.clock.freeze(LEAP)
    call(client, shop, "easel.create")
    fork = shop.fork()

    call(client, fork, "easel.delete")

    listed = [
        len(call(client, one, "easel.list").get_json()["addresses"])
        for one in (shop, fork)
    ]
    assert listed == [2, 1]
    fork.reset()
    del (before := shop.data())["shop"], (after := fork.data())["shop"]
    assert after == before


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_a_reset_takes_no_longer_in_a_large_neighbourhood(
    kind: str, tmp_path: Path
) -> None:
    url = "sqlite://" if kind == "memory" else f"sqlite:///{tmp_path}/large.db"
    store = Store(url, secret_key="test", durable=False)
    schema.create(store.database)
    dialects = registry.load()
    control = Control(
        store, dialects, create_app(Config(), store=store, dialects=dialects)
    )
    large, shop = control.new_shop(), control.new_shop(seed=SEED)
    with store.book("suite", shop=large.shop) as book:
        owner = book.add_customer(CustomerDraft()).id
        for _ in range(20):
            book.add_many([Draft(customer_id=owner)] * 1000)

    def timed() -> float:
        start = time.perf_counter()
        shop.reset()
        return time.perf_counter() - start

    assert median(timed() for _ in range(15)) < 0.005
    control.close()
    store.close()


def test_the_handshake_lasts_a_day_of_real_time(
    client: FlaskClient, shop: Sandbox
) -> None:
    shop.clock.freeze(datetime(1999, 12, 31, tzinfo=UTC))
    consumer = shop.credentials["openmage"]["consumer"]
    url = "http://localhost/oauth/initiate"
    _, headers, _ = Client(
        consumer.token,
        client_secret=consumer.secret,
        callback_uri="oob",
        timestamp="946598400",
    ).sign(url, "POST")

    answer = client.post("/oauth/initiate", headers=headers)
    token = answer.get_data(as_text=True).partition("=")[2].partition("&")[0]
    page = client.get(f"/oauth/authorize?oauth_token={token}")

    assert (answer.status_code, page.status_code) == (200, 200)
    assert [entry.operation for entry in shop.journal] == [
        "openmage.initiate",
        "openmage.authorize",
    ]
    assert all(token not in str(entry.as_json()) for entry in shop.journal)


def test_a_request_that_names_no_shop_has_the_real_time(
    client: FlaskClient, control: Control
) -> None:
    sent = Call("GET", "/customers", headers={"Authorization": "Bearer nobodys"})
    shop = control.new_shop()
    shop.clock.freeze(LEAP)

    send(client, shop, "easel", sent)

    assert control.strays.last().operation == "easel.customers.list"
    assert len(shop.journal) == 0
