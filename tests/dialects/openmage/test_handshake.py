"""The way to an access token, in three steps, as OpenMage goes it.

Where nothing else is named, the source is OpenMage 20.18: its endpoints, their checks
in order, what they answer. A whole handshake is done by requests-oauthlib over HTTP.
"""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import requests
from requests_oauthlib import OAuth1Session

from dialects.openmage.pages import policy
from tests.dialects.openmage.party import (
    ADMIN,
    ADMIN_SECRET,
    CONSUMER,
    CONSUMER_SECRET,
    CUSTOMER,
    HOST,
    LIST,
    OLD,
    OTHER,
    USERS,
    client,
    header,
    new_party,
)
from tests.dialects.openmage.serving import serving

ABSENT = "parameter_absent&oauth_parameters_absent="
CALLBACK = "https://sync.example/back"
HEX = re.compile("[0-9a-f]{32}")
CUSTOMERS = "/oauth/authorize"
ADMINS = "/admin/oauth_authorize"
NONE = {"resource_owner_key": None, "resource_owner_secret": None}


@pytest.fixture(scope="module")
def party():
    with new_party(sign_in_attempts=0) as party:
        yield party


@pytest.fixture(autouse=True)
def _as_new(party):
    party.store.forget_nonces()
    party.clock.reset()


@pytest.fixture
def ask(party):
    """Sends a signed request to one of the application's endpoints."""

    def ask(path: str, **options: Any) -> Any:
        _, headers, _ = client(**{**NONE, **options}).sign(HOST + path, "POST")
        return party.get(headers["Authorization"], path, method="POST")

    return ask


@pytest.fixture
def started(ask):
    """Starts a handshake; gives the request token with its secret."""

    def started(callback: str = CALLBACK) -> dict[str, str]:
        answer = ask("/oauth/initiate", callback_uri=callback)
        return dict(parse_qsl(answer.get_data(as_text=True)))

    return started


@pytest.fixture
def signed_in(party):
    """Signs a user in on the page; gives the page that comes."""

    def signed_in(token: str, name: str = "admin", path: str = ADMINS) -> Any:
        form = {
            "oauth_token": token,
            "login[username]": name,
            "login[password]": USERS[name],
        }
        return party.app.test_client().post(path, data=form)

    return signed_in


@pytest.fixture
def allowed(party, signed_in):
    """Lets an application in, as an administrator; gives the answer to that."""

    def allowed(token: str, name: str = "admin", path: str = ADMINS) -> Any:
        form = {"oauth_token": token, "ticket": ticket(signed_in(token, name, path))}
        return party.app.test_client().post(f"{path}/confirm", data=form)

    return allowed


def ticket(page: Any) -> str:
    """The ticket in the form of a page."""
    [found] = re.findall('name="ticket" value="(.*?)"', page.get_data(as_text=True))
    return found


def verifier(answer: Any) -> str:
    """The verifier that a user brings back."""
    [found] = parse_qs(urlsplit(answer.headers["Location"]).query)["oauth_verifier"]
    return found


def said(answer: Any) -> Any:
    """The status and the text of an answer, which is a form's."""
    assert answer.headers["Content-Type"] == "application/x-www-form-urlencoded"
    return answer.status_code, answer.get_data(as_text=True)


def parameters(**changes: str | None) -> dict[str, str | None]:
    """The parameters of a request that has everything but a right signature."""
    return {
        "oauth_consumer_key": CONSUMER,
        "oauth_signature_method": "HMAC-SHA1",
        "oauth_timestamp": OLD,
        "oauth_nonce": "the nonce",
        "oauth_signature": "wrong",
        **changes,
    }


def test_the_known_signature_is_right(party):
    """The contract's vector, computed independently of this code."""
    given = parameters(
        oauth_version="1.0",
        oauth_nonce="n0nce000000000000000000000000003",
        oauth_signature="PV3115t5zwQhhtlZrl0idkWGqYw=",
        oauth_callback="oob",
    )

    answer = party.get(header(given), "/oauth/initiate", method="POST")

    status, body = said(answer)
    assert status == 200
    assert re.fullmatch(
        "oauth_token=[0-9a-f]{32}&oauth_token_secret=[0-9a-f]{32}"
        "&oauth_callback_confirmed=true",
        body,
    )
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "where"),
    [
        ("GET", "AUTH_HEADER"),
        ("GET", "QUERY"),
        ("POST", "AUTH_HEADER"),
        ("POST", "QUERY"),
        ("POST", "BODY"),
        ("PUT", "BODY"),
    ],
)
def test_an_application_asks_as_it_likes(party, method, where):
    signer = client(**NONE, callback_uri="oob", signature_type=where)
    form = {
        "body": "a=b",
        "headers": {"Content-Type": "application/x-www-form-urlencoded"},
    }
    uri, headers, body = signer.sign(
        HOST + "/oauth/initiate", method, **(form if where == "BODY" else {})
    )

    answer = party.app.test_client().open(
        uri, method=method, headers=headers, data=body
    )

    assert said(answer)[0] == 200


