"""Keys are found by a digest; the tables tell neither tokens nor secrets."""

import hashlib
import time
from dataclasses import replace

import pytest

from core import Invalid, NoSecretKey, NotFound, Store
from core.keys import digest
from core.tables import keys as keys_table

TOKEN = "token-of-the-test-1234567890"


@pytest.fixture
def add_key(store, shop):
    """Adds a key of the dialect "test"; its token begins with the shop's hash."""

    def add_key(token=shop.hash + TOKEN, **options):
        with store.keys() as keys:
            return keys.add("test", shop, **{"scope": "write", **options}, token=token)

    return add_key


def test_a_key_is_found_by_its_token(store, shop, add_key, clock):
    token = add_key(label="the shop's", customer_id=7, is_demo=True)

    key = store.key("test", token)

    assert (key.dialect, key.shop, key.hint) == ("test", shop, token[:6])
    assert (key.label, key.scope, key.customer_id) == ("the shop's", "write", 7)
    assert (key.is_active, key.is_demo, key.secret) == (True, True, "")
    assert key.created_at == clock()


def test_a_token_is_made_where_none_is_given(store, add_key):
    one, other = add_key(token=""), add_key(token="")

    assert (len(one), len(other)) == (40, 40)
    assert one != other
    assert store.key("test", one).hint == one[:6]


@pytest.mark.parametrize("token", ["", "x", "\0", "\ud800", "x" * 100_000])
def test_another_token_finds_nothing(token, store, add_key):
    add_key()

    assert store.key("test", token) is None


def test_a_token_of_another_dialect_finds_nothing(store, add_key):
    assert store.key("other", add_key()) is None


def test_two_dialects_may_have_one_token(store, shop, add_key):
    token = add_key()
    with store.keys() as keys:
        keys.add("other", shop, scope="read", token=token)

    assert store.key("test", token).scope == "write"
    assert store.key("other", token).scope == "read"


def test_a_token_that_a_key_of_the_dialect_has_is_taken(add_key):
    token = add_key()

    with pytest.raises(Invalid) as error:
        add_key(token=token)

    assert [(p.path, p.code) for p in error.value.problems] == [("token", "taken")]


def test_an_inactive_key_is_found_and_says_so(store, add_key):
    assert store.key("test", add_key(is_active=False)).is_active is False


def test_the_table_tells_neither_token_nor_secret(add_key, rows):
    token = add_key(secret="the secret")

    [row] = rows(keys_table)

    assert row["digest"] == hashlib.sha256(token.encode()).hexdigest() == digest(token)
    assert row["hint"] == token[:6]
    assert token[6:] not in str(row)
    assert "the secret" not in str(row)
    assert len(row["secret"]) > 50


def test_one_secret_is_never_encrypted_alike(add_key, rows):
    add_key(token="", secret="the secret")
    add_key(token="", secret="the secret")

    [one, other] = [row["secret"] for row in rows(keys_table)]

    assert one != other


@pytest.mark.parametrize("secret", ["the secret", "é\0\U0001f600", "x" * 1000])
def test_a_secret_comes_back_as_it_went(secret, store, add_key):
    assert store.key("test", add_key(secret=secret)).secret == secret


@pytest.fixture
def open_store(url):
    """Opens the same database again, as another process would."""
    stores = []

    def open_store(**options):
        stores.append(Store(url, durable=False, **options))
        return stores[-1]

    yield open_store
    for store in stores:
        store.close()


def test_a_secret_needs_the_secret_key_to_be_written(open_store, shop, rows):
    store = open_store()

    with pytest.raises(NoSecretKey), store.keys() as keys:
        keys.add("test", shop, scope="write", secret="the secret")

    assert rows(keys_table) == []


@pytest.mark.parametrize("secret_key", [None, "another"])
def test_a_secret_needs_the_secret_key_to_be_read(secret_key, open_store, add_key):
    token = add_key(secret="the secret")

    with pytest.raises(NoSecretKey):
        open_store(secret_key=secret_key).key("test", token)


@pytest.mark.parametrize("secret_key", [None, "another"])
def test_what_has_no_secret_needs_no_secret_key(secret_key, open_store, add_key):
    token = add_key()

    assert open_store(secret_key=secret_key).key("test", token).secret == ""


