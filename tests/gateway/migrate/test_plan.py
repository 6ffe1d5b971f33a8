"""A plan tells what a run would do, and writes nothing: no end, and no ledger."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.migrate import Ledger, Migration, MigrationError, Options, rehearse
from tests.gateway.cli import fresh, home, initialized, run
from tests.gateway.migrate.fates import World, everything
from tests.gateway.migrate.moving import (
    NAMES,
    Serve,
    fill,
    move,
    new_store,
    places,
    platform,
    store_end,
)
from tests.gateway.migrate.test_killed import end

__all__ = ["fresh", "home", "initialized"]


def planned(world: World, options: Options) -> dict[str, Any]:
    copy = Ledger.copied(world.file)
    return rehearse(world.source, world.target, options, ledger=copy)


def done(world: World, options: Options) -> dict[str, Any]:
    ledger = Ledger(world.file)
    moved = Migration(world.source, world.target, ledger, options, places())
    moved.run()
    problems = ledger.problems()
    ledger.close()
    return {"would": moved.tally.as_value(), "problems": problems}


@pytest.mark.parametrize("merged", [0, 7])
@pytest.mark.parametrize(
    ("conflicts", "deletes"),
    [("tell", False), ("tell", True), ("source", True), ("target", False)],
)
def test_a_plan_tells_what_another_run_then_does(
    tmp_path: Path, conflicts: str, deletes: bool, merged: int
) -> None:
    world = World(tmp_path / "it.db", merged)
    options = Options(conflicts=conflicts, deletes=deletes)
    world.live()
    ends = world.source, world.target
    before = world.file.read_bytes(), *map(everything, ends)

    plan = planned(world, options)

    assert (world.file.read_bytes(), *map(everything, ends)) == before
    assert {name: plan[name] for name in ("would", "problems")} == done(world, options)
    assert planned(world, options)["would"] == done(world, options)["would"]


def test_a_plan_of_another_run_counts_everything_once(tmp_path: Path) -> None:
    world = World(tmp_path / "it.db")
    world.live()

    plan = planned(world, Options())

    assert plan["is_another_run"]
    assert plan["would"]["customers"] == {
        **dict.fromkeys(("merged", "overwritten", "refused", "deleted"), 0),
        **{"created": 1, "changed": 1, "unchanged": 1},
        **{"conflicts": 3, "removed_at_source": 2},
    }
    # Of those who stay, each has one; of the first there are those that go, and a new.
    assert plan["would"]["addresses"] == {
        **dict.fromkeys(("merged", "overwritten", "refused", "deleted"), 0),
        **{"created": 2, "changed": 1, "unchanged": 1 + 3},
        **{"conflicts": 3 + 1, "removed_at_source": 2 + 2},
    }


@pytest.mark.parametrize("name", ["staff", "easel"])
@pytest.mark.parametrize("is_new", [False, True])
def test_a_plan_tells_which_ids_are_taken_in_the_store(
    serve: Serve, name: str, is_new: bool
) -> None:
    """Those who were moved there before have other e-mails by now, so they are not
    merged; but for one, whose addresses say something else."""
    old, store, ledger = serve(name), new_store(), Ledger(None)
    fill(old)
    source, target = platform(old), store_end(store, name, new_ids=is_new)
    move(source, target, Ledger(None))
    first, second, third = target.customers()
    for one in (first, third):
        target.update_customer(one.ref, {"email": f"{one.ref}@example.com"})
    for address in target.addresses_of([second.ref]):
        target.update_address(second.ref, address.ref, {"street": ("9 Other Row",)})

    plan = rehearse(source, target, Options(), name)

    moved = Migration(source, target, ledger, Options(), places())
    moved.run()
    assert plan["would"] == moved.tally.as_value()
    assert plan["problems"] == ledger.problems()
    assert sum("is taken" in one["problem"] for one in plan["problems"]) == (
        0 if is_new else 4
    )


def test_a_plan_after_a_run_finds_nothing_to_do(tmp_path: Path) -> None:
    world = World(tmp_path / "it.db")

    plan = planned(world, Options())

    told = {kind: {a for a in acts if acts[a]} for kind, acts in plan["would"].items()}
    assert told == {"customers": {"unchanged"}, "addresses": {"unchanged"}}
    assert (plan["problems"], plan["counts"]) == ([], {"customer": {}, "address": {}})


def test_a_plan_goes_on_where_a_run_would_stop(tmp_path: Path) -> None:
    world = World(tmp_path / "it.db")
    world.live()

    told = planned(world, Options())["would"]

    assert planned(world, Options(conflicts="stop"))["would"] == told


def test_a_plan_of_an_excerpt_calls_nobody_gone(tmp_path: Path) -> None:
    world = World(tmp_path / "it.db")
    world.live()

    plan = planned(world, Options(limit=1))

    assert plan["would"]["customers"]["removed_at_source"] == 0
    assert sum(plan["would"]["customers"].values()) == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_plan_over_the_wire_tells_what_another_run_then_does(
    serve: Serve, name: str
) -> None:
    """The second customer's first address changes at both ends, the other here."""
    old, new, ledger = serve("staff"), serve(name), Ledger(None)
    owner = fill(old)[1]
    source, target = platform(old), platform(new)
    move(source, target, ledger)
    first, second = source.addresses_of([owner.id])
    for one in (first, second):
        source.update_address(owner.id, one.ref, {"street": ("1 New Row",)})
    there = (ledger.customer(owner.id) or {})["target_ref"]
    ref = ledger.addresses(owner.id)[first.ref]["target_ref"]
    target.update_address(there, ref, {"street": ("2 Their Row",)})
    source.update_customer(owner.id, {"first_name": "New"})
    copy = Ledger(None)
    ledger._db.backup(copy._db)

    plan = rehearse(source, target, Options(), ledger=copy)

    moved = Migration(source, target, ledger, Options(), places())
    moved.run()
    assert plan["would"] == moved.tally.as_value()
    assert plan["problems"] == ledger.problems() != []


