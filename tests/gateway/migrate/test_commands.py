"""The commands of a migration: what they say, what they exit with, what to do next."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core import PlaceRow
from gateway.cli.migrate_ends import distinct
from gateway.cli.migrate_options import Options, kept
from gateway.migrate import Ledger
from tests.dialects.remotes import Served
from tests.gateway.cli import fresh, home, initialized, run
from tests.gateway.migrate.moving import Serve, fill
from tests.gateway.migrate.test_killed import end

__all__ = ["fresh", "home", "initialized"]


@pytest.fixture
def moved(serve: Serve, initialized: Path) -> Served:
    """The BigCommerce shop that Staff's was moved to, by the ledger migration.db."""
    old, new = serve("staff"), serve("bigcommerce")
    fill(old)
    ends = [*end(old, "from", initialized), *end(new, "to", initialized)]
    result = run("migrate", "run", *ends)
    assert result.exit_code == 0, result.output
    return new


def test_a_rollback_needs_no_source_and_leaves_what_others_changed(
    moved: Served,
) -> None:
    Path("staff.json").unlink()
    [*_, last] = moved.customers()
    with moved.book() as book:
        [first, _] = moved.addresses(last.id)
        book.update_many([(first, {"phone": "1"})])

    kept = run("migrate", "rollback", "--yes")
    status = run("migrate", "status")
    resumed = run("migrate", "resume")
    all_of_it = run("migrate", "rollback", "--yes", "--changed", "remove", "--json")

    assert (kept.exit_code, status.exit_code, resumed.exit_code) == (2, 0, 1)
    assert kept.stdout.splitlines()[0] == (
        "removed: 2 customers, 3 addresses; given back: 0"
    )
    assert "a run made it, and somebody has changed it (phone)" in kept.stdout
    assert "rolled back" in status.stdout
    assert "`address-gateway migrate run`, with its options, moves anew" in (
        resumed.output
    )
    assert json.loads(all_of_it.stdout) == {
        "removed": {"customers": 1, "addresses": 1},
        "restored": 0,
        "left": [],
    }
    assert moved.customers() == []


def test_a_rollback_that_is_cut_off_is_gone_on_with(moved: Served) -> None:
    credentials = Path("bigcommerce.json").read_text()
    said = {**json.loads(credentials), "token": "x" * 31}
    Path("bigcommerce.json").write_text(json.dumps(said))
    broken = run("migrate", "rollback", "--yes")
    Path("bigcommerce.json").write_text(credentials)

    resumed = run("migrate", "resume")
    again = run("migrate", "rollback", "--yes")

    assert (broken.exit_code, resumed.exit_code, again.exit_code) == (1, 1, 0)
    assert "`address-gateway migrate rollback` goes on" in broken.output
    assert "rolling back; `address-gateway migrate rollback` goes on" in resumed.output
    assert moved.customers() == []


def test_what_is_wrong_is_told_with_what_to_do(serve: Serve, initialized: Path) -> None:
    old = serve("staff")
    ends = end(old, "from", initialized)
    store = ["--to", "store", "--shop", "main"]
    to_itself = [*ends, "--to", ends[1], "--to-credentials", ends[3]]

    itself = run("migrate", "plan", *to_itself)
    keyless = run("migrate", "run", *ends[:2], *store)
    Path("staff.json").write_text('{"token": "wrong"}')
    unknown = run("migrate", "plan", *ends, *store)

    assert "--from and --to are the same" in itself.output
    assert "--from-credentials or --to-credentials; it must have token" in (
        keyless.output
    )
    assert "nothing was written; run it again" in unknown.output
    assert [one.exit_code for one in (itself, keyless, unknown)] == [1, 1, 1]
    assert not Path("migration.db").exists()


