"""The command line: a whole migration, and one whose process is killed.

It is killed a few times, or as often as MIGRATION_KILLS says.
"""

import json
import os
import pty
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

from gateway.migrate import StoreEnd, seal
from gateway.testing.world import credentials
from tests.dialects.remotes import Served
from tests.gateway.cli import fresh, home, initialized, run
from tests.gateway.migrate.moving import Serve, essence, fill, platform

__all__ = ["fresh", "home", "initialized"]

CUSTOMERS_A_KILL = 8
LEDGER = "migration.db"
KILLS = int(os.environ.get("MIGRATION_KILLS", "3"))
LONGEST = 0.3
"""How many seconds it may work at most before it is killed."""
CUSTOMERS = 20 + CUSTOMERS_A_KILL * KILLS
COMMAND = [sys.executable, "-c", "from gateway.cli import main; main()", "migrate"]
ROOT = Path(__file__).parents[3]


def end(gateway: Served, option: str, folder: Path) -> list[str]:
    """The options that name a served shop, whose credentials lie in the folder."""
    dialect = gateway.dialect
    key = next(iter(credentials(dialect).values()))
    file = folder / f"{dialect.name}.json"
    said = {"token": key.token, "store_hash": gateway.shop.hash}
    file.write_text(json.dumps(said))
    spec = f"{dialect.name}={gateway.url}"
    return [f"--{option}", spec, f"--{option}-credentials", str(file)]


def test_a_migration_from_the_first_command_to_the_last(
    serve: Serve, initialized: Path
) -> None:
    """Exits are 0 where all is well, 2 where somebody has to look."""
    old = serve("staff")
    fill(old)
    run("shop", "add", "moved")
    ends = [*end(old, "from", initialized), "--to", "store", "--shop", "moved"]
    database = f"sqlite:///{initialized}/var/gateway.db"
    ends += ["--database", database]

    planned = run("migrate", "plan", *ends, "--json")
    rehearsed = run("migrate", "run", *ends, "--dry-run")
    begun = run("migrate", "run", *ends, "--limit", "2")
    moved = run("migrate", "run", *ends)
    again = run("migrate", "resume", "--json")
    status = run("migrate", "status")
    verified = run("migrate", "verify")
    undone = run("migrate", "rollback", "--yes", "--json")
    looked = run("migrate", "verify", "--certificate", "after.json")

    results = (planned, rehearsed, begun, moved, again, status, verified, undone)
    assert [one.output for one in results if one.exit_code] == []
    assert json.loads(planned.stdout)["counts"]["address"] == {"identical": 4}
    assert json.loads(again.stdout)["counts"] == {
        "customers": {"done": 3},
        "addresses": {"done": 4},
    }
    assert json.loads(undone.stdout)["removed"] == {"customers": 3, "addresses": 4}
    assert looked.exit_code == 2
    certificate = json.loads(Path("certificate.json").read_text())
    assert certificate["sha256"] == seal(certificate)
    assert certificate["counts"]["customer"] == {"identical": 3}
    assert "Everything is explained" in Path("certificate.md").read_text()


def test_numbers_of_places_and_the_way_back(serve: Serve, initialized: Path) -> None:
    """The way back doubles nothing, as it knows of the way there."""
    old = serve("easel")
    fill(old)
    run("shop", "add", "moved")
    table = "kind,number,name,code\ncountry,1,United States,US\n"
    Path("places.csv").write_text(table)
    platform = end(old, "from", initialized)
    ends = [*platform, "--to", "store", "--shop", "moved", "--from-places"]
    back = ["--from", "store", "--shop", "moved", *end(old, "to", initialized)]

    listed = run("migrate", "plan", *ends, "listed")
    missing = run("migrate", "plan", *ends, "nothing.csv")
    moved = run("migrate", "run", *ends, "places.csv", "--since", "2020-01-01")
    twice = run("migrate", "run", *back)
    home = run("migrate", "run", *back, "--ledger", "back.db", "--earlier", LEDGER)

    assert [one.exit_code for one in (listed, missing, moved)] == [1, 1, 0]
    assert "lists no places; name a file of them" in listed.output
    assert "there is no file" in missing.output
    assert "does not find what was removed at the source" in moved.stderr
    assert (twice.exit_code, "name another with --ledger" in twice.output) == (1, True)
    assert home.exit_code == 0, home.output
    assert len(old.addresses(old.customers()[1].id)) == 2