@pytest.mark.parametrize(
    ("status", "problem", "changes"),
    [
        (400, "version_rejected", {"oauth_version": "2.0"}),
        (400, f"{ABSENT}oauth_consumer_key", {"oauth_consumer_key": None}),
        (401, "consumer_key_rejected", {"oauth_consumer_key": "short"}),
        (400, "signature_method_rejected", {"oauth_signature_method": "x"}),
        (400, f"{ABSENT}oauth_nonce", {"oauth_nonce": None}),
        (400, "timestamp_refused", {"oauth_timestamp": "-1"}),
        (401, "nonce_used", {"oauth_nonce": "spent"}),
        (401, "consumer_key_rejected", {"oauth_consumer_key": "f" * 32}),
    ],
)
@pytest.mark.parametrize("path", ["/oauth/initiate", "/oauth/token"])
def test_an_application_is_told_what_is_wrong(party, path, status, problem, changes):
    party.store.use_nonce("spent", int(OLD))

    answer = party.get(header(parameters(**changes)), path, method="POST")

    assert said(answer) == (status, f"oauth_problem={problem}")


def test_a_host_that_is_no_url_is_a_server_s_error(party):
    answer = party.get(None, "/oauth/initiate", base_url="http://magento_host")

    assert said(answer) == (
        500,
        "oauth_problem=internal_error&message=Invalid URI supplied",
    )


@pytest.mark.parametrize(
    ("status", "problem", "changes"),
    [
        (400, f"{ABSENT}oauth_callback", {}),
        (400, "parameter_rejected&message=oauth_callback", {"oauth_callback": ""}),
        (401, "signature_invalid", {"oauth_callback": "oob"}),
        (401, "signature_invalid", {"oauth_callback": CALLBACK}),
    ],
)
def test_an_application_says_where_users_come_back_to(party, status, problem, changes):
    answer = party.get(header(parameters(**changes)), "/oauth/initiate", method="POST")

    assert said(answer) == (status, f"oauth_problem={problem}")


@pytest.mark.parametrize(
    "callback",
    [
        "back",
        "/back",
        "javascript:alert(1)",
        "data:text/html,x",
        "app://back",
        "http://",
        "https:///back",
        "https://a b",
        "https://a\nb",
        "https://a:99999/",
        "https://[x]/",
        "https://é.example",
        "OOB",
    ],
)
def test_a_callback_that_is_no_web_address_is_rejected(party, callback):
    given = parameters(oauth_callback=callback)

    answer = party.get(header(given), "/oauth/initiate", method="POST")

    assert said(answer) == (
        400,
        "oauth_problem=parameter_rejected&message=oauth_callback",
    )


@pytest.mark.parametrize(
    ("status", "problem", "changes"),
    [
        (400, f"{ABSENT}oauth_token", {}),
        (401, "token_rejected", {"oauth_token": "short"}),
        (401, "token_rejected", {"oauth_token": "f" * 32}),
        (401, "token_rejected", {"oauth_token": CONSUMER}),
        # An access token that is exchanged once more.
        (400, f"{ABSENT}oauth_verifier", {"oauth_token": ADMIN}),
        (401, "verifier_invalid", {"oauth_token": ADMIN, "oauth_verifier": "short"}),
        (401, "token_used", {"oauth_token": ADMIN, "oauth_verifier": "f" * 32}),
    ],
)
def test_an_exchange_needs_a_request_token(party, status, problem, changes):
    answer = party.get(header(parameters(**changes)), "/oauth/token", method="POST")

    assert said(answer) == (status, f"oauth_problem={problem}")


