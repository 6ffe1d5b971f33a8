"""Look for known vulnerabilities of what is pinned: `make audit`. It needs the network.

pip-audit ends well when its source of advisories knows nothing, as one that cannot be
reached does; here each package that was not looked up is told, and is a failure.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
COMMAND = (sys.executable, "-m", "pip_audit", "--progress-spinner", "off")
OPTIONS = ("--disable-pip", "--no-deps", "--require-hashes", "-f", "json", "-r")


def main() -> int:
    """1 for vulnerabilities, 2 where not all could be looked up."""
    codes = [audited(file) for file in sorted(FOLDER.glob("*.txt"))]
    return 1 if 1 in codes else max(codes)


def audited(file: Path) -> int:
    """Look one file up, and print what was found."""
    done = subprocess.run([*COMMAND, *OPTIONS, file], capture_output=True, text=True)
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        lines = done.stderr.strip().splitlines() or ["no answer"]
        print(f"{file.name}: NOT AUDITED: {lines[-1][:300]}")
        return 2
    lines, code = told(found)
    print("\n".join(f"{file.name}: {line}" for line in lines))
    return code


def told(found: list[dict[str, Any]]) -> tuple[list[str], int]:
    """What to print of a report of pip-audit's, and the exit code."""
    lines = [
        f"{one['name']} {one['version']}: {flaw['id']},"
        f" fixed in {', '.join(flaw['fix_versions']) or 'no version'}"
        for one in found
        for flaw in one.get("vulns", ())
    ]
    skipped = [one["name"] for one in found if "skip_reason" in one]
    if skipped:
        count = f"{len(skipped)} of {len(found)} packages"
        unreached = "the source of advisories cannot be reached, or does not know them"
        return [*lines, f"NOT AUDITED: {count}: {unreached}"], 1 if lines else 2
    return lines or [f"{len(found)} packages, no known vulnerability"], bool(lines)


if __name__ == "__main__":
    sys.exit(main())
