"""Counts the instructions of hot operations, and holds them against budgets.

    python -m benchmarks.instructions                      # all, beside their budgets
    python -m benchmarks.instructions --check              # 1 if one is exceeded
    python -m benchmarks.instructions --write              # new budgets
    python -m benchmarks.instructions "staff get" --json

Valgrind's callgrind counts what a request costs in process, no server before it, with
SQLite's part and without the kernel's. Neighbours do not change a count, so it shows
small changes that times do not. It needs Debian's `valgrind`. Budgets hold for one
version of Python and of the libraries, told in `instructions.json`.
"""

import argparse
import gc
import io
import json
import os
import pickle
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask

from benchmarks.data import filled
from benchmarks.operations import CLIENTS, encode, keys_of
from benchmarks.report import machine
from benchmarks.servers import hello
from gateway import registry
from gateway.app import create_app
from gateway.config import Config

BUDGETS = Path(__file__).with_name("instructions.json")
ADDRESSES = 1000
WARM_UP = 10
COUNTED = 30
"""How many requests of an operation are counted."""

TOLERANCE = 0.03
"""By how much a count may exceed its budget."""

HELLO = "hello"
TOTAL = re.compile(r"^(?:summary|totals): (\d+)", re.MULTILINE)
Requests = Mapping[str, Sequence[bytes]]


def environ_of(request: bytes) -> dict[str, Any]:
    """The environ (PEP 3333) of a request as it goes over the wire."""
    head, _, body = request.partition(b"\r\n\r\n")
    line, *fields = head.decode().split("\r\n")
    method, target, _ = line.split(" ")
    path, _, query = target.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SCRIPT_NAME": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.version": (1, 0),
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in (field.split(": ", 1) for field in fields):
        key = name.upper().replace("-", "_")
        bare = key in {"CONTENT_TYPE", "CONTENT_LENGTH"}
        environ[key if bare else f"HTTP_{key}"] = value
    return environ


def send(app: Flask, environs: Sequence[dict[str, Any]]) -> None:
    """Let the app answer. Raises SystemExit for an answer that is no success."""
    heads: list[str] = []
    for environ in environs:
        answer = app(environ, lambda status, *_: heads.append(status))  # type: ignore[arg-type]
        body = b"".join(answer)
        if not heads.pop().startswith("2"):
            raise SystemExit(f"a request failed: {body!r}")


def counted() -> None:
    """Answer the requests that a file holds; say and wait before and after each lot."""
    config, requests = pickle.loads(Path(sys.argv[2]).read_bytes())
    apps = {HELLO: hello()}
    gateway = create_app(Config(**config))
    for name, lot in requests.items():
        app = apps.get(name, gateway)
        send(app, [environ_of(one) for one in lot[:WARM_UP]])
    gc.disable()
    for name, lot in requests.items():
        app = apps.get(name, gateway)
        environs = [environ_of(one) for one in lot[WARM_UP:]]
        send(app, environs[:1])
        # Nonces are forgotten at random, which then takes more than some requests.
        random.seed(0)
        turn(name)
        send(app, environs[1:])
        turn(name)


def turn(name: str) -> None:
    print(name, flush=True)
    sys.stdin.readline()


@contextmanager
def prepared(names: Sequence[str]) -> Iterator[Path]:
    """A file with the requests of the operations, and the store that they are for."""
    wanted = [tuple(name.split()) for name in names]
    dialects = registry.load(sorted({dialect for dialect, _ in wanted}))
    by_name = {dialect.name: dialect for dialect in dialects}
    keys = {d.name: keys_of(d, CLIENTS[d.name].scope) for d in dialects}
    count = WARM_UP + 1 + COUNTED
    with (
        filled(addresses=ADDRESSES, keys=keys, durable=False, postgresql=False) as data,
        tempfile.TemporaryDirectory() as folder,
    ):
        requests = {HELLO: [encode("GET", "/", {})] * count}
        for dialect, operation in wanted:
            client = CLIENTS[dialect](dialect=by_name[dialect], data=data)
            made = client.operations[operation].make(client, count)
            requests[f"{dialect} {operation}"] = made
        config = {name: getattr(data.config, name) for name in data.config.__slots__}
        file = Path(folder, "requests")
        file.write_bytes(pickle.dumps((config, requests)))
        yield file


def counts(names: Sequence[str]) -> Iterator[tuple[str, int]]:
    """The instructions of a request, of the hello app first and of each operation."""
    with prepared(names) as file:
        output = file.with_name("callgrind")
        command = [
            *("valgrind", "--tool=callgrind", "--instr-atstart=no", "-q"),
            f"--callgrind-out-file={output}",
            *(sys.executable, "-m", "benchmarks.instructions", "--count", str(file)),
        ]
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": "0"},
        )
        assert process.stdin is not None
        assert process.stdout is not None
        for part, name in enumerate((HELLO, *names), 1):
            for step in (("-i", "on", "-z") if part == 1 else ("-z",), ("-d",)):
                said = process.stdout.readline().strip()
                if said != name:
                    raise SystemExit(f"the requests of {name!r} could not be counted")
                control(process.pid, *step)
                process.stdin.write("\n")
                process.stdin.flush()
            text = output.with_name(f"callgrind.{part}").read_text()
            found = TOTAL.search(text)
            assert found is not None
            yield name, int(found[1]) // COUNTED
        process.stdin.close()
        process.wait()


def control(pid: int, *options: str) -> None:
    command = ["callgrind_control", *options, str(pid)]
    quiet = subprocess.DEVNULL
    subprocess.run(command, check=True, stdout=quiet, stderr=quiet)


def known() -> list[str]:
    """Every operation that can be counted."""
    return [
        f"{dialect} {operation}"
        for dialect, client in CLIENTS.items()
        for operation in client.operations
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Count and print; 1 if a budget is exceeded that was to be checked."""
    about = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "benchmarks.instructions", description=__doc__, formatter_class=about
    )
    parser.add_argument("operation", nargs="*", help='such as "staff get"; or all')
    parser.add_argument("--check", action="store_true", help="exit with 1 if exceeded")
    parser.add_argument("--write", action="store_true", help="keep as budgets")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(arguments)
    names = options.operation or known()
    unknown = sorted({*names} - {*known()})
    if unknown:
        raise SystemExit(f"there is no {unknown[0]!r}; there are: {', '.join(known())}")
    if shutil.which("valgrind") is None:
        raise SystemExit("install valgrind first: apt-get install valgrind")
    kept = json.loads(BUDGETS.read_text()) if BUDGETS.exists() else {"budgets": {}}
    budgets, found, exceeded = kept["budgets"], {}, []
    for name, count in counts(names):
        found[name] = count
        budget = budgets.get(name)
        if budget and count > budget * (1 + TOLERANCE):
            exceeded.append(name)
        if not options.json:
            share = f"{count / found[HELLO]:6.2f} x hello"
            against = f"{count / budget - 1:+7.1%} of budget" if budget else ""
            print(f"{name:<22}{count:>10,}{share}{against:>20}", flush=True)
    if options.json:
        print(json.dumps({"counts": found, "exceeded": exceeded}, indent=2))
    if options.write:
        told = {"python": machine()["python"], "packages": machine()["packages"]}
        kept = {**told, "budgets": {**budgets, **found}}
        BUDGETS.write_text(json.dumps(kept, indent=2) + "\n")
    if options.check and exceeded:
        print(f"over budget: {', '.join(exceeded)}", file=sys.stderr)
    return int(options.check and bool(exceeded))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--count"]:
        counted()
    else:
        sys.exit(main())
