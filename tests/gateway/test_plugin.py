"""The pytest plugin, as a project has it that installed the package.

Each suite runs in a process of its own, where every warning is an error.
"""

import json
import sys
from collections.abc import Callable
from importlib.metadata import entry_points

import pytest

pytest_plugins = "pytester"

Suite = Callable[..., pytest.RunResult]

ADDRESS = """
ADDRESS = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "street": ["12 Analytical Row"],
    "city": "Akron",
    "region": "Ohio",
    "country": "US",
    "postal_code": "44301",
    "phone": "123",
}
"""


@pytest.fixture
def run(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> Suite:
    """Runs a suite, and gives its outcome."""
    cache = tmp_path_factory.getbasetemp() / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("TMPDIR", str(pytester.mkdir("temporary")))

    def run(test: str, *arguments: str, **files: str) -> pytest.RunResult:
        pytester.makepyfile(test_suite=ADDRESS + test, **files)
        return pytester.runpytest_subprocess(
            *("-W", "error", "-p", "no:schemathesis", "--strict-markers"),
            *arguments,
            timeout=120,
        )

    return run


def left(pytester: pytest.Pytester) -> list[str]:
    """The files that gateways left behind."""
    found = (pytester.path / "temporary").rglob("*")
    return [str(path) for path in found if path.is_file()]


def test_the_package_registers_the_plugin() -> None:
    found = entry_points(group="pytest11", name="address_gateway")

    assert [point.value for point in found] == ["pytest_address_gateway"]


def test_a_shop_is_there_in_every_dialect(
    run: Suite, pytester: pytest.Pytester
) -> None:
    result = run(
        """
import pytest

PATHS = {
    "bigcommerce": "/customers/addresses?customer_id:in={0.id}",
    "easel": "/customers/{0.public_id}/addresses",
    "openmage": "/customers/{0.id}/addresses",
    "staff": "/customers/{0.id}/addresses",
}

@pytest.mark.parametrize("dialect", PATHS)
def test_it(address_gateway, dialect):
    customer = address_gateway.add_customer(first_name="Ada", email="ada@example.com")
    address_gateway.add_address(customer, **ADDRESS)
    session = address_gateway.session(dialect)
    session.headers["Accept"] = "application/json"
    path = PATHS[dialect].format(customer)

    found = session.get(address_gateway.url(dialect) + path)

    assert found.status_code == 200
    assert "12 Analytical Row" in found.text
    address_gateway.journal.assert_called(f"{dialect}.list", times=1, status=200)

def test_every_scope_signs_in(address_gateway):
    address_gateway.add_customer(first_name="Ada")
    scopes = [
        (dialect, scope)
        for dialect, keys in address_gateway.credentials.items()
        for scope in keys
    ]

    refused = [
        scope
        for dialect, scope in scopes
        if address_gateway.session(dialect, scope)
        .get(address_gateway.url(dialect) + "/customers")
        .status_code == 401
    ]

    # An application alone is nobody whom OpenMage lets in.
    assert refused == ["consumer"]
"""
    )

    result.assert_outcomes(passed=5)
    assert left(pytester) == []


def test_time_and_faults_are_the_shops(run: Suite) -> None:
    result = run(
        """
import pytest
import requests

def test_it(address_gateway):
    customer = address_gateway.add_customer(first_name="Ada")
    session = address_gateway.session("openmage")
    url = f"{address_gateway.url('openmage')}/customers/{customer.id}/addresses"
    address_gateway.clock.advance(30 * 86400)
    address_gateway.faults.inject("reset")

    with pytest.raises(requests.ConnectionError):
        session.get(url, timeout=5)

    assert session.get(url).status_code == 200

@pytest.mark.parametrize("fault", ["commit_then_drop", "reset"])
def test_an_answer_can_get_lost(address_gateway, fault):
    address_gateway.add_customer(first_name="Ada")
    address_gateway.faults.inject(fault, operation="staff.create")
    session = address_gateway.session("staff")
    url = address_gateway.url("staff") + "/customers/1/addresses"
    body = {"country": 1, "state": 39, "city": 2510, "address": "1 New Street"}

    with pytest.raises(requests.ConnectionError):
        session.post(url, json=body, timeout=5)

    assert session.get(url).json()["count"] == (fault == "commit_then_drop")
"""
    )

    result.assert_outcomes(passed=3)


def test_a_test_sees_nothing_of_another(run: Suite) -> None:
    result = run(
        """
import pytest

@pytest.mark.parametrize("turn", range(3))
def test_it(address_gateway, turn):
    assert len(address_gateway.journal) == 0
    assert not address_gateway.faults.rules()
    assert address_gateway.clock.is_real
    url = address_gateway.url("bigcommerce") + "/customers/addresses"
    session = address_gateway.session("bigcommerce")
    assert session.get(url).json()["data"] == []

    customer = address_gateway.add_customer(first_name="Ada")
    address_gateway.add_address(customer, **ADDRESS)
    address_gateway.faults.inject("latency", times=9)
    address_gateway.clock.advance(99)
    assert customer.id == 1
"""
    )

    result.assert_outcomes(passed=3)


def test_a_marker_chooses_the_fidelity(run: Suite) -> None:
    # OpenMage lists the newest address first, its page the oldest: dialects/openmage.
    result = run(
        """
import pytest

def order(shop):
    customer = shop.add_customer(first_name="Ada")
    for name in "12":
        shop.add_address(customer, **{**ADDRESS, "first_name": name})
    session = shop.session("openmage")
    session.headers["Accept"] = "application/json"
    found = session.get(shop.url("openmage") + "/customers/1/addresses").json()
    return [one["firstname"] for one in found]

def test_documented(address_gateway):
    assert order(address_gateway) == ["1", "2"]

@pytest.mark.address_gateway(fidelity="observed")
def test_observed(address_gateway):
    assert order(address_gateway) == ["2", "1"]

@pytest.mark.address_gateway(fidelity={"openmage": "observed"})
def test_observed_of_one(address_gateway):
    assert order(address_gateway) == ["2", "1"]

@pytest.mark.address_gateway(quirks={"openmage": {"newest_first": True}})
class TestQuirk:
    def test_quirk(self, address_gateway):
        assert order(address_gateway) == ["2", "1"]

    @pytest.mark.address_gateway(fidelity="documented")
    def test_the_nearest_marker_decides(self, address_gateway):
        assert order(address_gateway) == ["1", "2"]
"""
    )

    result.assert_outcomes(passed=5)


@pytest.mark.parametrize(
    ("marked", "told"),
    [
        ('fidelity="obsrved"', "it can be documented or observed"),
        ('fidelity={"openmag": "observed"}', "did you mean 'openmage'?"),
        ('quirks={"openmage": {"newest": True}}', "has no quirk 'newest'; it has: "),
    ],
)
def test_a_wrong_marker_says_what_can_be(run: Suite, marked: str, told: str) -> None:
    result = run(
        f"""
import pytest

@pytest.mark.address_gateway({marked})
def test_it(address_gateway):
    pass
"""
    )

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"the marker address_gateway: *{told}*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_failing_test_shows_its_journal(run: Suite) -> None:
    result = run(
        """
def test_it(address_gateway):
    session = address_gateway.session("staff")
    session.get(address_gateway.url("staff") + "/customers/7/addresses?x=1")
    session.get(address_gateway.url("staff").replace("/api", "/apo"))
    assert False

def test_well(address_gateway):
    pass
"""
    )

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- gateway journal -*",
            "#1 staff.list -> 404; GET /api/customers/7/addresses?x=1*",
            "    nobody read: parameter x",
            "#2 (no operation) -> 404; GET /apo*",
        ]
    )


