"""The command line: a whole migration, and one whose process is killed.

It is killed ten times, or as often as MIGRATION_KILLS says.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from gateway.migrate import seal
from gateway.testing.world import credentials
from tests.dialects.remotes import Served
from tests.gateway.cli import fresh, home, initialized, run
from tests.gateway.migrate.moving import Serve, essence, fill, platform

__all__ = ["fresh", "home", "initialized"]

KILLS = int(os.environ.get("MIGRATION_KILLS", "10"))
COMMAND = [sys.executable, "-c", "from gateway.cli import main; main()", "migrate"]
ROOT = Path(__file__).parents[3]


def end(gateway: Served, option: str, folder: Path) -> list[str]:
    """The options that name a served shop, whose credentials lie in the folder."""
    dialect = gateway.dialect
    key = next(iter(credentials(dialect).values()))
    file = folder / f"{dialect.name}.json"
    said = {"token": key.token, "customer": "1", "store_hash": gateway.shop.hash}
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


def test_what_is_wrong_is_told_in_one_line(home: Path) -> None:
    nowhere = run("migrate", "resume")
    shopless = run("migrate", "run", "--from", "store", "--to", "store")

    assert (nowhere.exit_code, shopless.exit_code) == (1, 2)
    assert "there is no ledger" in nowhere.output
    assert "--shop" in shopless.output


def test_it_is_killed_at_random_moments_and_resumed(
    serve: Serve, tmp_path: Path
) -> None:
    old, new = serve("staff"), serve("bigcommerce")
    fill(old, customers=60)
    ledger = ["--ledger", str(tmp_path / "ledger.db")]
    begin = ["run", *end(old, "from", tmp_path), *end(new, "to", tmp_path), *ledger]

    for _ in range(KILLS):
        kill(begin)
    result = subprocess.run(
        [*COMMAND, *begin], cwd=ROOT, capture_output=True, timeout=120, check=False
    )

    assert result.returncode == 0, result.stderr
    assert essence(platform(new)) == essence(platform(old))
    emails = Counter(one.email for one in new.customers())
    assert set(emails.values()) == {1}
    assert len(emails) == 60
    out = ["--certificate", str(tmp_path / "certificate.json")]
    verified = subprocess.run(
        [*COMMAND, "verify", *ledger, *out], cwd=ROOT, timeout=120, check=False
    )
    assert verified.returncode == 0
    text = (tmp_path / "certificate.json").read_text()
    assert "merged duplicate" not in json.loads(text)["counts"]["address"]


def kill(arguments: list[str]) -> None:
    """Run the command, and kill it at some moment."""
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(random.uniform(0.5, 2.0))
    process.send_signal(signal.SIGKILL)
    process.wait()
