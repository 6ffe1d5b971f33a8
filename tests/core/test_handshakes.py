"""An application gets an access token from a user, once, in three steps.

Source: RFC 5849, 2, and OpenMage 20.18: tokens, secrets and verifiers of 32 hex digits;
what was never exchanged is forgotten after 24 hours; a new access token for the same
user and application takes the place of the older.
"""

import re
from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex

import pytest
from sqlalchemy import select

from core import Keyring
from core.tables import request_tokens

HEX = re.compile("[0-9a-f]{32}")
A_DAY = 24 * 60 * 60
PASSWORD = Keyring.hashed("password")


@pytest.fixture
def make_key(store, shop):
    """Adds a key of the dialect "test" and gives it as it is known."""

    def make_key(shop=shop, **options):
        with store.keys() as keys:
            token = keys.add("test", shop, **{"scope": "admin", **options})
            return keys.get(keys.id_of("test", token))

    return make_key


@pytest.fixture
def consumer(make_key):
    """An application of the shop."""
    return make_key(scope="consumer", secret="the consumer's", label="Sync")


@pytest.fixture
def user(make_key):
    """An administrator, who may sign in."""
    return make_key(username=token_hex(8), password=PASSWORD)


@pytest.fixture
def start(store, consumer):
    """Starts a handshake of the application and gives it as it is found."""

    def start(callback="oob", consumer=consumer):
        with store.handshakes() as handshakes:
            token, _ = handshakes.start(consumer, callback)
            return handshakes.find("test", token)

    return start


@pytest.fixture
def allowed(store, start, user):
    """Starts a handshake that a user allows, the administrator unless told."""

    def allowed(user=user, **options):
        handshake = start(**options)
        with store.handshakes() as handshakes:
            ticket = handshakes.sign_in(handshake, user)
            handshakes.allow(handshake, ticket)
            return handshakes.find("test", handshake.token)

    return allowed


def exchange(store, handshake):
    """The access token for a handshake, if there is one."""
    with store.handshakes() as handshakes:
        made = handshakes.exchange(handshake)
    return made and made[0]


def test_a_handshake_is_found_by_its_request_token(store, consumer):
    with store.handshakes() as handshakes:
        token, secret = handshakes.start(consumer, "https://sync.example/back")
        found = handshakes.find("test", token)

    assert HEX.fullmatch(token)
    assert HEX.fullmatch(secret)
    assert (found.token, found.secret) == (token, secret)
    assert (found.consumer, found.callback) == (consumer, "https://sync.example/back")
    assert (found.user, found.verifier) == (None, "")


def test_a_request_token_of_another_dialect_finds_nothing(store, start):
    token = start().token

    with store.handshakes(writes=False) as handshakes:
        assert handshakes.find("other", token) is None
        assert handshakes.find("test", token_hex(16)) is None


def test_the_table_tells_neither_token_nor_secret_nor_verifier(store, start, user):
    handshake = start()
    with store.handshakes() as handshakes:
        ticket = handshakes.sign_in(handshake, user)
        verifier = handshakes.allow(handshake, ticket)

    with store.database.engine.connect() as connection:
        rows = str(connection.execute(select(request_tokens)).all())

    for text in (handshake.token, handshake.secret, ticket, verifier):
        assert HEX.fullmatch(text)
        assert text not in rows


def test_the_user_s_ticket_makes_a_verifier(store, start, user):
    handshake = start()

    with store.handshakes() as handshakes:
        ticket = handshakes.sign_in(handshake, user)
        verifier = handshakes.allow(handshake, ticket)
        found = handshakes.find("test", handshake.token)

    assert found.user == user
    assert found.is_verified_by(verifier)
    assert not found.is_verified_by(token_hex(16))
    assert not handshake.is_verified_by("")


@pytest.mark.parametrize("ticket", ["", "0" * 32])
def test_without_the_ticket_nothing_is_allowed(ticket, store, start, user):
    handshake = start()

    with store.handshakes() as handshakes:
        before = handshakes.allow(handshake, ticket)
        handshakes.sign_in(handshake, user)
        after = handshakes.allow(handshake, ticket)

    assert (before, after) == (None, None)


def test_a_ticket_is_good_once_and_until_the_next(store, start, user):
    handshake = start()

    with store.handshakes() as handshakes:
        old = handshakes.sign_in(handshake, user)
        new = handshakes.sign_in(handshake, user)
        allowed = [handshakes.allow(handshake, t) is not None for t in (old, new, new)]

    assert allowed == [False, True, False]


def test_who_signs_in_after_it_was_allowed_changes_nothing(store, allowed, make_key):
    handshake = allowed()
    other = make_key(username=token_hex(8), password=PASSWORD)

    with store.handshakes() as handshakes:
        handshakes.sign_in(handshake, other)
        found = handshakes.find("test", handshake.token)

    assert found == handshake