def test_workers_do_not_disturb_one_another(
    run: Suite, pytester: pytest.Pytester
) -> None:
    result = run(
        """
import pytest

@pytest.mark.parametrize("turn", range(60))
def test_it(address_gateway, turn):
    customer = address_gateway.add_customer(first_name=f"Ada {turn}")
    session = address_gateway.session("easel")
    url = f"{address_gateway.url('easel')}/customers/{customer.public_id}/addresses"
    address = {
        "first_name": f"Ada {turn}",
        "last_name": "Lovelace",
        "street1": "1 New Street",
        "city": "Akron",
        "state": "OH",
        "country_id": 1,
    }

    made = session.post(url, json=address)

    assert made.status_code == 201
    [found] = session.get(url).json()["addresses"]
    assert found["first_name"] == f"Ada {turn}"
    assert [one.number for one in address_gateway.journal] == [1, 2]
""",
        "-n",
        "4",
    )

    result.assert_outcomes(passed=60)
    assert left(pytester) == []


def test_nothing_is_left_of_a_gateway(run: Suite, pytester: pytest.Pytester) -> None:
    result = run(
        """
import socket

def test_it(address_gateway):
    address_gateway.session("staff").get(address_gateway.url("staff"))
    idle = socket.create_connection(address_gateway.url("staff")[7:-4].split(":"))
    socket.socket.detach(idle)
""",
        conftest="""
import json
import os
import threading

def pytest_sessionstart(session):
    session.threads = {*threading.enumerate()}

def pytest_sessionfinish(session):
    left = {*threading.enumerate()} - session.threads
    open("left.json", "w").write(json.dumps([str(one) for one in left]))
""",
    )

    result.assert_outcomes(passed=1)
    assert json.loads((pytester.path / "left.json").read_text()) == []
    assert left(pytester) == []


