"""How much a client may do at once, and how much in a window of time.

A key is the dialect's own text for what is limited: a store, or one method of one. Its
limits hold for all workers: `FileLimits` for one host's, `RedisLimits` for many hosts'.
A database in memory has no workers but one, and `MemoryLimits`.
"""

import fcntl
import logging
import os
import stat
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from hashlib import blake2b
from pathlib import Path
from secrets import token_hex
from struct import Struct
from threading import Lock
from typing import Any, NamedTuple, Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

logger = logging.getLogger(__name__)


class Slot(AbstractContextManager["Slot"]):
    """A place among those at work; its holder leaves it by `release` or `with`."""

    def __init__(self, leave: Callable[[], object]) -> None:
        self._leave = [leave]

    def release(self) -> None:
        """Let another in; to do so again does nothing."""
        with suppress(IndexError):
            self._leave.pop()()

    def __exit__(self, *_: object) -> None:
        """Leave with the block."""
        self.release()


class Taken(NamedTuple):
    """What became of one request of a quota.

    `left` is how many more the window has, never below 0. `reset_ms` is the time to the
    next window in milliseconds, from 1 to the window's length.
    """

    is_granted: bool
    left: int
    reset_ms: int


class Limits(Protocol):
    """Slots and quotas by key; a key's slots and its quotas are strangers."""

    def acquire(self, key: str, limit: int) -> Slot | None:
        """One of the key's slots, or None at once if `limit` of them are held."""

    def take(self, key: str, limit: int, window_ms: int, now: datetime) -> Taken:
        """Count a request in the window of `window_ms` milliseconds that `now` is in.

        Windows are fixed and counted from 1970. Requests that are refused count, too.
        """


class MemoryLimits:
    """The limits of one process, for a database that is its own."""

    def __init__(self) -> None:
        self._held: dict[str, int] = {}
        self._counts: dict[tuple[str, int], tuple[int, int]] = {}
        self._lock = Lock()

    def acquire(self, key: str, limit: int) -> Slot | None:
        with self._lock:
            if self._held.get(key, 0) >= limit:
                return None
            self._held[key] = self._held.get(key, 0) + 1
        return Slot(lambda: self._leave(key))

    def take(self, key: str, limit: int, window_ms: int, now: datetime) -> Taken:
        window, reset_ms = _window(window_ms, now)
        with self._lock:
            current, used = self._counts.get((key, window_ms), (window, 0))
            # As of a file: who read the clock late is counted in the new window.
            if current not in (window, window + 1):
                current, used = window, 0
            self._counts[key, window_ms] = current, used + 1
        return _taken(used + 1, limit, reset_ms)

    def clear(self) -> None:
        """Begin to count anew; who is at work keeps the slot."""
        with self._lock:
            self._counts.clear()

    def _leave(self, key: str) -> None:
        with self._lock:
            self._held[key] -= 1


class RedisNotInstalled(ImportError):
    """The extra for limits across hosts is missing."""


class FileLimits:
    """The limits of one user's processes on one host, kept in locked files.

    A slot is a lock on a file, so the kernel frees those of a process that dies. Files
    stay, one for each slot and quota; removed ones are made anew. `scope` keeps apart
    those who share the directory. Raises PermissionError if it is open to other users.
    """

    FLAGS, COUNT = os.O_CREAT | os.O_RDWR, Struct("=qq")

    def __init__(self, directory: str | Path, scope: str = "") -> None:
        self._directory, self._scope = Path(directory), scope
        _make_private(self._directory)

    @classmethod
    def for_database(cls, url: str) -> "FileLimits":
        """The limits of a database: files in the temporary directory.

        `url` is SQLAlchemy's, and that of no database in memory.
        """
        folder = Path(tempfile.gettempdir(), f"address-gateway-{os.geteuid()}")
        return cls(folder, scope=_scope(url))

    def acquire(self, key: str, limit: int) -> Slot | None:
        path = self._path("slot", key)
        for number in range(limit):
            file = self._open(f"{path}.{number}")
            try:
                # The lock is the opened file's, which sets threads apart as well.
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                os.close(file)
                if not isinstance(error, BlockingIOError):
                    raise
            else:
                return Slot(partial(_unlock, file))
        return None

    def take(self, key: str, limit: int, window_ms: int, now: datetime) -> Taken:
        window, reset_ms = _window(window_ms, now)
        file = self._open(self._path(f"quota {window_ms}", key))
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            return _taken(self._count(file, window), limit, reset_ms)
        finally:
            _unlock(file)

    def _count(self, file: int, window: int) -> int:
        size = self.COUNT.size
        current, used = self.COUNT.unpack(os.pread(file, size, 0).ljust(size, b"\0"))
        # Who read the clock just before a window's end may come after it, and is
        # counted in the new one. A clock that was set back further begins anew.
        if current not in (window, window + 1):
            current, used = window, 0
        os.pwrite(file, self.COUNT.pack(current, used + 1), 0)
        return int(used) + 1

    def _path(self, kind: str, key: str) -> str:
        return f"{self._directory}/{_name(self._scope, kind, key)}"

    def _open(self, path: str) -> int:
        try:
            return os.open(path, self.FLAGS, 0o600)
        except FileNotFoundError:
            # Temporary directories are cleaned of what nobody used for some days.
            _make_private(self._directory)
            return os.open(path, self.FLAGS, 0o600)