def test_the_access_token_is_the_user_s_in_the_application_s_hands(
    store, allowed, user, consumer
):
    token = exchange(store, allowed())

    key = store.key("test", token)
    assert HEX.fullmatch(token)
    assert HEX.fullmatch(key.secret)
    assert (key.scope, key.customer_id) == (user.scope, user.customer_id)
    assert (key.user_id, key.consumer_id) == (user.id, consumer.id)
    assert (key.shop, key.label, key.is_active) == (consumer.shop, "Sync", True)


def test_a_customer_s_access_token_opens_that_customer(store, allowed, make_key):
    user = make_key(
        scope="customer", customer_id=7, username=token_hex(8), password=PASSWORD
    )

    key = store.key("test", exchange(store, allowed(user)))

    assert (key.scope, key.customer_id) == ("customer", 7)


def test_what_a_demo_key_has_a_part_in_is_a_demo_key(store, allowed, make_key):
    user = make_key(username=token_hex(8), password=PASSWORD, is_demo=True)

    assert store.key("test", exchange(store, allowed(user))).is_demo


def test_a_request_token_is_exchanged_once(store, allowed):
    handshake = allowed()

    tokens = [exchange(store, handshake) for _ in range(2)]

    assert tokens[0] is not None
    assert tokens[1] is None
    with store.handshakes(writes=False) as handshakes:
        assert handshakes.find("test", handshake.token) is None


def test_of_exchanges_at_once_one_gets_the_token(store, allowed):
    handshake = allowed()

    with ThreadPoolExecutor(10) as threads:
        tokens = [*threads.map(lambda _: exchange(store, handshake), range(10))]

    assert sum(token is not None for token in tokens) == 1


def test_what_nobody_allowed_is_not_exchanged(store, start):
    assert exchange(store, start()) is None


def test_a_new_access_token_takes_the_place_of_the_older(store, allowed):
    old, new = exchange(store, allowed()), exchange(store, allowed())

    assert store.key("test", old) is None
    assert store.key("test", new) is not None


def test_other_users_and_applications_keep_their_tokens(store, allowed, make_key):
    other_user = make_key(username=token_hex(8), password=PASSWORD)
    other = make_key(scope="consumer", secret="another's")
    kept = [
        exchange(store, allowed(other_user)),
        exchange(store, allowed(consumer=other)),
    ]

    exchange(store, allowed())

    assert all(store.key("test", token) for token in kept)


def test_a_customer_has_one_access_token_however_it_was_made(
    store, allowed, make_key, shop, consumer
):
    customer = {"scope": "customer", "customer_id": 7}
    user = make_key(**customer, username=token_hex(8), password=PASSWORD)
    with store.keys() as keys:
        old = keys.add("test", shop, **customer, consumer_id=consumer.id)
        of_other = keys.add(
            "test", shop, scope="customer", customer_id=8, consumer_id=consumer.id
        )

    exchange(store, allowed(user))

    assert store.key("test", old) is None
    assert store.key("test", of_other) is not None


def test_a_handshake_that_was_ended_is_gone(store, start):
    handshake = start()

    with store.handshakes() as handshakes:
        ended = [handshakes.end(handshake) for _ in range(2)]
        found = handshakes.find("test", handshake.token)

    assert (ended, found) == ([True, False], None)


def test_a_handshake_lasts_a_day(store, start, clock):
    handshake = start()
    clock.advance(A_DAY - 1)

    with store.handshakes(writes=False) as handshakes:
        in_time = handshakes.find("test", handshake.token)
    clock.advance(1)
    with store.handshakes(writes=False) as handshakes:
        too_late = handshakes.find("test", handshake.token)

    assert (in_time, too_late) == (handshake, None)


def test_a_new_handshake_clears_away_old_ones(store, start, clock):
    handshake = start()
    clock.advance(A_DAY)

    start()

    with store.handshakes() as handshakes:
        assert handshakes.end(handshake) is False


@pytest.mark.parametrize("whose", ["consumer", "user"])
def test_a_handshake_ends_with_the_key_it_needs(whose, store, allowed, request):
    handshake = allowed()

    with store.keys() as keys:
        keys.revoke(request.getfixturevalue(whose).id)

    assert exchange(store, handshake) is None


@pytest.mark.parametrize("whose", ["consumer", "user"])
def test_an_access_token_is_revoked_with_the_key_it_needs(
    whose, store, allowed, request
):
    token = exchange(store, allowed())

    with store.keys() as keys:
        keys.revoke(request.getfixturevalue(whose).id)

    assert store.key("test", token) is None


def test_an_inactive_user_or_application_gets_nothing(store, allowed, start, make_key):
    inactive = make_key(scope="consumer", secret="s", is_active=False)
    user = make_key(username=token_hex(8), password=PASSWORD, is_active=False)

    assert start(consumer=inactive) is None
    assert exchange(store, allowed(user)) is None


def test_a_removed_shop_leaves_no_handshake(store, start, shop):
    handshake = start()

    store.remove_shop(shop)

    with store.handshakes() as handshakes:
        assert handshakes.end(handshake) is False