@pytest.mark.parametrize(
    ("url", "is_kept"),
    [
        ("sqlite:///var/shop.db", True),
        ("postgresql://gateway@db.example.com/shop", True),
        ("postgresql://gateway:hidden@db.example.com/shop", False),
        ("postgresql://db.example.com/shop?user=gateway&password=hidden", False),
    ],
)
def test_a_ledger_keeps_no_password_of_a_database(url: str, is_kept: bool) -> None:
    assert kept({"database": url}) == {"database": url * is_kept}


def test_what_the_ledger_does_not_keep_the_environment_says(
    serve: Serve, initialized: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = serve("staff")
    fill(old)
    file = f"sqlite:///{initialized}/var/gateway.db"
    ends = [*end(old, "from", initialized), "--to", "store", "--shop", "main"]
    monkeypatch.setattr("gateway.cli.migrate_moving.kept", without_database)
    monkeypatch.setenv("ADDRESS_GATEWAY_DATABASE_URL", file)

    moved = run("migrate", "run", *ends)
    resumed = run("migrate", "resume")
    monkeypatch.delenv("ADDRESS_GATEWAY_DATABASE_URL")
    lost = run("migrate", "resume")

    assert [one.exit_code for one in (moved, resumed, lost)] == [0, 0, 1]
    assert "let ADDRESS_GATEWAY_DATABASE_URL say" in lost.output


def without_database(options: Options) -> Options:
    return {**options, "database": ""}


def test_of_places_that_are_called_the_same_the_first_is_taken() -> None:
    """Staff's lists have a few cities twice."""
    kottayam = PlaceRow(kind="city", number=1, name="Kottayam", country="IN", region=7)
    again, other = replace(kottayam, number=2), replace(kottayam, number=3, region=8)

    assert distinct([kottayam, again, other]) == [kottayam, other]


def test_the_status_of_a_run_is_shown_while_it_runs(moved: Served) -> None:
    """It shows what is entered; a unit of work that is not done is not."""
    running = Ledger(Path("migration.db"))
    with running.unit():
        running.put_customer(99, state="done")
        status = run("migrate", "status")
        busy = run("migrate", "resume")
    running.close()

    assert (status.exit_code, busy.exit_code) == (0, 1)
    assert ["customers", "done", "3"] in [x.split() for x in status.stdout.splitlines()]
    assert "in use by another command" in busy.output


def test_what_is_left_to_do_is_told(moved: Served) -> None:
    [*_, last] = moved.customers()
    with moved.book() as book:
        book.update_customers([(last, {"last_name": "Theirs"})])
    again = run("migrate", "run", *ends_of(moved))
    verified = run("migrate", "verify")
    nowhere = run("migrate", "verify", "--certificate", "none/proof.json")

    assert (again.exit_code, verified.exit_code, nowhere.exit_code) == (2, 2, 1)
    assert "hint: look at the conflicts" in again.stdout
    assert "unexplained: it changed at the target: customer" in verified.stdout
    assert "there is no directory none" in nowhere.output


def test_a_run_that_was_cut_off_tells_how_to_go_on(moved: Served) -> None:
    credentials = Path("bigcommerce.json").read_text()
    said = {**json.loads(credentials), "token": "x" * 31}
    Path("bigcommerce.json").write_text(json.dumps(said))
    broken = run("migrate", "run", *ends_of(moved))
    status = run("migrate", "status")
    Path("bigcommerce.json").write_text(credentials)
    resumed = run("migrate", "resume")

    assert (broken.exit_code, status.exit_code, resumed.exit_code) == (1, 0, 0)
    assert "`address-gateway migrate resume` goes on" in broken.output
    assert "next: `address-gateway migrate resume` goes on" in status.stdout
    assert "next: `address-gateway migrate verify`" in resumed.stdout


def ends_of(moved: Served) -> list[str]:
    """The options with which it was moved."""
    given = json.loads(run("migrate", "status", "--json").stdout)
    source, _, _ = given["source"].rpartition("/api")
    to = ["--to", f"bigcommerce={moved.url}", "--to-credentials", "bigcommerce.json"]
    return ["--from", source, "--from-credentials", "staff.json", *to]
