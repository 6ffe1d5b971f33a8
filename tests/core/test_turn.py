"""One writer at a time, among threads and among processes."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from core.turn import Turn

OTHER = """
import sys
from core.turn import Turn

turn = Turn(sys.argv[1])
print("waits", flush=True)
turn.take()
print("has it", flush=True)
turn.leave()
"""


def test_another_thread_waits_for_its_turn(tmp_path):
    turn, had_it = Turn(f"{tmp_path}/turn"), Event()

    def write():
        turn.take()
        had_it.set()
        turn.leave()

    turn.take()
    with ThreadPoolExecutor(1) as threads:
        threads.submit(write)
        too_early = had_it.wait(0.1)
        turn.leave()
        in_time = had_it.wait(5)
    turn.close()

    assert (too_early, in_time) == (False, True)


def test_another_process_waits_for_its_turn(tmp_path):
    path = f"{tmp_path}/turn"
    turn = Turn(path)
    turn.take()
    other = subprocess.Popen(
        [sys.executable, "-c", OTHER, path], stdout=subprocess.PIPE, text=True
    )
    waits = other.stdout.readline()

    still_waits = other.poll() is None
    turn.leave()
    has_it = other.communicate(timeout=10)[0]
    turn.close()

    assert (waits, still_waits, has_it) == ("waits\n", True, "has it\n")


def test_a_database_in_memory_has_threads_alone():
    turn = Turn(None)

    turn.take()
    turn.leave()
    turn.close()
