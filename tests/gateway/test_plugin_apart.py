"""The pytest plugin in a project whose own packages hide those of the gateway."""

import pytest

pytest_plugins = "pytester"

OWN = {name: f"IS = 'the project\\'s {name}'" for name in ("core", "dialects")}


@pytest.fixture
def pytester(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> pytest.Pytester:
    """A project, whose gateways are filled from the copy that all tests share."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("TMPDIR", str(pytester.mkdir("temporary")))
    cache = tmp_path_factory.getbasetemp() / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    return pytester


def run(pytester: pytest.Pytester, test: str, **files: str) -> pytest.RunResult:
    """The outcome of a suite with these modules beside it."""
    pytester.makepyfile(test_suite=test, **files)
    return pytester.runpytest_subprocess(
        *("-W", "error", "-p", "no:schemathesis", "--strict-markers"), timeout=120
    )


SUITE = """
import pytest
import requests
from datetime import datetime, UTC

try:
    import core, dialects, gateway
except ImportError:
    pass

ADDRESS = {"first_name": "Ada", "street": ["1 Row"], "city": "Akron", "country": "US"}
PATHS = {
    "bigcommerce": "/customers/addresses?customer_id:in={0.id}",
    "easel": "/customers/{0.public_id}/addresses",
    "openmage": "/customers/{0.id}/addresses",
    "staff": "/customers/{0.id}/addresses",
}

@pytest.mark.parametrize("dialect", PATHS)
def test_every_dialect(address_gateway, dialect):
    ada = address_gateway.add_customer(first_name="Ada")
    address = address_gateway.add_address(ada, **ADDRESS)
    session = address_gateway.session(dialect)
    session.headers["Accept"] = "application/json"
    address_gateway.clock.advance(30 * 86400)

    found = session.get(address_gateway.url(dialect) + PATHS[dialect].format(ada))

    assert (found.status_code, "1 Row" in found.text) == (200, True), found.text
    address_gateway.journal.assert_called(f"{dialect}.list", times=1, status=200)
    assert (address.id, address["city"]) == (1, "Akron")

def test_the_rest(address_gateway):
    shop = address_gateway
    shop.seed("customers: [{first_name: Ada}]")
    url = shop.url("staff") + "/customers/1/addresses"
    shop.faults.inject("commit_then_drop", operation="staff.create")
    body = {"country": 1, "state": 39, "city": 2510, "address": "1 New Street"}
    with pytest.raises(requests.ConnectionError):
        shop.session("staff").post(url + "?x=1", json=body, timeout=5)

    shop.sandbox.snapshot("one")
    assert shop.session("staff").get(url).json()["count"] == 1
    assert [one.fault for one in shop.journal] == ["commit_then_drop", ""]
    with pytest.raises(AssertionError, match="staff.create: parameter x"):
        shop.journal.assert_all_read()
    with pytest.raises(AssertionError, match="was called 0 times"):
        shop.journal.assert_called("easel.list")
    shop.journal.assert_not_called("easel.*")
    assert shop.journal.last().request_headers["Authorization"].startswith("Token <")
    shop.reset()
    assert shop.session("staff").get(url).json()["count"] == 0
    shop.sandbox.restore("one")
    assert shop.session("staff").get(url).json()["count"] == 1
    shop.journal.clear()
    assert len(shop.journal) == 0

    rule = shop.faults.inject("latency", times=9)
    assert [one.left for one in shop.faults.rules()] == [9]
    shop.faults.remove(rule.id)
    shop.faults.clear()
    at = datetime(2020, 2, 29, tzinfo=UTC)
    assert shop.clock.freeze(at) == shop.clock() == at
    assert shop.clock.set(at.replace(year=2024)).year == 2024
    assert shop.clock.release().year > 2024

def test_errors_teach(address_gateway):
    for act, told in (
        (lambda: address_gateway.url("esel"), "There are: bigcommerce, easel"),
        (lambda: address_gateway.headers("easel", "x"), "There are: admin, write"),
        (lambda: address_gateway.add_customer(frist_name="A"), "did you mean first"),
        (lambda: address_gateway.add_address(7), "there are: none"),
        (lambda: address_gateway.faults.inject("flood"), "There are: latency"),
    ):
        with pytest.raises(ValueError, match=told):
            act()
    with pytest.raises(LookupError, match="no request came"):
        address_gateway.journal.last()
    with pytest.raises(AttributeError, match="there are: first_name, id"):
        address_gateway.add_customer(first_name="Ada").idd

@pytest.mark.address_gateway(quirks={"bigcommerce": {"quota": 1}})
def test_a_marker(address_gateway):
    session = address_gateway.session("bigcommerce")
    url = address_gateway.url("bigcommerce") + "/customers/addresses"
    assert [session.get(url).status_code for _ in "12"] == [200, 429]
"""


def left(pytester: pytest.Pytester) -> list[str]:
    """The files that gateways left behind."""
    found = (pytester.path / "temporary").rglob("*")
    return [str(path) for path in found if path.is_file()]


def test_a_gateway_apart_does_all_the_same(pytester: pytest.Pytester) -> None:
    result = run(pytester, SUITE, gateway="", **OWN)

    result.assert_outcomes(passed=7)
    assert left(pytester) == []


def test_it_tells_the_same_of_tests_that_go_wrong(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
import pytest
import requests

def test_a_package_that_is_imported_later_is_the_projects(address_gateway):
    import core

    assert core.IS == "the project's core"
    session = requests.Session()
    session.trust_env = False
    session.get(address_gateway.url("staff").replace("/api", "/apo"))

def test_a_stray_of_another_test_is_forgotten(address_gateway):
    assert address_gateway.told() == "no request came to this shop"

def test_a_failure_shows_the_journal(address_gateway):
    session = address_gateway.session("staff")
    session.get(address_gateway.url("staff") + "/customers/7/addresses?x=1")
    assert False

@pytest.mark.address_gateway(fidelity="obsrved")
def test_a_wrong_marker_says_what_can_be(address_gateway):
    pass
""",
        **OWN,
    )

    result.assert_outcomes(passed=2, failed=1, errors=1)
    result.stdout.fnmatch_lines_random(
        [
            "#1 staff.list -> 404; GET*",
            "    nobody read: parameter x",
            "the marker address_gateway: *it can be documented or observed*",
        ]
    )


def test_a_project_can_have_it_so(pytester: pytest.Pytester) -> None:
    """As one does whose tests set the time of their own process, or its sockets."""
    pytester.makeini("[pytest]\naddress_gateway_apart = true\n")

    result = run(
        pytester,
        """
import sys

def test_it(address_gateway):
    assert address_gateway.add_customer(first_name="Ada").id == 1
    assert not {"flask", "core", "gateway"} & {*sys.modules}
""",
    )

    result.assert_outcomes(passed=1)