def test_an_exchange_needs_the_user_s_verifier(party, started, allowed):
    token = started()["oauth_token"]

    def tell(**changes: str) -> Any:
        given = parameters(oauth_token=token, **changes)
        party.store.forget_nonces()
        return said(party.get(header(given), "/oauth/token", method="POST"))

    invalid = (401, "oauth_problem=verifier_invalid")
    assert tell() == (400, f"oauth_problem={ABSENT}oauth_verifier")
    assert tell(oauth_verifier="") == invalid
    assert tell(oauth_verifier="f" * 31) == invalid
    assert tell(oauth_verifier="f" * 32) == invalid
    right = verifier(allowed(token))
    assert tell(oauth_verifier="f" * 32) == invalid
    assert tell(oauth_verifier=right) == (401, "oauth_problem=signature_invalid")
    other = tell(oauth_verifier=right, oauth_consumer_key=OTHER)
    assert other == (401, "oauth_problem=token_rejected")


@pytest.fixture
def exchange(ask):
    """Exchanges a request token."""

    def exchange(request_token: dict[str, str], verifier: str) -> Any:
        return ask(
            "/oauth/token",
            resource_owner_key=request_token["oauth_token"],
            resource_owner_secret=request_token["oauth_token_secret"],
            verifier=verifier,
        )

    return exchange


def test_a_request_token_is_exchanged_once(started, allowed, exchange):
    token = started()
    right = verifier(allowed(token["oauth_token"]))

    answers = [said(exchange(token, right)) for _ in range(2)]

    assert answers[0][0] == 200
    assert re.fullmatch(
        "oauth_token=[0-9a-f]{32}&oauth_token_secret=[0-9a-f]{32}", answers[0][1]
    )
    assert answers[1] == (401, "oauth_problem=token_rejected")


def test_a_request_token_opens_nothing(party, started, allowed):
    token = started()
    allowed(token["oauth_token"])
    own = {
        "resource_owner_key": token["oauth_token"],
        "resource_owner_secret": token["oauth_token_secret"],
    }
    _, headers, _ = client(**own).sign(HOST + LIST)

    answer = party.get(headers["Authorization"])

    [error] = answer.get_json()["messages"]["error"]
    assert error == {"code": 401, "message": "oauth_problem=token_rejected"}


@pytest.mark.parametrize(
    ("name", "path", "scope", "customer"),
    [
        ("admin", ADMINS, "admin", None),
        ("ada@example.com", CUSTOMERS, "customer", 1),
    ],
)
def test_the_access_token_is_the_user_s(
    party, started, allowed, exchange, name, path, scope, customer
):
    token = started()

    answer = exchange(token, verifier(allowed(token["oauth_token"], name, path)))

    made = dict(parse_qsl(said(answer)[1]))
    key = party.store.key("openmage", made["oauth_token"])
    assert (key.scope, key.customer_id) == (scope, customer)
    assert key.secret == made["oauth_token_secret"]


@pytest.mark.parametrize("simple", ["", "/simple"])
@pytest.mark.parametrize("path", [ADMINS, CUSTOMERS])
def test_the_page_asks_who_decides(party, started, path, simple):
    token = started()["oauth_token"]

    page = party.app.test_client().get(f"{path}{simple}?oauth_token={token}")

    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert 'id="loginForm"' in text
    assert f'action="{path}{simple}"' in text
    assert "Sync &lt;b&gt;&amp;" in text
    assert "<b>" not in text


def test_a_user_sees_what_there_is_to_decide(started, signed_in):
    page = signed_in(started()["oauth_token"])

    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert 'id="oauth_authorize_confirm"' in text
    assert 'id="oauth_authorize_reject"' in text
    assert "Sync &lt;b&gt;&amp;" in text
    assert "<strong>admin</strong>" in text


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("ada@example.com", ADMINS),
        ("admin", CUSTOMERS),
        # An administrator of another shop.
        ("grace", ADMINS),
    ],
)
def test_a_user_decides_on_the_own_page_alone(started, signed_in, name, path):
    text = signed_in(started()["oauth_token"], name, path).get_data(as_text=True)

    assert "Invalid login or password." in text
    assert 'id="loginForm"' in text


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("admin", "wrong"),
        ("admin", ""),
        ("nobody", "pass word"),
        ("", ""),
        ("\0", "\0"),
        ('"><script>', "x"),
    ],
)
def test_a_wrong_name_or_password_is_not_told_apart(party, started, name, password):
    form = {"login[username]": name, "login[password]": password}
    token = started()["oauth_token"]

    page = party.app.test_client().post(ADMINS, data={"oauth_token": token, **form})

    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "Invalid login or password." in text
    assert "<script>" not in text
    assert "ticket" not in text