def test_what_is_wrong_is_told_in_one_line(home: Path) -> None:
    nowhere = run("migrate", "resume")
    shopless = run("migrate", "run", "--from", "store", "--to", "store")

    assert (nowhere.exit_code, shopless.exit_code) == (1, 2)
    assert "there is no ledger" in nowhere.output
    assert "--shop" in shopless.output


def test_it_is_killed_at_random_moments_and_resumed(
    serve: Serve, tmp_path: Path
) -> None:
    """On a terminal it shows how far it is, how fast, and how long is left."""
    old, new = serve("staff"), serve("bigcommerce")
    fill(old, customers=CUSTOMERS)
    ends = [*end(old, "from", tmp_path), *end(new, "to", tmp_path)]

    kill_often(ends, tmp_path)
    certificate, shown = finish(ends, tmp_path)

    assert essence(platform(new)) == essence(platform(old))
    emails = Counter(one.email for one in new.customers())
    assert (set(emails.values()), len(emails)) == ({1}, CUSTOMERS)
    assert "merged duplicate" not in certificate["counts"]["address"]
    bar = (
        rf"\r\033\[K\[#* *\] [0-9]+ of {CUSTOMERS} customers, [0-9.]+/s, [0-9]+ s left"
    )
    assert re.search(bar, shown)


def test_it_is_killed_while_it_moves_into_the_store(
    serve: Serve, tmp_path: Path
) -> None:
    old, new = serve("easel"), serve("easel")
    fill(old, customers=CUSTOMERS)
    url = new.store.database.url.render_as_string(hide_password=False)
    ends = [*end(old, "from", tmp_path), "--to", "store", "--shop", new.shop.hash]
    ends += ["--database", url]

    kill_often(ends, tmp_path)
    certificate, _ = finish(ends, tmp_path)

    target = StoreEnd(new.store, new.shop.hash, "easel")
    assert essence(target) == essence(platform(old))
    assert certificate["counts"] == {
        "customer": {"identical": CUSTOMERS},
        "address": {"identical": 2 * (CUSTOMERS - 1)},
    }
    undo_with_kills(tmp_path)
    assert [*target.customers()] == []


def undo_with_kills(folder: Path) -> None:
    """Roll back, and be killed at it; then go on to the end."""
    ledger = folder / "ledger.db"
    command = ["rollback", "--yes", "--ledger", str(ledger)]
    for _ in range(KILLS // 3):
        is_killed(command, ledger)
    subprocess.run([*COMMAND, *command], cwd=ROOT, timeout=120, check=True)


def kill_often(ends: list[str], folder: Path) -> None:
    """Begin and resume again and again, and kill it each time while it works."""
    ledger = folder / "ledger.db"
    ledger.touch()
    option = ["--ledger", str(ledger)]
    killed = [
        is_killed(["resume", *option] if n % 2 else ["run", *ends, *option], ledger)
        for n in range(KILLS)
    ]
    assert any(killed)


def finish(ends: list[str], folder: Path) -> tuple[Any, str]:
    """Let it end and certify it: what that says, and what the terminal showed."""
    ledger = ["--ledger", str(folder / "ledger.db")]
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, "run", *ends, *ledger], cwd=ROOT, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    shown = b"".join(iter(partial(read, ours), b""))
    os.close(ours)
    assert process.wait(120) == 0, shown
    out = folder / "certificate.json"
    command = [*COMMAND, "verify", *ledger, "--certificate", str(out)]
    subprocess.run(command, cwd=ROOT, timeout=120, check=True)
    subprocess.run([*COMMAND, "check", str(out)], cwd=ROOT, timeout=60, check=True)
    return json.loads(out.read_text()), shown.decode()


def read(terminal: int) -> bytes:
    """What is written to a terminal; nothing when nobody can write any more."""
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


def is_killed(arguments: list[str], ledger: Path) -> bool:
    """Run the command until some moment after its first word in the ledger, and kill
    it; whether it was not done by then."""
    before = ledger.stat().st_mtime_ns
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while ledger.stat().st_mtime_ns == before and process.poll() is None:
        time.sleep(0.01)
    time.sleep(random.uniform(0, LONGEST))
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL
