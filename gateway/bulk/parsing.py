"""Lines into rows: in this process, or in one of its own while this one stores.

Parsing takes as long as storing, and one interpreter does one of them at a time. Only
rows come back, and from the other side only lines and new places are sent.
"""

import gc
import multiprocessing
import os
import signal
import zlib
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing.connection import Connection
from typing import Any

from core import Batch, Place, Shop, Written
from gateway.bulk.files import DAMAGE, BulkError
from gateway.bulk.reading import Line, NoRecord, Reader

Places = dict[Written, Place]

DAMAGED = (*DAMAGE, zlib.error)
SOME = 2
"""With which part of a file another process pays that parses it."""
PATIENCE = 0.0
"""How long it is waited for, while this one could parse as well, in seconds."""
AHEAD = 2
"""How many parts are parsed ahead, so that neither process waits for the other."""
LOST = BulkError("the process that reads the rows has ended; run the command again")


@dataclass(slots=True)
class Part:
    """Some lines of a file, the last ones of a file that is damaged."""

    lines: list[Line] = field(default_factory=list)
    damage: Exception | None = None


@dataclass(slots=True)
class Parsed:
    """A batch to store, and by their lines the reasons why others hold no record."""

    batch: Batch
    unreadable: dict[int, str] = field(default_factory=dict)


def parts(found: Iterator[Line], most: int) -> Iterator[Part]:
    """The lines, so many at a time; nothing follows damage."""
    while True:
        part = Part()
        try:
            part.lines.extend(islice(found, most))
        except DAMAGED as error:
            part.damage = error
        if part.lines or part.damage:
            yield part
        if not part.lines or part.damage:
            return


def parsed(lines: Sequence[Line], reader: Reader, shop: Shop, known: Places) -> Parsed:
    """What the lines hold."""
    found = Parsed(Batch(shop, known))
    add_address, add_customer = found.batch.add_address, found.batch.add_customer
    read = reader.read
    for number, raw in lines:
        try:
            kind, record = read(raw)
        except NoRecord as error:
            found.unreadable[number] = str(error)
            continue
        if kind == "addresses":
            add_address(number, record)
        else:
            add_customer(number, record)
    return found


class Beside:
    """Parses in another process, which ends with this one, however this one ends.

    What goes there and what comes back is moved by a thread, while this one stores:
    it is more than a pipe holds. With `as_text` it is what COPY reads.
    """

    def __init__(
        self, reader: Reader, shop: Shop, known: Places, *, as_text: bool
    ) -> None:
        self._known = known
        self._told = 0
        self._is_there = False
        # A fork would have this process's connections and threads' locks.
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(
            target=parse_what_comes, args=(theirs, reader, shop, as_text), daemon=True
        )
        self._process.start()
        theirs.close()
        self._mover = ThreadPoolExecutor(1)
        self._moved: deque[Future[Parsed]] = deque()

    def is_there(self) -> bool:
        """Whether the process has begun to wait for lines."""
        if not self._is_there and self._ours.poll(PATIENCE):
            try:
                self._is_there = self._ours.recv() is None
            except (EOFError, OSError) as error:
                raise LOST from error
        return self._is_there

    def give(self, lines: Sequence[Line]) -> None:
        """Hand lines over."""
        # Fewer than were told: they were forgotten, to be looked for anew.
        is_anew = len(self._known) < self._told
        start = 0 if is_anew else self._told
        news = [*islice(self._known.items(), start, None)]
        self._told = len(self._known)
        self._moved.append(self._mover.submit(self._move, lines, is_anew, news))

    def _move(self, lines: Sequence[Line], *others: Any) -> Parsed:
        self._ours.send(([*zip(*lines, strict=True)], *others))
        found: Parsed = self._ours.recv()
        return found

    def take(self) -> Parsed:
        """What became of the lines that were handed over first. Raises BulkError."""
        try:
            return self._moved.popleft().result()
        except (EOFError, OSError) as error:
            raise LOST from error

    def close(self) -> None:
        """End the process, which has nothing to lose."""
        self._process.kill()
        self._process.join()
        # With the process ends what the thread waits for.
        self._mover.shutdown(cancel_futures=True)
        self._ours.close()


def parse_what_comes(
    connection: Connection, reader: Reader, shop: Shop, as_text: bool
) -> None:
    """What the other process does until nobody asks any more."""
    # Who interrupts means the one that stores, with whose end the pipe closes.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    known: Places = {}
    try:
        connection.send(None)
        while True:
            lines, is_anew, news = connection.recv()
            if is_anew:
                known.clear()
            known.update(news)
            found = parsed([*zip(*lines, strict=True)], reader, shop, known)
            if as_text:
                found.batch.become_text()
            connection.send(found)
    except (EOFError, OSError):
        return


def parsed_ahead(
    found: Iterator[Part],
    here: Callable[[Sequence[Line]], Parsed],
    other: Callable[[], Beside] | None,
) -> Generator[tuple[Part, Parsed], None, None]:
    """Each part with what it holds.

    A long file's are parsed in another process, as soon as it is there, while those
    before them are stored.
    """
    waiting: deque[Part] = deque()
    beside: Beside | None = None
    try:
        for count, part in enumerate(found, 1):
            if count == SOME and other is not None:
                beside = other()
            if beside is None or not beside.is_there():
                yield part, here(part.lines)
                continue
            beside.give(part.lines)
            waiting.append(part)
            if len(waiting) > AHEAD:
                yield waiting.popleft(), beside.take()
        while waiting and beside:
            yield waiting.popleft(), beside.take()
    finally:
        if beside:
            beside.close()


def has_two_processors() -> bool:
    """Whether another process can run beside this one."""
    return (os.cpu_count() or 1) > 1


@contextmanager
def uncollected() -> Iterator[None]:
    """Looks for no cycles meanwhile: rows have none, and there are many rows."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
