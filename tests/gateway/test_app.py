"""The app mounts dialects, and every error finds the one it belongs to."""

import logging
from dataclasses import replace

import pytest
from flask import Blueprint, Flask, Response
from sqlalchemy import text
from werkzeug.exceptions import InternalServerError

from core import Busy, Store
from dialects.base import Quirk, quirk
from dialects.easel import DIALECT as EASEL
from gateway.app import QuirkError, SchemaError, create_app, open_store, owners
from gateway.config import Config
from tests.gateway.toy import DIALECT as TOY


@pytest.fixture
def app(store: Store) -> Flask:
    return create_app(Config(), store=store, dialects=[EASEL, TOY])


def test_an_unknown_path_is_answered_by_the_dialect_above_it(app: Flask) -> None:
    client = app.test_client()

    answers = [client.get("/api/v1/nope"), client.get("/toy/no/such/thing")]

    assert [answer.mimetype for answer in answers] == ["application/json", "text/html"]
    assert answers[1].get_data(as_text=True) == "Not Found"


def test_a_path_of_no_dialect_gets_a_plain_answer(app: Flask) -> None:
    answer = app.test_client().get("/nowhere")

    assert (answer.status_code, answer.get_data()) == (404, b"Not Found\n")


def test_the_longest_root_owns_a_path() -> None:
    wide = replace(TOY, name="wide", root="/api")
    holes = replace(TOY, name="holes", root="/stores/<store_hash>/v3")
    owner = owners({"/api": wide, "/api/v1": EASEL, holes.root: holes})

    paths = ["/api", "/api/x", "/api/v1", "/api/v1/x", "/api/v10", "/stores/a/v3/x"]
    found = [owner(path) for path in [*paths, "/stores/a/b/v3", "/apiary"]]

    assert found == [wide, wide, EASEL, EASEL, wide, holes, None, None]


def test_a_dialect_can_be_mounted_elsewhere(store: Store) -> None:
    config = Config(mounts={"easel": "/elsewhere/v1"})
    app = create_app(config, store=store, dialects=[EASEL])

    answers = [
        app.test_client().get(f"{root}/customers/x/addresses")
        for root in ("/elsewhere/v1", "/api/v1")
    ]

    assert [answer.status_code for answer in answers] == [401, 404]
    assert answers[0].get_json()["code"] == "MISSING_AUTHORIZATION"


def test_a_dialect_answers_for_its_other_url_spaces(store: Store) -> None:
    beside = Blueprint("beside", __name__)
    beside.add_url_rule("/here", "here", lambda: "here")
    toy = replace(TOY, others={"/beside": beside})
    client = create_app(Config(), store=store, dialects=[toy]).test_client()

    answers = [
        client.get(path) for path in ("/beside/here", "/beside/nope", "/besides")
    ]

    assert [answer.get_data(as_text=True) for answer in answers] == [
        "here",
        "Not Found",
        "Not Found\n",
    ]