def test_a_demo_user_is_unknown_to_other_machines(party, started):
    stored = party.store
    with stored.keys() as keys:
        keys.add(
            "openmage",
            party.shop,
            scope="admin",
            username="demo",
            password=keys.hashed("demo"),
            is_demo=True,
        )
    form = {
        "oauth_token": started()["oauth_token"],
        "login[username]": "demo",
        "login[password]": "demo",
    }

    pages = [
        party.app.test_client().post(
            ADMINS, data=form, environ_overrides={"REMOTE_ADDR": address}
        )
        for address in ("127.0.0.1", "192.0.2.1")
    ]

    assert ["ticket" in page.get_data(as_text=True) for page in pages] == [True, False]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("given", ["", "&ticket=", f"&ticket={'0' * 32}"])
def test_nothing_is_allowed_without_the_ticket(
    party, started, signed_in, exchange, method, given
):
    token = started()
    signed_in(token["oauth_token"])

    answer = party.app.test_client().open(
        f"{ADMINS}/confirm?oauth_token={token['oauth_token']}{given}", method=method
    )

    assert answer.status_code == 401
    assert "Location" not in answer.headers
    assert said(exchange(token, "f" * 32))[1] == "oauth_problem=verifier_invalid"


def test_a_link_with_the_ticket_allows_as_the_form_does(party, started, signed_in):
    """The original confirms by a GET."""
    token = started()["oauth_token"]
    query = f"oauth_token={token}&ticket={ticket(signed_in(token))}"

    answer = party.app.test_client().get(f"{ADMINS}/confirm?{query}")

    assert answer.status_code == 302
    assert HEX.fullmatch(verifier(answer))


@pytest.mark.parametrize(
    ("callback", "joint"),
    [(CALLBACK, "?"), (f"{CALLBACK}?a=1", "&"), ("http://127.0.0.1:9/", "?")],
)
def test_the_user_comes_back_with_a_verifier(started, allowed, callback, joint):
    token = started(callback)["oauth_token"]

    answer = allowed(token)

    assert answer.status_code == 302
    assert re.fullmatch(
        re.escape(f"{callback}{joint}oauth_token={token}&oauth_verifier=")
        + "[0-9a-f]{32}",
        answer.headers["Location"],
    )


def test_out_of_band_the_page_shows_the_verifier(started, allowed, exchange):
    token = started("oob")

    page = allowed(token["oauth_token"])

    text = page.get_data(as_text=True)
    [shown] = re.findall('id="oauth_verifier">([0-9a-f]{32})<', text)
    assert page.status_code == 200
    assert said(exchange(token, shown))[0] == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_who_is_rejected_comes_back_with_nothing(party, started, exchange, method):
    token = started()

    answer = party.app.test_client().open(
        f"{ADMINS}/reject?oauth_token={token['oauth_token']}", method=method
    )

    assert answer.status_code == 302
    assert answer.headers["Location"] == (
        f"{CALLBACK}?oauth_token={token['oauth_token']}&rejected=1"
    )
    assert said(exchange(token, "f" * 32))[1] == "oauth_problem=token_rejected"


def test_out_of_band_the_page_says_that_it_was_rejected(party, started):
    token = started("oob")["oauth_token"]

    page = party.app.test_client().post(
        f"{CUSTOMERS}/reject", data={"oauth_token": token}
    )

    assert page.status_code == 200
    assert "Sync &lt;b&gt;&amp; has no access." in page.get_data(as_text=True)


@pytest.mark.parametrize("path", [CUSTOMERS, ADMINS, f"{ADMINS}/confirm"])
@pytest.mark.parametrize(
    ("status", "problem", "query"),
    [
        (400, f"{ABSENT}oauth_token".replace("&", "&amp;"), ""),
        (401, "token_rejected", "?oauth_token=short"),
        (401, "token_rejected", f"?oauth_token={'f' * 32}"),
        (401, "token_rejected", f"?oauth_token={CUSTOMER}"),
    ],
)
def test_the_page_of_an_unknown_request_says_so(party, path, status, problem, query):
    page = party.app.test_client().get(path + query)

    assert page.status_code == status
    assert f"oauth_problem={problem}" in page.get_data(as_text=True)


