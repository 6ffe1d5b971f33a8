"""What protects answers, and keys that everyone knows; how secrets are compared."""

import ast
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import Store, schema
from core.passwords import hashed, is_password
from dialects.openmage.signatures import Secrets, Signed, is_signed
from gateway import registry
from gateway.app import create_app
from gateway.config import Config
from gateway.control import Control
from gateway.control.api import create_api
from gateway.demo import create_demo

ROOT = Path(__file__).parents[2]
DEMO = {
    "/api/customers": {"Authorization": "Token demo-staff"},
    "/stores/demo/v3/customers": {"X-Auth-Token": "demo-bigcommerce"},
    "/api/v1/customers": {"Authorization": "Bearer demo-easel-write"},
    "/api/rest/customers": {
        "Accept": "application/json",
        "Authorization": 'OAuth oauth_consumer_key="c0000000000000000000000000000001",'
        ' oauth_token="a0000000000000000000000000000001",'
        ' oauth_signature_method="PLAINTEXT", oauth_signature="'
        'c0000000000000000000000000000002%26a0000000000000000000000000000002"',
    },
}
LOCAL, REMOTE = "127.0.0.1", "192.0.2.1"


@pytest.fixture(scope="module")
def demo() -> Iterator[Store]:
    store = Store(secret_key="test")
    schema.create(store.database)
    create_demo(store)
    yield store
    store.close()


@pytest.mark.parametrize("path", DEMO)
@pytest.mark.parametrize(
    ("address", "headers", "is_in"),
    [
        (LOCAL, {}, True),
        ("::1", {}, True),
        (LOCAL, {"Host": "shop.example"}, True),
        (REMOTE, {}, False),
        (REMOTE, {"Host": "127.0.0.1", "X-Real-Ip": LOCAL}, False),
        (REMOTE, {"X-Forwarded-For": LOCAL}, False),
        (LOCAL, {"X-Forwarded-For": REMOTE}, False),
        (LOCAL, {"Forwarded": f"for={REMOTE}"}, False),
        (LOCAL, {"Via": "1.1 proxy"}, False),
    ],
)
def test_demo_keys_are_for_who_is_here(
    demo: Store, path: str, address: str, headers: dict[str, str], is_in: bool
) -> None:
    app = create_app(Config(), store=demo)

    answer = app.test_client().get(
        path,
        headers={**DEMO[path], **headers},
        environ_overrides={"REMOTE_ADDR": address},
    )

    assert answer.status_code == (200 if is_in else 401)


def test_the_control_side_is_for_no_cache_frame_or_page(demo: Store) -> None:
    dialects = registry.load(None)
    app = create_app(Config(), store=demo, dialects=dialects)
    control = Control(demo, dialects, app)
    client = create_api(control, "control-token").test_client()

    answers = [client.get("/_gateway/openapi.json"), client.get("/_gateway/shops")]
    control.close()

    assert [answer.status_code for answer in answers] == [200, 401]
    assert {
        (
            answer.headers["Cache-Control"],
            answer.headers["Content-Security-Policy"],
            answer.headers["Referrer-Policy"],
            answer.headers["X-Content-Type-Options"],
        )
        for answer in answers
    } == {
        (
            "no-store",
            "default-src 'none'; frame-ancestors 'none'",
            "no-referrer",
            "nosniff",
        )
    }


COMPARED = {
    "core/passwords.py": "compare_digest",
    "core/handshakes.py": "compare_digest",
    "dialects/openmage/signatures.py": "compare_digest",
    "gateway/control/api.py": "compare_digest",
}
"""Where a secret is compared and not looked up, and by what."""


@pytest.mark.parametrize(("path", "function"), COMPARED.items())
def test_secrets_are_compared_in_constant_time(path: str, function: str) -> None:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    called = {
        getattr(node.func, "attr", getattr(node.func, "id", ""))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    compared = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        if any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops)
        # A column is compared by the database, to a digest or to nothing.
        if not ast.unparse(node.left).startswith("r.c.")
    ]

    assert function in called
    words = ("secret", "password", "verifier", "signature ", "token", "ticket")
    assert [one for one in compared if any(word in one for word in words)] == []


def test_no_secret_is_looked_up_by_itself() -> None:
    """Tokens, tickets and verifiers are sought by their digests alone."""
    texts = [
        (ROOT / "core" / name).read_text("utf-8")
        for name in ("keys.py", "handshakes.py")
    ]

    for text in texts:
        for column in ("secret", "password", "token"):
            assert f".{column} ==" not in text


def test_a_wrong_name_takes_as_long_as_a_wrong_password() -> None:
    from core.passwords import NOBODYS

    stored, took = hashed("correct horse"), []
    for text in (stored, NOBODYS) * 3:
        begun = time.process_time()
        assert not is_password("wrong", text)
        took.append(time.process_time() - begun)

    known, unknown = min(took[::2]), min(took[1::2])
    assert 0.5 < known / unknown < 2


def test_a_signature_of_any_length_is_compared() -> None:
    signed = Signed(
        http_method="GET", base_uri="http://a/", protocol=(), form=(), query=()
    )
    secrets = Secrets("a", "b")

    found = [
        is_signed(signed, method, signature, secrets)
        for method in ("PLAINTEXT", "HMAC-SHA1")
        for signature in ("", "a", "a&b", "x" * 5000, "é", "\0")
    ]

    assert found == [*(False, False, True), *[False] * 9]