def test_a_project_that_does_not_use_it_imports_nothing_of_it(
    run: Suite, pytester: pytest.Pytester
) -> None:
    result = run(
        """
import sys

def test_it(pytestconfig):
    import gateway

    assert pytestconfig.pluginmanager.hasplugin("address_gateway")
    assert gateway.IS_OURS
    assert not {"flask", "sqlalchemy", "core", "dialects"} & {*sys.modules}
""",
        gateway="IS_OURS = True",
    )

    result.assert_outcomes(passed=1)


def test_the_plugin_costs_pytest_no_time(pytester: pytest.Pytester) -> None:
    code = "import pytest, sys; before = {*sys.modules}; import pytest_address_gateway"
    told = "; print(*sorted({*sys.modules} - before))"

    result = pytester.run(sys.executable, "-c", code + told)

    assert result.outlines == ["pytest_address_gateway"]


def test_without_requests_the_fixture_says_what_to_do(run: Suite) -> None:
    result = run(
        """
def test_it(address_gateway):
    headers = address_gateway.headers("staff")
    assert headers["Authorization"].startswith("Token ")
    address_gateway.session("staff")
""",
        requests="raise ImportError('there is none')",
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*ImportError: *pip install requests*"])


def test_without_requests_oauthlib_a_session_is_let_in(run: Suite) -> None:
    # RFC 5849, 3.4.4: PLAINTEXT signs with the secrets themselves.
    result = run(
        """
def test_it(address_gateway):
    address_gateway.add_customer(first_name="Ada")
    session = address_gateway.session("openmage")
    session.headers["Accept"] = "application/json"

    found = session.get(address_gateway.url("openmage") + "/customers/1/addresses")

    assert "PLAINTEXT" in session.headers["Authorization"]
    assert (found.status_code, found.json()) == (200, [])
""",
        requests_oauthlib="raise ImportError('there is none')",
    )

    result.assert_outcomes(passed=1)


def test_fields_are_checked_as_those_of_a_seed(run: Suite) -> None:
    result = run(
        """
import pytest
from gateway.control import ControlError, SeedError

def test_it(address_gateway):
    with pytest.raises(SeedError, match="did you mean first_name?"):
        address_gateway.add_customer(firstname="Ada")
    with pytest.raises(SeedError, match="no code of ISO 3166-1"):
        address_gateway.add_address(1, country="XX")
    with pytest.raises(ControlError, match="no customer 1; there are: none"):
        address_gateway.add_address(1, country="US")
"""
    )

    result.assert_outcomes(passed=1)