@lru_cache(maxsize=4096)
def _name(*parts: str) -> str:
    """The name of the file that is for these."""
    return blake2b("\0".join(parts).encode(), digest_size=16).hexdigest()


class RedisLimits:
    """The limits of all processes that use one Redis, given by its URL.

    A slot is a lease: one that its process never releases is free after `lease`
    seconds, so the longest request has to be shorter. Hosts' clocks should agree to
    within a fraction of a window; leases go by Redis's own.

    While Redis cannot be asked, nothing is limited: to refuse all would turn its
    failure into the gateway's. A warning is logged once a minute, and Redis is left
    alone for a second, so that few requests wait for it. They wait for a quarter of a
    second, unless the URL says `socket_timeout`. Raises RedisNotInstalled without the
    extra, and ValueError for what is no Redis URL.
    """

    PREFIX = "address-gateway"
    TIMEOUT, PAUSE, SILENCE = 0.25, 1.0, 60.0

    ACQUIRE = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
        if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
        redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[3])
        redis.call('PEXPIRE', KEYS[1], ARGV[2])
        return 1
    """
    # A host whose clock is behind still counts in a window that is over elsewhere.
    COUNT = """
        local used = redis.call('INCR', KEYS[1])
        if used == 1 then redis.call('PEXPIRE', KEYS[1], 2 * ARGV[1]) end
        return used
    """

    def __init__(self, url: str, *, lease: float = 60) -> None:
        try:
            import redis
            from redis.backoff import NoBackoff
            from redis.retry import Retry
        except ImportError as error:
            raise RedisNotInstalled("pip install 'address-gateway[redis]'") from error
        client = redis.Redis.from_url(
            url,
            socket_timeout=self.TIMEOUT,
            socket_connect_timeout=self.TIMEOUT,
            # By default Redis is asked four times, with seconds in between.
            retry=Retry(NoBackoff(), 0),
        )
        self._lease_ms, self._error = round(lease * 1000), redis.RedisError
        self._acquire, self._leave = client.register_script(self.ACQUIRE), client.zrem
        self._count = client.register_script(self.COUNT)
        self._resume_at = self._warn_at = 0.0

    def acquire(self, key: str, limit: int) -> Slot | None:
        name, holder = f"{self.PREFIX}:slot:{key}", token_hex(8)
        if self._ask(self._acquire, [name], [limit, self._lease_ms, holder]) == 0:
            return None
        # An answer that came too late may have let the holder in: it leaves as well.
        return Slot(partial(self._ask, self._leave, name, holder))

    def take(self, key: str, limit: int, window_ms: int, now: datetime) -> Taken:
        window, reset_ms = _window(window_ms, now)
        name = f"{self.PREFIX}:quota:{window_ms}:{window}:{key}"
        used = self._ask(self._count, [name], [window_ms])
        return _taken(used or 1, limit, reset_ms)

    def _ask(self, command: Callable[..., Any], *arguments: object) -> int | None:
        if time.monotonic() < self._resume_at:
            return None
        try:
            return int(command(*arguments))
        except self._error as error:
            now = time.monotonic()
            self._resume_at = now + self.PAUSE
            if now >= self._warn_at:
                self._warn_at = now + self.SILENCE
                logger.warning("Nothing is limited, Redis cannot be asked: %s", error)
            return None


def _unlock(file: int) -> None:
    # A process that was forked meanwhile would keep the lock with its own descriptor.
    fcntl.flock(file, fcntl.LOCK_UN)
    os.close(file)


def _window(window_ms: int, now: datetime) -> tuple[int, int]:
    window, elapsed_ms = divmod((now - EPOCH) // MILLISECOND, window_ms)
    return window, window_ms - elapsed_ms


def _taken(used: int, limit: int, reset_ms: int) -> Taken:
    return Taken(used <= limit, max(0, limit - used), reset_ms)


def _scope(url: str) -> str:
    if not url.startswith("sqlite"):
        return url
    path = url.partition(":///")[2]
    return os.path.realpath(path)


def _make_private(directory: Path) -> None:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = directory.lstat()
    is_own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    if not is_own or found.st_mode & 0o077:
        raise PermissionError(f"{directory} is not this user's alone")
