"""Users sign in with a password, of which the table tells nothing."""

import hashlib
import threading

import pytest

from core import Invalid, Keyring
from core.tables import keys as keys_table

STORED = Keyring.hashed("password123")


@pytest.fixture
def name(shop):
    """A username that no other test has."""
    return f"ada of {shop.hash}"


@pytest.fixture
def sign_in(store, name):
    """Signs in as the user of the test, unless told otherwise."""

    def sign_in(username=name, password="password123", dialect="test"):
        return Keyring.sign_in(store.keys, dialect, username, password)

    return sign_in


@pytest.fixture
def add_user(store, shop, name):
    """Adds a user of the dialect "test" with the password "password123"."""

    def add_user(**options):
        made = {"scope": "write", "username": name, "password": STORED, **options}
        with store.keys() as keys:
            return keys.add("test", shop, **made)

    return add_user


def test_a_sign_in_makes_a_key_like_the_users(store, shop, name, add_user, sign_in):
    mine = {"scope": "read", "label": "mine", "customer_id": 7, "is_demo": True}
    user = store.key("test", add_user(**mine))

    key = store.key("test", sign_in())

    assert (user.username, user.user_id) == (name, None)
    assert (key.username, key.user_id, key.shop) == ("", user.id, shop)
    assert {field: getattr(key, field) for field in mine} == mine
    assert key.is_active


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "password1234"},
        {"password": ""},
        {"password": STORED},
        {"password": "\ud800"},
        {"username": "nobody"},
        {"username": ""},
        {"dialect": "other"},
    ],
)
def test_nobody_else_signs_in(wrong, add_user, sign_in):
    add_user()

    assert sign_in(**wrong) is None


def test_an_inactive_user_cannot_sign_in(add_user, sign_in):
    add_user(is_active=False)

    assert sign_in() is None


@pytest.mark.parametrize("password", ["", "password123"])
def test_a_user_without_a_password_cannot_sign_in(password, add_user, sign_in):
    add_user(password="")

    assert sign_in(password=password) is None


@pytest.mark.parametrize(
    "user", [{"username": ""}, {}, {"is_active": False}, {"password": ""}]
)
def test_every_failure_costs_the_same(user, add_user, sign_in, monkeypatch):
    # One computation with one cost, so that time does not tell which names are known.
    add_user(**user)
    costs, scrypt = [], hashlib.scrypt

    def counted(password, *, salt, **cost):
        costs.append((len(salt), cost))
        return scrypt(password, salt=salt, **cost)

    monkeypatch.setattr(hashlib, "scrypt", counted)
    signed_in = sign_in(password="wrong")

    cost = {"n": 2**14, "r": 8, "p": 5, "maxmem": 132 * 2**17 + 5 * 2**13}
    assert (signed_in, costs) == (None, [(16, cost)])


def test_a_username_is_taken_once_in_a_dialect(store, shop, name, add_user):
    add_user()
    with store.keys() as keys:
        keys.add("other", shop, scope="write", username=name)

    with pytest.raises(Invalid) as error:
        add_user()

    assert [(p.path, p.code) for p in error.value.problems] == [("username", "taken")]


@pytest.mark.parametrize("password", ["password123", "scrypt$password"])
def test_a_password_is_never_stored_as_it_is(password, add_user, rows):
    with pytest.raises(Invalid) as error:
        add_user(password=password)

    assert [(p.path, p.code) for p in error.value.problems] == [("password", "plain")]
    assert rows(keys_table) == []


def test_one_password_is_never_stored_alike():
    other = Keyring.hashed("password123")

    assert other != STORED
    assert other.startswith("scrypt$16384$8$5$")
    assert "password123" not in other


def test_the_ten_newest_sign_ins_are_in_force(
    store, shop, add_user, sign_in, monkeypatch
):
    # Cheap: only the rows count here.
    monkeypatch.setattr(hashlib, "scrypt", lambda *_, **__: bytes(64))
    own = add_user(password=Keyring.hashed("password123"))
    add_user(username="another", password=Keyring.hashed("password123"))
    others = sign_in(username="another")

    tokens = [sign_in() for _ in range(12)]

    with store.keys() as keys:
        listed = keys.all(shop.hash)
    assert [store.key("test", token) is None for token in tokens] == [
        *[True] * 2,
        *[False] * 10,
    ]
    assert store.key("test", own)
    assert store.key("test", others)
    assert len(listed) == 13


def test_a_revoked_user_is_signed_out(store, add_user, sign_in):
    user = store.key("test", add_user())
    token = sign_in()

    with store.keys() as keys:
        keys.revoke(user.id)

    assert store.key("test", token) is None
    assert sign_in() is None


def test_a_revoked_sign_in_leaves_the_user_and_the_others(store, add_user, sign_in):
    own, one, other = add_user(), sign_in(), sign_in()

    with store.keys() as keys:
        keys.revoke(store.key("test", one).id)

    found = [store.key("test", token) for token in (own, one, other)]
    assert [key is None for key in found] == [False, True, False]


def test_who_is_revoked_while_signing_in_is_not_signed_in(
    store, add_user, sign_in, monkeypatch, rows
):
    id, scrypt = store.key("test", add_user()).id, hashlib.scrypt

    def revoking(*arguments, **options):
        with store.keys() as keys:
            keys.revoke(id)
        return scrypt(*arguments, **options)

    monkeypatch.setattr(hashlib, "scrypt", revoking)

    assert sign_in() is None
    assert rows(keys_table) == []


def test_a_password_is_checked_while_others_write(
    store, add_user, sign_in, monkeypatch
):
    add_user()
    scrypt, written = hashlib.scrypt, []

    def meanwhile(*arguments, **options):
        writer = threading.Thread(target=lambda: written.append(add_user(username="")))
        writer.start()
        writer.join(timeout=3)
        return scrypt(*arguments, **options)

    monkeypatch.setattr(hashlib, "scrypt", meanwhile)

    assert sign_in()
    assert len(written) == 1


def test_a_user_is_known_by_name_and_password(store, name, add_user):
    user = store.key("test", add_user())

    known = Keyring.user(store.keys, "test", name, "password123")

    assert known == user
    with store.keys() as keys:
        assert [key.username for key in keys.all(user.shop.hash)] == [name]


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "password1234"},
        {"username": "nobody"},
        {"username": "\0"},
        {"username": ""},
        {"dialect": "other"},
    ],
)
def test_nobody_else_is_known(wrong, store, name, add_user):
    add_user()
    given = {
        "dialect": "test",
        "username": name,
        "password": "password123",
        **wrong,
    }

    assert Keyring.user(store.keys, **given) is None


def test_an_inactive_user_is_not_known(store, name, add_user):
    add_user(is_active=False)

    assert Keyring.user(store.keys, "test", name, "password123") is None
