"""The commands of a migration: what they say, what they exit with, what to do next."""

import json
from pathlib import Path

import pytest

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
