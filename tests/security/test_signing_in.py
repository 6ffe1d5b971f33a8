"""How often a password may be tried: on the consent pages, and where Staff signs in."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from dialects import attempts
from gateway import registry
from gateway.app import create_app
from gateway.config import Config
from tests.dialects.openmage.party import CONSUMER, Party, new_party

PAGES = "/admin/oauth_authorize"
STAFF = "/api/users/auth/pwd/signin"
TOO_MANY = "Too many attempts"


@pytest.fixture
def party(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Party]:
    """A gateway on a file, so that a second one can count with it."""
    checked = count()
    monkeypatch.setattr("core.keys.is_password", lambda *_: next(checked) < 0)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with new_party(f"sqlite:///{tmp_path}/party.db") as party:
        yield party


@pytest.fixture
def consent(party: Party) -> Callable[..., TestResponse]:
    """Tries a password on the page of administrators."""
    with party.store.keys() as keys:
        consumer = keys.get(keys.id_of("openmage", CONSUMER) or 0)
    assert consumer
    with party.store.handshakes() as handshakes:
        token, _ = handshakes.start(consumer, "oob")

    def consent(name: str = "admin", address: str = "", app: Any = None) -> Any:
        form = {"login[username]": name, "login[password]": "wrong"}
        return (
            (app or party.app)
            .test_client()
            .post(
                PAGES,
                data={"oauth_token": token, **form},
                environ_overrides={"REMOTE_ADDR": address or "192.0.2.1"},
            )
        )

    return consent


def is_refused(answer: TestResponse) -> bool:
    return answer.status_code == 429 and TOO_MANY in answer.get_data(as_text=True)


def test_a_name_has_ten_attempts_in_five_minutes(party: Party, consent: Any) -> None:
    refused = [is_refused(consent()) for _ in range(12)]
    other = consent("grace")
    party.clock.advance(300)
    later = consent()

    assert refused == [False] * 10 + [True] * 2
    assert (other.status_code, later.status_code) == (200, 200)


def test_the_page_says_when_to_try_again(party: Party, consent: Any) -> None:
    for _ in range(10):
        consent()
    party.clock.advance(150)

    answer = consent()

    assert answer.headers["Retry-After"] == "150"
    assert "Try again in 3 minutes" in answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_workers_count_together(party: Party, consent: Any) -> None:
    url = party.store.database.url.render_as_string(hide_password=False)
    config = Config(database_url=url, secret_key="test")
    dialects = [one for one in registry.load(None) if one.name == "openmage"]
    other = create_app(config, store=party.store, dialects=dialects)

    for app in (party.app, other) * 5:
        consent(app=app)

    assert is_refused(consent())
    assert is_refused(consent(app=other))


def test_an_address_has_ten_times_as_many(consent: Any) -> None:
    for n in range(100):
        consent(f"name {n}")

    same = [consent("admin"), consent("admin", "192.0.2.1")]
    other = consent("grace", "192.0.2.2")

    assert [is_refused(answer) for answer in same] == [True, True]
    assert other.status_code == 200


def test_a_subscriber_of_ipv6_is_one_address() -> None:
    networks = [attempts.network(f"2001:db8::{n}") for n in (1, 2)]

    assert networks == ["2001:db8::/64"] * 2
    assert attempts.network("2001:db8:0:1::1") == "2001:db8:0:1::/64"
    assert [attempts.network(one) for one in (None, "", "x")] == ["", "", ""]


def test_made_up_names_fill_no_disk(party: Party, consent: Any) -> None:
    for n in range(40):
        consent(f"{n}" * 50, f"192.0.2.{n}")

    names = {attempts.bucket(f"{n}") for n in range(20_000)}

    assert len(names) <= attempts.BUCKETS


def test_a_guess_at_once_is_counted_once(party: Party, consent: Any) -> None:
    answers: list[TestResponse] = []
    threads = [
        threading.Thread(target=lambda: answers.append(consent())) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(is_refused(answer) for answer in answers) == [False] * 10 + [True] * 6


@pytest.fixture
def staff(party: Party) -> Callable[..., TestResponse]:
    """Tries a password where Staff signs in, three times in five minutes."""
    config = Config(quirks={"staff": {"sign_in_attempts": 3}})
    dialects = [one for one in registry.load(None) if one.name == "staff"]
    app = create_app(config, store=party.store, dialects=dialects)

    def staff(name: str = "ada") -> Any:
        body = {"username": name, "password": "wrong"}
        return app.test_client().post(STAFF, json=body)

    return staff


def test_staff_is_throttled_in_the_frameworks_words(party: Party, staff: Any) -> None:
    """Django REST Framework, exceptions.py: Throttled; views.py: Retry-After."""
    before = [staff().status_code for _ in range(3)]

    answer = staff()

    party.clock.instant += timedelta(seconds=299)
    last = staff()
    assert before == [400] * 3
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "300"
    assert answer.get_json() == {
        "detail": "Request was throttled. Expected available in 300 seconds."
    }
    assert last.get_json()["detail"].endswith("available in 1 second.")
    assert staff("bo").status_code == 400


def test_no_limit_is_none(party: Party) -> None:
    with party.app.app_context():
        waits = [
            attempts.seconds_to_wait("any", "ada", "192.0.2.1", limit=0)
            for _ in range(50)
        ]

    assert set(waits) == {0}
