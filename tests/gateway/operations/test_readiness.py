"""Why a server is not ready, in one plain line."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from threading import Event

import pytest

from core import Store, schema
from gateway.operations import readiness
from gateway.operations.board import Board, Presence
from gateway.operations.readiness import Health, database_problem
from tests.gateway.cli import fresh
from tests.gateway.test_server import free_port

__all__ = ["fresh"]


@pytest.fixture
def board(tmp_path: Path) -> Board:
    (tmp_path / "board").mkdir()
    return Board(tmp_path / "board")


def test_a_server_without_workers_lives_but_is_not_ready(board: Board) -> None:
    health = Health(board, str)

    found = health.liveness(), health.readiness()

    assert found == ("", "no worker answers yet")


def test_a_worker_that_beats_makes_it_ready(board: Board) -> None:
    Presence(board.directory).beat()

    assert Health(board, str).readiness() == ""


def test_a_worker_that_was_silent_for_long_hangs(board: Board) -> None:
    Presence(board.directory)
    past = time.time() - 31
    os.utime(board.directory / f"worker-{os.getpid()}", (past, past))
    health = Health(board, str)

    found = health.liveness(), health.readiness()

    assert found == ("every worker hangs", "no worker answers yet")


def test_a_worker_that_was_killed_is_forgotten_once(board: Board) -> None:
    code = (
        "import pathlib, sys; from gateway.operations.board import Presence;"
        "kept = Presence(pathlib.Path(sys.argv[1])); print(flush=True); input()"
    )
    root = str(Path(__file__).parents[3])
    with subprocess.Popen(
        [sys.executable, "-c", code, str(board.directory)],
        env={**os.environ, "PYTHONPATH": root},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as worker:
        assert worker.stdout
        worker.stdout.readline()
        alive = [one.pid for one in board.workers()], [*board.forget_dead()]
        worker.kill()

    dead = [one.pid for one in board.workers()], [*board.forget_dead()]

    assert alive == ([worker.pid], [])
    assert dead == ([], [worker.pid])
    assert [*board.forget_dead()] == []


def test_a_stop_is_told_first(board: Board) -> None:
    Presence(board.directory)

    board.stop()

    assert Health(board, str).readiness() == "the server is stopping"


def test_a_database_that_does_not_answer_is_waited_for_once(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    Presence(board.directory)
    monkeypatch.setattr(readiness, "PATIENCE", 0.01)
    monkeypatch.setattr(readiness, "KEPT", 0)
    answers, asked = Event(), []
    health = Health(board, lambda: (asked.append(1), answers.wait(10), "")[-1])

    late = [health.readiness(), health.readiness()]
    answers.set()
    monkeypatch.setattr(readiness, "PATIENCE", 10)
    found = health.readiness()

    assert late == ["the database does not answer within 0 seconds"] * 2
    assert (found, asked) == ("", [1])


def test_a_database_of_the_newest_schema_is_no_problem(fresh: Path) -> None:
    assert database_problem(f"sqlite:///{fresh}/gateway.db") == ""


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    found = database_problem(f"sqlite:///{tmp_path}/secret.db")

    assert found == "the database's file is not there"
    assert [*tmp_path.iterdir()] == []


def test_an_older_schema_is_told_with_what_to_do(tmp_path: Path, fresh: Path) -> None:
    (tmp_path / "empty.db").touch()
    shutil.copy(fresh / "gateway.db", tmp_path / "old.db")
    store = Store(f"sqlite:///{tmp_path}/old.db")
    with store.database.connection(writes=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    store.close()

    found = [database_problem(f"sqlite:///{tmp_path}/{n}.db") for n in ("empty", "old")]

    to_do = f"not {schema.HEAD}: run `address-gateway db upgrade`"
    assert found == [
        f"the schema is not made, {to_do}",
        f"the schema is at revision 0000, {to_do}",
    ]


def test_a_server_that_cannot_be_reached_is_told_without_its_url() -> None:
    url = f"postgresql+psycopg://u:sesame@127.0.0.1:{free_port()}/shop"

    found = database_problem(url)

    assert found == "the database cannot be reached (OperationalError)"
