"""What is installed is pinned by hashes; the audit tells what it could not look up."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from werkzeug.utils import import_string

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "requirements").glob("*.txt"))
PINNED = re.compile(r"[a-z0-9._-]+(?:\[[a-z,]+\])?==[^ ;]+(?: ; [^\\]+)?")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_requirement_is_pinned_by_hashes(file: Path) -> None:
    joined = file.read_text("utf-8").replace("\\\n", " ")

    requirements = [line.split("--hash")[0].strip() for line in joined.splitlines()]
    hashes = [re.findall(r"--\S+", line) for line in joined.splitlines()]

    assert requirements
    assert [one for one in requirements if not PINNED.fullmatch(one)] == []
    assert all(one and all(map(HASH.fullmatch, one)) for one in hashes)
    assert "://" not in joined


def test_only_hashed_requirements_are_installed() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")

    installing = [
        line
        for line in makefile.splitlines()
        if re.search(r"^\t.*pip.*\.txt", line, re.I)
    ]

    assert "HASHED  = install --require-hashes --only-binary :all: -r" in makefile
    assert len(installing) == 3
    assert all("$(HASHED) requirements/" in line for line in installing)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What is printed of a report of pip-audit's."""
    monkeypatch.syspath_prepend(str(ROOT / "requirements"))
    return import_string("audit:told")


FINE = {"name": "fine", "version": "1", "vulns": []}
FLAWED = {
    "name": "flawed",
    "version": "2",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"]}],
}
SKIPPED = {"name": "unknown", "skip_reason": "could not be audited"}


@pytest.mark.parametrize(
    ("found", "code", "line"),
    [
        ([FINE], 0, "1 packages, no known vulnerability"),
        ([FINE, FLAWED], 1, "flawed 2: PYSEC-1, fixed in 2.1"),
        ([FINE, SKIPPED], 2, "NOT AUDITED: 1 of 2 packages"),
        ([FLAWED, SKIPPED], 1, "flawed 2: PYSEC-1, fixed in 2.1"),
    ],
)
def test_what_was_not_looked_up_is_no_success(
    told: Any, found: list[Any], code: int, line: str
) -> None:
    lines, exit_code = told(found)

    assert exit_code == code
    assert lines[0].startswith(line)


def test_an_audit_without_its_program_is_no_success() -> None:
    done = subprocess.run(
        [sys.executable, "-S", "requirements/audit.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 2
    assert done.stdout.count("NOT AUDITED") == len(FILES)
