"""The command line, called as a person calls it, in a directory of the test's own."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main

__all__ = ["home", "initialized", "run"]


def run(*arguments: str) -> Result:
    """What the command did; an error that it let through is raised here."""
    return CliRunner().invoke(
        main, arguments, catch_exceptions=False, prog_name="address-gateway"
    )


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and an environment that names two dialects."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ADDRESS_GATEWAY_DATABASE_URL", raising=False)
    monkeypatch.delenv("ADDRESS_GATEWAY_SECRET_KEY", raising=False)
    monkeypatch.setenv("ADDRESS_GATEWAY_DIALECTS", "easel,staff")
    return tmp_path


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `init` makes, once for all tests."""
    folder = tmp_path_factory.mktemp("fresh") / "var"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ADDRESS_GATEWAY_DIALECTS", "easel,staff")
        patch.delenv("ADDRESS_GATEWAY_SECRET_KEY", raising=False)
        result = run("init", "--database", f"sqlite:///{folder}/gateway.db")
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def initialized(home: Path, fresh: Path) -> Path:
    """A working directory in which `init` was run."""
    shutil.copytree(fresh, home / "var")
    return home