def test_what_was_decided_is_not_decided_again(party, started, allowed, signed_in):
    token = started()["oauth_token"]
    allowed(token)

    page = signed_in(token)

    assert page.status_code == 401
    assert "token_used" in page.get_data(as_text=True)


def test_a_request_is_decided_within_a_day(party, started):
    token = started()["oauth_token"]
    party.clock.advance(24 * 60 * 60)

    page = party.app.test_client().get(f"{ADMINS}?oauth_token={token}")

    assert page.status_code == 401


def test_a_page_is_not_kept_and_not_framed_and_loads_nothing(party, started):
    token = started()["oauth_token"]

    page = party.app.test_client().get(f"{ADMINS}?oauth_token={token}")

    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    rules = page.headers["Content-Security-Policy"].split("; ")
    assert rules[0] == "default-src 'none'"
    assert "frame-ancestors 'none'" in rules
    assert "form-action 'self' https://sync.example" in rules
    assert not re.findall("(?:src|href)=", page.get_data(as_text=True))


@pytest.mark.parametrize(
    ("target", "rule"),
    [
        ("", "form-action 'self'"),
        ("https://a.example/b?c", "form-action 'self' https://a.example"),
        ("http://127.0.0.1:80", "form-action 'self' http://127.0.0.1:80"),
        # CSP 3, 2.3.1: a host-source has no place for these.
        ("http://[::1]:80/", "form-action 'self' http:"),
        ("https://a;script-src *", "form-action 'self' https:"),
        ("https://u@a.example/", "form-action 'self' https:"),
    ],
)
def test_a_form_may_lead_to_where_the_user_is_sent(target, rule):
    assert policy(target).split("; ")[2] == rule


@pytest.mark.parametrize("path", ["/oauth/nothing", "/admin/oauth_authorize/nothing"])
def test_an_unknown_path_is_answered_as_the_dialect_does(party, path):
    answer = party.get(None, path)

    assert answer.status_code == 404
    assert "messages" in answer.get_data(as_text=True)


@pytest.mark.parametrize("signature_method", ["HMAC-SHA1", "PLAINTEXT"])
def test_requests_oauthlib_goes_the_whole_way(party, signature_method):
    """The recipe of its documentation, "OAuth 1 Workflow"; the user is a script."""
    own = {"client_secret": CONSUMER_SECRET, "signature_method": signature_method}
    party.clock.instant = datetime.now(UTC)
    with serving(party.app) as base:
        first = OAuth1Session(CONSUMER, callback_uri="oob", **own)
        token = first.fetch_request_token(f"{base}/oauth/initiate")
        url = first.authorization_url(f"{base}{ADMINS}")
        assert "loginForm" in requests.get(url, timeout=10).text
        page = requests.post(
            url,
            data={"login[username]": "admin", "login[password]": USERS["admin"]},
            timeout=10,
        )
        [found] = re.findall('name="ticket" value="(.*?)"', page.text)
        page = requests.post(
            f"{base}{ADMINS}/confirm",
            data={"oauth_token": token["oauth_token"], "ticket": found},
            timeout=10,
        )
        [shown] = re.findall('id="oauth_verifier">(.*?)<', page.text)
        second = OAuth1Session(
            CONSUMER,
            resource_owner_key=token["oauth_token"],
            resource_owner_secret=token["oauth_token_secret"],
            verifier=shown,
            **own,
        )
        access = second.fetch_access_token(f"{base}/oauth/token")
        api = OAuth1Session(
            CONSUMER,
            resource_owner_key=access["oauth_token"],
            resource_owner_secret=access["oauth_token_secret"],
            **own,
        )
        answer = api.get(f"{base}{LIST}", headers={"Accept": "application/json"})

    assert (answer.status_code, answer.json()) == (200, [])


def test_an_access_token_ends_where_a_new_one_begins(party, started, allowed, exchange):
    tokens = []
    for _ in range(2):
        token = started()
        answer = exchange(token, verifier(allowed(token["oauth_token"])))
        tokens.append(dict(parse_qsl(said(answer)[1])))

    def status(token: dict[str, str]) -> int:
        own = {
            "resource_owner_key": token["oauth_token"],
            "resource_owner_secret": token["oauth_token_secret"],
        }
        _, headers, _ = client(**own).sign(HOST + LIST)
        return int(party.get(headers["Authorization"]).status_code)

    assert [status(token) for token in tokens] == [401, 200]
    assert party.store.key("openmage", ADMIN).secret == ADMIN_SECRET
