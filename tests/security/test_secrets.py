"""Secrets are planted everywhere, and looked for in all that the program tells."""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy.exc import OperationalError

from benchmarks.fuzz_inputs import Input, recorded
from benchmarks.fuzz_judge import environ_of
from benchmarks.fuzz_world import Unlimited
from core import Store, schema
from core.keys import digest
from core.work import Work
from dialects.base import Credential, authorization
from gateway import registry
from gateway.app import create_app
from gateway.config import Config, ControlConfig
from gateway.testing.world import Clock, CountedIds, new_world
from tests.gateway.cli import fresh, home, initialized, run

__all__ = ["fresh", "home", "initialized"]

EXCHANGES = Path(__file__).parents[1] / "dialects"
MARKS = {
    kind: f"planted{kind}".ljust(32, "z")
    for kind in (
        *("token", "secret", "consumer", "consumersecret", "password"),
        *("secretkey", "oldsecretkey", "database", "redis", "control"),
    )
}
FORM = "application/x-www-form-urlencoded"
DIALECTS = [one.name for one in registry.load(None)]


def told(text: str) -> list[str]:
    """Which of the secrets are in a text, as they are or encoded."""
    plain = text.replace("%26", "&")
    return [kind for kind, mark in MARKS.items() if mark in plain]


@pytest.fixture(params=DIALECTS)
def served(request: pytest.FixtureRequest) -> Iterator[tuple[Any, Any, list[Input]]]:
    """An app, its store, and requests by a client whose credentials are planted."""
    [dialect] = registry.load([request.param])
    with ExitStack() as stack:
        clock, ids = Clock(), CountedIds()
        store = Store(secret_key=MARKS["secretkey"], now=clock, new_id=ids)
        stack.callback(store.close)
        schema.create(store.database)
        world = stack.enter_context(new_world(store, clock, ids, [dialect]))
        scope = "write" if "write" in dialect.scopes else dialect.scopes[0]
        application = Credential(
            token=MARKS["consumer"],
            secret=MARKS["consumersecret"],
            scope=dialect.consumer_scope,
        )
        key = Credential(token=MARKS["token"], secret=MARKS["secret"], scope=scope)
        with store.keys() as keys:
            consumer = None
            if dialect.consumer_scope:
                keys.add(
                    dialect.name,
                    world.shop,
                    scope=application.scope,
                    token=application.token,
                    secret=application.secret,
                )
                consumer = keys.id_of(dialect.name, application.token)
            keys.add(
                dialect.name,
                world.shop,
                scope=key.scope,
                token=key.token,
                secret=key.secret,
                consumer_id=consumer,
            )
        app = create_app(Config(), store=store, dialects=[dialect])
        app.extensions["limits"] = Unlimited()
        own = dict(authorization(dialect, key, [application]))
        wrong = {n: v.replace("zz", "zy") for n, v in own.items()}
        seeds = recorded(EXCHANGES / dialect.name / "exchanges")[::5]
        requests = [
            with_headers(seed, given) for seed in seeds for given in (own, wrong)
        ]
        yield app, store, [*requests, *signing_in()]


def with_headers(seed: Input, own: Mapping[str, str]) -> Input:
    kept = [one for one in seed.headers if one[0] not in own]
    return replace(seed, headers=(*kept, *own.items()))


def signing_in() -> list[Input]:
    """Requests with a password and with OAuth's parameters, where they may stand."""
    password = MARKS["password"]
    body = {"username": "ada", "password": password}
    oauth = "&".join(
        f"oauth_{name}={quote(value)}"
        for name, value in {
            "consumer_key": MARKS["consumer"],
            "token": MARKS["token"],
            "signature_method": "PLAINTEXT",
            "signature": f"{MARKS['consumersecret']}&{MARKS['secret']}",
        }.items()
    )
    login = f"login[username]=ada&login[password]={password}&oauth_token=x"
    paths = (
        "/oauth/authorize",
        "/oauth/token",
        "/oauth/initiate",
        "/api/rest/customers",
    )
    form = (("Content-Type", FORM),)
    return [
        Input(
            "POST",
            "/api/users/auth/pwd/signin",
            (("Content-Type", "application/json"),),
            json.dumps(body).encode(),
        ),
        *(Input("POST", path, form, login.encode()) for path in paths),
        *(Input("POST", path, form, oauth.encode()) for path in paths),
        *(Input("GET", f"{path}?{oauth}") for path in paths),
    ]


def send(app: Any, made: Input) -> str:
    """The whole answer as a text."""
    head: list[object] = []

    def start(status: str, headers: Any, _: object = None) -> Any:
        head.extend((status, headers))
        return head.append

    body = b"".join(app(environ_of(made), start))
    return f"{head} {body!r}"


