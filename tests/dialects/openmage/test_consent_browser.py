"""A person lets an application in with a real browser; nothing leaves the machine."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from requests_oauthlib import OAuth1Session

from tests.dialects.openmage.party import (
    CONSUMER,
    CONSUMER_SECRET,
    LIST,
    USERS,
    Party,
    new_party,
)
from tests.dialects.openmage.serving import listening, serving


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "this test needs chromium; as root, `make browser` installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"]
        )
        yield browser
        browser.close()


@pytest.fixture
def seen() -> dict[str, list[str]]:
    """What the browser asked for, and what it complained of."""
    return {"hosts": [], "complaints": []}


@pytest.fixture
def page(browser: Browser, seen: dict[str, list[str]]) -> Iterator[Page]:
    """A page of a browser that has been nowhere yet, in a small window."""
    context = browser.new_context(viewport={"width": 360, "height": 640})
    page = context.new_page()
    page.on(
        "request",
        lambda request: seen["hosts"].append(urlsplit(request.url).hostname or ""),
    )
    page.on("console", lambda message: seen["complaints"].append(message.text))
    page.on("pageerror", lambda error: seen["complaints"].append(str(error)))
    page.on("requestfailed", lambda request: seen["complaints"].append(request.failure))
    yield page
    context.close()


@pytest.fixture
def party(tmp_path: Path) -> Iterator[Party]:
    """A gateway on an SQLite file, at the present time, as a real client's clock is."""
    with new_party(f"sqlite:///{tmp_path}/party.db") as party:
        party.clock.instant = datetime.now(UTC)
        yield party


def session(**options: str) -> OAuth1Session:
    """A client of the application."""
    return OAuth1Session(CONSUMER, client_secret=CONSUMER_SECRET, **options)


def sign_in(page: Page, label: str, name: str, password: str) -> None:
    page.get_by_label(label).fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def status_with(base: str, token: dict[str, str], verifier: str) -> int:
    """What the access token opens that a request token is exchanged for."""
    access = session(
        resource_owner_key=token["oauth_token"],
        resource_owner_secret=token["oauth_token_secret"],
        verifier=verifier,
    ).fetch_access_token(f"{base}/oauth/token")
    api = session(
        resource_owner_key=access["oauth_token"],
        resource_owner_secret=access["oauth_token_secret"],
    )
    answer = api.get(f"{base}{LIST}", headers={"Accept": "application/json"})
    return int(answer.status_code)


def test_a_customer_lets_an_application_in(
    party: Party, page: Page, seen: dict[str, list[str]]
) -> None:
    name = "ada@example.com"
    with serving(party.app) as base, listening() as (callback, came):
        client = session(callback_uri=callback)
        token = client.fetch_request_token(f"{base}/oauth/initiate")

        page.goto(client.authorization_url(f"{base}/oauth/authorize"))
        sign_in(page, "Email", name, "wrong")
        error = page.get_by_role("alert").inner_text()
        kept = page.get_by_label("Email").input_value()
        sign_in(page, "Email", name, USERS[name])
        asked = page.get_by_role("main").inner_text()
        page.get_by_role("button", name="Authorize").click()
        page.wait_for_url(f"{callback}**")

        [url] = came
        [verifier] = parse_qs(urlsplit(url).query)["oauth_verifier"]
        status = status_with(base, token, verifier)

    assert (error, kept) == ("Invalid login or password.", name)
    assert "Sync <b>&" in asked
    assert name in asked
    assert page.title() == "Welcome back"
    assert status == 200
    assert set(seen["hosts"]) == {"127.0.0.1"}
    assert seen["complaints"] == []


def test_an_administrator_takes_the_verifier_over_by_hand(
    party: Party, page: Page, seen: dict[str, list[str]]
) -> None:
    with serving(party.app) as base:
        client = session(callback_uri="oob")
        token = client.fetch_request_token(f"{base}/oauth/initiate")

        page.goto(client.authorization_url(f"{base}/admin/oauth_authorize"))
        page.keyboard.press("Tab")
        page.keyboard.type("admin")
        page.keyboard.press("Tab")
        page.keyboard.type(USERS["admin"])
        page.keyboard.press("Enter")
        page.locator("#oauth_authorize_confirm button").press("Enter")
        verifier = page.locator("#oauth_verifier").inner_text()
        status = status_with(base, token, verifier)

    assert status == 200
    assert set(seen["hosts"]) == {"127.0.0.1"}
    assert seen["complaints"] == []


def test_a_customer_turns_an_application_away(
    party: Party, page: Page, seen: dict[str, list[str]]
) -> None:
    with serving(party.app) as base, listening() as (callback, came):
        client = session(callback_uri=callback)
        client.fetch_request_token(f"{base}/oauth/initiate")

        page.goto(client.authorization_url(f"{base}/oauth/authorize"))
        page.get_by_role("button", name="Reject").click()
        page.wait_for_url(f"{callback}**")

    [url] = came
    assert parse_qs(urlsplit(url).query)["rejected"] == ["1"]
    assert seen["complaints"] == []


def test_the_page_fits_a_small_window(party: Party, page: Page) -> None:
    with serving(party.app) as base:
        client = session(callback_uri="oob")
        client.fetch_request_token(f"{base}/oauth/initiate")

        page.goto(client.authorization_url(f"{base}/oauth/authorize"))
        width = page.evaluate("document.documentElement.scrollWidth")
        is_styled = page.evaluate("getComputedStyle(document.body).marginTop") == "0px"

    assert width <= 360
    assert is_styled
