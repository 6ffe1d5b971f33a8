"""Lines into rows: in this process, or in one of its own while this one stores.

Parsing takes as long as storing, and one interpreter does one of them at a time. Only
rows come back, and from the other side only lines and new places are sent.
"""

import multiprocessing
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing.connection import Connection

from core import Batch, Place, Shop, Written
from gateway.bulk.files import BulkError
from gateway.bulk.reading import Line, NoRecord, Reader

Places = dict[Written, Place]


@dataclass(slots=True)
class Parsed:
    """A batch to store, and by their lines the reasons why others hold no record."""

    batch: Batch
    unreadable: dict[int, str] = field(default_factory=dict)


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


class Here:
    """Parses in this process, when it is asked for what it was given."""

    def __init__(self, reader: Reader, shop: Shop, known: Places) -> None:
        self._reader, self._shop, self._known = reader, shop, known
        self._given: Sequence[Line] = ()

    def give(self, lines: Sequence[Line]) -> None:
        """Hand lines over; what becomes of them is taken before others are given."""
        self._given = lines

    def take(self) -> Parsed:
        """What became of the lines. Raises BulkError."""
        return parsed(self._given, self._reader, self._shop, self._known)

    def close(self) -> None:
        """Let go of everything."""


class Beside(Here):
    """Parses in another process. That ends with this one, however this one ends."""

    def __init__(self, reader: Reader, shop: Shop, known: Places) -> None:
        super().__init__(reader, shop, known)
        self._told = 0
        # A fork would have this process's connections and threads' locks.
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(
            target=parse_what_comes, args=(theirs, reader, shop), daemon=True
        )
        self._process.start()
        theirs.close()

    def give(self, lines: Sequence[Line]) -> None:
        # Fewer than were told: they were forgotten, to be looked for anew.
        is_anew = len(self._known) < self._told
        start = 0 if is_anew else self._told
        news = [*islice(self._known.items(), start, None)]
        self._told = len(self._known)
        try:
            self._ours.send((lines, is_anew, news))
        except OSError as error:
            raise LOST from error

    def take(self) -> Parsed:
        try:
            found: Parsed = self._ours.recv()
        except (EOFError, OSError) as error:
            raise LOST from error
        return found

    def close(self) -> None:
        self._ours.close()
        self._process.join()


LOST = BulkError("the process that reads the rows has ended; run the command again")


def has_two_processors() -> bool:
    """Whether another process can run beside this one."""
    return (os.cpu_count() or 1) > 1


def parse_what_comes(connection: Connection, reader: Reader, shop: Shop) -> None:
    """What the other process does until nobody asks any more."""
    # Who interrupts means the one that stores, with whose end the pipe closes.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    known: Places = {}
    while True:
        try:
            lines, is_anew, news = connection.recv()
            if is_anew:
                known.clear()
            known.update(news)
            connection.send(parsed(lines, reader, shop, known))
        except (EOFError, OSError):
            return