@pytest.mark.parametrize("fails", [False, True], ids=["well", "database fails"])
def test_no_answer_and_no_log_tells_a_secret(
    served: tuple[Any, Any, list[Input]],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    fails: bool,
) -> None:
    app, store, requests = served
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr("core.keys.is_password", lambda *_: False)
    if fails:
        error = OperationalError(
            f"SELECT {MARKS['database']}", {"digest": MARKS["token"]}, Exception("gone")
        )

        def broken(*_: object) -> None:
            raise error

        monkeypatch.setattr(Work, "__enter__", broken)
        store._keys.clear()

    answers = [send(app, made) for made in requests]

    assert [told(answer) for answer in answers if told(answer)] == []
    assert told(caplog.text) == []
    assert any(" 200" in answer[:8] or "'200" in answer[:8] for answer in answers) or (
        fails or len(answers) > 40
    )


def test_no_representation_tells_a_secret() -> None:
    store = Store(secret_key=MARKS["secretkey"], old_secret_key=MARKS["oldsecretkey"])
    schema.create(store.database)
    shop = store.add_shop("main")
    with store.keys() as keys:
        token = keys.add(
            "any", shop, scope="s", token=MARKS["token"], secret=MARKS["secret"]
        )
        found = [repr(keys), repr(keys.all()), repr(keys.find("any", digest(token)))]
    store.close()

    assert [told(text) for text in (*found, repr(store), repr(store._cipher))] == [
        []
    ] * 5
    assert token == MARKS["token"]


def test_a_configuration_can_be_shown() -> None:
    config = Config(
        database_url=f"postgresql://u:{MARKS['database']}@h/d",
        secret_key=MARKS["secretkey"],
        old_secret_key=MARKS["oldsecretkey"],
        redis_url=f"redis://:{MARKS['redis']}@h",
        control=ControlConfig(
            host="h", port=1, token=MARKS["control"], origin="http://h"
        ),
    )

    assert told(repr(config)) == []
    assert Config.from_environ(config.to_environ()) == config


URL = f"postgresql://user:{MARKS['database']}@127.0.0.1:9/none"
COMMANDS: Mapping[str, tuple[str, ...]] = {
    **{
        f"unreachable {' '.join(command)}": (*command, "--database", URL)
        for command in (
            ("shop", "list"),
            ("key", "list", "--json"),
            ("customer", "list", "--shop", "main"),
            ("db", "status", "--json"),
            ("db", "upgrade"),
            ("doctor", "--json"),
            ("init", "--json"),
            ("key", "rotate-secret-key"),
            ("export", "--shop", "main", "out.jsonl"),
            ("serve",),
        )
    },
    **{
        " ".join(command): command
        for command in (
            ("shop", "list", "--json"),
            ("key", "list", "--json"),
            ("key", "list"),
            ("doctor",),
            ("doctor", "--json"),
            ("db", "status", "--json"),
            ("init", "--json"),
            ("dialects", "--json"),
            ("export", "--shop", "main", "out.jsonl", "--json"),
            ("key", "add", "--dialect", "staff", "--shop", "main", "--scope", "king"),
            (
                "verify",
                "--dialect",
                "staff",
                "--target",
                "http://127.0.0.1:9",
                "--credentials",
                "credentials.json",
                "--json",
            ),
            (
                "migrate",
                "plan",
                "--from",
                "staff:http://127.0.0.1:9",
                "--to",
                "store",
                "--from-credentials",
                "credentials.json",
                "--json",
            ),
        )
    },
}


@pytest.mark.parametrize("name", COMMANDS)
def test_no_command_tells_a_secret(
    initialized: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (initialized / "var" / "secret.key").write_text(MARKS["secretkey"] + "\n")
    made = ("key", "add", "--dialect", "staff", "--shop", "main", "--scope", "staff")
    run(*made, "--token", MARKS["token"], "--secret", MARKS["secret"])
    monkeypatch.setenv("ADDRESS_GATEWAY_REDIS_URL", f"redis://:{MARKS['redis']}@h:1")
    monkeypatch.setenv("ADDRESS_GATEWAY_OLD_SECRET_KEY", MARKS["oldsecretkey"])
    given = {"token": MARKS["token"], "customer": "1"}
    (initialized / "credentials.json").write_text(json.dumps(given))

    done = run(*COMMANDS[name])

    written = [
        path.read_text("utf-8", "replace")
        for path in initialized.rglob("*.json*")
        if path.name != "credentials.json"
    ]
    assert told(done.output + "".join(written)) == []
    assert done.output
