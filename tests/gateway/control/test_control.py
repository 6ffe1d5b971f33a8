"""Shops are made, found and removed; without a control side nothing is different."""

import time
from statistics import median

import pytest
from flask import Flask
from flask.testing import FlaskClient

from core import Store
from dialects.limits import MemoryLimits
from dialects.notes import RECORDER, note
from gateway import registry
from gateway.app import app_from_environ, create_app
from gateway.config import Config, ControlConfig
from gateway.control import Control, ControlError, NotHere, Sandbox
from tests.gateway.control.calls import CALLS, Call, call, send


def test_an_app_without_a_control_side_has_no_trace_of_it(memory: Store) -> None:
    app = create_app(Config(), store=memory, dialects=registry.load())
    names = ("wsgi_app", "dispatch_request", "after_request_funcs")

    own = {name: vars(app).get(name) for name in names}

    assert own == {**dict.fromkeys(names), "after_request_funcs": own[names[2]]}
    assert None not in app.after_request_funcs
    assert type(app.extensions["quirks"]["easel"]) is dict
    assert RECORDER.get() is None


def test_a_server_without_the_option_has_no_control_side(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What production serves does not look at the setting of the control side."""
    control = ControlConfig(host="127.0.0.1", port=1, token="t", origin="http://a")
    for name, value in (
        Config(database_url="sqlite://", control=control).to_environ().items()
    ):
        monkeypatch.setenv(name, value)

    app = app_from_environ()

    assert app.test_client().get("/_gateway/shops").status_code == 404
    assert {"wsgi_app", "dispatch_request"}.isdisjoint(vars(app))
    assert type(app.extensions["limits"]) is MemoryLimits
    app.extensions["store"].close()


def test_shops_that_were_not_made_here_are_left_alone(
    memory: Store, client: FlaskClient, control: Control
) -> None:
    """No fault can strike them; what they are asked is kept among the strays."""
    own = memory.add_shop("production")
    with memory.keys() as keyring:
        keyring.add("easel", own, token="live", scope="read")
    control.new_shop(hash="test").faults.inject("easel.list_error", times=9)

    answer = client.get("/api/v1/customers", headers={"Authorization": "Bearer live"})

    assert answer.status_code == 200
    with pytest.raises(NotHere, match="no shop 'production'"):
        control.shop("production")
    assert len(control.shop("test").journal) == 0
    kept = control.strays.last()
    assert (kept.fault, kept.request_headers["Authorization"]) == (
        "",
        "Bearer <redacted>",
    )
    memory.remove_shop(own)


def test_a_control_side_that_is_closed_leaves_no_trace(
    app: Flask, memory: Store
) -> None:
    before = (memory.now, memory.new_id, memory.use_nonce, dict(app.extensions))
    control = Control(memory, [*app.extensions["dialects"].values()], app)
    control.new_shop()

    control.close()

    after = (memory.now, memory.new_id, memory.use_nonce, dict(app.extensions))
    assert after == before
    assert memory.shops() == []
    assert app.after_request_funcs.get(None) == []


def test_to_note_something_that_nobody_hears_costs_next_to_nothing() -> None:
    times = 100_000
    start = time.perf_counter()

    for _ in range(times):
        note("name", "value")

    assert (time.perf_counter() - start) / times < 5e-6


@pytest.mark.parametrize("operation", CALLS)
def test_a_new_shop_answers_every_operation(
    client: FlaskClient, shop: Sandbox, operation: str
) -> None:
    answer = call(client, shop, operation)

    assert answer.status_code in (200, 201, 204)
    assert shop.journal.last().operation == operation


def test_a_shop_has_a_key_for_every_scope_of_every_dialect(
    control: Control, shop: Sandbox
) -> None:
    scopes = {name: {*keys} for name, keys in shop.credentials.items()}

    assert scopes == {name: {*one.scopes} for name, one in control.dialects.items()}


def test_no_two_shops_share_a_token(control: Control) -> None:
    shops = [control.new_shop(), control.new_shop()]

    tokens = [
        key.token
        for shop in shops
        for keys in shop.credentials.values()
        for key in keys.values()
    ]

    assert len({*tokens}) == len(tokens)


def test_the_key_of_a_customers_scope_is_the_first_customers(
    client: FlaskClient, control: Control
) -> None:
    shop = control.new_shop(
        seed={"customers": [{"id": 7, "first_name": "A"}, {"first_name": "B"}]}
    )
    headers = shop.headers("openmage", "customer")

    answers = [
        send(client, shop, "openmage", Call("GET", path), **headers)
        for path in ("/customers/7/addresses", "/customers/8/addresses")
    ]

    assert [answer.status_code for answer in answers] == [200, 404]


def test_a_shop_is_made_in_a_moment(control: Control) -> None:
    def timed() -> float:
        start = time.perf_counter()
        control.new_shop()
        return time.perf_counter() - start

    assert median(timed() for _ in range(9)) < 0.02


def test_a_further_key_opens_the_shop_until_it_is_reset(
    client: FlaskClient, shop: Sandbox
) -> None:
    key = shop.add_key("easel", "read", label="extra")
    headers = {"Authorization": f"Bearer {key.token}"}
    listing = CALLS["easel.customers.list"]

    before = send(client, shop, "easel", listing, **headers).status_code
    shop.reset()

    assert (before, send(client, shop, "easel", listing, **headers).status_code) == (
        200,
        401,
    )


def test_a_key_of_an_application_is_bound_to_the_shops_own(
    client: FlaskClient, shop: Sandbox
) -> None:
    key = shop.add_key("openmage", "customer", customer_id=1)
    consumer = shop.credentials["openmage"]["consumer"]

    assert key.consumer == consumer.token
    assert len(key.secret) == 32


def test_a_removed_shop_is_closed_to_everyone(
    client: FlaskClient, control: Control, shop: Sandbox
) -> None:
    shop.delete()

    assert call(client, shop, "easel.list").status_code == 401
    assert control.strays.last().status == 401


def test_quirks_are_a_shops_own(client: FlaskClient, control: Control) -> None:
    strict = control.new_shop(quirks={"bigcommerce": {"quota": 1}})
    other = control.new_shop()

    answers = [
        call(client, shop, "bigcommerce.list").status_code
        for shop in (strict, strict, other, other)
    ]

    assert answers == [200, 429, 200, 200]


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"hash": "a b"}, "no hash"),
        ({"hash": "twice"}, "there is a shop 'twice' already"),
        ({"quirks": {"esel": {}}}, "did you mean 'easel'"),
        ({"quirks": {"bigcommerce": {"quotas": 1}}}, "did you mean 'quota'"),
        ({"quirks": {"bigcommerce": {"quota": "1"}}}, "must be int"),
    ],
)
def test_a_shop_that_cannot_be_is_refused(
    control: Control, given: dict[str, object], complaint: str
) -> None:
    control.new_shop(hash="twice")

    with pytest.raises(ControlError, match=complaint):
        control.new_shop(**given)  # type: ignore[arg-type]

    assert [shop.hash for shop in control.shops()] == ["twice"]


def test_what_is_not_there_is_told_with_what_is(control: Control) -> None:
    control.new_shop(hash="main")
    shop = control.shop("main")

    with pytest.raises(ControlError, match="did you mean 'main'"):
        control.shop("man")
    with pytest.raises(ControlError, match="There are: modify, read-only"):
        shop.headers("bigcommerce", "all")
    with pytest.raises(ControlError, match="no dialect 'shopify'"):
        shop.add_key("shopify", "all")
    with pytest.raises(ControlError, match="no snapshot 'x'"):
        shop.restore("x")