def test_a_bug_is_logged_without_what_it_was_about(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    blueprint = Blueprint("buggy", __name__)

    @blueprint.get("/bug")
    def bug() -> Response:
        raise KeyError("s3cret")

    buggy = replace(TOY, name="buggy", root="/buggy", blueprint=blueprint)
    app = create_app(Config(), store=store, dialects=[buggy])

    with caplog.at_level(logging.ERROR):
        answer = app.test_client().get("/buggy/bug?key=s3cret")

    assert answer.status_code == 500
    assert "KeyError at test_app.py:" in caplog.text
    assert "s3cret" not in caplog.text


def test_a_bug_in_an_answer_is_logged_without_what_it_was_about(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(error: Exception) -> Response:
        if isinstance(error, InternalServerError):
            return Response(status=500)
        raise KeyError("s3cret")

    app = create_app(Config(), store=store, dialects=[replace(TOY, fail=fail)])

    answer = app.test_client().get("/toy/customers/1/addresses")

    assert answer.status_code == 500
    assert "KeyError at test_app.py:" in caplog.text
    assert "s3cret" not in caplog.text + answer.get_data(as_text=True)


def test_a_view_is_done_again_while_the_store_is_busy(store: Store) -> None:
    blueprint = Blueprint("busy", __name__)
    tries: list[int] = []

    @blueprint.get("/third")
    def third_time_lucky() -> Response:
        tries.append(1)
        if len(tries) < 3:
            raise Busy
        return Response("lucky")

    busy = replace(TOY, name="busy", root="/busy", blueprint=blueprint)
    app = create_app(Config(), store=store, dialects=[busy])

    assert app.test_client().get("/busy/third").get_data() == b"lucky"


def test_a_body_beyond_the_limit_is_refused(store: Store) -> None:
    app = create_app(Config(max_body=10), store=store, dialects=[TOY])
    shop = store.add_shop("too-large")
    with store.keys() as keys:
        keys.add("toy", shop, scope="all", token="large")

    answer = app.test_client().post(
        "/toy/1", data=b"x" * 11, headers={"X-Toy": "large"}
    )
    store.remove_shop(shop)

    assert answer.status_code in (413, 415)


def test_a_demo_key_is_no_key_on_another_machine(store: Store) -> None:
    app = create_app(Config(), store=store, dialects=[TOY])
    shop = store.add_shop("demo-key")
    with store.keys() as keys:
        keys.add("toy", shop, scope="all", token="everyone", is_demo=True)

    answers = [
        app.test_client().get(
            "/toy/1",
            headers={"X-Toy": "everyone"},
            environ_base={"REMOTE_ADDR": caller},
        )
        for caller in ("127.0.0.1", "::1", "192.0.2.1", "")
    ]
    store.remove_shop(shop)

    assert [answer.status_code for answer in answers] == [404, 404, 401, 404]


def test_a_sqlite_file_is_brought_up_to_date(tmp_path: object) -> None:
    store = open_store(Config(database_url=f"sqlite:///{tmp_path}/new.db"))

    assert store.shops() == []
    store.close()


def test_a_shared_database_is_not_changed_unasked(postgresql: str) -> None:
    bare = Store(postgresql)
    with bare.database.engine.connect() as connection:
        connection.execute(text("CREATE DATABASE unmigrated"))
    url = bare.database.url.set(database="unmigrated")
    bare.close()

    with pytest.raises(SchemaError, match="address-gateway db upgrade"):
        open_store(Config(database_url=url.render_as_string(hide_password=False)))


QUIRKY = replace(
    TOY,
    name="quirky",
    blueprint=Blueprint("quirky", __name__),
    quirks={
        "loud": Quirk(source="a page", documented=False, observed=True),
        "most": Quirk(source="nothing is known", documented=10, observed=10),
    },
)


@pytest.mark.parametrize(
    ("given", "loud", "most"),
    [
        ({}, False, 10),
        ({"quirky": "observed"}, True, 10),
        ({"quirky": {"fidelity": "observed", "most": 3}}, True, 3),
        ({"quirky": {"loud": True}}, True, 10),
        ({"another": "observed"}, False, 10),
    ],
)
def test_quirks_are_as_documented_unless_set(
    store: Store, given: dict[str, object], loud: bool, most: int
) -> None:
    app = create_app(Config(quirks=given), store=store, dialects=[QUIRKY])

    with app.app_context():
        chosen = quirk("quirky", "loud"), quirk("quirky", "most")

    assert chosen == (loud, most)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ("loud", "it can be documented or observed"),
        ({"lout": True}, "it has: fidelity, loud, most"),
        ({"most": "ten"}, "must be int"),
        ({"most": True}, "must be int"),
    ],
)
def test_a_quirk_that_cannot_be_is_refused(
    store: Store, given: object, complaint: str
) -> None:
    with pytest.raises(QuirkError, match=complaint):
        create_app(Config(quirks={"quirky": given}), store=store, dialects=[QUIRKY])


def test_settings_survive_the_environment() -> None:
    config = Config(
        database_url="sqlite:///x.db",
        dialects=("easel",),
        mounts={"easel": "/x"},
        secret_key="s",
        durable=False,
        max_body=5,
        quirks={"easel": {"fidelity": "observed"}},
        redis_url="redis://127.0.0.1",
    )

    assert Config.from_environ(config.to_environ()) == config
    assert Config.from_environ({}) == Config()


def test_a_database_that_is_away_keeps_no_app_from_starting() -> None:
    away = Config(database_url="postgresql+psycopg://u@/db?host=127.0.0.1:1")
    app = create_app(away, dialects=[EASEL])

    answer = app.test_client().get(
        "/api/v1/customers/cus_a/addresses", headers={"Authorization": "Bearer a"}
    )

    assert answer.status_code == 500
    assert answer.get_json()["code"] == "AUTHENTICATION_ERROR"
