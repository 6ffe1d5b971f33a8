"""`verify` finds ourselves to be what we imitate, and leaves no trace."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result

from core import Store
from gateway import registry
from gateway.cli.verify import exit_code
from gateway.verify import Outcome, Report, read_credentials, selected, verify
from tests.gateway.cli import run
from tests.gateway.verifying import (
    CREDENTIALS,
    Exchange,
    access,
    credentials_file,
    demo,
    everything,
    served,
)

DIALECTS = {dialect.name: dialect for dialect in registry.load()}


@pytest.fixture
def store() -> Iterator[Store]:
    with demo() as store:
        yield store


@pytest.fixture
def everywhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A directory to work in, and an environment that leaves out no dialect."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ADDRESS_GATEWAY_DIALECTS", raising=False)
    return tmp_path


def called(store: Store, folder: Path, name: str, *options: str) -> Result:
    """What the command says of the store, served over HTTP."""
    with served(store, DIALECTS[name]) as url:
        file = str(credentials_file(folder, name))
        asked = ["--dialect", name, "--target", url, "--credentials", file]
        return run("verify", *asked, *options)


def test_every_dialect_has_checks() -> None:
    known = {name: one.checks() for name, one in DIALECTS.items() if one.checks}
    sizes = {name: len(checks.all) for name, checks in known.items()}

    assert sizes.keys() == CREDENTIALS.keys() == DIALECTS.keys()
    assert min(sizes.values()) >= 40


@pytest.mark.parametrize("profile", ["read-only", "write"])
@pytest.mark.parametrize("name", CREDENTIALS)
def test_we_are_what_we_claim_to_be_and_stay_as_we_were(
    store: Store, everywhere: Path, name: str, profile: str
) -> None:
    before = everything(store)
    options = {"read-only": [], "write": ["--write"]}[profile]

    result = called(store, everywhere, name, "--json", *options)

    said = json.loads(result.stdout)
    assert [one for one in said["checks"] if one["outcome"] != "same"] == []
    assert (said["profile"], said["left_behind"], said["notes"]) == (profile, [], [])
    assert result.exit_code == 0
    assert everything(store) == before


@pytest.mark.parametrize(
    ("name", "customer"),
    [
        ("staff", 1),
        ("staff", 125),
        ("easel", "cus_demo11"),
        ("easel", "cus_demo125"),
        ("bigcommerce", 1),
        ("bigcommerce", 125),
        ("openmage", 11),
        ("openmage", 125),
    ],
)
def test_any_customer_will_do(
    store: Store, tmp_path: Path, name: str, customer: object
) -> None:
    dialect = DIALECTS[name]
    known = access(tmp_path, dialect, customer=customer, scopes=None)

    with served(store, dialect) as url:
        report = verify(dialect, url, known, write=True)

    assert [(one.name, one.differences) for one in report.of(Outcome.DIFFERENT)] == []
    assert report.left_behind == []


def test_the_read_only_profile_sends_nothing_that_writes(
    store: Store, tmp_path: Path
) -> None:
    methods: set[str] = set()

    for name, dialect in DIALECTS.items():

        def note(exchange: Exchange) -> None:
            methods.add(exchange.method)

        with served(store, dialect, asks=note) as url:
            verify(dialect, url, access(tmp_path, DIALECTS[name]))

    assert methods <= {"GET", "HEAD"}


def test_what_cannot_be_asked_is_told_and_has_not_passed(
    store: Store, tmp_path: Path
) -> None:
    dialect = DIALECTS["easel"]
    known = access(tmp_path, dialect, customer="cus_demo125", scopes=None)

    with served(store, dialect) as url:
        report = verify(dialect, url, known)

    assert {one.name: one.reason for one in report.of(Outcome.NOT_RUN)} == {
        "get address": "the target shows no address to ask for",
        "with a key that reads": "the credentials have no key with the scope read",
    }


def test_the_table_has_a_row_for_each_check(store: Store, everywhere: Path) -> None:
    result = called(store, everywhere, "easel", "--only", "get*")

    lines = result.stdout.splitlines()
    assert lines[0].split() == ["check", "verdict", "ours", "theirs", "source"]
    assert lines[1].split()[:3] == ["get", "address", "same"]
    assert '"Customer Addresses API"' in lines[1]
    assert lines[-1].endswith("read-only: 5 same, 0 different, 0 not run")
    assert result.stderr == ""


def test_a_check_brings_along_what_it_builds_on() -> None:
    checks = DIALECTS["staff"].checks
    assert checks

    chosen = selected(checks(), write=True, only="delete again")

    assert [one.name for one in chosen] == [
        "create customer",
        "create address",
        "delete again",
    ]


def test_what_is_observed_can_be_asked_for(store: Store, tmp_path: Path) -> None:
    """Of `*/*` the page says XML, the platform was seen to answer JSON."""
    dialect = DIALECTS["openmage"]

    with served(store, dialect) as url:
        report = verify(
            dialect,
            url,
            access(tmp_path, dialect),
            fidelity="observed",
            only="list addresses in any format",
        )

    [verdict] = report.verdicts
    assert "header Content-Type" in [one.what for one in verdict.differences]


def test_the_checks_can_be_listed_without_asking_anyone(everywhere: Path) -> None:
    reading = run("verify", "--dialect", "easel", "--list")
    written = run("verify", "--dialect", "easel", "--list", "--write", "--json")

    assert "delete again" not in reading.stdout
    assert "delete again" in [one["check"] for one in json.loads(written.stdout)]


@pytest.mark.parametrize(
    ("name", "lacking", "said"),
    [
        ("staff", "token", "token: a key with the scope staff"),
        ("bigcommerce", "store_hash", "it stands in /stores/<store_hash>/v3"),
        ("openmage", "consumer_secret", "the secret of the application's key"),
        ("easel", "customer", "such as cus_abc123"),
    ],
)
def test_what_the_credentials_lack_is_told(
    everywhere: Path, name: str, lacking: str, said: str
) -> None:
    file = credentials_file(everywhere, name, **{lacking: None})

    result = run(
        "verify",
        *("--dialect", name, "--target", "http://127.0.0.1:9"),
        *("--credentials", str(file)),
    )

    assert result.exit_code == 1
    assert f"lacks {lacking}; for {name} it must have" in result.stderr
    assert said in result.stderr


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("openmage", "consumer_secret: the secret of the application's key"),
        ("easel", "customer: the id of a customer, such as cus_abc123"),
    ],
)
def test_the_list_tells_what_the_credentials_are(
    everywhere: Path, name: str, said: str
) -> None:
    result = run("verify", "--dialect", name, "--list")

    assert said in " ".join(result.stdout.split())


def test_credentials_may_be_in_toml(tmp_path: Path) -> None:
    file = tmp_path / "shop.toml"
    file.write_text('token = "t"\ncustomer = "cus_1"\nscopes.read.token = "r"\n')

    found = read_credentials(DIALECTS["easel"], file)

    assert {name: key.token for name, key in found.keys.items()} == {
        "main": "t",
        "admin": "t",
        "read": "r",
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "neither JSON nor TOML"),
        ("[]", "must hold one object"),
        ('{"token": "t", "customer": 1, "scopes": {"x": {}}}', "has no scope 'x'"),
    ],
)
def test_credentials_that_cannot_be_read_say_why(
    everywhere: Path, text: str, said: str
) -> None:
    file = everywhere / "bad.json"
    file.write_text(text)

    result = run(
        "verify",
        *("--dialect", "staff", "--target", "http://127.0.0.1:9"),
        *("--credentials", str(file)),
    )

    assert result.exit_code == 1
    assert said in result.stderr


def test_a_target_that_is_not_there_is_told_in_a_line(everywhere: Path) -> None:
    file = str(credentials_file(everywhere, "staff"))

    result = run(
        "verify",
        *("--dialect", "staff", "--target", "http://127.0.0.1:9"),
        *("--credentials", file),
    )

    assert result.exit_code == 1
    assert result.stderr.startswith("Error: http://127.0.0.1:9 cannot be asked")


def test_a_target_that_refuses_the_credentials_is_no_verdict(
    store: Store, everywhere: Path
) -> None:
    with served(store, DIALECTS["staff"]) as url:
        file = str(credentials_file(everywhere, "staff", token="nobodys"))
        asked = ["--dialect", "staff", "--target", url, "--credentials", file]
        result = run("verify", *asked)

    assert result.exit_code == 1
    assert "refuses the credentials" in result.stderr


@pytest.mark.parametrize("options", [[], ["--target", "shop"]])
def test_a_wrong_command_line_is_misuse(everywhere: Path, options: list[str]) -> None:
    file = credentials_file(everywhere, "staff")

    result = run("verify", "--dialect", "staff", "--credentials", str(file), *options)

    assert result.exit_code == 2


def test_what_was_made_is_removed_when_it_is_interrupted(
    store: Store, tmp_path: Path
) -> None:
    """A Ctrl-C while the fourth check is asked."""
    dialect = DIALECTS["staff"]
    before = everything(store)

    def interrupt(number: int, total: int, check: object) -> None:
        if number == 4:
            raise KeyboardInterrupt

    with served(store, dialect) as url:
        report = verify(
            dialect,
            url,
            access(tmp_path, dialect),
            write=True,
            only="d*",
            progress=interrupt,
        )

    assert report.is_interrupted
    assert report.of(Outcome.NOT_RUN)
    assert exit_code(report) == 1
    assert everything(store) == before


def test_a_target_below_a_path_is_asked_there(store: Store, tmp_path: Path) -> None:
    """Links and Location are compared without it."""
    dialect = DIALECTS["staff"]

    def strip(exchange: Exchange) -> None:
        path = exchange.environ["PATH_INFO"].removeprefix("/shop")
        exchange.environ["PATH_INFO"] = path

    def prefix(exchange: Exchange) -> None:
        exchange.answer = exchange.answer.replace(b"/api/", b"/shop/api/")

    with served(store, dialect, asks=strip, answers=prefix) as url:
        report = verify(dialect, f"{url}/shop", access(tmp_path, dialect), only="list*")

    assert [(one.name, one.differences) for one in report.of(Outcome.DIFFERENT)] == []


def test_a_busy_target_is_asked_again(store: Store, tmp_path: Path) -> None:
    dialect = DIALECTS["bigcommerce"]
    seen: list[str] = []

    def busy(exchange: Exchange) -> None:
        seen.append(exchange.path)
        if len(seen) % 2:
            exchange.status = 429
            exchange.headers["X-Retry-After"] = "0"

    with served(store, dialect, answers=busy) as url:
        known = access(tmp_path, dialect)
        report = verify(dialect, url, known, only="list addresses by id")

    assert [one.outcome for one in report.verdicts] == [Outcome.SAME]


def test_nothing_but_not_run_is_no_success() -> None:
    report = Report(dialect="toy", target="", profile="read-only")

    assert exit_code(report) == 1