@pytest.mark.parametrize("secret_key", [None, "another", "test"])
def test_keys_are_listed_without_their_secrets(secret_key, open_store, shop, add_key):
    add_key(secret="the secret", label="one")
    add_key(token="", label="two")

    with open_store(secret_key=secret_key).keys() as keys:
        listed = keys.all(shop.hash)

    assert [(key.label, key.secret) for key in listed] == [("one", ""), ("two", "")]


def test_the_keys_of_a_shop_are_its_own(store, shop, other_shop, add_key):
    add_key()

    with store.keys() as keys:
        ours, theirs, all_ = keys.all(shop.hash), keys.all(other_shop.hash), keys.all()

    assert ([key.shop for key in ours], theirs) == ([shop], [])
    assert set(ours) <= set(all_)


def test_a_revoked_key_is_unknown_at_once(store, add_key):
    token = add_key()
    id = store.key("test", token).id

    with store.keys() as keys:
        revoked = keys.revoke(id)

    assert (revoked, store.key("test", token)) == (True, None)


def test_a_key_that_was_looked_up_while_it_was_revoked_is_unknown_afterwards(
    store, add_key
):
    token = add_key()
    id = store.key("test", token).id

    with store.keys() as keys:
        keys.revoke(id)
        store.key("test", token)

    assert store.key("test", token) is None


def test_a_revoked_key_is_trusted_elsewhere_for_a_second(store, add_key, open_store):
    token = add_key()
    elsewhere = open_store()
    known = elsewhere.key("test", token)

    with store.keys() as keys:
        keys.revoke(known.id)

    assert elsewhere.key("test", token) == known
    time.sleep(1.05)
    assert elsewhere.key("test", token) is None


@pytest.mark.parametrize("id", [0, -1, 10**9, 2**31, 2**63, 10**30])
def test_revoking_an_unknown_key_revokes_nothing(id, store, add_key):
    token = add_key()

    with store.keys() as keys:
        revoked = keys.revoke(id)

    assert revoked is False
    assert store.key("test", token) is not None


def test_the_number_of_a_revoked_key_is_not_given_again(store, add_key):
    old = store.key("test", add_key()).id
    with store.keys() as keys:
        keys.revoke(old)

    assert store.key("test", add_key()).id > old


def test_a_failing_unit_adds_no_key(store, shop, rows):
    def fail_in_the_end():
        with store.keys() as keys:
            keys.add("test", shop, scope="write")
            raise ValueError("in the end")

    with pytest.raises(ValueError, match="in the end"):
        fail_in_the_end()

    assert rows(keys_table) == []


def test_a_key_of_a_removed_shop_is_unknown_at_once(store, shop, add_key):
    token = add_key()
    assert store.key("test", token) is not None

    store.remove_shop(shop)

    assert store.key("test", token) is None


def test_many_keys_are_looked_up(store, add_key):
    token = add_key()

    for n in range(1100):
        store.key("test", f"unknown {n}")

    assert store.key("test", token) is not None


def test_no_shop_is_found_for_a_removed_one(store, shop):
    store.remove_shop(shop)

    with pytest.raises(NotFound):
        store.shop(shop.hash)


def test_a_key_may_be_bound_to_an_application_s(store, add_key):
    application = add_key(scope="consumer")
    with store.keys() as keys:
        id = keys.id_of("test", application)

    token = add_key(token="", consumer_id=id)

    assert store.key("test", token).consumer_id == id
    assert store.key("test", application).consumer_id is None


def test_what_is_bound_to_an_application_is_revoked_with_it(store, add_key):
    application = store.key("test", add_key(scope="consumer"))
    token = add_key(token="", consumer_id=application.id)

    with store.keys() as keys:
        keys.revoke(application.id)

    assert store.key("test", token) is None


def test_the_number_of_a_key_is_known_by_its_token(store, add_key):
    token = add_key()

    with store.keys() as keys:
        assert keys.id_of("test", token) == store.key("test", token).id
        assert keys.id_of("test", "") is None
        with pytest.raises(Invalid):
            keys.id_of("test", "another")


def test_a_key_is_found_by_its_number_without_its_secret(store, add_key):
    key = store.key("test", add_key(secret="the secret"))

    with store.keys() as keys:
        found = keys.get(key.id)
        unknown = keys.get(10**6)

    assert found == replace(key, secret="")
    assert unknown is None
