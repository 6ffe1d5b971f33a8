"""The evidence is what the tests hold, and its page is current."""

import json
import re
from importlib.metadata import version
from pathlib import Path

import pytest

from core import Store
from dialects.base import Dialect
from gateway import registry
from gateway.app import create_app
from gateway.config import Config
from gateway.evidence import (
    AXES,
    EvidenceError,
    Summary,
    as_json,
    gather,
    markdown,
    operation,
    shipped,
    unproven,
)
from tests.gateway.cli import home, run

__all__ = ["home"]

ROOT = Path(__file__).parents[2]
DIALECTS = {dialect.name: dialect for dialect in registry.load()}
NO_VERSION = {"Chromium"}
"""Clients that are no Python packages."""


@pytest.fixture(scope="module")
def summary() -> Summary:
    return gather(ROOT / "tests", [*DIALECTS.values()])


def test_the_shipped_summary_is_current(summary: Summary) -> None:
    """If not: `address-gateway evidence --from tests --write`."""
    shipped_text = (ROOT / "gateway" / "evidence.json").read_text("utf-8")

    assert shipped_text == as_json(summary)


def test_the_page_is_current(summary: Summary) -> None:
    """If not: `address-gateway evidence --from tests --write`."""
    page = (ROOT / "docs" / "evidence.md").read_text("utf-8")

    assert page == markdown(summary)


def test_every_operation_of_every_dialect_is_told(summary: Summary) -> None:
    told = {name: set(one["operations"]) for name, one in summary.items()}

    assert told == {
        name: {*dialect.checks().endpoints, "authentication", "errors"}
        for name, dialect in DIALECTS.items()
    }


def test_nothing_is_summed_up(summary: Summary) -> None:
    shapes = {
        frozenset(row) for one in summary.values() for row in one["operations"].values()
    }

    assert shapes == {frozenset(AXES)}


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda one: one.name)
def test_every_route_is_of_an_operation(dialect: Dialect) -> None:
    """But for OpenMage's catch-all, and what is only there to be refused."""
    app = create_app(Config(), store=Store(), dialects=[dialect])
    prefixes = tuple(f"{one}." for one in blueprints(dialect))
    calls = [
        f"{method} {re.sub('<[^>]*>', 'x', rule.rule)}"
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith(prefixes) and "anything" not in rule.rule
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]

    unnamed = [call for call in calls if not operation(dialect, call, 200)]

    assert [call for call in unnamed if "//" not in call] == LEFT_OUT[dialect.name]


LEFT_OUT: dict[str, list[str]] = {
    "bigcommerce": [],
    "easel": [
        "PUT /api/v1/customers",
        "DELETE /api/v1/customers/x/addresses",
        "PUT /api/v1/customers/x/addresses",
    ],
    "openmage": [],
    "staff": [],
}
"""Paths without the id that they need."""


def blueprints(dialect: Dialect) -> list[str]:
    return [dialect.blueprint.name, *(one.name for one in dialect.others.values())]


@pytest.mark.parametrize(
    ("name", "asked", "status", "told"),
    [
        ("staff", "GET /api/customers/1/addresses/?limit=1", 200, "list addresses"),
        ("staff", "HEAD /api/customers/1/addresses/2", 200, "get address"),
        ("staff", "GET /api/customers/1/addresses/2", 404, "errors"),
        ("staff", "GET /api/customers/1/addresses", 401, "authentication"),
        ("staff", "POST /api/users/auth/pwd/signin", 200, "sign in"),
        ("bigcommerce", "GET /stores/a/v3/customers//addresses", 200, "list addresses"),
        (
            "bigcommerce",
            "GET /stores/a/v2/customers/1/addresses/2",
            200,
            "V2 get address",
        ),
        ("openmage", "PUT /api/rest/customers/addresses/2", 200, "update address"),
        ("openmage", "DELETE /api/rest/customers/2", 200, "delete customer"),
        ("easel", "GET /elsewhere", 200, ""),
    ],
)
def test_an_exchange_is_of_what_it_asks_for_or_how_it_fails(
    name: str, asked: str, status: int, told: str
) -> None:
    assert operation(DIALECTS[name], asked, status) == told


def test_the_clients_are_the_installed_ones(summary: Summary) -> None:
    named = {
        name
        for one in summary.values()
        for row in one["operations"].values()
        for name in row["client"]
    }

    pairs = [name.rsplit(" ", 1) for name in named - NO_VERSION]

    assert pairs
    assert {package: version(package).startswith(told) for package, told in pairs} == {
        package: True for package, _ in pairs
    }


def test_what_is_only_inferred_is_not_proven() -> None:
    nothing = dict.fromkeys(AXES, 0)
    rows = {
        "list": {**nothing, "documented": 1},
        "get": {**nothing, "inferred": 7},
        "update": {**nothing, "own_contract": ["a tool"]},
        "delete": nothing,
    }

    assert unproven(rows) == ["get", "update", "delete"]


def test_an_original_that_was_out_of_reach_is_no_original(summary: Summary) -> None:
    """Staff's is a stand-in, BigCommerce's answers are others'; Easel was not asked."""
    recorded = {
        name: any(row["original"] for row in one["operations"].values())
        for name, one in summary.items()
    }

    assert recorded == {
        "bigcommerce": False,
        "easel": False,
        "openmage": True,
        "staff": False,
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("client = 1 2", "cannot be read"),
        (
            '[[client]]\nname = "c"\ntest = "test_x.py::test_y"\noperations = []\n',
            "there is no test_x.py::test_y",
        ),
        (
            '[[client]]\nname = "c"\ntest = "test_x.py::test_x"\noperations = ["x"]\n',
            "no operation 'x'",
        ),
    ],
)
def test_a_declaration_that_is_not_true_is_refused(
    tmp_path: Path, text: str, said: str
) -> None:
    folder = tmp_path / "dialects" / "easel"
    folder.mkdir(parents=True)
    (folder / "test_x.py").write_text("def test_x():\n    pass\n")
    (folder / "evidence.toml").write_text(text)

    with pytest.raises(EvidenceError, match=said):
        gather(tmp_path, [DIALECTS["easel"]])


def test_a_dialect_without_tests_is_told(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="there are no tests of easel"):
        gather(tmp_path, [DIALECTS["easel"]])


def test_the_command_prints_what_is_shipped(home: Path) -> None:
    text = run("evidence", "--dialect", "easel")
    value = run("evidence", "--json")
    page = run("evidence", "--markdown")

    assert text.stdout.splitlines()[1].split() == ["operation", *AXES]
    assert json.loads(value.stdout) == shipped()
    assert page.stdout == (ROOT / "docs" / "evidence.md").read_text("utf-8")


def test_the_command_writes_the_page_beside_the_tests(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: dict[str, str] = {}
    monkeypatch.setattr(
        Path, "write_text", lambda path, text, _: written.update({path.name: text})
    )

    result = run("evidence", "--from", str(ROOT / "tests"), "--write")

    assert result.exit_code == 0
    assert written["evidence.md"].startswith("# Evidence\n")
    assert "easel" in json.loads(written["evidence.json"])


@pytest.mark.parametrize(
    ("options", "exit_code"), [(["--write"], 2), (["--dialect", "nobody"], 1)]
)
def test_a_wrong_command_line_is_told(
    home: Path, options: list[str], exit_code: int
) -> None:
    result = run("evidence", *options)

    assert result.exit_code == exit_code
    assert result.stderr.startswith("Error: ")
