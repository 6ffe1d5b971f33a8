"""Every registered dialect has what the next engineer will look for."""

from pathlib import Path

import pytest

from dialects.base import Dialect
from gateway import registry
from gateway.testing import read_exchanges

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("dialect", registry.load(), ids=lambda dialect: dialect.name)
def test_a_dialect_has_a_readme_a_suite_and_recordings(dialect: Dialect) -> None:
    tests = ROOT / "tests" / "dialects" / dialect.name

    readme = (ROOT / "dialects" / dialect.name / "README.md").read_text("utf-8")
    suite = (tests / f"test_{dialect.name}.py").read_text("utf-8")
    recordings = read_exchanges(tests / "exchanges")

    assert "## Sources" in readme
    assert "DialectConformance" in suite
    assert recordings