def test_a_ledger_that_a_killed_command_left_is_read_as_it_was_before(
    tmp_path: Path,
) -> None:
    """Its journal, which is still there, takes back what was not finished."""
    file = World(tmp_path / "it.db").file
    killed = Ledger(file)
    killed._db.execute("PRAGMA cache_size = 0")
    killed._db.execute("BEGIN IMMEDIATE")
    killed._db.execute("UPDATE addresses SET content = 'x', known = zeroblob(9000)")
    left = tmp_path / "left.db"
    for name in ("", "-journal"):
        Path(f"{left}{name}").write_bytes(Path(f"{file}{name}").read_bytes())
    killed._db.execute("ROLLBACK")
    known = killed.customers()
    killed.close()

    copy = Ledger.copied(left)

    assert copy.counts()["addresses"] == {"done": 13}
    assert copy.problems() == []
    assert copy.customers() == known
    [first, *_] = copy.addresses(copy.customers()[0]["source_ref"]).values()
    assert first["content"]["country"] == "US"


def test_an_older_ledger_is_gone_on_with(tmp_path: Path) -> None:
    """One from before it held what was about to be written."""
    world = World(tmp_path / "it.db")
    world.live()
    older = Ledger(world.file)
    for kind in ("customers", "addresses"):
        older._db.execute(f"ALTER TABLE {kind} DROP COLUMN intended")
    older.close()

    plan = planned(world, Options())

    assert plan["would"] == done(world, Options())["would"]


def test_a_ledger_in_use_is_not_read(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "it.db")

    with pytest.raises(MigrationError, match="in use by another command"):
        Ledger.copied(tmp_path / "it.db")

    ledger.close()


def test_what_is_no_ledger_is_told(tmp_path: Path) -> None:
    (tmp_path / "it.db").write_text("Not a database." * 99)

    with pytest.raises(MigrationError, match=r"it\.db is no ledger"):
        Ledger(tmp_path / "it.db")


def test_the_command_tells_it_in_lines_and_in_json(
    serve: Serve, initialized: Path
) -> None:
    old = serve("staff")
    fill(old)
    run("shop", "add", "moved")
    ends = [*end(old, "from", initialized), "--to", "store", "--shop", "moved"]
    ends += ["--database", f"sqlite:///{initialized}/var/gateway.db"]
    run("migrate", "run", *ends, "--limit", "2")
    before = Path("migration.db").read_bytes()

    lines = run("migrate", "plan", *ends)
    told = run("migrate", "run", *ends, "--dry-run", "--json")
    other = run("migrate", "plan", *ends[:-4], "--shop", "main", *ends[-2:])

    assert (lines.exit_code, told.exit_code, other.exit_code) == (0, 0, 1)
    assert [line.split() for line in lines.stdout.splitlines()[:4]] == [
        ["would", "be", "customers", "addresses"],
        ["created", "1", "2"],
        ["changed", "0", "0"],
        ["unchanged", "2", "2"],
    ]
    assert json.loads(told.stdout)["would"]["customers"]["created"] == 1
    assert "name another with --ledger" in other.output
    assert Path("migration.db").read_bytes() == before
