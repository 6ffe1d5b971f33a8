"""What no import rule can see."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAMES = re.compile(r"staff|bigcommerce|openmage|magento|easel", re.IGNORECASE)
SOURCES = [
    path
    for folder in ("core", "gateway")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
QUOTED = {
    # The duplicate's fields are those of one API's page, which is quoted.
    "core/address.py": {"BigCommerce"},
}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_dialects_name_stands_in_core_or_gateway(path: Path) -> None:
    quoted = QUOTED.get(str(path.relative_to(ROOT)), set())

    assert set(NAMES.findall(path.read_text("utf-8"))) <= quoted
